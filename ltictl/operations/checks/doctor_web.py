"""The tool's own URLs as an LMS and a browser would meet them; read-only requests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.model.integration import filled
from ltictl.model.profile import KeyManager, Settings
from ltictl.model.web_address import WebAddress
from ltictl.net.client import GuardedClient
from ltictl.net.failures import Failure, UnreachableError
from ltictl.net.reply import Reply
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.unreachable_tool import NOT_THERE, WHOLE_CHAIN, way_out_to_tool
from ltictl.operations.context import Context

_DEADLINE = 10.0
_TOLERATED_OFFSET = 30  # seconds; Canvas allows 30 s ahead, Moodle none at all
_SERVER_ERROR = 500
_CLIENT_ERROR = 400


async def web_checks(context: Context, client: GuardedClient, settings: Settings) -> list[Check]:
    """Check certificates, the published key set, the clock, the login URL and the launch page."""
    tool = settings.tool
    login = filled(tool.initiate_login_uri, "doctor")
    launch = filled(tool.target_link_uri, "doctor")
    checks = await _certificates(client, (filled(tool.jwks_uri, "doctor"), login, launch))
    checks += await _key_set(context, client, settings)
    checks.append(await _login(client, login, launch))
    checks.append(await _launch(client, launch))
    return checks


async def _certificates(client: GuardedClient, urls: Sequence[str]) -> list[Check]:
    """One check for all hosts of the tool; none where no address is https.

    A browser fetches an intermediate certificate that a server forgets to send; an LMS does not.
    """
    secure = [address for url in urls if (address := WebAddress.parse(url)).scheme == "https"]
    by_host = {address.authority: address.url for address in secure}
    for authority, url in by_host.items():
        try:
            await client.get(url, deadline=_DEADLINE, accept="*/*")
        except UnreachableError as error:
            if error.kind is Failure.REDIRECTED:
                continue
            if error.kind is not Failure.TLS:
                detail = f"{authority} could not be asked: {error.message}"
                return [Check("certificate", Verdict.UNKNOWN, detail, way_out_to_tool(error))]
            return [Check("certificate", Verdict.FAIL, error.message, WHOLE_CHAIN)]
    accepted = f"accepted: {', '.join(by_host)}"
    return [Check("certificate", Verdict.PASS, accepted)] if by_host else []


async def _key_set(context: Context, client: GuardedClient, settings: Settings) -> list[Check]:
    url = filled(settings.tool.jwks_uri, "doctor")
    fix = f"Serve the output of 'ltictl jwks' at {url}."
    try:
        reply = await client.get(url, deadline=_DEADLINE)
        served = parse_object(reply.body).get("keys")
    except UnreachableError as error:
        return [Check("published_key_set", Verdict.FAIL, error.message, way_out_to_tool(error))]
    except JsonError as error:
        return [Check("published_key_set", Verdict.FAIL, f"{url}: {error}", fix)]
    kids = (
        {each.get("kid") for each in served if isinstance(each, dict)}
        if isinstance(served, list)
        else set()
    )
    own = settings.keys.managed_by is KeyManager.LTICTL
    wanted = {key.kid for key in context.profile.signing_keys.all() if key.published and own}
    missing = sorted(wanted - kids)
    if missing or not kids:
        detail = f"{url} does not serve {', '.join(missing) or 'any key'}"
        return [Check("published_key_set", Verdict.FAIL, detail, fix), _clock(context, reply)]
    found = Check("published_key_set", Verdict.PASS, f"{len(kids)} key(s) at {url}")
    return [found, _clock(context, reply)]


def _clock(context: Context, reply: Reply) -> Check:
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", "")).astimezone(UTC)
    except (TypeError, ValueError):
        return Check("clock", Verdict.UNKNOWN, "the server sends no Date")
    offset = int((context.now() - _without_fraction(theirs)).total_seconds())
    if abs(offset) <= _TOLERATED_OFFSET:
        return Check("clock", Verdict.PASS, f"{offset:+d} s from the tool's server")
    direction = "ahead of" if offset > 0 else "behind"
    fix = "Set the clock of this computer, or of the server, by a time service."
    detail = f"{abs(offset)} s {direction} the tool's server"
    return Check("clock", Verdict.FAIL, detail, fix)


def _without_fraction(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


async def _login(client: GuardedClient, url: str, target: str) -> Check:
    """An LMS sends the browser here with these parameters (LTI Security 1.0, 5.1.1.1)."""
    parameters = urlencode(
        {"iss": "https://doctor.invalid", "login_hint": "doctor", "target_link_uri": target}
    )
    asked = f"{url}{'&' if '?' in url else '?'}{parameters}"
    return await _answers("login_url", client, asked, url)


async def _answers(name: str, client: GuardedClient, asked: str, shown: str) -> Check:
    try:
        reply = await client.get(asked, deadline=_DEADLINE, accept="text/html")
    except UnreachableError as error:
        if error.kind is Failure.REDIRECTED:
            return Check(name, Verdict.PASS, f"{shown} redirects, as a login does")
        return Check(name, Verdict.FAIL, error.message, way_out_to_tool(error))
    if reply.status >= _SERVER_ERROR or reply.status in {404, 405}:
        return Check(name, Verdict.FAIL, f"{shown} answers HTTP {reply.status}", NOT_THERE)
    if reply.status >= _CLIENT_ERROR:
        detail = f"{shown} answers HTTP {reply.status} to an issuer that it does not know"
        return Check(
            name, Verdict.UNKNOWN, detail, "Whether a real login redirects, a launch shows."
        )
    return Check(name, Verdict.PASS, f"{shown} answers HTTP {reply.status}")


async def _launch(client: GuardedClient, url: str) -> Check:
    """Most LMSs show the launch page in a frame; X-Frame-Options would leave it blank."""
    try:
        reply = await client.get(url, deadline=_DEADLINE, accept="text/html")
    except UnreachableError as error:
        if error.kind is Failure.REDIRECTED:
            return Check("launch_page", Verdict.UNKNOWN, f"{url} redirects to another host")
        return Check("launch_page", Verdict.FAIL, error.message, way_out_to_tool(error))
    policy = reply.headers.get("content-security-policy", "")
    directives = [part.lower().split() for part in policy.split(";")]
    ancestors = [part for part in directives if part[:1] == ["frame-ancestors"]]
    # CSP 3, 6.4.2: where frame-ancestors is given, X-Frame-Options does not count.
    blocked = ancestors and set(ancestors[0][1:]) <= {"'none'", "'self'"}
    if blocked or (not ancestors and reply.headers.get("x-frame-options")):
        fix = "Send 'Content-Security-Policy: frame-ancestors https:' and no X-Frame-Options."
        return Check("launch_page", Verdict.FAIL, f"{url} may not be shown in a frame", fix)
    if reply.status >= _SERVER_ERROR or reply.status == _CLIENT_ERROR + 4:
        return Check("launch_page", Verdict.FAIL, f"{url} answers HTTP {reply.status}", NOT_THERE)
    return Check("launch_page", Verdict.PASS, f"{url} may be shown in a frame")
