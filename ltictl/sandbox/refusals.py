"""The platform's refusals: a bare word, an OAuth error object, or its HTML error page.

Only the texts and statuses live here; which of them fits is decided where the request is judged.
"""

import json
from typing import Any


class RefusalError(Exception):
    """A refused request, with the status and the text of the answer."""

    media_type = "text/html"

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text

    @property
    def body(self) -> str:
        """The body, always labelled ``text/html`` (recordings, fact 3)."""
        return self.text


class BareWordError(RefusalError):
    """A refusal of the registration endpoint: a bare word or phrase."""


class OAuthError(RefusalError):
    """A refusal of the token endpoint: an object with the one member ``error``."""

    def __init__(self, text: str) -> None:
        super().__init__(400, text)

    @property
    def body(self) -> str:
        """The text is put between quotes unescaped, so it may not be JSON (recordings, fact 6)."""
        return f'{{\n  "error" : "{self.text}"\n}}'


class PlainTextError(RefusalError):
    """A sentence, or an empty body, as plain text."""

    media_type = "text/plain"


class JsonRefusalError(RefusalError):
    """An object with the members that a family uses for errors."""

    media_type = "application/json"

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        super().__init__(status, json.dumps(document))


class ErrorPageError(RefusalError):
    """A failure that the platform does not catch: 404 with an HTML page (recordings, fact 3)."""

    def __init__(self, text: str, status: int = 404) -> None:
        super().__init__(status, text)


class UncaughtError(ErrorPageError):
    """An exception inside the platform, shown on its error page with a telling prefix."""

    def __init__(self, text: str) -> None:
        super().__init__(f"Exception - {text}")
