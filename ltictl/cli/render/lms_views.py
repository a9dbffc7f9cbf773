"""Write the LMS's own side of integrations as tables and as JSON."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ltictl.cli.render.output import Output
    from ltictl.errors import LtictlError
    from ltictl.model.lms_side import Identity, LmsDeployment, LmsState
    from ltictl.operations.lms_side.change_intent import PlannedCall
    from ltictl.operations.lms_side.status import Side


def identity_view(identity: "Identity") -> dict[str, Any]:
    """Return the owner of a token as JSON."""
    return {
        "name": identity.name,
        "account": identity.account or None,
        "rights": list(identity.rights),
        "missing": list(identity.missing),
        "beyond": list(identity.beyond),
        "ways": list(identity.ways),
    }


def deployment_view(deployment: "LmsDeployment") -> dict[str, Any]:
    """Return a deployment of the LMS as JSON."""
    return {
        "id": deployment.id or None,
        "key": deployment.key or None,
        "kind": deployment.kind,
        "context": deployment.context or None,
        "name": deployment.name or None,
        "available": deployment.available,
    }


def side_view(side: "Side") -> dict[str, Any]:
    """Return the LMS's side of one integration as JSON."""
    return {
        "id": side.integration.id,
        "host": side.integration.platform.host,
        "offered": side.offered,
        "lms": None if side.state is None else _state_view(side.state),
        "differences": [
            {"member": each.member, "lms": each.now, "tool": each.wanted}
            for each in side.differences
        ],
        "error": None if side.error is None else _error_view(side.error),
    }


def _state_view(state: "LmsState") -> dict[str, Any]:
    deployments = state.deployments
    return {
        "found": state.found,
        "active": state.active,
        "state": state.word or None,
        "key": state.key or None,
        "deployments": None if deployments is None else [deployment_view(d) for d in deployments],
        "update_waits": bool(state.update),
        "way": state.way or None,
    }


def _error_view(error: "LtictlError") -> dict[str, str]:
    from ltictl.cli.render.envelope import explanation

    return explanation(error)


def planned_view(planned: "PlannedCall") -> dict[str, Any]:
    """Return a request that a dry run did not send as JSON."""
    return {
        "id": planned.integration or None,
        "purpose": planned.purpose,
        "method": planned.method,
        "url": planned.url,
        "body": planned.body,
    }


def write_planned(output: "Output", planned: "list[PlannedCall]") -> None:
    """Show the requests that a dry run did not send."""
    from json import dumps

    for each in planned:
        output.line(f"{each.purpose}:")
        output.line(f"  {each.method} {each.url}")
        if each.body is not None:
            output.line(f"  {dumps(each.body, ensure_ascii=False)}")
    output.note("Nothing was changed." if planned else "Nothing would be changed.")


def side_rows(sides: "tuple[Side, ...]") -> tuple[list[str], list[list[str]]]:
    """Return the rows of ``lms status``."""
    headings = ["ID", "LMS", "Switch", "Deployments", "Recorded", "Notes"]
    return headings, [_row(each) for each in sides]


def _row(side: "Side") -> list[str]:
    beginning = [side.integration.id, side.integration.platform.host]
    if side.state is None:
        reason = "no such interface" if not side.offered else ""
        return [*beginning, "unknown", "", "", side.error.message if side.error else reason]
    state = side.state
    if not state.found:
        return [*beginning, "gone", "", "", "the LMS has no such client_id"]
    recorded = ", ".join(each.member for each in side.differences)
    return [
        *beginning,
        state.word or {True: "on", False: "off", None: "unknown"}[state.active],
        _deployments(state),
        f"differs: {recorded}" if recorded else "as wanted",
        "a change waits to be accepted" if state.update else "",
    ]


def _deployments(state: "LmsState") -> str:
    if state.deployments is None:
        return "unknown"
    return ", ".join(_deployment(each) for each in state.deployments) or "none"


def _deployment(deployment: "LmsDeployment") -> str:
    hidden = " (not available)" if deployment.available is False else ""
    return f"{deployment.id or deployment.key}{hidden}"
