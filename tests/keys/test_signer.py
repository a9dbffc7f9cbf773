"""Keys that never leave their holder: made, published, switched and retired by ``keys.signer``."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ltictl.lti.public_key import read_public_key, signature_fits
from tests.support.parts import require
from tests.support.time_machine import TimedProvider

from .school import School

SCRIPTS = Path(__file__).parents[2] / "contrib" / "signers"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")


@pytest.fixture
def provider(school: School) -> Iterator[TimedProvider]:
    """The npm package oidc-provider, which checks every signature."""
    with TimedProvider(school.machine) as started:
        yield started


def wrapper(folder: Path, settings: dict[str, str], script: Path) -> str:
    """A command that sets its own environment, as an operator's does."""
    lines = "".join(f"export {name}='{value}'\n" for name, value in settings.items())
    path = folder / "signer"
    path.write_text(f'#!/bin/sh\n{lines}exec sh {script} "$@"\n')
    path.chmod(0o755)
    return str(path)


def softhsm(folder: Path) -> str:
    """A token of SoftHSM2, behind the script for PKCS#11."""
    module = next((each for each in MODULES if Path(each).exists()), "")
    tools = all(map(shutil.which, ("softhsm2-util", "pkcs11-tool")))
    require("SoftHSM2 and OpenSC", bool(module) and tools, "apt: softhsm2 opensc")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    env = {**os.environ, "SOFTHSM2_CONF": str(configuration)}
    made = ("--init-token", "--free", "--label", "ltictl", "--pin", "1234", "--so-pin", "5678")
    subprocess.run(["softhsm2-util", *made], env=env, check=True, capture_output=True, timeout=30)
    settings = {
        "SOFTHSM2_CONF": str(configuration),
        "PKCS11_MODULE": module,
        "PKCS11_TOKEN": "ltictl",
        "PKCS11_PIN": "1234",
    }
    return wrapper(folder, settings, SCRIPTS / "pkcs11.sh")


def openssl(folder: Path) -> str:
    """A folder of key files, behind the script for OpenSSL."""
    (folder / "held").mkdir(mode=0o700)
    return wrapper(folder, {"SIGNER_FOLDER": str(folder / "held")}, SCRIPTS / "openssl.sh")


def setting(command: str) -> str:
    return f"[keys]\nsigner = {json.dumps([command])}"


@pytest.mark.parametrize("hold", [softhsm, openssl])
def test_a_whole_life_at_a_strict_platform(
    school: School, provider: TimedProvider, tmp_path: Path, hold: Callable[[Path], str]
) -> None:
    school.init()
    identifier = school.register_at_provider(provider)
    text = school.settings.read_text()
    school.settings.write_text(text.replace("[hooks]", f"{setting(hold(tmp_path))}\n[hooks]"))
    files = set(school.keys_folder.glob("*.pem"))

    school.machine.later("1m")
    school.rotate()  # the holder makes the next key
    held = school.kid("next")
    school.machine.later("26h")
    school.rotate()

    assert school.kid("current") == held
    assert school.token_check(identifier) == "pass"
    checks = school.run("doctor", "--offline", "--json").data["checks"]
    results = {each["id"]: each["result"] for each in checks}
    assert (results["signing_keys"], results["private_keys"]) == ("pass", "pass")
    school.machine.later("1h")
    school.rotate()
    school.machine.later("8d")
    school.rotate("--if-older-than", "1d")  # retires the file's key, and makes another
    school.machine.later("26h")
    school.rotate()
    assert school.states() == ["retired", "retiring", "current"]
    assert school.token_check(identifier) == "pass"
    compromised = school.kid("current")
    school.run("rotate-keys", "--compromised", compromised, "--yes")
    school.machine.later("2m")  # the platform keeps a copy of the set for a minute
    again = school.run("rotate-keys", "--compromised", compromised, "--yes", "--json")
    assert again.code == 0, again
    assert school.token_check(identifier) == "pass"
    assert set(school.keys_folder.glob("*.pem")) == files


