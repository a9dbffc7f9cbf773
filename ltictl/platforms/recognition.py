"""Recognise the family of an LMS that announces a code of its own, as forks of Moodle do.

A code that a family knows counts first, then the alias that a person wrote, then the shape of the
configuration. The result is stored with the platform, so that all others ask by its code.
"""

import json
import re
from collections.abc import Iterable, Mapping

from ltictl.errors import InvalidValueError, OperatorWarning
from ltictl.model.platform import ENDPOINTS, Platform, Recognition
from ltictl.model.record import replace
from ltictl.model.suggestion import did_you_mean
from ltictl.model.web_address import WebAddress
from ltictl.platforms.family import Family, Marks
from ltictl.platforms.table import all_families, family_named, family_of, generic, slugs

_ENOUGH = 2  # one address alone proves little: Canvas's "/login/oauth2/token" is anybody's
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")  # TOML 1.0, "Keys"
_SHOWN = 60  # of a code, which is foreign text of up to 255 characters


def check_aliases(aliases: Mapping[str, str]) -> None:
    """Judge ``[platforms.aliases]``.

    Raises:
        InvalidValueError: a code is empty or another family's own, or there is no such family.
    """
    for code, slug in aliases.items():
        setting = f"platforms.aliases.{_key(code)}"
        if not code.strip():
            raise InvalidValueError(setting, "names no code", fix="Write the code that it sends.")
        if slug not in slugs():
            raise InvalidValueError(
                setting,
                f"names no family: {slug[:_SHOWN]!r}",
                fix=f"{did_you_mean(slug, slugs())}Known: {', '.join(slugs())}.",
            )
        known = family_of(code)
        if known is not generic() and known.slug != slug:
            raise InvalidValueError(
                setting,
                f"cannot be {slug!r}: {known.title} itself announces this code",
                fix="Take the line out; an alias is for codes that ltictl does not know.",
            )


def recognise(
    platform: Platform, aliases: Mapping[str, str], members: Iterable[str] = ()
) -> Platform:
    """Return the platform with its family's code, and with what it announced beside it.

    Args:
        platform: as its configuration or a person describes it.
        aliases: slugs of families by announced codes, judged before.
        members: names of the members with which its configuration describes the LMS.
    """
    code = platform.family
    if family_of(code) is not generic():
        return platform
    if code in aliases:
        return _as_family(family_named(aliases[code]), platform, Recognition.ALIAS)
    shaped = _family_by_shape(platform, tuple(members))
    return _as_family(shaped, platform, Recognition.SHAPE) if shaped else platform


def _as_family(family: Family, platform: Platform, way: Recognition) -> Platform:
    code = family.codes[0] if family.codes else platform.family
    return replace(platform, family=code, announced=platform.family, recognised_by=way)


def _family_by_shape(platform: Platform, members: tuple[str, ...]) -> Family | None:
    """Return the only family whose shape it is; two are as good as none."""
    found = [each for each in all_families() if _has_shape(platform, members, each.marks)]
    return found[0] if len(found) == 1 else None


def _has_shape(platform: Platform, members: tuple[str, ...], marks: Marks) -> bool:
    if marks.members and any(each.startswith(marks.members) for each in members):
        return True
    matching = [
        name
        for name in ENDPOINTS
        if getattr(marks, name) and _leads(getattr(platform, name), getattr(marks, name))
    ]
    return len(matching) >= _ENOUGH


def _leads(url: str, mark: str) -> bool:
    """Return whether the path holds ``mark`` in whole segments: a site may lie in a folder."""
    if not url:
        return False
    address = WebAddress.parse(url, "endpoint")
    if mark.startswith("?"):
        return f"?{address.query}&".startswith(f"{mark}&")
    return f"{mark}/" in f"{address.path}/"


def describe_recognition(platform: Platform) -> str:
    """Say in part of a sentence how the family was recognised; empty where its own code told.

    The LMS's own name for itself is quoted and shortened.
    """
    calls = f"it calls itself {_shown(platform.announced)}" if platform.announced else ""
    how = {
        Recognition.CODE: "",
        Recognition.ALIAS: "by [platforms.aliases] in profile.toml",
        Recognition.SHAPE: "by the shape of its configuration"
        if platform.configuration_url
        else "by its addresses",
    }[platform.recognised_by]
    return f"{how}; {calls}" if how and calls else how


def recognition_warnings(platform: Platform) -> tuple[OperatorWarning, ...]:
    """Tell the operator where the family is not the one that the LMS announced."""
    recognition = describe_recognition(platform)
    if not recognition:
        return ()
    warning = f"ltictl takes this LMS for {family_of(platform.family).title} {recognition}."
    if platform.recognised_by is Recognition.SHAPE and platform.announced:
        line = f'{_key(platform.announced)} = "{generic().slug}"'
        warning += f" If it is not, write under [platforms.aliases] in profile.toml: {line}"
    return (OperatorWarning(warning),)


def _shown(code: str) -> str:
    return repr(code if len(code) <= _SHOWN else f"{code[:_SHOWN]}...")


def _key(code: str) -> str:
    """Write a code as a key of TOML, which JSON's strings are too."""
    return code if _BARE_KEY.fullmatch(code) else json.dumps(code)
