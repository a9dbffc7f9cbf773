"""All commands: the name, the function and a one-line summary of each."""

# A run imports only the module of its own command, which keeps every command quick to start.

from importlib import import_module
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from ltictl.cli.render.output import Report


class Command(Struct, frozen=True):
    """One command.

    Attributes:
        module: its module in ``ltictl.cli.commands``.
        function: the name of its function in that module.
        summary: one line, for the list of commands.
    """

    module: str
    function: str
    summary: str

    def load(self) -> "Callable[..., Report]":
        """Import and return the command's function."""
        function: Callable[..., Report] = getattr(
            import_module(f"ltictl.cli.commands.{self.module}"), self.function
        )
        return function


GROUPS: Final = {
    "profile": "Profiles: one for each tool or environment.",
    "org": "Organizations: customer accounts of the tool.",
    "invitation": "Invitations: registration URLs that were issued.",
    "deployment": "Deployments: places in an LMS that have the tool.",
    "keys": "Signing keys of the tool.",
    "lms": "The LMS's own side, with an administrator's token.",
    "store": "Where the profile is stored: a folder or a bucket.",
}

# Heading -> its commands, in the order in which people need them.
SECTIONS: Final[dict[str, dict[str, Command]]] = {
    "Set up": {
        "init": Command("profile", "init", "Make a profile: the tool and its first key."),
        "profile list": Command("profiles", "list_all", "List profiles."),
        "profile use": Command("profiles", "use", "Choose the profile that commands act on."),
        "profile path": Command("profiles", "path", "Print the profile's folder."),
        "diff": Command("diff", "diff", "Compare two profiles, such as staging and prod."),
        "org add": Command("organizations", "add", "Add an organization."),
        "org list": Command("organizations", "list_all", "List organizations."),
        "org show": Command("organizations", "show", "Show one and its integrations."),
        "org rename": Command("organizations", "rename", "Give one another name."),
        "org remove": Command("organizations", "remove", "Remove one that owns nothing."),
        "org export": Command("data_protection", "export", "Write everything held on one."),
        "org erase": Command("data_protection", "erase", "Erase everything held on one."),
        "store check": Command("store", "check", "Test the rules that a shared store must keep."),
        "store info": Command("store", "info", "Show where the documents lie."),
        "store copy": Command("store", "copy", "Copy a profile to another place."),
        "help": Command("help_", "show", "Read about a topic, an error or a command."),
        "config": Command("profile", "config", "Show every setting and its source."),
        "completion": Command("completion", "completion", "Print a shell's completion script."),
    },
    "Register": {
        "registration-url": Command(
            "invitations",
            "registration_url",
            "Print a URL for an LMS administrator to paste.",
        ),
        "register": Command("register", "register", "Print a URL, wait for the LMS, and register."),
        "serve": Command("serve", "serve", "Answer registrations at any time, as a service."),
        "recover": Command("recover", "recover", "Finish or discard an interrupted registration."),
        "invitation list": Command("invitations", "list_all", "List invitations."),
        "invitation revoke": Command("invitations", "revoke", "Revoke one, or all that are open."),
        "relay-page": Command(
            "relay_page", "relay_page", "Make a page for LMSs that cannot reach ltictl."
        ),
    },
    "Register by hand": {
        "lms-config": Command(
            "by_hand", "lms_config", "Print what an LMS administrator enters by hand."
        ),
        "add": Command("by_hand", "add", "Record a registration that was made by hand."),
        "deployment add": Command(
            "deployments", "add", "Note a deployment id, typed or from a launch."
        ),
        "deployment list": Command("deployments", "list_all", "List deployments."),
        "deployment remove": Command("deployments", "remove", "Forget a deployment id."),
    },
    "Check and maintain": {
        "list": Command("listing", "list_all", "List integrations, open invitations and attempts."),
        "show": Command("integrations", "show", "Show one integration and its next step."),
        "activate": Command("integrations", "activate", "Let the tool serve integrations."),
        "deactivate": Command("integrations", "deactivate", "Stop serving integrations."),
        "verify": Command("verify", "verify", "Prove from outside that integrations work."),
        "update": Command("update", "update", "Send the tool's settings to the LMS."),
        "edit": Command("amend", "edit", "Change the recorded facts of an LMS."),
        "move": Command("move", "move", "Follow an LMS to its new address."),
        "refresh": Command("refresh", "refresh", "Read version and endpoints of LMSs again."),
        "remove": Command("integrations", "remove", "Forget an integration here."),
        "restore": Command("amend", "restore", "Put a removed integration back."),
        "log": Command("log", "log", "Show who changed what, when, and by which command."),
        "metrics": Command("metrics", "metrics", "Print metrics for Prometheus."),
        "report": Command("report", "report", "Make a page that shows integrations and keys."),
        "doctor": Command("doctor", "doctor", "Check the profile and the tool, read-only."),
    },
    "In the LMS": {
        "lms login": Command("lms_login", "login", "Show whose token this is and what it may do."),
        "lms status": Command("lms", "status", "Show the LMS's switch, deployments and records."),
        "lms activate": Command("lms", "activate", "Switch tools on in their LMS."),
        "lms deactivate": Command("lms", "deactivate", "Switch tools off in their LMS."),
        "lms deploy": Command("lms", "deploy", "Make a tool available at a place of the LMS."),
        "lms deployments": Command("lms", "deployments", "List the deployments that the LMS has."),
        "lms accept-update": Command(
            "lms", "accept_update", "Accept a change that waits in the LMS."
        ),
        "lms script": Command("lms_login", "script", "Print a program for the LMS's own host."),
    },
    "Import and export": {
        "export": Command("export", "export", "Export integrations for your application."),
        "import": Command("import_", "import_file", "Take over another runtime's registrations."),
        "apply": Command("apply", "apply", "Apply a TOML or CSV file."),
    },
    "Keys": {
        "rotate-keys": Command("rotate_keys", "rotate_keys", "Rotate signing keys if due."),
        "keys list": Command("keys", "keys_list", "List signing keys and their next steps."),
        "keys import": Command("keys", "keys_import", "Take over a key of the tool."),
        "keys encrypt": Command("keys", "keys_encrypt", "Encrypt keys that are in the clear."),
        "keys reseal": Command("store", "reseal", "Change the passphrase of a shared store."),
        "jwks": Command("keys", "jwks", "Print the public key set."),
    },
    "Rehearse": {
        "demo": Command("sandbox", "demo", "Play the whole story, unattended."),
        "sandbox": Command("sandbox", "sandbox", "Run the embedded LMS, for rehearsals."),
        "sandbox launch": Command(
            "sandbox_launch", "launch", "Open an integration in the embedded LMS."
        ),
    },
}

COMMANDS: Final = {
    name: command for section in SECTIONS.values() for name, command in section.items()
}
