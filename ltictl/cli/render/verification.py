"""The report of ``verify``: every finding for a pipe, the problems by cause for a person."""

from collections.abc import Sequence

from ltictl.cli.render.output import Output
from ltictl.model.few import few
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.findings import (
    Finding,
    Verification,
    grouped,
    summary,
    without_network,
)


def show_verification(output: Output, found: Sequence[Verification]) -> None:
    """Write the report for people."""
    offline = without_network(found)
    if output.shows_ages:  # a person who reads without --verbose
        wrong = [_wrong(each, offline) for each in found]
        for finding in (*grouped(wrong), *filter(None, [offline])):
            _show_cause(output, finding)
    else:
        _show_everything(output, grouped(found), offline)
    output.note(f"{summary(found)}.")


def _wrong(verification: Verification, offline: Finding | None) -> Verification:
    """Return an integration with its problems alone, without those that ``offline`` explains."""
    checks = tuple(
        each for each in verification.checks if _is_wrong(each) and not (offline and each.unreached)
    )
    return Verification(verification.id, checks)


def _is_wrong(check: Check) -> bool:
    return check.result is not Verdict.PASS and (check.decides or check.result is Verdict.FAIL)


def _show_cause(output: Output, finding: Finding) -> None:
    """Show one cause with its integrations and its fix."""
    output.verdict(finding.result.value, f"{finding.whom}: {finding.detail}")
    if finding.shared:
        output.line(f"      {few(finding.integrations)}")
    output.line(f"      checks: {', '.join(finding.checks)}")
    if finding.fix:
        output.line(f"      fix: {finding.fix}", hanging=5)


def _show_everything(output: Output, findings: Sequence[Finding], offline: Finding | None) -> None:
    output.table(
        ["ID", "Check", "Result", "Detail"],
        [
            [few(each.integrations), ", ".join(each.checks), each.result.value, each.detail]
            for each in findings
        ],
    )
    if offline:  # its remedy comes before that of each finding
        output.note(f"{offline.whom}: {offline.detail} {offline.fix}")
        return
    for each in findings:
        if each.fix and each.result is not Verdict.PASS:
            output.note(f"{few(each.integrations)}, {', '.join(each.checks)}: {each.fix}")
