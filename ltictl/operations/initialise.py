"""Make a profile with the tool's settings and its first signing key."""

from ltictl.errors import InvalidValueError
from ltictl.model.profile import KeyManager, Settings
from ltictl.model.signing_key import KeyState
from ltictl.model.web_address import WebAddress, shown_safely
from ltictl.operations.context import Context
from ltictl.operations.signing import add_key
from ltictl.store.settings import new_profile_text, settings_of


def require_home_page(url: str) -> None:
    """Raise an error unless ``url`` can be the tool's home page.

    Raises:
        InvalidValueError: it cannot.
    """
    WebAddress.parse(url, "--url")
    # Every other address is made by adding a path, which a query would swallow.
    if "?" in url:
        raise InvalidValueError(
            "--url",
            "carries a query (?...)",
            value=shown_safely(url),
            fix="Give the home page alone.",
        )


def require_tool_name(name: str) -> None:
    """Raise an error unless ``name`` can be the tool's name.

    Raises:
        InvalidValueError: it cannot.
    """
    # The reader of profile.toml is the one judge of names.
    try:
        settings_of({"tool": {"name": name, "url": "https://tool.invalid"}})
    except InvalidValueError as error:
        raise error.about("--name") from error


def initialise(context: Context, *, name: str, url: str) -> Settings:
    """Make the profile, and its first key, which signs at once.

    Args:
        context: its profile must not exist yet.
        name: the tool's name.
        url: the tool's home page; the other URLs are derived from it.

    Raises:
        InvalidValueError: name or URL cannot be used; nothing was made.
        LtictlError: ``profile_exists``, or it could not be written.
    """
    require_tool_name(name)
    require_home_page(url)
    settings = settings_of({"tool": {"name": name, "url": url}})
    context.profile.create(new_profile_text(name, settings.tool.url))
    if settings.keys.managed_by is KeyManager.LTICTL:
        # No LMS has a copy of an older set yet, so the first key need not wait.
        add_key(context, settings.keys, KeyState.CURRENT)
    return settings
