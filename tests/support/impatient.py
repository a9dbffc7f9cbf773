"""``python -m tests.support.impatient SECONDS ARGS`` runs ltictl with an earlier silence hint."""

import sys
from datetime import timedelta
from typing import Any

from ltictl.cli.app import main
from ltictl.model.record import replace
from ltictl.operations.registration import listening_order

_WANTED = listening_order.ListeningOrder


def _sooner(seconds: float) -> None:
    def wanted(**values: Any) -> listening_order.ListeningOrder:
        return replace(_WANTED(**values), silence=timedelta(seconds=seconds))

    listening_order.ListeningOrder = wanted  # type: ignore[misc, assignment]


if __name__ == "__main__":
    _sooner(float(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
