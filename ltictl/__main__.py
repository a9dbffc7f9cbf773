"""The front door: answers ``--version`` before anything is imported, then hands over."""

import gc
import os
import sys

# What modules are made of stays, and so does what 'list' reads: with the default of 700 new objects
# garbage is looked for too often, and never found (docs/explanation/performance.md).
_COLLECT_AFTER = 100_000
_INTERRUPTED = 130  # as in ltictl.errors, which is imported only later


def main() -> None:
    """Run ltictl with the process's arguments and end the process."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from ltictl import __version__

        if _write(f"ltictl {__version__}\n"):
            return  # else the whole program says why it could not
    if arguments[:1] == ["__complete"]:  # what a shell's TAB calls: no typer, no documents
        from ltictl.cli.completion.names import completion_names

        _write(completion_names(arguments[1:]))
        return
    gc.set_threshold(_COLLECT_AFTER)
    _import_msgspec()
    code = _run(arguments)
    try:
        if sys.stdout is not None:  # with '>&-' there is none
            sys.stdout.flush()
    except OSError:
        # The reader went away, or its disk is full, as reported: without this the interpreter
        # complains once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gc.freeze()  # the process ends, so no object needs another walk
    sys.exit(code)


def _write(text: str) -> bool:
    """Write to stdout, and return whether it took the text."""
    try:
        # No buffer stands between, which the interpreter would try to empty once more at its end.
        os.write(sys.stdout.fileno(), text.encode())
    except (OSError, AttributeError):  # with '>&-' there is no stdout
        return False
    return True


def _import_msgspec() -> None:
    """Import msgspec without typing_extensions, which other libraries install for themselves."""
    # msgspec imports it where it can. Its 3,000 lines are a tenth of the time of 'list', and since
    # Python 3.11 the standard library holds all that msgspec takes from it.
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    import msgspec  # noqa: F401

    del sys.modules["typing_extensions"]


def _run(arguments: list[str]) -> int:
    try:
        from ltictl.cli.app import main as run

        return run(arguments)
    except KeyboardInterrupt:  # in the first moments, when there is nobody to say a word yet
        return _INTERRUPTED


if __name__ == "__main__":
    main()
