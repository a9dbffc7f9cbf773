"""``profile.toml``: what people write about the tool, read into ``Settings``; written only once.

ltictl never rewrites this file, so that comments and order stay as their author left them.
"""

from ltictl.errors import InvalidValueError
from ltictl.model.duration import parse_duration
from ltictl.model.profile import (
    CallbackSettings,
    Hooks,
    KeyManager,
    KeyPolicy,
    LmsSettings,
    Settings,
)
from ltictl.model.suggestion import did_you_mean
from ltictl.model.tool import DEFAULT_CLAIMS, DEFAULT_SCOPES, Message, Overrides, Tool
from ltictl.store.fields import Fields
from ltictl.store.folder import SCHEMA, Document, fresh_mark

_TOOL = (
    "name url initiate_login_uri target_link_uri redirect_uris jwks_uri description logo_uri "
    "policy_uri tos_uri contacts scopes claims custom_parameters messages platforms"
)
# What each table may hold: a misspelt member is an error, not a silent default.
_KNOWN = {
    "": "schema write tool callback keys store platforms hooks lms",
    "tool": _TOOL,
    "callback": "port public_url timeout",
    "keys": "managed_by bits publish_for retire_after passphrase_command",
    "store": "url",
    "platforms": "aliases",
    "hooks": "after_change",
    "lms": "token_command",
}
_MESSAGE = frozenset(Message.__struct_fields__) - {"extensions"}
_OVERRIDES = frozenset(Overrides.__struct_fields__) - {"extensions"}


def settings_of(document: Document) -> Settings:
    """The settings that ``profile.toml`` holds.

    Raises:
        InvalidValueError: a member is missing, misspelt or of the wrong kind.
    """
    _refuse_unknown(document)
    fields = Fields(document)
    return Settings(
        tool=_tool_of(fields.table("tool")),
        callback=_callback_of(fields.table("callback")),
        keys=_keys_of(fields.table("keys")),
        hooks=Hooks(fields.table("hooks").texts("after_change")),
        lms=LmsSettings(fields.table("lms").texts("token_command")),
        aliases=fields.table("platforms").strings("aliases"),
    )


def _refuse_unknown(document: Document) -> None:
    for table, members in _KNOWN.items():
        content = document.get(table, {}) if table else document
        known = members.split()
        for member in content if isinstance(content, dict) else ():
            if member not in known:
                raise InvalidValueError(
                    f"{table}.{member}".lstrip("."),
                    "is not a setting",
                    fix=f"{did_you_mean(member, known)}Known here: {', '.join(known)}.",
                )


def _tool_of(fields: Fields) -> Tool:
    url = fields.text("url").rstrip("/")
    launch = fields.text("target_link_uri", f"{url}/lti/launch")
    return Tool(
        name=fields.text("name"),
        url=url,
        initiate_login_uri=fields.text("initiate_login_uri", f"{url}/lti/login"),
        target_link_uri=launch,
        redirect_uris=fields.texts("redirect_uris", (launch,)),
        jwks_uri=fields.text("jwks_uri", f"{url}/.well-known/jwks.json"),
        description=fields.text("description", ""),
        logo_uri=fields.text("logo_uri", ""),
        policy_uri=fields.text("policy_uri", ""),
        tos_uri=fields.text("tos_uri", ""),
        contacts=fields.texts("contacts"),
        scopes=fields.texts("scopes", DEFAULT_SCOPES),
        claims=fields.texts("claims", DEFAULT_CLAIMS),
        custom_parameters=fields.strings("custom_parameters"),
        messages=tuple(_plain_message_of(each) for each in fields.tables("messages"))
        or (Message("LtiResourceLinkRequest"),),
        platforms={
            family: _overrides_of(Fields(table, f"tool.platforms.{family}"))
            for family, table in fields.nested_tables("platforms").items()
        },
    )


def _overrides_of(fields: Fields) -> Overrides:
    """One ``[tool.platforms.FAMILY]``; what only that family knows is judged by its record."""
    messages = tuple(_message_of(each) for each in fields.tables("messages"))
    return Overrides(
        name=fields.text("name") if fields.has("name") else None,
        description=fields.text("description") if fields.has("description") else None,
        scopes=fields.texts("scopes") if fields.has("scopes") else None,
        claims=fields.texts("claims") if fields.has("claims") else None,
        custom_parameters=(
            fields.strings("custom_parameters") if fields.has("custom_parameters") else None
        ),
        messages=messages if fields.has("messages") else None,
        extensions=fields.others(_OVERRIDES),
    )


def _plain_message_of(fields: Fields) -> Message:
    message = _message_of(fields)
    for member in message.extensions:
        raise InvalidValueError(
            f"tool.messages: {member}",
            "is not a setting",
            fix=f"Known here: {', '.join(sorted(_MESSAGE))}. What one LMS alone knows belongs "
            "under [tool.platforms.FAMILY].",
        )
    return message


def _message_of(fields: Fields) -> Message:
    return Message(
        type=fields.text("type"),
        label=fields.text("label", ""),
        target_link_uri=fields.text("target_link_uri", ""),
        icon_uri=fields.text("icon_uri", ""),
        placements=fields.texts("placements"),
        roles=fields.texts("roles"),
        custom_parameters=fields.strings("custom_parameters"),
        extensions=fields.others(_MESSAGE),
    )


def _callback_of(fields: Fields) -> CallbackSettings:
    default = CallbackSettings()
    timeout = fields.text("timeout", "")
    return CallbackSettings(
        port=fields.integer("port", default.port),
        public_url=fields.text("public_url", ""),
        timeout=parse_duration(timeout, "callback.timeout") if timeout else default.timeout,
    )


def _keys_of(fields: Fields) -> KeyPolicy:
    default = KeyPolicy()
    return KeyPolicy(
        managed_by=fields.choice("managed_by", KeyManager, default.managed_by),
        bits=fields.integer("bits", default.bits),
        publish_for=parse_duration(fields.text("publish_for", "24h"), "keys.publish_for"),
        retire_after=parse_duration(fields.text("retire_after", "7d"), "keys.retire_after"),
        passphrase_command=fields.texts("passphrase_command"),
    )


def new_profile_text(name: str, url: str) -> str:
    """The text of a new ``profile.toml``: name and URL, and the rest to be uncommented.

    Args:
        name: the tool's name.
        url: its home page.
    """
    import tomli_w

    url = url.rstrip("/")
    given = tomli_w.dumps({"name": name, "url": url})
    return f"""\
# The tool that this profile registers. ltictl never rewrites this file; the reference is
# docs/reference/profile.md. Lines that begin with '#' show what is assumed.
schema = {SCHEMA}
write = "{fresh_mark()}"

[tool]
{given}\
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
# port = 8765
# public_url = "{url}/lti/register"
# timeout = "15m"

[keys]
# managed_by = "ltictl"
# bits = 2048
# publish_for = "24h"
# retire_after = "7d"
# passphrase_command = ["op", "read", "op://lti/pass"]

[store]
# url = "s3://bucket/prefix"

[platforms.aliases]
# powereduc = "moodle"

[hooks]
# after_change = ["/usr/local/bin/deploy-lti", "--quick"]

[lms]
# token_command = ["op", "read", "op://lti/lms-token"]
"""
