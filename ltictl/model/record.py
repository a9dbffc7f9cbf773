"""Records: values with named members, here always a ``msgspec.Struct``.

A frozen dataclass with slots costs half a millisecond each time its module is imported, a Struct a
fiftieth of that; two dozen of them stand on the way to ``list``.
"""

from typing import Any, TypeVar

from msgspec import Struct

S = TypeVar("S", bound=Struct)


def replace(record: S, /, **members: Any) -> S:
    """A record like the given one but for these members, checked as a new one is.

    ``msgspec.structs.replace`` copies without ``__post_init__``, and so without its checks
    (msgspec, issue 874).

    Args:
        record: stays as it is.
        members: by name.

    Raises:
        InvalidValueError: the record's own checks refuse a member.
    """
    kept = {name: getattr(record, name) for name in record.__struct_fields__}
    return type(record)(**(kept | members))
