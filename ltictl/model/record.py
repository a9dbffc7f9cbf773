"""Records: values with named members, here always a ``msgspec.Struct``."""

# Importing a frozen dataclass with slots costs half a millisecond, importing a Struct a fiftieth of
# that; 'list' imports two dozen of them.

from typing import Any, TypeVar

from msgspec import Struct

S = TypeVar("S", bound=Struct)


def replace(record: S, /, **members: Any) -> S:
    """Return a copy of a record with some members replaced and all its checks repeated.

    Args:
        record: the original, which stays unchanged.
        members: the new values by name.

    Raises:
        InvalidValueError: the record's own checks refuse a member.
    """
    # 'msgspec.structs.replace' copies without '__post_init__' and so skips the checks (msgspec,
    # issue 874).
    present = {name: getattr(record, name) for name in record.__struct_fields__}
    return type(record)(**(present | members))
