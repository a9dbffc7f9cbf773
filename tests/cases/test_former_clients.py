"""After an integration gets a new client, every lookup still finds it by its former one."""

import json
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.integration import Deployment, FormerClient, Integration, Status
from ltictl.model.record import replace
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl
from tests.support.processes import Finished

ISSUER = "https://lms.example"
FORMER = {
    "in use": (FormerClient("client-0"), True),
    "gone": (FormerClient("client-0", gone_at=things.NOW), False),
}


def store(profile: Path, former: FormerClient) -> Integration:
    made = things.integration()
    made = replace(
        made,
        id="acme-lms",
        organization="acme",
        status=Status.ACTIVE,
        platform=replace(made.platform, issuer=ISSUER),
        client_id="client-1",
        former_clients=(former,),
        deployments=(Deployment("1"),),
    )
    Profile(profile).integrations.add(made)
    return made


def add(cli: Ltictl, client: str, *options: str, org: str = "acme") -> Finished:
    return cli(
        *("add", "--org", org, "--issuer", ISSUER, "--client-id", client, "--json"),
        *("--authorization-endpoint", f"{ISSUER}/auth", "--token-endpoint", f"{ISSUER}/token"),
        *("--jwks-uri", f"{ISSUER}/jwks", *options),
    )


@pytest.mark.parametrize(("former", "known"), FORMER.values(), ids=FORMER)
def test_it_is_not_added_again(
    acme: Ltictl, profile: Path, former: FormerClient, known: bool
) -> None:
    store(profile, former)

    done = add(acme, "client-0")

    assert (done.code == 1) is known, done
    if known:
        assert done.error["code"] == "already_added"
        assert "'acme-lms'" in done.error["message"]
        assert "former" in done.error["why"]
    again = add(acme, "client-1")
    assert (again.code, again.error["code"]) == (1, "already_added")
    assert "the same" in again.error["why"]


@pytest.mark.parametrize(("former", "known"), FORMER.values(), ids=FORMER)
def test_its_deployments_are_not_anothers(
    acme: Ltictl, profile: Path, former: FormerClient, known: bool
) -> None:
    store(profile, former)
    assert acme("org", "add", "beta").code == 0

    taken = add(acme, "client-0", "--deployment", "1", org="beta")
    shared = add(acme, "client-0", "--deployment", "2", org="beta")

    assert (taken.code == 1) is known, taken
    if known:
        assert taken.error["code"] == "deployment_taken"
        assert any("acme-lms has the same issuer" in each for each in shared.json["warnings"])


def client(client_id: str, *deployments: str) -> dict[str, Any]:
    return {
        "default": True,
        "client_id": client_id,
        "auth_login_url": f"{ISSUER}/auth",
        "auth_token_url": f"{ISSUER}/token",
        "key_set_url": f"{ISSUER}/jwks",
        "private_key_file": "private.key",
        "deployment_ids": list(deployments),
    }


@pytest.mark.parametrize(("former", "known"), FORMER.values(), ids=FORMER)
def test_an_export_of_both_clients_comes_back_to_one(
    acme: Ltictl, profile: Path, tmp_path: Path, former: FormerClient, known: bool
) -> None:
    store(profile, former)
    file = tmp_path / "lti.json"
    file.write_text(json.dumps({ISSUER: [client("client-1", "1"), client("client-0", "1", "2")]}))

    done = acme("import", "pylti1p3", str(file), "--org", "acme", "--json")

    assert done.code == 0, done
    assert (done.data["added"] == []) is known
    if known:
        assert done.data["changed"] == ["acme-lms"]
        kept = Profile(profile).integrations.get("acme-lms")
        assert (kept.client_id, [each.id for each in kept.deployments]) == ("client-1", ["1", "2"])
