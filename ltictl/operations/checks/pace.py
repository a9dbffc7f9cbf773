"""The pace of a run over many integrations, in words."""

from typing import Final

_SILENT: Final = 5.0  # seconds after which a rate means something


def pace(done: int, total: int, seconds: float) -> str:
    """Return a line such as ``120 of 200 verified, 8 a second, 10 s left``.

    Args:
        done: number of verified integrations.
        total: number of all.
        seconds: time since the first began.
    """
    text = f"{done} of {total} verified"
    if seconds < _SILENT or not done:
        return f"{text} ..."
    rate = done / seconds
    each = f"{rate:.0f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"
    left = int((total - done) / rate) + 1
    return f"{text}, {each}, {left // 60}:{left % 60:02d} left ..."
