"""Reading TOML: by a compiled reader, and where that one refuses, by the interpreter's own."""

from typing import Any


def parse(text: str) -> dict[str, Any]:
    """The document that ``text`` is (TOML 1.0).

    Raises:
        ValueError: it is none; the message names line and column and quotes no value.
        RecursionError: it is nested too deeply.
    """
    import rtoml

    try:
        return rtoml.loads(text)
    except rtoml.TomlParsingError:
        # Its messages quote the whole line, which may hold a secret.
        import tomllib

        return tomllib.loads(text)
