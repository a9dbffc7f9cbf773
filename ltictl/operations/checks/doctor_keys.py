"""Check the stored signing keys, and the addresses of their set that LMSs know."""

from collections.abc import Iterator

from ltictl.errors import LtictlError
from ltictl.model.few import few
from ltictl.model.profile import KeyManager, Settings
from ltictl.model.signing_key import KeyState, signer_of
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.context import Context
from ltictl.operations.keys.publication import addresses, difference_warnings
from ltictl.operations.signing import (
    kids_with_private_half,
    require_private_half,
    stored_keys,
)

_SIGN = frozenset({KeyState.CURRENT, KeyState.NEXT})


def key_checks(context: Context, settings: Settings) -> list[Check]:
    """Check the stored signing keys; the published set is another check."""
    address_check = _check_known_address(context, settings)
    if settings.keys.managed_by is KeyManager.EXTERNAL:
        return [
            Check("signing_keys", Verdict.UNKNOWN, "your application holds the keys"),
            address_check,
        ]
    return [_signer(context), _private_halves(context), address_check]


def _signer(context: Context) -> Check:
    name, keys = "signing_keys", stored_keys(context)
    signer = signer_of(keys)
    if signer is None:
        fix = "Run 'ltictl rotate-keys', or restore the folder 'keys'."
        if keys.damaged:  # one of these may be the signing one, so nothing is made in its place
            fix = "Correct or restore the damaged document in 'keys'."
        return Check(name, Verdict.FAIL, "no key signs", fix)
    former = [key.kid for key in keys if key.state is KeyState.CURRENT and key.kid != signer.kid]
    if not former:
        return Check(name, Verdict.PASS, f"{len(keys.items)}; current is {signer.kid}")
    detail = (
        f"a rotation was cut off, or is under way: {signer.kid} signs, and {few(former)} is not "
        "yet marked as its predecessor"
    )
    fix = "Nothing is broken. The next 'ltictl rotate-keys' settles it."
    return Check(name, Verdict.WARN, detail, fix)


def _private_halves(context: Context) -> Check:
    name = "private_keys"
    files = set(context.profile.private_keys.ids())
    documents = set(context.profile.signing_keys.ids())
    complete = kids_with_private_half(context, context.profile.signing_keys.all())
    alone, orphans = sorted(documents - complete), sorted(files - documents)
    # First: a lost private half cannot be made again, all else can be repaired.
    if alone:
        fix = "Restore the .pem files from a backup."
        return Check(name, Verdict.FAIL, f"no private key for {few(alone)}", fix)
    unusable = list(_unusable(context))
    if unusable:
        problem = "; ".join(error.message.rstrip(".") for error in unusable)
        return Check(name, Verdict.FAIL, problem, unusable[0].fix)
    if orphans:
        fix = "Made right before a crash; nothing uses them."
        return Check(name, Verdict.WARN, f"no document for {few(orphans)}", fix)
    return Check(name, Verdict.PASS, "each document has its key")


def _unusable(context: Context) -> Iterator[LtictlError]:
    """Yield an error for each present or next signing key that could not sign."""
    for key in context.profile.signing_keys.all():
        # The halves of former keys are never used again.
        if key.state in _SIGN:
            try:
                require_private_half(context, key)
            except LtictlError as error:
                yield error


def _check_known_address(context: Context, settings: Settings) -> Check:
    """Check that LMSs know the present address of the key set."""
    known = addresses(context)
    if not any(known.values()):
        return Check("told_jwks_uri", Verdict.PASS, "no LMS has an address from here yet")
    found = difference_warnings(settings.tool.jwks_uri, known)
    if not found:
        return Check("told_jwks_uri", Verdict.PASS, "every LMS has the profile's jwks_uri")
    fix = "Serve the key set at each, or tell the LMS the new address: ltictl update ID"
    return Check("told_jwks_uri", Verdict.WARN, " ".join(found), fix)
