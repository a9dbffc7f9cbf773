"""``export``: its choice of integrations, the secrets that it never prints, its writing."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.support.cli import Ltictl

from .conftest import Register
from .documents import complete, write

FORMATS = ("pylti1p3", "django-lti", "ltijs", "json", "apply")


def export(ltictl: Ltictl, *args: str) -> list[str]:
    """Ids in ``export json``."""
    done = ltictl("export", "json", *args)
    done.assert_success()
    return [each["id"] for each in json.loads(done.stdout)["integrations"]]


def test_only_active_ones_unless_asked_for(ltictl: Ltictl, register: Register) -> None:
    first, second = register("acme")["id"], register("beta", "--activate")["id"]

    assert export(ltictl) == [second]
    assert export(ltictl, "--all") == [first, second]
    assert export(ltictl, "--org", "acme") == []
    assert export(ltictl, "--org", "acme", "--all") == [first]
    assert export(ltictl, first) == [first]


@pytest.mark.parametrize("form", FORMATS)
def test_a_private_key_is_never_printed(ltictl: Ltictl, register: Register, form: str) -> None:
    register("acme", "--activate")

    done = ltictl("export", form)

    assert "PRIVATE KEY" not in done.stdout + done.stderr
    secret = form in {"pylti1p3", "django-lti"}
    assert (done.code, bool(done.stdout)) == ((2, False) if secret else (0, True))
    assert ("--output" in done.stderr) == secret


@pytest.mark.parametrize("form", FORMATS)
def test_a_tool_with_keys_of_its_own_gets_no_key(
    ltictl: Ltictl, register: Register, profile: Path, tmp_path: Path, form: str
) -> None:
    register("acme", "--activate")
    settings = profile / "profile.toml"
    settings.write_text(settings.read_text().replace("[keys]", '[keys]\nmanaged_by = "external"'))

    done = ltictl("export", form, "--output", str(tmp_path / "out"), "--json")

    assert done.code == 0, done
    assert "PRIVATE KEY" not in "".join(path.read_text() for path in tmp_path.glob("out*"))
    assert [Path(each).name for each in done.data["files"]] == ["out"]


def test_key_files_go_with_their_key_unless_a_document_beside_names_it(
    ltictl: Ltictl, register: Register, tmp_path: Path
) -> None:
    register("acme", "--activate")
    register("beta", "--activate")
    whole, beta = str(tmp_path / "lti.json"), str(tmp_path / "beta.json")
    own = tmp_path / "private.key"
    own.write_text("of somebody else")
    for args in ((whole,), (beta, "--org", "beta")):
        assert ltictl("export", "pylti1p3", "--output", *args).code == 0
    first = keys_in(tmp_path)
    (kid,) = {each.removesuffix(".key") for each in first if each.endswith(".key")}
    ltictl("rotate-keys", "--compromised", kid, "--yes", "--allow-private")  # nothing serves a set

    shared = ltictl("export", "pylti1p3", "--output", whole, "--json")
    kept = keys_in(tmp_path)
    alone = ltictl("export", "pylti1p3", "--output", beta, "--org", "beta", "--json")

    assert shared.data["removed"] == []
    assert first < kept
    assert len(kept) == 2 * len(first)
    assert {Path(each).name for each in alone.data["removed"]} == first
    assert keys_in(tmp_path) == kept - first
    assert own.exists()


def keys_in(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir() if len(each.stem) == 43}


def test_a_folder_gets_the_usual_name_and_keys_are_private_with_any_umask(
    ltictl: Ltictl, register: Register, tmp_path: Path
) -> None:
    register("acme", "--activate")
    before = os.umask(0)
    try:
        done = ltictl("export", "pylti1p3", "--output", str(tmp_path), "--json")
    finally:
        os.umask(before)

    modes = {
        Path(each).suffix: oct(stat.S_IMODE(Path(each).stat().st_mode))
        for each in done.data["files"]
    }
    assert modes == {".json": "0o644", ".key": "0o600", ".pub": "0o644"}
    assert (tmp_path / "lti.json").exists()


def test_a_missing_folder_is_refused_and_a_link_of_ones_own_followed(
    ltictl: Ltictl, register: Register, tmp_path: Path
) -> None:
    register("acme", "--activate")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    missing = ltictl("export", "json", "--output", str(tmp_path / "no" / "x"), "--json")
    linked = ltictl("export", "json", "--output", str(tmp_path / "link"), "--json")

    assert (missing.code, missing.error["code"]) == (1, "no_such_folder")
    assert linked.code == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere").read_text()


def test_the_same_profile_gives_the_same_bytes(
    ltictl: Ltictl, register: Register, tmp_path: Path
) -> None:
    register("acme", "--activate")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for form in FORMATS:
            where = str(tmp_path / name / form)
            assert ltictl("export", form, "--output", where).code == 0

    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two
    assert set(one) >= set(FORMATS)


def test_integrations_of_one_registration_are_one_client(
    ltictl: Ltictl, profile: Path, tmp_path: Path
) -> None:
    for organization, deployment in (("acme", "1"), ("beta", "2")):
        document = complete(
            "https://lms.invalid",
            organization=organization,
            id=f"{organization}-lms",
            deployments=[{"id": deployment, "label": "", "source": "manual"}],
        )
        path = write(tmp_path / "document.json", document)
        assert ltictl("import", "json", str(path)).code == 0
    assert profile.exists()

    assert ltictl("export", "pylti1p3", "--output", str(tmp_path / "lti.json")).code == 0
    assert ltictl("export", "django-lti", "--output", str(tmp_path / "fixture.json")).code == 0

    (client,) = json.loads((tmp_path / "lti.json").read_text())["https://lms.invalid"]
    assert sorted(client["deployment_ids"]) == ["1", "2"]
    models = [each["model"] for each in json.loads((tmp_path / "fixture.json").read_text())]
    assert sorted(models) == [
        "lti_tool.key",
        "lti_tool.ltideployment",
        "lti_tool.ltideployment",
        "lti_tool.ltiregistration",
    ]


def test_a_name_that_is_code_stays_a_name(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    evil = '*/ "); process.exit(7) //\u2028</script>'
    document = complete("https://lms.invalid")
    document["integrations"][0]["platform"]["name"] = evil
    assert ltictl("import", "json", str(write(tmp_path / "d.json", document))).code == 0
    assert profile.exists()

    done = ltictl("export", "ltijs")

    assert done.stdout.isascii()
    assert json.dumps(evil) in done.stdout


def test_unknown_names(ltictl: Ltictl, profile: Path) -> None:
    assert profile.exists()

    form = ltictl("export", "cobol", "--json")
    integration = ltictl("export", "json", "nobody", "--json")
    organization = ltictl("export", "json", "--org", "nobody", "--json")

    assert (form.code, form.error["code"]) == (4, "no_such_format")
    assert "apply, django-lti, json, ltijs, pylti1p3" in form.error["fix"]
    assert (integration.code, integration.error["code"]) == (4, "no_such_integration")
    assert (organization.code, organization.error["code"]) == (4, "no_such_organization")
