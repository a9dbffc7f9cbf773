"""All commands: name, where its function stands, one line of what it does.

Only the command that is invoked is imported and registered with typer.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from ltictl.cli.output import Report


class Command(Struct, frozen=True):
    """One command.

    Attributes:
        module: inside ``ltictl.cli``.
        function: its name there.
        summary: one line, for the list of commands.
    """

    module: str
    function: str
    summary: str

    def load(self) -> "Callable[..., Report]":
        """The function that does it."""
        function: Callable[..., Report] = getattr(
            import_module(f"ltictl.cli.{self.module}"), self.function
        )
        return function


GROUPS: Final = {
    "org": "Organizations: customer accounts of the tool.",
    "invitation": "Invitations: registration URLs that were issued.",
    "deployment": "Deployments: places in an LMS that have the tool.",
    "keys": "Signing keys of the tool.",
}

# Heading -> its commands, in the order in which people meet them.
SECTIONS: Final[dict[str, dict[str, Command]]] = {
    "Set up": {
        "init": Command("profile_commands", "init", "Make a profile: the tool and its first key."),
        "org add": Command("organization_commands", "add", "Add an organization."),
        "org list": Command("organization_commands", "list_all", "List organizations."),
        "org show": Command("organization_commands", "show", "Show one and its integrations."),
        "org remove": Command("organization_commands", "remove", "Remove one that owns nothing."),
        "config": Command("profile_commands", "config", "Show every setting and its source."),
        "completion": Command(
            "completion_command", "completion", "Print a shell's completion script."
        ),
    },
    "Register": {
        "registration-url": Command(
            "invitation_commands",
            "registration_url",
            "Print a URL for an LMS administrator to paste.",
        ),
        "register": Command("register_command", "register", "Complete what an LMS begins."),
        "recover": Command("recover_command", "recover", "Settle a registration that was cut off."),
        "invitation list": Command("invitation_commands", "list_all", "List invitations."),
        "invitation revoke": Command("invitation_commands", "revoke", "Revoke an invitation."),
        "relay-page": Command(
            "relay_command", "relay_page", "Make a page for LMSs that cannot reach ltictl."
        ),
    },
    "Register by hand": {
        "lms-config": Command(
            "manual_commands", "lms_config", "Print what an LMS administrator enters by hand."
        ),
        "add": Command("manual_commands", "add", "Record a registration that was made by hand."),
        "deployment add": Command(
            "deployment_commands", "add", "Note a deployment id, typed or from a launch."
        ),
        "deployment list": Command("deployment_commands", "list_all", "List deployments."),
        "deployment remove": Command("deployment_commands", "remove", "Forget a deployment id."),
    },
    "Watch over": {
        "list": Command("integration_commands", "list_all", "List integrations and what is open."),
        "show": Command("integration_commands", "show", "Show one integration and its next step."),
        "activate": Command("integration_commands", "activate", "Let the tool serve integrations."),
        "deactivate": Command("integration_commands", "deactivate", "Stop serving integrations."),
        "verify": Command("verify_command", "verify", "Prove from outside that integrations work."),
        "update": Command("update_command", "update", "Send the tool's settings to the LMS."),
        "remove": Command("integration_commands", "remove", "Forget an integration here."),
        "doctor": Command("doctor_command", "doctor", "Check the profile and the tool, read-only."),
    },
    "Hand over": {
        "export": Command("export_command", "export", "Hand integrations to the running tool."),
        "import": Command(
            "import_command", "take_over", "Take over another runtime's registrations."
        ),
        "apply": Command("apply_command", "apply", "Bring the profile to what a document says."),
    },
    "Keys": {
        "rotate-keys": Command(
            "rotate_command", "rotate_keys", "Do what is due with signing keys."
        ),
        "keys list": Command("key_commands", "keys_list", "List signing keys and what comes next."),
        "keys import": Command("key_commands", "keys_import", "Take over a key of the tool."),
        "jwks": Command("key_commands", "jwks", "Print the public key set."),
    },
    "Rehearse": {
        "demo": Command("sandbox_commands", "demo", "Play the whole story, unattended."),
        "sandbox": Command("sandbox_commands", "sandbox", "Run the embedded LMS, for rehearsals."),
        "sandbox launch": Command(
            "sandbox_launch_command", "launch", "Open an integration in the embedded LMS."
        ),
    },
}

COMMANDS: Final = {
    name: command for section in SECTIONS.values() for name, command in section.items()
}
