"""The front door: answers ``--version`` before anything is imported, then hands over."""

import os
import sys


def main() -> None:
    """Run ltictl with the process's arguments and end the process."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from ltictl import __version__

        sys.stdout.write(f"ltictl {__version__}\n")
        return
    from ltictl.cli.app import main as run

    code = run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away; without this the interpreter complains once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


if __name__ == "__main__":
    main()
