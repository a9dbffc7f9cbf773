"""Check the tool's own key set at one address."""

from typing import TYPE_CHECKING

from ltictl.model.few import few
from ltictl.model.quantity import counted
from ltictl.net.old_fetch import old_status
from ltictl.operations.checks.checks import Check, Verdict, on_the_way
from ltictl.operations.served_set import (
    ExpectedKeys,
    Served,
    fetch_key_set,
    private_half_served,
)

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient

_OK = 200  # RFC 9110, 15.3.1
_DEADLINE = 10.0
_OLD = "Let the web server answer HTTP/1.0 and requests without User-Agent: old LMSs fetch so."
_MARK = "Serve the file as 'ltictl jwks' prints it; PHP and Java stumble at the mark."


async def check_key_set(
    name: str, client: "GuardedClient", url: str, expected: ExpectedKeys
) -> tuple[Check, Served]:
    """Fetch a key set, and return its check and the set."""
    served = await fetch_key_set(client, url, expected.own, deadline=_DEADLINE)
    if served.found.exposed:  # before all else: it is worse than any other fault
        error = private_half_served(url, served.found.exposed)
        return Check(name, Verdict.FAIL, f"{error.message} {error.why}", error.fix), served
    if served.unreached is not None:
        return on_the_way(name, served.unreached, served.fix), served
    if served.found.problem:
        return Check(name, Verdict.FAIL, served.problem, served.fix), served
    return _compare(name, served, expected), served


def _compare(name: str, served: Served, expected: ExpectedKeys) -> Check:
    found = served.found
    faults, missing = list(found.wrong), expected.needed(found.missing)
    if missing:
        faults.append(f"{served.url} does not serve {few(missing)}")
    if faults:
        return Check(name, Verdict.FAIL, "; ".join(faults), served.fix)
    if found.missing:
        detail = f"{served.url} does not serve {few(found.missing)} yet"
        return Check(name, Verdict.WARN, detail, served.fix)
    if found.remarks:
        return Check(name, Verdict.WARN, f"{served.url}: {'; '.join(found.remarks)}", _MARK)
    return Check(name, Verdict.PASS, f"{counted(len(found.kids), 'key')} at {served.url}")


async def as_old_lms(client: "GuardedClient", check: Check, served: Served) -> Check:
    """Return the check, or a warning where a request with HTTP/1.0 gets no right set."""
    if check.result is not Verdict.PASS:
        return check
    status = await old_status(client, served.url, deadline=_DEADLINE)
    # ``None``: a proxy stood between, or the connection broke. That proves nothing.
    if status in {None, _OK}:
        return check
    detail = f"{served.url} answers HTTP {status} to a request with HTTP/1.0 and no User-Agent"
    return Check(check.id, Verdict.WARN, detail, _OLD)
