"""Request the tool's own URLs as an LMS and a browser would."""

from collections.abc import Sequence
from urllib.parse import urlencode

from ltictl.errors import InvalidValueError
from ltictl.model.integration import filled
from ltictl.model.profile import Settings
from ltictl.model.web_address import WebAddress
from ltictl.net.client import GuardedClient
from ltictl.net.failures import Failure, UnreachableError
from ltictl.operations.checks.check_key_set import as_old_lms, check_key_set
from ltictl.operations.checks.checks import ABSENT, SERVER_ERROR, Check, Verdict
from ltictl.operations.clock import clock_offset
from ltictl.operations.context import Context
from ltictl.operations.served_set import expected_keys
from ltictl.operations.unreachable_tool import NOT_THERE, WHOLE_CHAIN, way_out_to_tool
from ltictl.operations.vendor import fetch_logo
from ltictl.platforms.table import all_families

_DEADLINE = 10.0
_NOT_FOUND = 404  # not 405 too: an LMS launches by POST, and this look is a GET
_CLIENT_ERROR = 400  # RFC 9110, 15.5


async def web_checks(context: Context, client: GuardedClient, settings: Settings) -> list[Check]:
    """Check certificates, key set, clock, login URL, launch page and logo."""
    tool = settings.tool
    login = filled(tool.initiate_login_uri, "doctor")
    launch = filled(tool.target_link_uri, "doctor")
    checks = await _certificates(client, (filled(tool.jwks_uri, "doctor"), login, launch))
    checks += await _key_set(context, client, settings)
    checks.append(await _login(client, login, launch))
    checks.append(await _launch(client, launch))
    if settings.tool.logo_uri:
        checks.append(await _logo(client, filled(settings.tool.logo_uri, "doctor")))
    return checks


async def _certificates(client: GuardedClient, urls: Sequence[str]) -> list[Check]:
    """Return one check of the certificates of all the tool's hosts, none without https."""
    secure = [address for url in urls if (address := WebAddress.parse(url)).scheme == "https"]
    # One certificate stands for all pages of a host.
    by_host = {address.authority: address.url for address in secure}
    for authority, url in by_host.items():
        try:
            await client.get(url, deadline=_DEADLINE, accept="*/*")
        except UnreachableError as error:
            if error.kind is Failure.REDIRECTED:
                # Its answer came over TLS, so the certificate was accepted.
                continue
            if error.kind is not Failure.TLS:
                detail = f"{authority} could not be asked: {error.message}"
                return [Check("certificate", Verdict.UNKNOWN, detail, way_out_to_tool(error))]
            # A browser fetches an intermediate certificate that a server forgets to send; an LMS
            # does not.
            return [Check("certificate", Verdict.FAIL, error.message, WHOLE_CHAIN)]
    accepted = f"accepted: {', '.join(by_host)}"
    return [Check("certificate", Verdict.PASS, accepted)] if by_host else []


async def _key_set(context: Context, client: GuardedClient, settings: Settings) -> list[Check]:
    url = filled(settings.tool.jwks_uri, "doctor")
    before = context.now()
    found, served = await check_key_set("published_key_set", client, url, expected_keys(context))
    if served.reply is None:
        return [found]
    clock = _clock(clock_offset(served.reply, before, context.now()))
    return [await as_old_lms(client, found, served), clock]


def _clock(offset: int | None) -> Check:
    if offset is None:
        return Check("clock", Verdict.UNKNOWN, "the server sends no Date")
    if not offset:
        return Check("clock", Verdict.PASS, "as the tool's server's")
    direction = "ahead of" if offset > 0 else "behind"
    strict = ", ".join(each.subject for each in all_families() if each.exact_clock)
    detail = f"{abs(offset)} s {direction} the tool's server; {strict} allows tokens no difference"
    fix = "Set the clock of this computer, or of the server, by a time service."
    return Check("clock", Verdict.FAIL, detail, fix)


async def _login(client: GuardedClient, url: str, target: str) -> Check:
    """Check the login URL with the parameters that LMSs send (LTI Security 1.0, 5.1.1.1)."""
    parameters = urlencode(
        # Parameters of no LMS, since the tool may store a login that it believes.
        {"iss": "https://doctor.invalid", "login_hint": "doctor", "target_link_uri": target}
    )
    request_url = f"{url}{'&' if '?' in url else '?'}{parameters}"
    return await _answers("login_url", client, request_url, url)


async def _answers(name: str, client: GuardedClient, request_url: str, shown: str) -> Check:
    try:
        reply = await client.get(request_url, deadline=_DEADLINE, accept="text/html")
    except UnreachableError as error:
        if error.kind is Failure.REDIRECTED:
            return Check(name, Verdict.PASS, f"{shown} redirects, as a login does")
        return Check(name, Verdict.FAIL, error.message, way_out_to_tool(error))
    if reply.status >= SERVER_ERROR or reply.status in ABSENT:
        return Check(name, Verdict.FAIL, f"{shown} answers HTTP {reply.status}", NOT_THERE)
    if reply.status >= _CLIENT_ERROR:
        detail = f"{shown} answers HTTP {reply.status} to an issuer that it does not know"
        return Check(
            name, Verdict.UNKNOWN, detail, "Whether a real login redirects, a launch shows."
        )
    return Check(name, Verdict.PASS, f"{shown} answers HTTP {reply.status}")


async def _launch(client: GuardedClient, url: str) -> Check:
    """Check that the launch page may be shown in a frame."""
    try:
        reply = await client.get(url, deadline=_DEADLINE, accept="text/html")
    except UnreachableError as error:
        if error.kind is Failure.REDIRECTED:
            return Check("launch_page", Verdict.UNKNOWN, f"{url} redirects to another host")
        return Check("launch_page", Verdict.FAIL, error.message, way_out_to_tool(error))
    # Most LMSs show the launch page in a frame, which these headers may leave blank.
    policy = reply.headers.get("content-security-policy", "")
    directives = [part.lower().split() for part in policy.split(";")]
    ancestors = [part for part in directives if part[:1] == ["frame-ancestors"]]
    # CSP 3, 6.4.2: where frame-ancestors is given, X-Frame-Options does not count.
    blocked = ancestors and set(ancestors[0][1:]) <= {"'none'", "'self'"}
    if blocked or (not ancestors and reply.headers.get("x-frame-options")):
        fix = "Send 'Content-Security-Policy: frame-ancestors https:' and no X-Frame-Options."
        return Check("launch_page", Verdict.FAIL, f"{url} may not be shown in a frame", fix)
    if reply.status >= SERVER_ERROR or reply.status == _NOT_FOUND:
        return Check("launch_page", Verdict.FAIL, f"{url} answers HTTP {reply.status}", NOT_THERE)
    return Check("launch_page", Verdict.PASS, f"{url} may be shown in a frame")


async def _logo(client: GuardedClient, url: str) -> Check:
    """Check the logo; without one the registration page shows the name alone."""
    try:
        await fetch_logo(client, url)
    except UnreachableError as error:
        return Check("logo", Verdict.WARN, error.message, way_out_to_tool(error))
    except InvalidValueError as error:
        fix = "Publish a PNG, JPEG or WebP of at most 128 KiB at the logo_uri of profile.toml."
        return Check(
            "logo",
            Verdict.WARN,
            f"the registration page shows none: {error.field} {error.problem}",
            fix,
        )
    return Check("logo", Verdict.PASS, f"{url} is shown on the registration page")
