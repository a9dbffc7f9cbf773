"""Tell the terminal that an LMS opened a registration URL that this run refuses."""

from ltictl.operations.events import LinkRefusal, LinkRefused


def refused_link(event: LinkRefused) -> tuple[str, ...]:
    """Return the event and the next step, one line each."""
    return _SENTENCES[event.reason](event)


def _another(event: LinkRefused) -> str:
    """Return the command that issues another link for the same organization."""
    return f"ltictl registration-url --org {event.organization or event.expected or 'SLUG'}"


def _whose(event: LinkRefused) -> str:
    return f"of {event.organization}" if event.organization else "for any organization"


def _unknown(event: LinkRefused) -> tuple[str, ...]:
    return (
        "Somebody opened a registration link that this profile did not issue.",
        "  It belongs to another profile or another computer, or it was cut.",
        f"  'ltictl invitation list' shows the open links of this profile. New: {_another(event)}",
    )


def _altered(event: LinkRefused) -> tuple[str, ...]:
    return (
        f"Somebody opened the link of invitation {event.invitation} with a wrong secret.",
        "  A part of the link was lost or changed on its way to the LMS.",
        f"  Send the whole link again, or a new one: {_another(event)}",
    )


def _other_organization(event: LinkRefused) -> tuple[str, ...]:
    mine = f" --org {event.organization}" if event.organization else ""
    return (
        f"Somebody opened a link {_whose(event)}; this run takes links of {event.expected} only.",
        f"  For that link run: ltictl register{mine}",
    )


def _spent(event: LinkRefused) -> tuple[str, ...]:
    used = f"that was used before: {event.integration} came of it."
    return (
        f"Somebody opened a link {_whose(event)} {used}",
        f"  Another one: {_another(event)}",
    )


def _revoked(event: LinkRefused) -> tuple[str, ...]:
    return (
        f"Somebody opened a link {_whose(event)} that was revoked ({event.invitation}).",
        f"  Another one: {_another(event)}",
    )


def _expired(event: LinkRefused) -> tuple[str, ...]:
    return (
        f"Somebody opened a link {_whose(event)} that has expired ({event.invitation}).",
        f"  Another one: {_another(event)}",
    )


def _guessed(event: LinkRefused) -> tuple[str, ...]:
    return (
        f"The link {event.invitation} was closed: somebody typed five wrong organizations.",
        "  Send a link for one organization instead: ltictl registration-url --org SLUG",
    )


def _damaged(event: LinkRefused) -> tuple[str, ...]:
    return (
        f"Somebody opened the link of invitation {event.invitation}, whose document is damaged.",
        "  'ltictl doctor' names what is wrong with it.",
        f"  Another one: {_another(event)}",
    )


_SENTENCES = {
    LinkRefusal.UNKNOWN: _unknown,
    LinkRefusal.ALTERED: _altered,
    LinkRefusal.OTHER_ORGANIZATION: _other_organization,
    LinkRefusal.SPENT: _spent,
    LinkRefusal.REVOKED: _revoked,
    LinkRefusal.EXPIRED: _expired,
    LinkRefusal.GUESSED: _guessed,
    LinkRefusal.DAMAGED: _damaged,
}
