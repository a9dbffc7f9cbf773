"""An LMS that stores its registrations, as every real one does before it answers."""

import sqlite3
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import accepting


class Storing:
    """Answers registrations as ``accepting`` does, and commits each to SQLite before its answer.

    The write-ahead log and ``synchronous=FULL`` are what SQLite advises for a server that may lose
    no commit: one sync for each. One connection serves all requests, without opening it anew.

    Args:
        file: the database, made if it is not there.
    """

    def __init__(self, file: Path) -> None:
        self._accept = accepting()
        self._turn = threading.Lock()
        self._database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS registrations"
            " (id INTEGER PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL)"
        )

    def __call__(self, request: ReceivedRequest) -> Answer:
        answer = self._accept(request)
        values = (request.body, answer.body)
        with self._turn:  # each statement is a transaction of its own
            self._database.execute(
                "INSERT INTO registrations (request, answer) VALUES (?, ?)", values
            )
        return answer

    def count(self) -> int:
        """The stored registrations."""
        with self._turn:
            (found,) = self._database.execute("SELECT count(*) FROM registrations").fetchone()
        return int(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()
