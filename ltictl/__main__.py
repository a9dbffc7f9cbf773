"""The front door: answers ``--version`` before anything is imported, then hands over."""

import gc
import os
import sys

# Modules are full of objects that stay: at the default of 700 a third of the start is spent on
# looking for garbage among them (docs/explanation/performance.md).
_COLLECT_AFTER = 50_000


def main() -> None:
    """Run ltictl with the process's arguments and end the process."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from ltictl import __version__

        sys.stdout.write(f"ltictl {__version__}\n")
        return
    gc.set_threshold(_COLLECT_AFTER)
    from ltictl.cli.app import main as run

    code = run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away; without this the interpreter complains once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gc.freeze()  # the process ends: whatever is left need not be walked through once more
    sys.exit(code)


if __name__ == "__main__":
    main()
