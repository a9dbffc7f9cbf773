"""The formats, found by their modules in ``ltictl.interchange.formats``."""

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

from msgspec import Struct

from ltictl.errors import NotFoundError, UsageError
from ltictl.interchange import formats
from ltictl.interchange.incoming import ForeignDocument
from ltictl.interchange.outgoing import ExportContent, Rendered
from ltictl.model.suggestion import did_you_mean, likeliest


class Format(Struct, frozen=True):
    """One format.

    Attributes:
        name: as people type it.
        summary: one line.
        render: the handover as files.
        read: the same back, ``None`` where the format cannot be read.
    """

    name: str
    summary: str
    render: Callable[[ExportContent], Rendered]
    read: Callable[[bytes], ForeignDocument] | None = None

    def reader(self) -> Callable[[bytes], ForeignDocument]:
        """Return the function that reads the format.

        Raises:
            UsageError: ``format_not_readable``.
        """
        if self.read is None:
            known = ", ".join(each.name for each in all_formats().values() if each.read)
            raise UsageError(
                "format_not_readable",
                f"{self.name} can be written but not read.",
                fix=f"These can be read: {known}.",
            )
        return self.read


@cache
def all_formats() -> dict[str, Format]:
    """Return every format by its name."""
    found = (
        # A module in that folder is a format: nothing else lists them.
        import_module(f"{formats.__name__}.{each.name}").FORMAT
        for each in pkgutil.iter_modules(formats.__path__)
    )
    return {each.name: each for each in sorted(found, key=lambda one: str(one.name))}


def format_named(name: str) -> Format:
    """Return the format of a name.

    Raises:
        NotFoundError: there is none.
    """
    known = all_formats()
    if name in known:
        return known[name]
    raise NotFoundError(
        "no_such_format",
        f"There is no format {name[:40]!r}.",
        fix=f"{did_you_mean(name, known)}Known: {', '.join(known)}.",
        instead=(name, likeliest(name, known)),
    )
