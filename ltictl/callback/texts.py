"""Every sentence of the callback's pages, in one place, so that they can be translated."""

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "confirm_title": "Connect {tool} to {lms}",
    "confirm_lead": "Check what will happen, then press Register. Nothing has been sent yet.",
    "where": "Learning platform",
    "school": "School or account",
    "organization": "Organization",
    "organization_choose": "Which organization is this for?",
    "organization_type": "Which organization is this for? Type its short name.",
    "organization_hint": "You received it together with the registration link, for example: acme",
    "services": "{tool} will be able to",
    "no_services": "It asks for no service of the platform.",
    "data": "It will receive, when a person opens it",
    "hosts": "These hosts will receive something",
    "warnings": "Please note",
    "updates": "The platform asks to update the existing integration {id}.",
    "earlier": "This organization has been connected to this platform before.",
    "earlier_update": "Update {id}",
    "earlier_add": "Add another integration",
    "register": "Register",
    "cancel": "Cancel",
    "working": "Registering... this takes a few seconds.",
    "next": "What comes next",
    "done": "Done",
    "close": "Close",
    "closing": "This window closes by itself in five seconds.",
    "tab": "If it stays open, you can close it.",
    "title_registered": "Registered",
    "title_updated": "Updated",
    "title_refused": "The platform refused",
    "title_failed": "This did not work",
    "title_cancelled": "Cancelled",
    "cancelled": "Nothing was sent, and the registration link can be used again.",
    "integration": "Integration",
    "footer": "Shown by ltictl, on behalf of the makers of {tool}.",
    "clicked": (
        "This link is meant to be pasted into your learning platform, not to be opened directly."
    ),
    "clicked_why": ("It was opened without the information that a learning platform adds to it."),
    "clicked_fix": (
        "Copy the link. In the platform's administration of external (LTI) tools paste it where a "
        "tool URL or registration URL is asked for. In Moodle: Site administration > Plugins > "
        "External tool > Manage tools, then press 'Add LTI Advantage'."
    ),
    "stale": "This page is too old or was used from somewhere else.",
    "stale_fix": "Start again in your learning platform.",
}


def text(name: str, **values: str) -> str:
    """One sentence with its values put in."""
    return TEXTS[name].format(**values) if values else TEXTS[name]
