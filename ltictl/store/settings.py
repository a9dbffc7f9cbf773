"""Read ``profile.toml``, the file in which people describe the tool."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ltictl.errors import InvalidValueError, UnreadableError
from ltictl.model.duration import format_duration
from ltictl.model.mail import MailSettings
from ltictl.model.profile import CallbackSettings, Hooks, KeyPolicy, LmsSettings, Settings
from ltictl.model.tool import Message, Overrides, Tool
from ltictl.store.document_text import SCHEMA, Document, fresh_mark
from ltictl.store.records import check_table, check_tables, read_table, refuse_unknown


class StorePlace(Struct, frozen=True):
    """The table ``[store]``, which ``ltictl.store.opening`` reads."""

    url: str = ""


class Platforms(Struct, frozen=True):
    """The table ``[platforms]``."""

    aliases: Mapping[str, str] = field(default_factory=dict)


TABLES: dict[str, type[Struct]] = {
    "tool": Tool,
    "callback": CallbackSettings,
    "keys": KeyPolicy,
    "store": StorePlace,
    "platforms": Platforms,
    "hooks": Hooks,
    "lms": LmsSettings,
    "mail": MailSettings,
}


def usable_settings(document: Document, place: str) -> Settings:
    """Return the settings in the ``profile.toml`` at ``place``.

    Raises:
        UnreadableError: ``invalid_setting``.
    """
    try:
        return settings_of(document)
    except (InvalidValueError, ValueError) as error:
        fix = error.fix if isinstance(error, InvalidValueError) else ""
        raise UnreadableError(
            "invalid_setting",
            f"{place}: {error}",
            why="The file was edited and now says something that ltictl cannot use.",
            fix=fix or "Correct the setting; 'ltictl help settings' lists them all.",
        ) from error


# ltictl never rewrites this file, so that comments and order stay as their author left them.
def settings_of(document: Document) -> Settings:
    """Return the settings that ``profile.toml`` holds.

    Raises:
        InvalidValueError: a member is missing, misspelt or of the wrong kind.
    """
    refuse_unknown(document, ["schema", "write", *TABLES], "")
    # Judged here, and read by 'opening' before any settings are.
    read_table(StorePlace, document.get("store", {}), "store")
    return Settings(
        tool=_tool_of(check_table(document.get("tool", {}), "tool")),
        callback=read_table(CallbackSettings, document.get("callback", {}), "callback"),
        keys=read_table(KeyPolicy, document.get("keys", {}), "keys"),
        hooks=read_table(Hooks, document.get("hooks", {}), "hooks"),
        lms=read_table(LmsSettings, document.get("lms", {}), "lms"),
        mail=read_table(MailSettings, document.get("mail", {}), "mail"),
        aliases=read_table(Platforms, document.get("platforms", {}), "platforms").aliases,
    )


def _tool_of(table: Mapping[str, Any]) -> Tool:
    """Return the tool, with the addresses that follow from its ``url``."""
    members = {**table}
    if isinstance(table.get("url"), str):  # else the record names its fault
        # The paths below begin with a slash: a second one would be another address to an LMS.
        url = members["url"] = table["url"].rstrip("/")
        members.setdefault("initiate_login_uri", f"{url}/lti/login")
        members.setdefault("target_link_uri", f"{url}/lti/launch")
        members.setdefault("redirect_uris", [members["target_link_uri"]])
        members.setdefault("jwks_uri", f"{url}/.well-known/jwks.json")
    if not members.get("messages", True):
        del members["messages"]  # an empty list means the default, too
    for name, read in (("messages", _plain_messages), ("platforms", _overrides)):
        if name in members:
            members[name] = read(members[name], f"tool.{name}")
    return read_table(Tool, members, "tool")


def _plain_messages(tables: object, place: str) -> list[Message]:
    try:
        return [read_table(Message, each, name) for name, each in check_tables(tables, place)]
    except InvalidValueError as error:
        if error.fix:
            error.fix += " What one LMS alone knows belongs under [tool.platforms.FAMILY]."
        raise


def _overrides(tables: object, place: str) -> dict[str, Overrides]:
    """Return the tables ``[tool.platforms.FAMILY]``, which the families judge themselves."""
    return {
        family: _overrides_of(check_table(table, f"{place}.{family}"), f"{place}.{family}")
        for family, table in check_table(tables, place).items()
    }


def _overrides_of(table: Mapping[str, Any], place: str) -> Overrides:
    members = {**table}
    # A family may know members that the model does not, as Canvas's 'privacy_level': they are kept,
    # and the family judges them.
    if "messages" in members:
        members["messages"] = [
            read_table(Message, each, name, rest=True)
            for name, each in check_tables(members["messages"], f"{place}.messages")
        ]
    return read_table(Overrides, members, place, rest=True)


def new_profile_text(name: str, url: str) -> str:
    """Return the text of a new ``profile.toml``, with the other settings as comments.

    Args:
        name: the tool's name.
        url: its home page.
    """
    import tomli_w

    url = url.rstrip("/")
    # By the writer of TOML, since a name may hold quotes and line ends.
    tool = tomli_w.dumps({"name": name, "url": url})
    callback, keys = CallbackSettings(), KeyPolicy()
    return f"""\
# The tool that this profile registers. ltictl never rewrites this file; the reference is
# 'ltictl help settings'. Lines that begin with '#' show what is assumed.
schema = {SCHEMA}
write = "{fresh_mark()}"

[tool]
{tool}\
# initiate_login_uri = "{url}/lti/login"
# target_link_uri = "{url}/lti/launch"
# redirect_uris = ["{url}/lti/launch"]
# jwks_uri = "{url}/.well-known/jwks.json"
# description = ""
# logo_uri = "{url}/logo.png"
# contacts = ["support@example.com"]
# scopes = ["lineitem", "score", "result.readonly", "contextmembership.readonly"]
# claims = ["sub", "given_name", "family_name", "email"]

# [[tool.messages]]
# type = "LtiDeepLinkingRequest"
# label = "Choose content"
# placements = ["ContentArea"]

# [tool.platforms.canvas]
# privacy_level = "public"

[callback]
# port = {callback.port}
# public_url = "{url}/lti/register"
# timeout = "{format_duration(callback.timeout)}"

[keys]
# managed_by = "{keys.managed_by}"
# bits = {keys.bits}
# publish_for = "{format_duration(keys.publish_for)}"
# retire_after = "{format_duration(keys.retire_after)}"
# passphrase_command = ["op", "read", "op://lti/pass"]
# signer = ["/usr/local/lib/ltictl/pkcs11.sh"]

[store]
# url = "s3://bucket/prefix"

[platforms.aliases]
# powereduc = "moodle"

[lms]
# token_command = ["op", "read", "op://lti/lms-token"]

[mail]
# sender = "Jane Doe, Example Tool"
# contact = "jane.doe@example.com"

[hooks]
# after_change = ["/usr/local/bin/deploy-lti", "--quick"]
# on_problem = ["/usr/local/bin/tell-us"]
"""
