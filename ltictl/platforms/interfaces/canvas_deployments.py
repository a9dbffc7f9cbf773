"""Deployments and controls of Canvas's registrations: where the app is available. From source.

Sources: C-DEP (lti/deployments_controller), C-CON (lti/context_controls_controller).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ltictl.model.lms_side import LmsDeployment, LmsState, Place, PlaceKind
from ltictl.model.record import replace
from ltictl.platforms.administration import Steps, tables_of, text_of, unusable
from ltictl.platforms.interfaces.canvas_calls import ABSENT, TABLE, call, pages


def deployments_of(key: str) -> Steps[tuple[LmsDeployment, ...] | None]:
    """Return all deployments with their controls (C-CON, index); ``None`` without that feature."""
    found: dict[str, LmsDeployment] = {}
    listed = yield from pages(f"{TABLE}/{key}/controls?per_page=100", accepts=ABSENT)
    if listed is None:
        return None
    for each in listed:
        if text_of(each, "workflow_state") == "deleted":
            continue
        deployment = _deployment(each)
        former = found.get(deployment.key, deployment)  # a page may break in its controls
        available = deployment.available if former.available is None else former.available
        places = tuple(dict.fromkeys((*former.places, *deployment.places)))
        found[deployment.key] = replace(former, available=available, places=places)
    return tuple(found.values())


def _deployment(document: Mapping[str, Any]) -> LmsDeployment:
    course = text_of(document, "context_type") == "Course"
    context = text_of(document, "context_id")
    member_name = "course_id" if course else "account_id"
    own = [
        each.get("available")
        for each in tables_of(document, "context_controls")
        if text_of(each, member_name) == context
    ]
    return LmsDeployment(
        id=text_of(document, "deployment_id"),
        key=text_of(document, "id"),
        kind=PlaceKind.COURSE if course else PlaceKind.ACCOUNT,
        context=context,
        name=text_of(document, "context_name"),
        available=own[0] if own and isinstance(own[0], bool) else None,
        places=tuple(_places(document)),
    )


def _places(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the places with a control that makes the app available there."""
    for each in tables_of(document, "context_controls"):
        course, account = text_of(each, "course_id"), text_of(each, "account_id")
        if each.get("available") is True and (course or account):
            kind = PlaceKind.COURSE if course else PlaceKind.ACCOUNT
            yield Place(kind, course or account).text


def deploy_registration(state: LmsState, place: Place) -> Steps[LmsDeployment]:
    """Make the app available; deployments stand at the root, places below have controls (C-CON)."""
    roots = [each for each in state.deployments or () if each.kind is PlaceKind.ACCOUNT]
    deployment = roots[0] if roots else (yield from _add(state.key))
    at_root = place.kind is PlaceKind.ACCOUNT and place.id in {"", deployment.context}
    if (at_root and deployment.available) or place.text in deployment.places:
        return deployment
    where = "course_id" if place.kind is PlaceKind.COURSE else "account_id"
    context = place.id or deployment.context
    yield call(
        f"{TABLE}/{state.key}/controls/bulk",  # it changes a control that is there (C-CON)
        method="POST",
        json=[{where: context, "deployment_id": deployment.key, "available": True}],
        purpose=f"Make the app available in {place.kind.value} {context}",
        presumed=[{}],
    )
    return replace(deployment, available=True) if at_root else deployment


def _add(key: str) -> Steps[LmsDeployment]:
    request = call(
        f"{TABLE}/{key}/deployments",
        method="POST",
        json={},
        purpose="Add a deployment at the root account",
        presumed={"id": "NEW", "deployment_id": "NEW", "context_id": "ROOT"},
    )
    made = yield request
    deployment = _deployment(made.document if isinstance(made.document, dict) else {})
    if not deployment.id or not deployment.key:
        raise unusable(request, "it names no deployment")
    return deployment
