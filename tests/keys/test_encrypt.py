"""``keys encrypt``: keys in the clear are encrypted in place, once, by one passphrase."""

from pathlib import Path

import pytest

from ltictl.lti.keys import generate_key, is_encrypted, read_key
from tests.support.cli import Env, Ltictl
from tests.support.schemas import assert_schema, data_schema

PASSPHRASE = "open sesame"
WITH: Env = {"LTICTL_KEY_PASSPHRASE": PASSPHRASE}


@pytest.fixture
def keys(ltictl: Ltictl, profile: Path, tmp_path: Path) -> Path:
    """The folder of two keys in the clear."""
    pem = tmp_path / "other.pem"
    pem.write_bytes(generate_key(2048).pem)
    pem.chmod(0o600)
    ltictl("keys", "import", str(pem)).assert_success()
    assert [is_encrypted(each) for each in pems(profile / "keys").values()] == [False, False]
    return profile / "keys"


def pems(folder: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.pem"))}


def test_every_key_in_the_clear_is_encrypted_and_nothing_of_it_stays(
    ltictl: Ltictl, keys: Path
) -> None:
    before = pems(keys)
    first = next(iter(before))

    one = ltictl("keys", "encrypt", "--json", "--", first, env=WITH)
    rest = ltictl("keys", "encrypt", "--json", env=WITH)
    again = ltictl("keys", "encrypt", env=WITH)

    assert_schema(rest.data, data_schema("keys encrypt"))
    assert (one.data["encrypted"], rest.data["already"]) == ([first], [first])
    assert set(rest.data["encrypted"]) == set(before) - {first}
    assert (again.code, again.stderr.count("was encrypted before")) == (0, 2)
    after = pems(keys)
    for kid, pem in after.items():
        assert read_key(pem, PASSPHRASE.encode()).kid == kid
        assert (keys / f"{kid}.pem").stat().st_mode & 0o777 == 0o600
    written = b"".join(path.read_bytes() for path in keys.parent.rglob("*") if path.is_file())
    assert b"BEGIN PRIVATE KEY" not in written
    assert ltictl("rotate-keys", "--json", env=WITH).code == 0
    actions = [each["action"] for each in ltictl("log", "--json").data["entries"]]
    assert actions.count("keys encrypt") == 2
    assert ltictl("log", "--check").code == 0


@pytest.mark.parametrize(
    ("arguments", "env", "code", "word"),
    [
        ((), {}, 2, "passphrase_missing"),
        (("nobody",), WITH, 4, "no_such_signing_key"),
        ((), {"LTICTL_KEY_PASSPHRASE_FILE": "/no/such/file"}, 2, "passphrase_missing"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    ltictl: Ltictl, keys: Path, arguments: tuple[str, ...], env: Env, code: int, word: str
) -> None:
    before = pems(keys)

    done = ltictl("keys", "encrypt", *arguments, "--json", env=env)

    assert (done.code, done.error["code"]) == (code, word)
    assert pems(keys) == before


def test_a_second_passphrase_is_refused_before_anything_is_written(
    ltictl: Ltictl, keys: Path
) -> None:
    first, second = pems(keys)
    ltictl("keys", "encrypt", "--", second, env=WITH).assert_success()
    before = pems(keys)

    other = {"LTICTL_KEY_PASSPHRASE": "another"}
    done = ltictl("keys", "encrypt", "--json", "--", first, env=other)

    assert (done.error["code"], pems(keys)) == ("wrong_passphrase", before)
