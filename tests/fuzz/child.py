"""``python -m tests.fuzz.child TARGET [libFuzzer's arguments]`` fuzzes one target."""

import contextlib
import sys

import atheris

from tests.fuzz.targets import TARGETS, seeds

# Instrumented are our code and the parser of requests.
_INSTRUMENTED = ["ltictl", "h11"]


def main(name: str, arguments: list[str]) -> None:
    """Look at the corpus once, so that all is imported under instrumentation, and fuzz."""
    with contextlib.ExitStack() as stack:
        with atheris.instrument_imports(include=_INSTRUMENTED, enable_loader_override=False):
            look = stack.enter_context(TARGETS[name]())
            for seed in seeds(name):
                look(seed.read_bytes())
        atheris.Setup([name, *arguments], look)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
