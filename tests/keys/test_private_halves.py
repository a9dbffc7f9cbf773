"""Private halves: encrypted at rest, imported from elsewhere, never needed for the key set."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ltictl.errors import LtictlError
from ltictl.lti.keys import generate_key, is_encrypted, read_key
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState
from ltictl.operations.initialise import initialise
from ltictl.operations.keys.key_import import import_key
from ltictl.operations.signing import current_key, published_keys, signing_pem
from ltictl.store.profile import Profile
from tests.support.cli import Ltictl
from tests.support.key_operator import Operator

NEXT, CURRENT, RETIRING, RETIRED = KeyState
KEY = rsa.generate_private_key(65537, 2048)
SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505  ltictl has to refuse it


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    form: forms.PrivateFormat = forms.PrivateFormat.PKCS8,
    passphrase: bytes = b"",
) -> bytes:
    encryption = forms.BestAvailableEncryption(passphrase) if passphrase else forms.NoEncryption()
    return key.private_bytes(forms.Encoding.PEM, form, encryption)


def protect(owner: Operator, passphrase: bytes = b"open sesame") -> Operator:
    owner.context = replace(owner.context, passphrase=lambda: passphrase)
    return owner


def test_a_new_key_is_encrypted_where_a_passphrase_is_set(owner: Operator) -> None:
    owner = protect(owner)
    material = generate_key(2048, b"open sesame")

    assert is_encrypted(material.pem)
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in material.pem
    assert read_key(material.pem, b"open sesame").kid == material.kid


def test_the_key_set_needs_no_passphrase_and_signing_does(tmp_path: Path, ltictl: Ltictl) -> None:
    profile = str(tmp_path / "p")
    env = {"LTICTL_KEY_PASSPHRASE": "open sesame"}
    init = ("init", "--name", "T", "--url", "https://tool.example.com")
    assert ltictl(*init, profile=profile, env=env).code == 0
    (file,) = (tmp_path / "p" / "keys").glob("*.pem")
    assert is_encrypted(file.read_bytes())

    assert file.stem in ltictl("jwks", profile=profile).stdout
    assert ltictl("keys", "list", "--json", profile=profile).data["keys"][0]["kid"] == file.stem


def test_no_key_in_the_clear_follows_an_encrypted_one(tmp_path: Path, ltictl: Ltictl) -> None:
    profile, pems = str(tmp_path / "p"), tmp_path / "p" / "keys"
    env = {"LTICTL_KEY_PASSPHRASE": "open sesame"}
    init = ("init", "--name", "T", "--url", "https://tool.example.com")
    assert ltictl(*init, profile=profile, env=env).code == 0

    without = ltictl("rotate-keys", "--json", profile=profile)

    assert (without.code, len(list(pems.glob("*.pem")))) == (0, 1)
    assert "LTICTL_KEY_PASSPHRASE_FILE" in without.json["warnings"][-1]
    (stolen,) = (path.stem for path in pems.glob("*.pem"))
    at_once = ltictl("rotate-keys", "--compromised", stolen, "--yes", "--json", profile=profile)
    assert (at_once.error["code"], len(list(pems.glob("*")))) == ("passphrase_needed", 2 + 2)
    assert ltictl("rotate-keys", "--json", profile=profile, env=env).code == 0
    assert [is_encrypted(path.read_bytes()) for path in pems.glob("*.pem")] == [True, True]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_passphrase_can_come_from_a_file(tmp_path: Path, ltictl: Ltictl, ending: str) -> None:
    secret, profile = tmp_path / "secret", str(tmp_path / "p")
    secret.write_bytes(f"open sesame{ending}".encode())
    env = {"LTICTL_KEY_PASSPHRASE_FILE": str(secret)}
    init = ("init", "--name", "T", "--url", "https://tool.example.com")
    assert ltictl(*init, profile=profile, env=env).code == 0
    (file,) = (tmp_path / "p" / "keys").glob("*.pem")
    assert read_key(file.read_bytes(), b"open sesame").kid == file.stem


def test_a_passphrase_file_that_is_not_there_is_named(tmp_path: Path, ltictl: Ltictl) -> None:
    env = {"LTICTL_KEY_PASSPHRASE_FILE": str(tmp_path / "none")}
    init = ("init", "--name", "T", "--url", "https://tool.example.com", "--json")
    done = ltictl(*init, profile=str(tmp_path / "p"), env=env)
    assert (done.code, done.error["code"]) == (2, "passphrase_missing")


def test_a_missing_and_a_wrong_passphrase(tmp_path: Path, owner: Operator) -> None:
    context = replace(
        owner.context, profile=Profile(tmp_path / "q"), passphrase=lambda: b"open sesame"
    )
    initialise(context, name="T", url="https://tool.example.com")
    key = current_key(context)
    # The fixture's ready keys are plain: this one is encrypted as init would.
    path = Path(context.profile.private_keys.place(key.kid))
    path.write_bytes(read_key(path.read_bytes(), b"", b"open sesame").pem)

    assert not is_encrypted(signing_pem(context, key))
    for passphrase, code in ((b"", "passphrase_needed"), (b"wrong", "wrong_passphrase")):
        with pytest.raises(LtictlError) as refused:
            signing_pem(replace(context, passphrase=lambda given=passphrase: given), key)
        assert refused.value.code == code
        assert "sesame" not in str(refused.value)
    assert published_keys(replace(context, passphrase=bytes))[0]["keys"][0]["kid"] == key.kid


@pytest.mark.parametrize(
    "form", [forms.PrivateFormat.PKCS8, forms.PrivateFormat.TraditionalOpenSSL]
)
@pytest.mark.parametrize("passphrase", [b"", b"open sesame"])
def test_an_existing_key_is_taken_over(
    owner: Operator, form: forms.PrivateFormat, passphrase: bytes
) -> None:
    owner = protect(owner, passphrase)

    import_key(owner.context, pem(KEY, form, passphrase))

    assert owner.states() == [CURRENT, NEXT]
    kid = owner.key(NEXT).kid
    kept = owner.profile.private_keys.read(kid)
    assert is_encrypted(kept) == bool(passphrase)
    assert read_key(kept, passphrase).kid == kid
    owner.publish()
    owner.later("24h")
    owner.rotate()
    assert current_key(owner.context).kid == kid


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_pem_on_one_line_is_read(owner: Operator, quote: bytes) -> None:
    """As environments and JSON files hold it."""
    import_key(owner.context, quote + pem(KEY).replace(b"\n", b"\\n") + quote)

    assert owner.states() == [CURRENT, NEXT]


def test_it_signs_at_once_where_no_key_does(owner: Operator) -> None:
    for path in (owner.profile.root / "keys").glob("*.toml"):
        path.unlink()
    import_key(owner.context, pem(KEY))
    assert owner.states() == [CURRENT]


def test_the_same_key_is_not_taken_over_twice(owner: Operator) -> None:
    import_key(owner.context, pem(KEY))
    kid = owner.key(NEXT).kid
    before = owner.profile.private_keys.read(kid)
    with pytest.raises(LtictlError) as refused:
        import_key(owner.context, pem(KEY))
    assert refused.value.code == "key_exists"
    assert kid in refused.value.message
    assert owner.profile.private_keys.read(kid) == before


def test_an_import_that_was_cut_off_can_be_repeated(owner: Operator) -> None:
    import_key(owner.context, pem(KEY))
    kid = owner.key(NEXT).kid
    (owner.profile.root / "keys" / f"{kid}.toml").unlink()
    import_key(owner.context, pem(KEY))
    assert owner.key(NEXT).kid == kid


OPENSSH = KEY.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption())
PUBLIC = KEY.public_key().public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(b"", "neither PEM", id="empty"),
        pytest.param(b"hello", "neither PEM", id="no PEM"),
        pytest.param(pem(ec.generate_private_key(ec.SECP256R1())), "no RSA key", id="EC"),
        pytest.param(pem(SHORT), "1024 bits", id="1024 bits"),
        pytest.param(pem(KEY)[:800] + pem(KEY)[900:], "damaged", id="damaged"),
        pytest.param(PUBLIC, "a public key", id="public half"),
        pytest.param(OPENSSH, "OpenSSH", id="OpenSSH"),
    ],
)
def test_any_other_key_is_refused(owner: Operator, given: bytes, words: str) -> None:
    with pytest.raises(LtictlError) as refused:
        import_key(owner.context, given)
    assert refused.value.code == "key_unusable"
    assert words in refused.value.why
    assert refused.value.fix
    assert owner.states() == [CURRENT]
    assert len(owner.profile.private_keys.ids()) == 1


def test_the_command_reads_a_file_or_stdin(tmp_path: Path, ltictl: Ltictl) -> None:
    profile, file = str(tmp_path / "p"), tmp_path / "old.pem"
    file.write_bytes(pem(KEY))
    init = ("init", "--name", "T", "--url", "https://tool.example.com")
    assert ltictl(*init, profile=profile).code == 0
    done = ltictl("keys", "import", str(file), "--json", profile=profile)
    assert sorted(key["state"] for key in done.data["keys"]) == ["current", "next"]
    again = ltictl("keys", "import", "-", "--json", profile=profile, input=pem(KEY).decode())
    assert (again.code, again.error["code"]) == (1, "key_exists")
    missing = ltictl("keys", "import", "nowhere.pem", "--json", profile=profile)
    assert (missing.code, missing.error["code"]) == (2, "file_unreadable")


def test_a_damaged_private_half_is_named_by_its_file_and_not_handed_on(
    tmp_path: Path, ltictl: Ltictl
) -> None:
    profile = str(tmp_path / "p")
    init = ("init", "--name", "T", "--url", "https://tool.example.com")
    assert ltictl(*init, profile=profile).code == 0
    (file,) = (tmp_path / "p" / "keys").glob("*.pem")
    whole = file.read_bytes()
    published = ltictl("jwks", profile=profile).stdout
    for damaged, code in ((whole[:900], "key_unusable"), (pem(KEY), "key_mismatch")):
        file.write_bytes(damaged)

        exported = ltictl("export", "json", "--json", profile=profile)
        examined = ltictl("doctor", "--offline", "--json", profile=profile)

        assert exported.error["code"] == code
        assert str(file) in exported.error["message"]
        checks = {each["id"]: each for each in examined.data["checks"]}
        assert checks["private_keys"]["result"] == "fail"
        assert str(file) in checks["private_keys"]["detail"]
        assert f"--compromised {file.stem}" in checks["private_keys"]["fix"]
        assert ltictl("jwks", profile=profile).stdout == published, "it needs no private half"
