"""Organizations: customer accounts of the tool, and the slugs that name things."""

import re

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.moment import Moment

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
# Windows reserves these names for devices, and a profile must be portable between machines.
_RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{stem}{digit}" for stem in ("com", "lpt") for digit in range(1, 10)
}
_MAX_NAME = 255


def check_slug(slug: str, field: str = "slug") -> str:
    """Return ``slug`` if it may name a document.

    Raises:
        InvalidValueError: it is not 1-63 characters of ``a-z 0-9 . _ -`` with a letter or digit at
            each end, or an operating system reserves it.
    """
    if not _SLUG.fullmatch(slug) or ".." in slug or slug.partition(".")[0] in _RESERVED:
        raise InvalidValueError(
            field,
            f"{slug[:80]!r} cannot be used as a name",
            fix="Use 1 to 63 of a-z, 0-9, dot, dash and underscore, such as 'acme' or 'uni-bern'.",
        )
    return slug


class Organization(Struct, frozen=True):
    """A customer account of the tool.

    Attributes:
        slug: its identifier.
        created_at: UTC.
        name: what people call it; may be empty.
    """

    slug: str
    created_at: Moment
    name: str = ""

    def __post_init__(self) -> None:
        check_slug(self.slug, "organization")
        if len(self.name) > _MAX_NAME or not (self.name == "" or self.name.isprintable()):
            raise InvalidValueError("name", "must be printable and at most 255 characters")

    @property
    def label(self) -> str:
        """The name, or the slug where there is none."""
        return self.name or self.slug
