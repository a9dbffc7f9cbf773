"""``import`` takes another runtime's registrations once, wholly or not at all."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ltictl.errors import UsageError
from ltictl.interchange.registry import format_named
from ltictl.operations.context import Context
from ltictl.operations.interchange.import_ import import_document
from ltictl.store.profile import Profile
from tests.support.cli import Ltictl
from tests.support.processes import Finished

from .conftest import Register
from .documents import complete, pylti1p3, write


def import_file(ltictl: Ltictl, form: str, path: Path, *args: str) -> Finished:
    done = ltictl("import", form, str(path), *args, "--json")
    done.assert_success()
    return done


def test_pylti1p3_comes_in_once(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "lti.json", pylti1p3())

    first = import_file(ltictl, "pylti1p3", path, "--org", "fresh")
    again = import_file(ltictl, "pylti1p3", path, "--org", "fresh")

    assert (profile / "organizations" / "fresh.toml").exists()
    assert first.data["added"] == ["fresh-lms", "fresh-lms-2"]
    assert first.data["organizations"] == ["fresh"]
    assert [each["status"] for each in first.data["integrations"]] == ["active", "active"]
    assert again.data["added"] == again.data["changed"] == []
    assert again.data["integrations"] == first.data["integrations"]
    assert first.json["warnings"] == ["Its key is taken over with: ltictl keys import private.key"]


def test_further_deployments_are_added(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    assert profile.exists()
    import_file(ltictl, "pylti1p3", write(tmp_path / "a", pylti1p3()), "--org", "acme")

    more = write(tmp_path / "b", pylti1p3(deployment_ids=["2", "3"]))
    done = import_file(ltictl, "pylti1p3", more, "--org", "acme")

    assert done.data["changed"] == ["acme-lms"]
    deployments = done.data["integrations"][0]["deployments"]
    assert [each["id"] for each in deployments] == ["1", "2", "3"]


def test_exported_integrations_come_back_the_same(
    ltictl: Ltictl, register: Register, tmp_path: Path
) -> None:
    register("acme", "--activate")
    document = tmp_path / "all.json"
    assert ltictl("export", "json", "--all", "--output", str(document)).code == 0
    other = tmp_path / "other"
    made = ltictl("init", "--name", "Other", "--url", "https://other.invalid", profile=other)
    assert made.code == 0, made

    done = ltictl("import", "json", str(document), "--json", profile=other)

    assert done.code == 0, done
    here, there = (ltictl("list", "--json", profile=each).data for each in (None, other))
    for each in (*here["integrations"], *there["integrations"]):
        del each["updated_at"], each["activated_at"], each["registration"], each["problems"]
    assert there["integrations"] == here["integrations"]
    assert ltictl("org", "show", "acme", "--json", profile=other).code == 0


def test_an_id_that_names_no_organization_is_exchanged(profile: Path) -> None:
    written = json.dumps(complete("https://lms.invalid", id="moodle")).encode()
    document = format_named("json").reader()(written)

    result = import_document(Context(Profile(profile)), document, organization="")

    assert result.added == ("acme-lms",)


def test_a_dry_run_writes_nothing(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    before = sorted(profile.rglob("*.toml"))
    path = write(tmp_path / "lti.json", pylti1p3())

    done = import_file(ltictl, "pylti1p3", path, "--org", "fresh", "--dry-run")

    assert done.data["added"] == ["fresh-lms", "fresh-lms-2"]
    assert sorted(profile.rglob("*.toml")) == before


@pytest.mark.parametrize(
    ("form", "document", "problem"),
    [
        ("pylti1p3", "not json", "not JSON"),
        ("pylti1p3", [], "the document is not an object"),
        ("pylti1p3", {"https://x.invalid": [{"client_id": 7}]}, "auth_token_url"),
        ("pylti1p3", pylti1p3(deployment_ids="1"), "is not a list"),
        ("pylti1p3", pylti1p3(deployment_ids=[1]), "are not strings"),
        ("pylti1p3", pylti1p3(key_set_url=None), "key_set_url"),
        ("django-lti", [{"model": "auth.user", "fields": {}}], "holds no lti_tool"),
        ("django-lti", {"a": 1}, "the document is not a list"),
        ("json", {"format": "other"}, "does not say"),
        ("json", complete("https://lms.invalid", status="glad"), "glad"),
        ("json", complete("https://lms.invalid", created_at="yesterday"), "isoformat"),
        ("json", complete("https://lms.invalid", deployments=[{"id": "1"}]), "source"),
        ("json", "[" * 100_000, "not JSON"),
    ],
)
def test_an_unreadable_document_is_refused_in_words(form: str, document: Any, problem: str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)

    with pytest.raises(UsageError, match=re.escape(problem)) as refused:
        format_named(form).reader()(text.encode())

    assert refused.value.code == "document_not_understood"


@pytest.mark.parametrize(
    ("form", "document"),
    [
        ("json", complete("javascript:alert(1)")),
        ("json", complete("https://lms.invalid", id="../../etc")),
        ("json", complete("https://lms.invalid", organization="CON")),
        ("pylti1p3", pylti1p3(auth_login_url="ftp://x")),
        ("pylti1p3", pylti1p3(client_id="a\nb")),
    ],
)
def test_impossible_values_are_refused_before_anything_is_written(
    profile: Path, form: str, document: Any
) -> None:
    context = Context(Profile(profile))

    with pytest.raises(UsageError):
        import_document(
            context,
            format_named(form).reader()(json.dumps(document).encode()),
            organization="acme",
        )

    assert list((profile / "integrations").glob("*")) == []


def test_django_dumpdata_with_what_it_says(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    assert profile.exists()
    fields = {
        "issuer": "https://lms.invalid",
        "client_id": "c",
        "audience": "",
        "auth_url": "https://lms.invalid/auth",
        "token_url": "https://lms.invalid/token",
        "keyset_url": "https://lms.invalid/jwks",
        "is_active": False,
    }
    rows = [
        {"model": "lti_tool.key", "pk": 1, "fields": {"private_key": "SECRET"}},
        {"model": "lti_tool.ltiregistration", "pk": 5, "fields": fields},
        *(
            {
                "model": "lti_tool.ltideployment",
                "pk": number,
                "fields": {"registration": 5, "deployment_id": str(number), "is_active": active},
            }
            for number, active in ((1, True), (2, False))
        ),
    ]

    done = import_file(ltictl, "django-lti", write(tmp_path / "d.json", rows), "--org", "acme")

    (found,) = done.data["integrations"]
    assert (found["status"], found["client_id"]) == ("disabled", "c")
    assert [each["id"] for each in found["deployments"]] == ["1"]
    assert "keys import" in done.json["warnings"][0]
    assert "SECRET" not in json.dumps(done.json)


def test_an_organization_has_to_be_known(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    assert profile.exists()
    path = write(tmp_path / "lti.json", pylti1p3())

    nobody = ltictl("import", "pylti1p3", str(path), "--json")
    script = ltictl("import", "ltijs", str(path), "--org", "acme", "--json")
    nothing = ltictl("import", "json", str(tmp_path / "none"), "--json")

    assert (nobody.code, nobody.error["code"]) == (2, "organization_needed")
    assert (script.code, script.error["code"]) == (2, "format_not_readable")
    assert (nothing.code, nothing.error["code"]) == (4, "no_such_file")


def both(**second: Any) -> dict[str, Any]:
    """Two integrations of one client, which the second organization may not share deployments."""
    document = complete("https://lms.invalid", id="acme-one")
    other = document["integrations"][0] | {"id": "beta-two", "organization": "beta"} | second
    document["integrations"].append(other)
    return document


def test_one_deployment_does_not_go_to_two_organizations(
    ltictl: Ltictl, profile: Path, tmp_path: Path
) -> None:
    done = ltictl("import", "json", str(write(tmp_path / "d", both())), "--json")

    assert (done.code, done.error["code"]) == (1, "deployment_taken")
    assert list((profile / "integrations").glob("*")) == []
    free = both(deployments=[{"id": "2", "label": "", "source": "manual"}])
    assert len(import_file(ltictl, "json", write(tmp_path / "d", free)).data["added"]) == 2


def test_a_bad_organization_name_stops_before_anything_is_written(
    ltictl: Ltictl, profile: Path, tmp_path: Path
) -> None:
    document = both(client_id="client-2", organization="gamma")
    document["organizations"].append({"slug": "gamma", "name": "x" * 300})

    done = ltictl("import", "json", str(write(tmp_path / "d", document)), "--json")

    assert (done.code, done.error["code"]) == (2, "invalid_value")
    assert list((profile / "integrations").glob("*")) == []
    assert not (profile / "organizations" / "gamma.toml").exists()


def test_add_refuses_blanks_and_warns_of_a_slash(ltictl: Ltictl, profile: Path) -> None:
    assert profile.exists()
    endpoints = [
        *("--authorization-endpoint", "https://lms.invalid/a"),
        *("--token-endpoint", "https://lms.invalid/t", "--jwks-uri", "https://lms.invalid/k"),
    ]
    args = ("add", "--org", "acme", *endpoints, "--json")

    blank = ltictl(*args, "--issuer", "https://lms.invalid", "--client-id", "a6 ")
    first = ltictl(*args, "--issuer", "https://lms.invalid", "--client-id", "a6")
    second = ltictl(*args, "--issuer", "https://lms.invalid/", "--client-id", "a6")

    assert (blank.code, blank.error["code"]) == (2, "invalid_value")
    assert not any("slash" in each for each in first.json["warnings"])
    assert any("slash" in each and "acme-lms" in each for each in second.json["warnings"])
