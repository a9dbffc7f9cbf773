"""The signed hidden field that carries a visit from page to page without a cookie."""

import hashlib
import hmac
import secrets


# Browsers drop cookies and storage in a frame of another site, so the form itself holds the state
# (RFC 9700, 4.7).
class FormState:
    """Signs and checks visit ids with a key that lives as long as the run.

    Args:
        lifetime: seconds for which a signed state is good.
    """

    def __init__(self, lifetime: int = 3600) -> None:
        self._key = secrets.token_bytes(32)
        self._lifetime = lifetime

    def sign(self, visit: str, now: float) -> str:
        """Return the signed state of a visit.

        Args:
            visit: its id.
            now: seconds since 1970; the state expires ``lifetime`` seconds later.
        """
        expires = int(now) + self._lifetime
        return f"{visit}.{expires}.{self._mac(visit, str(expires))}"

    def check(self, state: str, now: float) -> str | None:
        """Return the visit of a state, ``None`` if the state is forged, garbled or too old."""
        visit, _, rest = state.partition(".")
        expires, _, mac = rest.partition(".")
        expected = self._mac(visit, expires)
        # In constant time, since the time of a comparison would tell the signature byte by byte.
        genuine = hmac.compare_digest(mac.encode("utf-8", "replace"), expected.encode("ascii"))
        return visit if genuine and now < int(expires) else None

    def _mac(self, visit: str, expires: str) -> str:
        message = f"{visit}.{expires}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
