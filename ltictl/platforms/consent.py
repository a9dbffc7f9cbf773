"""A person's consent in the browser, by which an application gets its first tokens (RFC 8252)."""

import base64
import hashlib
from collections.abc import Callable

from msgspec import Struct


class Permission(Struct, frozen=True):
    """One request for consent.

    Attributes:
        redirect: the address on this computer to which the browser comes back.
        state: the text that the browser brings along (RFC 6749, 10.12).
        verifier: the proof that the code is ours (RFC 7636), a secret.
    """

    redirect: str
    state: str
    verifier: str

    @property
    def challenge(self) -> str:
        """The digest of the verifier, which the page gets (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def __repr__(self) -> str:
        return f"Permission({self.redirect!r})"


class Consent(Struct, frozen=True):
    """The way in which one LMS asks a person.

    Attributes:
        wanted: whether the given text lacks the permission that only a person gives.
        redirect: the address on this computer that the application was registered with.
        page: the address of the page, or its path at the LMS.
        completed: the given text with the code, which ``authorize`` trades.
    """

    wanted: Callable[[str], bool]
    redirect: Callable[[str], str]
    page: Callable[[str, Permission], str]
    completed: Callable[[str, Permission, str], str]
