"""Find integrations by facts that people know: client id, issuer, host, deployment and more."""

from collections.abc import Callable, Iterable
from typing import Final

from ltictl.errors import NotFoundError
from ltictl.model.few import few
from ltictl.model.integration import Integration
from ltictl.operations.context import Context

_SHOWN: Final = 5


def _clients(integration: Integration) -> set[str]:
    return {integration.client_id, *(each.client_id for each in integration.former)}


# What a text may be -> the facts of an integration that it may equal.
# In this order: the first kind that fits is shown, and a client ID says more than a host.
_FACTS: Final[dict[str, Callable[[Integration], set[str]]]] = {
    "client ID": _clients,
    "issuer": lambda each: {each.platform.issuer, each.platform.issuer.rstrip("/")},
    "host": lambda each: {each.platform.host, each.platform.host.partition(":")[0]},
    "organization": lambda each: {each.organization},
    "deployment ID": lambda each: {deployment.id for deployment in each.deployments},
}


def mentions(integration: Integration, text: str) -> bool:
    """Return whether a fact of an integration contains ``text``, in upper or lower case."""
    wanted = text.lower()
    labels = (deployment.label for deployment in integration.deployments)
    facts = (
        integration.id,
        integration.client_id,
        integration.platform.issuer,
        integration.platform.host,
        integration.organization,
        integration.platform.name,
        *labels,
    )
    return any(wanted in fact.lower() for fact in facts)


def find_integration(context: Context, text: str) -> Integration:
    """Return the one integration with this id, client id, issuer, host, organization or deployment.

    Raises:
        NotFoundError: there is none, or several; the error names them.
    """
    try:
        return context.profile.integrations.get(text)
    except NotFoundError as error:
        # Without a profile the id is not the mistake.
        context.profile.require()
        kind, found = _known_as(context, text)
        if len(found) == 1:
            return context.profile.integrations.get(found[0])
        raise (_several(text, kind, found) if found else error) from None


def explain_unknown(context: Context, error: NotFoundError) -> NotFoundError:
    """Return the error for an unknown id, with the integrations that ``typed`` describes."""
    typed, meant = error.instead
    kind, found = _known_as(context, typed)
    if found:
        return _several(typed, kind, found)
    slugs = (each for each in context.profile.organizations.ids() if typed.startswith(f"{each}-"))
    slug = max(slugs, key=len, default="")
    if not slug or meant.startswith(f"{slug}-"):
        return error
    # An id begins with its organization, so the like id of another school is not the one meant.
    _, owned = _known_as(context, slug)
    return _several(typed, "organization", owned, slug) if owned else error


def _known_as(context: Context, text: str) -> tuple[str, list[str]]:
    """Return the kind of fact that ``text`` is, and the ids of the integrations with it."""
    integrations = tuple(context.profile.integrations.all())
    for kind, facts_of in _FACTS.items():
        found = [each.id for each in integrations if text.rstrip("/") in facts_of(each)]
        if found:
            return kind, found
    return "", []


def _several(text: str, kind: str, found: list[str], known: str = "") -> NotFoundError:
    """Return the error that names integrations.

    Args:
        text: the id that the person typed.
        kind: of the fact that led to them.
        found: their ids.
        known: the fact where it is only a part of the text.
    """
    known = known or text
    what = f"{known!r} has" if kind == "organization" else f"{known!r} is the {kind} of"
    return NotFoundError(
        "no_such_integration",
        f"There is no integration {text[:80]!r}; {what} {_listed(found)}.",
        fix=f"Did you mean {found[0]!r}? 'ltictl list {known}' shows them.",
        instead=(text, found[0]),
    )


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    if len(shown) > _SHOWN:
        return few(shown, _SHOWN)
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