def test_an_export_says_that_it_cannot_have_the_private_half(
    school: School, tmp_path: Path
) -> None:
    let_holder_sign(school, openssl(tmp_path))

    refused = school.run("export", "pylti1p3", "--output", str(tmp_path / "lti.json"), "--json")

    assert (refused.code, refused.error["code"]) == (1, "private_half_held")
    assert not (tmp_path / "lti.json").exists()
    assert school.run("export", "json").code == 0
    assert len(json.loads(school.run("jwks").stdout)["keys"]) == 2


def let_holder_sign(school: School, command: str) -> None:
    """Let a held key sign."""
    school.init(settings=setting(command))
    school.machine.later("1m")
    school.rotate()
    school.machine.later("26h")
    school.rotate()


FAULTS = {
    "exit 3": ("signer_failed", "exit code 3"),
    "echo canary-pin >&2; exit 1": ("signer_failed", "exit code 1"),
    "exit 0": ("signer_unusable", "printed no usable public key"),
    "echo rubbish": ("signer_unusable", "neither a JWK nor PEM nor DER"),
    "echo '{'": ("signer_unusable", "no JSON"),
    'echo \'{"kty": "EC"}\'': ("signer_unusable", "no JWK of an RSA key"),
    "openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 | openssl pkey -pubout": (
        "signer_unusable",
        "1024 bits",
    ),
    "openssl genpkey -quiet -algorithm RSA | openssl pkey -pubout": ("key_mismatch", "another key"),
}


@pytest.mark.parametrize(("body", "answer"), FAULTS.items(), ids=lambda each: str(each)[:30])
def test_a_signer_that_cannot_is_named(
    school: School, tmp_path: Path, body: str, answer: tuple[str, str]
) -> None:
    command = openssl(tmp_path)
    let_holder_sign(school, command)
    Path(command).write_text(f"#!/bin/sh\n{body}\n")

    done = school.run("doctor", "--offline", "--json")

    code, words = answer
    (check,) = [each for each in done.data["checks"] if each["id"] == "private_keys"]
    assert check["result"] == "fail"
    assert words in check["detail"], code
    assert "canary-pin" not in done.stdout + done.stderr
    verified = school.run("verify", "--all", "--json")
    assert (verified.code, verified.error["code"]) == (1, code)


def test_a_wrong_signature_never_leaves(
    school: School, provider: TimedProvider, tmp_path: Path
) -> None:
    command = openssl(tmp_path)
    let_holder_sign(school, command)
    identifier = school.register_at_provider(provider)
    right = Path(command).read_text()
    Path(command).write_text(right.replace("exec", "[ $1 != sign ] || { cat; exit; }\nexec"))

    done = school.run("verify", identifier, "--json")

    assert "printed no RS256 signature" in json.dumps(done.json)
    assert done.code != 0


def test_without_the_setting_the_held_key_cannot_sign(school: School, tmp_path: Path) -> None:
    let_holder_sign(school, openssl(tmp_path))
    school.settings.write_text(
        "\n".join(line for line in school.settings.read_text().splitlines() if "signer" not in line)
    )

    done = school.run("verify", "--all", "--json")

    assert done.error["code"] == "signer_missing"


def test_public_keys_are_read_however_they_are_printed() -> None:
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key()
    der = public.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
    pem = public.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    n, e = read_public_key(der)
    jwk = {"kty": "RSA", "n": n, "e": e}
    padded = {"kty": "RSA-HSM", "n": n + "=" * (-len(n) % 4), "e": e}

    for printed in (
        pem,
        b"\n" + pem.replace(b"\n", b"\r\n"),
        base64.b64encode(der) + b"\n",
        base64.encodebytes(der),
        json.dumps(jwk).encode(),
        json.dumps({"key": padded}).encode(),
    ):
        assert read_public_key(printed) == (n, e)


def test_any_other_public_key_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = other.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    for printed in (b"", b"\0", b"{}", b"[]", b'{"kty": "RSA", "n": "%", "e": 3}', pem):
        with pytest.raises(ValueError, match="it "):
            read_public_key(printed)


def test_only_the_right_signature_fits() -> None:
    key = rsa.generate_private_key(65537, 2048)
    n, e = read_public_key(
        key.public_key().public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
    )

    assert not signature_fits(n, e, b"data", b"")
    assert not signature_fits(n, e, b"data", b"\0" * 256)
