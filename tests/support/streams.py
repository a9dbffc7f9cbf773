"""Streams in memory that claim to be a terminal or a pipe."""

import io


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def text_of(stream: object) -> str:
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()
