"""The addresses of an LMS in which a tool was registered by hand: of a preset, or as given."""

import shlex
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from ltictl.errors import InvalidValueError, NotFoundError, UsageError
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.model.suggestion import did_you_mean, likeliest
from ltictl.model.web_address import WebAddress, shown_safely
from ltictl.platforms.family import Family, Preset
from ltictl.platforms.recognition import recognise
from ltictl.platforms.table import all_families, audience_of, family_of, generic

_TOKEN: Final = "token_endpoint"  # noqa: S105  a member, not a password
_WANTED: Final = {
    "issuer": "--issuer",
    "authorization_endpoint": "--authorization-endpoint",
    "token_endpoint": "--token-endpoint",
    "jwks_uri": "--jwks-uri",
}


@cache
def presets() -> dict[str, tuple[Family, Preset]]:
    """Return every preset by its name, with the family that it belongs to."""
    return {
        name: (family, preset)
        for family in all_families()
        for name, preset in family.presets.items()
    }


def _preset_named(name: str) -> tuple[Family, Preset]:
    """Return the preset of a name, and its family; an empty one for no name.

    Raises:
        NotFoundError: there is none.
    """
    if not name:
        return generic(), Preset()
    if name not in presets():
        raise NotFoundError(
            "no_such_preset",
            f"There is no preset {name[:40]!r}.",
            fix=f"{did_you_mean(name, presets())}Known: {', '.join(presets())}. "
            "Without one, give all addresses.",
            instead=(name, likeliest(name, presets())),
        )
    return presets()[name]


def platform_by_hand(
    name: str, addresses: Mapping[str, str], client_id: str, *, services: bool = True
) -> Platform:
    """Return the platform that a person described.

    Args:
        name: of the preset, which knows what need not be given; empty for none.
        addresses: ``issuer``, the endpoints and ``audience``; empty values count as not given.
        client_id: as issued.
        services: whether the LMS has services; some families never have any.

    Raises:
        NotFoundError: there is no such preset.
        UsageError: an address is missing.
        InvalidValueError: an address is none, or is not https.
    """
    family, preset = _preset_named(name)
    _require_own_issuer(name, family, preset, addresses["issuer"])
    issuer = addresses["issuer"] or preset.issuer
    site = issuer.rstrip("/")
    found: dict[str, Any] = {
        name: addresses[name]
        or getattr(preset, name).replace("{site}", site).replace("{client_id}", client_id)
        for name in _WANTED
    }
    needs_site = "" if issuer else "--issuer"
    without = set() if services and _has_services(family, found) else {_TOKEN}
    missing = [
        option
        for member, option in _WANTED.items()
        if (not found[member] and member not in without) or option == needs_site
    ]
    if missing:
        raise _missing(missing)
    for member, option in _WANTED.items():
        if found[member]:
            require_https(found[member], option)
    if name:
        code = family.codes[0] if family.codes else ""
        audience = addresses["audience"] or preset.audience or found["token_endpoint"]
        return Platform(**found, audience=audience, family=code)
    # Without aliases: they are for codes that an LMS announces, and no LMS was asked here.
    platform = recognise(Platform(**found), {})
    audience = addresses["audience"] or audience_of(family_of(platform.family), platform)
    return replace(platform, audience=audience)


def _has_services(family: Family, found: Mapping[str, Any]) -> bool:
    """Return whether the LMS has services, by its family or by the shape of its other addresses."""
    others = {member: url for member, url in found.items() if member != _TOKEN}
    if not all(others.values()) or found[_TOKEN]:
        return family.services
    return family.services and family_of(recognise(Platform(**found), {}).family).services


def _missing(options: list[str]) -> UsageError:
    fix = "Its administrator finds them with the tool's settings; or choose a --preset."
    if options == [_WANTED[_TOKEN]]:
        fix += " An LMS without a token endpoint has no services: then add --no-services."
    return UsageError(
        "options_missing",
        f"Missing: {', '.join(options)}.",
        why="Nobody but the LMS knows these addresses.",
        fix=fix,
    )


def _require_own_issuer(name: str, family: Family, preset: Preset, issuer: str) -> None:
    """Raise an error where a hosted product's addresses would belong to another issuer."""
    if not issuer or not preset.issuer or issuer == preset.issuer:
        return
    fitting = [
        other
        for other, each in family.presets.items()
        if each.issuer == issuer.rstrip("/") or not each.issuer
    ]
    # One with this very issuer before one that takes any.
    fitting.sort(key=lambda other: not family.presets[other].issuer)
    better = f"Use --preset {fitting[0]}, or give" if fitting else "Give"
    raise UsageError(
        "preset_mismatch",
        f"The preset {name} is for {preset.issuer}, and --issuer is {issuer}.",
        why="Its endpoints belong to that issuer alone: tokens would be asked for at a server that "
        "does not know this client.",
        fix=f"{better} --authorization-endpoint, --token-endpoint and --jwks-uri without a preset. "
        f"Where the issuer really is {preset.issuer}, leave --issuer out.",
    )


def require_https(url: str, option: str) -> None:
    """Check an address that a person typed.

    Raises:
        InvalidValueError: it is no URL, is plain http elsewhere than on this computer, or is an
            issuer with a query.
    """
    address = WebAddress.parse(url, option)
    if address.scheme != "https" and not address.is_loopback:
        raise InvalidValueError(
            option,
            "must begin with https://",
            value=repr(address.without_query),
            why="LTI requires TLS (LTI Core 1.3, section 3).",
            fix="Write https:// in front instead of http://.",
        )
    if option == "--issuer" and address.query:
        raise InvalidValueError(
            option,
            "must not carry a query",
            value=shown_safely(url),
            why="An issuer has no query (1EdTech Security Framework 1.0, section 5.1.2).",
            fix=f"Write {address.without_query}",
        )


def add_command(family: Family, organization: str = "") -> str:
    """Return the command that records a registration by hand, with capitals to fill in."""
    preset = family.presets.get(family.slug)
    missing = [
        (option, member.upper())
        for member, option in _WANTED.items()
        if (preset is None or not getattr(preset, member)) and (family.services or member != _TOKEN)
    ]
    options = [
        ("--org", organization or "SLUG"),
        *([("--preset", family.slug)] if preset else []),
        *missing,
        ("--client-id", "CLIENT_ID"),
        ("--deployment", "DEPLOYMENT_ID"),
    ]
    return shlex.join(["ltictl", "add", *(word for pair in options for word in pair)])
