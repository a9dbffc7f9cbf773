"""The secrets of a shared store, encrypted before they leave this machine.

scrypt (RFC 7914) makes the key of a passphrase; AES-256-GCM (NIST SP 800-38D) seals each secret.
"""

import base64
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ltictl.errors import InvalidValueError, LtictlError, UnreadableError
from ltictl.model.record import replace
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.document_text import Document
from ltictl.store.folder import ConflictError, MissingError
from ltictl.store.records import document_of, record_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME: Final = "scrypt-aes-256-gcm"
_DOCUMENT: Final = "sealing"
_CHECK: Final = b"ltictl"
_N: Final = 2**15  # 32 MB and a tenth of a second
_R: Final = 8
_P: Final = 1
_MAX_N: Final = 2**20
_MEMORY: Final = 2**31 - 1
_NONCE: Final = 12


class SealingKey(Struct, frozen=True):
    """The public facts about one passphrase of a store.

    Attributes:
        salt: random, base64; it also names the key.
        n: cost of scrypt (RFC 7914, 2), a power of two.
        check: a known text, sealed; it does not open with a wrong passphrase.
    """

    salt: str
    n: int
    check: str


class Sealing(Struct, frozen=True):
    """The passphrases of a store.

    Attributes:
        scheme: name of the algorithms.
        current: seals every secret from now on.
        former: open the secrets that ``keys reseal`` has not sealed anew yet.
    """

    scheme: str
    current: SealingKey
    former: tuple[SealingKey, ...] = ()


class Sealer:
    """Seals and opens the secrets of one store.

    Args:
        bucket: the store.
        passphrase: returns the passphrase, empty for none; called when it is needed.
    """

    def __init__(self, bucket: Bucket, passphrase: Callable[[], bytes]) -> None:
        self._bucket = bucket
        self._passphrase = passphrase
        self._keys: dict[str, bytes] = {}
        self._sealing: Sealing | None = None

    def require(self) -> None:
        """Raise an error unless the right passphrase is at hand.

        Raises:
            LtictlError: ``passphrase_needed`` or ``wrong_passphrase``.
        """
        self._sealing = None  # a run may last for days, and 'keys reseal' change it meanwhile
        self._current()

    def seal(self, path: str, plain: bytes) -> dict[str, str]:
        """Return the members of a document that seals ``plain`` for ``path`` alone.

        Raises:
            LtictlError: as in ``require``.
        """
        current = self._current()
        # A fresh nonce for every seal: GCM loses its secrecy where a key meets one twice.
        nonce = os.urandom(_NONCE)
        sealed = _cipher(self._key(current)).encrypt(nonce, plain, self._bound_to(path))
        return {
            "scheme": SCHEME,  # so that a later version can tell old seals from its own
            "salt": current.salt,
            "nonce": _text(nonce),
            "sealed": _text(sealed),
        }

    def open(self, path: str, document: Document) -> bytes:
        """Return the secret that was sealed for ``path``.

        Raises:
            LtictlError: ``passphrase_needed``, ``wrong_passphrase``, or ``sealed_elsewhere``.
        """
        place = self._bucket.place(path)
        salt, nonce, sealed = envelope(place, document)
        key = self._key_named(place, salt)
        from cryptography.exceptions import InvalidTag

        try:
            return _cipher(self._key(key)).decrypt(nonce, sealed, self._bound_to(path))
        except InvalidTag:
            raise UnreadableError(
                "sealed_elsewhere",
                f"{place} cannot be opened, although the passphrase is right.",
                why="It was sealed for another path or another store, or was altered.",
                fix="Restore an earlier version of that object.",
            ) from None

    def is_current(self, document: Document) -> bool:
        """Return whether a secret is sealed by the current passphrase."""
        return document.get("salt") == self._current().salt

    def begin_resealing(self, passphrase: bytes) -> bool:
        """Make ``passphrase`` the current one, and keep the others to open old secrets.

        Returns:
            Whether there are others.

        Raises:
            LtictlError: ``wrong_passphrase``, or it could not be written.
        """
        sealing, version = self._read()
        if sealing is None or version is None:
            raise _nothing_sealed(self._bucket.objects.place)
        # The new passphrase is tried first, since after an interruption the old one fits no longer.
        # A run that was cut off has done this already.
        if self._fits(sealing.current, passphrase):
            return bool(sealing.former)
        if not self._fits(sealing.current, self._given()):
            raise wrong_passphrase(self._bucket.objects.place)
        fresh = self._make(passphrase)
        # The former ones stay until every secret is sealed anew: an interruption loses none.
        former = (sealing.current, *sealing.former)
        wanted = replace(sealing, current=fresh, former=former)
        try:
            self._bucket.replace(_DOCUMENT, document_of(wanted), version)
        except ConflictError:
            raise _resealed_meanwhile() from None
        self._sealing = wanted
        return True

    def end_resealing(self) -> None:
        """Forget the former passphrases, which seal nothing any more.

        Raises:
            LtictlError: it could not be written.
        """
        sealing, version = self._read()
        if sealing is None or version is None or not sealing.former:
            return
        try:
            self._bucket.replace(_DOCUMENT, document_of(replace(sealing, former=())), version)
        except ConflictError:
            raise _resealed_meanwhile() from None

    def _current(self) -> SealingKey:
        if self._sealing is None:
            self._sealing = self._read()[0] or self._begin()
        self._key(self._sealing.current)
        return self._sealing.current

    def _begin(self) -> Sealing:
        """Make the given passphrase the store's: the first secret decides it."""
        fresh = Sealing(SCHEME, self._make(self._given()))
        try:
            self._bucket.create(_DOCUMENT, document_of(fresh))
        except ConflictError:  # another run was first: its passphrase is the store's
            found = self._read()[0]
            if found is not None:
                return found
        return fresh

    def _make(self, passphrase: bytes) -> SealingKey:
        salt = os.urandom(16)
        key = _derived(passphrase, salt, _N)
        nonce = os.urandom(_NONCE)
        # A sealed known text tells a wrong passphrase before anything is written with it.
        check = nonce + _cipher(key).encrypt(nonce, _CHECK, self._bound_to(_DOCUMENT))
        self._keys[_text(salt)] = key
        return SealingKey(_text(salt), _N, _text(check))

    def _key_named(self, place: str, salt: str) -> SealingKey:
        self._current()
        sealing = self._sealing
        # The salt names the key, so that nothing is tried: each try takes a tenth of a second.
        for each in (sealing.current, *sealing.former) if sealing else ():
            if each.salt == salt:
                return each
        raise UnreadableError(
            "sealed_elsewhere",
            f"{place} is sealed by a passphrase that this store does not know.",
            why="It was copied from another store, or 'sealing.toml' was put back.",
            fix="Restore an earlier version of that object.",
        )

    def _key(self, known: SealingKey) -> bytes:
        if known.salt not in self._keys and not self._fits(known, self._given()):
            raise wrong_passphrase(self._bucket.objects.place)
        return self._keys[known.salt]

    def _fits(self, known: SealingKey, passphrase: bytes) -> bool:
        from cryptography.exceptions import InvalidTag

        check = _bytes(known.check)
        key = _derived(passphrase, _bytes(known.salt), known.n)
        try:
            _cipher(key).decrypt(check[:_NONCE], check[_NONCE:], self._bound_to(_DOCUMENT))
        except (InvalidTag, ValueError):
            return False
        self._keys[known.salt] = key
        return True

    def _given(self) -> bytes:
        passphrase = self._passphrase()
        if not passphrase:
            raise LtictlError(
                "passphrase_needed",
                f"The secrets of {self._bucket.objects.place} are sealed, and no passphrase was "
                "given.",
                why="In a shared store private keys and access tokens are encrypted.",
                fix="Set LTICTL_KEY_PASSPHRASE_FILE, LTICTL_KEY_PASSPHRASE, or "
                "keys.passphrase_command in profile.toml.",
            )
        return passphrase

    def _bound_to(self, path: str) -> bytes:
        # Bound to the store and to its path, so that nobody can put one secret in another's place.
        return f"{self._bucket.standing.identity()}\n{path}".encode()

    def _read(self) -> tuple[Sealing | None, bytes | None]:
        try:
            document, version = self._bucket.read(_DOCUMENT)
        except MissingError:
            return None, None
        try:
            sealing = record_of(Sealing, document)
            _check_costs(sealing)
        except InvalidValueError as error:
            raise UnreadableError(
                "damaged_document",
                f"{self._bucket.place(_DOCUMENT)}: {error}",
                why="The document was edited by hand, or a copy went wrong.",
                fix="Restore an earlier version of that object.",
            ) from error
        return sealing, version


