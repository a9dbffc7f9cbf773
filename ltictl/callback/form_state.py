"""The hidden field that carries a visit between pages: signed, expiring, no cookie.

Third-party frames lose cookies and storage, so the form holds what is needed (RFC 9700, 4.7).
"""

import hashlib
import hmac
import secrets


class FormState:
    """Signs and checks visit ids with a key that lives as long as the run.

    Args:
        lifetime: seconds for which a signed state is good.
    """

    def __init__(self, lifetime: int = 3600) -> None:
        self._key = secrets.token_bytes(32)
        self._lifetime = lifetime

    def sign(self, visit: str, now: float) -> str:
        """Return a state for ``visit``, good from ``now`` (seconds since the epoch) on."""
        expires = int(now) + self._lifetime
        return f"{visit}.{expires}.{self._mac(visit, str(expires))}"

    def check(self, state: str, now: float) -> str | None:
        """The visit that a state belongs to, or ``None`` if it is forged, garbled or too old."""
        visit, _, rest = state.partition(".")
        expires, _, mac = rest.partition(".")
        expected = self._mac(visit, expires)
        genuine = hmac.compare_digest(mac.encode("utf-8", "replace"), expected.encode("ascii"))
        return visit if genuine and now < int(expires) else None

    def _mac(self, visit: str, expires: str) -> str:
        message = f"{visit}.{expires}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
