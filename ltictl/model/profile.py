"""The settings of a profile apart from the tool: callback server, keys, hooks, LMS tokens."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct, field

from ltictl.errors import InvalidValueError
from ltictl.model.mail import MailSettings
from ltictl.model.tool import Tool
from ltictl.model.web_address import WebAddress

_PORTS = range(1, 65536)
_KEY_BITS = range(2048, 8193)


class KeyManager(StrEnum):
    """The holder of the private keys."""

    LTICTL = "ltictl"
    EXTERNAL = "external"


class CallbackSettings(Struct, frozen=True):
    """The callback server's settings: its port, its public address, and how long it waits."""

    port: int = 8765
    public_url: str = ""
    timeout: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        if self.port not in _PORTS:
            raise InvalidValueError("callback.port", "must be 1 to 65535")
        if self.public_url:
            WebAddress.parse(self.public_url, "callback.public_url")


class KeyPolicy(Struct, frozen=True):
    """The settings for making signing keys and for the time in which they overlap."""

    managed_by: KeyManager = KeyManager.LTICTL
    bits: int = 2048
    publish_for: timedelta = timedelta(hours=24)
    retire_after: timedelta = timedelta(days=7)
    passphrase_command: tuple[str, ...] = ()
    signer: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("passphrase_command", "signer"):
            if any("\0" in word for word in getattr(self, name)):
                raise InvalidValueError(f"keys.{name}", "holds a NUL")
        if self.bits not in _KEY_BITS:
            raise InvalidValueError("keys.bits", "must be 2048 to 8192")


class Hooks(Struct, frozen=True):
    """The operator's commands; each is an argv and uses no shell.

    Attributes:
        after_change: runs after a change of integrations or keys.
        on_problem: runs where ``verify --notify`` finds that something broke or is well again.
    """

    after_change: tuple[str, ...] = ()
    on_problem: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if any("\0" in word for word in getattr(self, name)):
                raise InvalidValueError(f"hooks.{name}", "holds a NUL, which no argument can")


class LmsSettings(Struct, frozen=True):
    """The command that prints an administrator's token for an LMS; an argv without a shell."""

    token_command: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any("\0" in word for word in self.token_command):
            raise InvalidValueError("lms.token_command", "holds a NUL, which no argument can")


class Settings(Struct, frozen=True):
    """The document ``profile.toml``, written by people.

    Attributes:
        tool, callback, keys, hooks, lms, mail: its tables.
        aliases: slugs of LMS families by the codes that LMSs announce.
    """

    tool: Tool
    callback: CallbackSettings = CallbackSettings()
    keys: KeyPolicy = KeyPolicy()
    hooks: Hooks = Hooks()
    lms: LmsSettings = LmsSettings()
    mail: MailSettings = MailSettings()
    aliases: Mapping[str, str] = field(default_factory=dict)
