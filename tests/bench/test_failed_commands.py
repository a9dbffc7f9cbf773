"""A command that fails under the benchmark is quoted from both its streams, and gives no figure."""

import os
import sys
from collections.abc import Callable

import pytest

from tests.bench.timing import Argv, Command, OnTerminal, output_of

_PROGRAM = (
    "import sys; print('x' * 9000, 'the JSON'); print('a note', file=sys.stderr); sys.exit(3)"
)


@pytest.mark.parametrize(
    "run",
    [
        lambda argv: Command(argv, os.environ).run(),
        lambda argv: OnTerminal(argv, os.environ)(),
        lambda argv: output_of(argv, os.environ),
    ],
    ids=["measured", "at a terminal", "read"],
)
def test_a_failed_command_is_quoted(run: Callable[[Argv], object]) -> None:
    with pytest.raises(RuntimeError) as failure:
        run([sys.executable, "-c", _PROGRAM])

    for said in ("ended with 3", "the JSON", "a note"):
        assert said in str(failure.value)
