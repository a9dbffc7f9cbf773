"""``diff``: two profiles compared, without a secret, with an exit code for pipelines."""

import shutil
from pathlib import Path

import pytest

from ltictl.model.integration import Scopes
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Home
from tests.support.in_process import Call, Run, run
from tests.support.ready_profile import copy_to
from tests.support.schemas import assert_schema, data_schema

__all__ = ["run"]
SECRET = "CANARY-SECRET"


@pytest.fixture
def pair(home: Home, profile_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two equal profiles, default and prod, in the home of ``run``; the folder of prod."""
    default = copy_to(home, profile_template)
    monkeypatch.setenv("LTICTL_HOME", str(home.ltictl_home))
    return Path(shutil.copytree(profile_template, default.with_name("prod")))


def differences(done: Call) -> dict[tuple[str, str], tuple[object, object]]:
    found = done.envelope["data"]["differences"]
    return {(each["kind"], each["name"]): (each["first"], each["second"]) for each in found}


def test_equal_profiles_agree(run: Run, pair: Path) -> None:
    for other in ("prod", str(pair), f"file://{pair}"):
        done = run("diff", "default", other, "--json")

        assert (done.code, differences(done)) == (0, {})
    assert run("diff", "default", "prod").stderr == "default and prod agree.\n"


def test_settings_organizations_and_services_are_compared(run: Run, pair: Path) -> None:
    here, there = Profile(pair.with_name("default")), Profile(pair)
    add_organization(Context(there), "beta", "Beta <b>")
    asking = [Scopes((things.LMS,)), Scopes((f"{things.LMS}/more",))]
    for each, scopes in zip((here, there), asking, strict=True):
        each.integrations.add(
            things.integration(scopes=scopes, client_id=f"c{len(scopes.requested)}")
        )
    there.integrations.add(things.integration("acme-moodle-2"))
    settings = pair / "profile.toml"
    settings.write_text(settings.read_text().replace('"Example Tool"', '"Live Tool"'))

    done = run("diff", "default", "prod", "--json")
    shown = run("diff", "default", "prod")

    assert (done.code, done.envelope["ok"]) == (10, True)
    assert_schema(done.envelope["data"], data_schema("diff"))
    assert differences(done) == {
        ("setting", "tool.name"): ("Example Tool", "Live Tool"),
        ("organization", "beta"): (None, "Beta <b>"),
        ("services", "acme-moodle"): ([things.LMS], [f"{things.LMS}/more"]),
    }
    assert shown.code == 10
    assert "setting tool.name\n  - Example Tool\n  + Live Tool\n" in shown.stdout


def test_no_secret_is_compared_and_the_environment_names_no_store(
    run: Run, pair: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = pair / "profile.toml"
    command = f'[keys]\npassphrase_command = ["print", "{SECRET}"]'
    settings.write_text(settings.read_text().replace("[keys]", command))
    Profile(pair).secrets.keep("acme-moodle", {"registration_access_token": SECRET})
    monkeypatch.setenv("LTICTL_STORE", f"file://{pair.parent}/nowhere")
    monkeypatch.setenv("LTICTL_PROFILE", "nowhere")

    done = run("diff", "default", "prod", "--json")

    assert SECRET not in done.stdout
    assert differences(done) == {}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("default",), 2), (("default", "nowhere"), 9), (("default", "s3://u:p@b/x"), 2)],
)
def test_a_missing_profile_is_named(
    run: Run, pair: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = run("diff", *arguments, "--json")

    assert pair.is_dir()
    assert (done.code, done.envelope["ok"]) == (code, False)


def test_an_export_of_one_profile_is_applied_in_the_other(
    run: Run, pair: Path, tmp_path: Path
) -> None:
    here, there = Profile(pair.with_name("default")), Profile(pair)
    add_organization(Context(here), "beta", 'Beta "B" \\ ü 🎓')
    made = things.integration("beta-moodle", organization="beta", former_client_ids=())
    here.integrations.add(made)
    bare = replace(things.PLATFORM, issuer="https://bare.example", token_endpoint="", audience="")
    here.integrations.add(things.integration(platform=bare, deployments=()))
    document = tmp_path / "wanted.toml"

    written = run("export", "apply", "--output", str(document))
    applied = run("--profile", "prod", "apply", str(document), "--yes")
    again = run("--profile", "prod", "apply", str(document), "--detailed-exitcode")

    assert (written.code, applied.code, again.code) == (0, 0, 0), applied.stderr
    assert "Former clients and addresses of acme-moodle" in written.stderr
    after = there.integrations.get("beta-moodle")
    kept = ("organization", "client_id", "status")
    assert [getattr(after, each) for each in kept] == [getattr(made, each) for each in kept]
    assert after.platform.token_endpoint == made.platform.token_endpoint
    assert after.platform.audience == made.platform.audience
    assert [(each.id, each.label) for each in after.deployments] == [("7", "course"), ("8", "")]
    assert there.organizations.get("beta").name == 'Beta "B" \\ ü 🎓'
    compared = run("diff", "default", "prod", "--json")
    assert {kind for kind, _ in differences(compared)} <= {"services"}
