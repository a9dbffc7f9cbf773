"""Group the checks of many integrations, so that one cause appears once."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from msgspec import Struct

from ltictl.operations.checks.checks import Check, Verdict, worst

# Each run makes these requests, for any LMS.
_ASKED: Final = frozenset({"authorization_endpoint", "platform_key_set", "tool_key_set"})
_FEWEST_HOSTS: Final = 3  # one LMS and the tool may be down together


class Verification(Struct, frozen=True):
    """All checks of one integration."""

    id: str
    checks: tuple[Check, ...]

    @property
    def result(self) -> Verdict:
        """The worst verdict of the checks that decide."""
        return worst(self.checks)


class Finding(Struct, frozen=True):
    """The same result of some checks at some integrations.

    Attributes:
        integrations: ids, in the order of the run.
        checks: ids, in their order.
        result, detail, fix: as each of the checks has them.
    """

    integrations: tuple[str, ...]
    checks: tuple[str, ...]
    result: Verdict
    detail: str
    fix: str

    @property
    def shared(self) -> bool:
        """Whether several integrations have it."""
        return len(self.integrations) > 1

    @property
    def whom(self) -> str:
        """The integration, or the number of integrations, that has it."""
        return f"{len(self.integrations)} integrations" if self.shared else self.integrations[0]


def grouped(verifications: Sequence[Verification]) -> tuple[Finding, ...]:
    """Return all findings, the failed ones last."""
    found: dict[tuple[Verdict, str, str], Finding] = {}
    for verification in verifications:
        for check in verification.checks:
            # A host that is down fails every check that needs it, of every integration there: one
            # finding. A pass stays apart by its check, since "as it was" says something of one.
            apart = "" if check.result is Verdict.FAIL else check.id
            key = (check.result, check.detail, apart)
            former = found.get(key)
            found[key] = _with(former, verification.id, check)
    order = (Verdict.PASS, Verdict.UNKNOWN, Verdict.WARN, Verdict.FAIL)
    return tuple(sorted(found.values(), key=lambda each: order.index(each.result)))


def _with(former: Finding | None, identifier: str, check: Check) -> Finding:
    integrations = former.integrations if former else ()
    checks = former.checks if former else ()
    return Finding(
        integrations if identifier in integrations[-1:] else (*integrations, identifier),
        checks if check.id in checks else (*checks, check.id),
        check.result,
        check.detail,
        former.fix if former and former.fix else check.fix,
    )


def has_network(verification: Verification) -> bool:
    """Return whether a host could be reached for an integration."""
    return "" in _unreached(verification)


def _unreached(verification: Verification) -> list[str]:
    """Return the unreached host of each request, empty for one that was reached."""
    return [each.unreached for each in verification.checks if each.id in _ASKED]


def without_network(verifications: Sequence[Verification]) -> Finding | None:
    """Return the one finding for a run that reached no host, ``None`` if it reached one."""
    hosts = list(dict.fromkeys(chain.from_iterable(map(_unreached, verifications))))
    if any(map(has_network, verifications)) or len(hosts) < _FEWEST_HOSTS:
        return None
    silent = [each for each in verifications if any(check.unreached for check in each.checks)]
    return Finding(
        tuple(each.id for each in silent),
        tuple(dict.fromkeys(c.id for each in silent for c in each.checks if c.unreached)),
        Verdict.FAIL,
        f"None of {len(hosts)} hosts could be reached: this computer probably has no network, or "
        "its name server does not answer.",
        f"Check the network of this computer (getent hosts {hosts[0]}), then run the command "
        "again.",
    )


def summary(verifications: Sequence[Verification]) -> str:
    """Return the numbers of integrations that work and that fail, in one line."""
    results = [each.result for each in verifications]
    counts = {
        "fail": results.count(Verdict.FAIL),
        "cannot be judged": results.count(Verdict.UNKNOWN),
    }
    working = len(results) - sum(counts.values())
    parts = [f"{working} {'works' if working == 1 else 'work'}"]
    for words, count in counts.items():
        if count:
            parts.append(f"{count} {'fails' if (count, words) == (1, 'fail') else words}")
    return ", ".join(parts)


def problems_in_words(failed: Iterable[Check]) -> tuple[str, ...]:
    """Return stored sentences for failures: the names of the checks, then their common reason."""
    by_detail: dict[str, list[str]] = {}
    for check in failed:
        by_detail.setdefault(check.detail, []).append(check.id)
    return tuple(f"{', '.join(ids)}: {detail}" for detail, ids in by_detail.items())


def checks_named(problem: str) -> set[str]:
    """Return the names of the checks in a stored problem."""
    return set(problem.partition(": ")[0].split(", "))