def _check_costs(sealing: Sealing) -> None:
    """Refuse a cost that this ltictl does not use."""
    for each in (sealing.current, *sealing.former):
        # Somebody who may write the bucket could lower it, and guess the passphrase cheaply.
        if not _N <= each.n <= _MAX_N or each.n & (each.n - 1):
            raise InvalidValueError("n", "is no cost that ltictl uses")


def envelope(place: str, document: Document) -> tuple[str, bytes, bytes]:
    """Return the salt, the nonce and the sealed text of a document.

    Raises:
        UnreadableError: it is not sealed, or damaged.
    """
    members = [document.get(name) for name in ("scheme", "salt", "nonce", "sealed")]
    if members[0] == SCHEME:
        with suppress(ValueError):  # of base64
            return str(members[1]), _bytes(members[2]), _bytes(members[3])
    raise UnreadableError(
        "not_sealed",
        f"{place} is no sealed document that this ltictl can read.",
        why="It was put there by hand, is damaged, or a newer ltictl sealed it.",
        fix="Restore an earlier version of that object, or upgrade ltictl.",
    )


def wrong_passphrase(place: str) -> LtictlError:
    """Return the error for a passphrase that is not the store's."""
    return LtictlError(
        "wrong_passphrase",
        f"The passphrase is not that of {place}; nothing was written.",
        why="Another one was used first, or 'ltictl keys reseal' changed it or has not ended.",
        fix="Give the passphrase that the team uses; if a reseal was cut off, run it again.",
    )


def _nothing_sealed(place: str) -> LtictlError:
    return LtictlError(
        "nothing_sealed",
        f"{place} holds no sealed secret yet.",
        fix="The passphrase of the first command that stores one becomes the store's.",
    )


def _resealed_meanwhile() -> LtictlError:
    return LtictlError(
        "resealed_meanwhile",
        "Another run changed the passphrase at the same time.",
        fix="Run 'ltictl keys reseal' again with the passphrases that count now.",
    )


def _derived(passphrase: bytes, salt: bytes, n: int) -> bytes:
    return hashlib.scrypt(passphrase, salt=salt, n=n, r=_R, p=_P, maxmem=_MEMORY, dklen=32)


def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: object) -> bytes:
    return base64.b64decode(str(text), validate=True)
