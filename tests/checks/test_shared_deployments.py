"""``doctor`` reports two integrations that own one deployment, and its fix resolves that."""

import json
import shlex
import shutil
from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ltictl.model.integration import Deployment, Integration
from ltictl.model.record import replace
from ltictl.operations.integration_records import shared_deployments
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl


def owner(
    identifier: str,
    *deployments: str,
    client: str = "c",
    issuer: str = "https://lms.example",
    former: tuple[str, ...] = (),
) -> Integration:
    integration = things.integration(identifier)
    return replace(
        integration,
        client_id=client,
        platform=replace(integration.platform, issuer=issuer),
        deployments=tuple(map(Deployment, deployments)),
        former_client_ids=former,
    )


few = st.sampled_from
owners = st.lists(
    st.builds(
        lambda issuer, client, former, ids: owner(
            "x", *ids, client=client, issuer=issuer, former=former
        ),
        few(["https://a.example", "https://a.example/", "https://b.example"]),
        few(["c", "C", "d"]),
        few([(), ("d",), ("e", "f")]),
        st.lists(few(["1", "2", "01", "ü"]), max_size=3),
    ),
    max_size=6,
)


@given(owners)
def test_exactly_what_two_own_is_shared(found: list[Integration]) -> None:
    named = [replace(each, id=f"x-{number}") for number, each in enumerate(found)]

    def keys(each: Integration) -> set[tuple[str, str]]:
        return {(one.platform.issuer, one.client_id) for one in each.clients}

    def ids(each: Integration) -> set[str]:
        return {deployment.id for deployment in each.deployments}

    pairs = {
        (deployment, one.id, other.id)
        for one, other in combinations(named, 2)
        if keys(one) & keys(other)
        for deployment in ids(one) & ids(other)
    }
    assert pairs == {
        (deployment, one.id, other.id)
        for deployment, owners in shared_deployments(named)
        for one, other in combinations(owners, 2)
    }


def test_doctor_names_both_and_its_fix_can_be_pasted(
    ltictl: Ltictl, profile_template: Path, tmp_path: Path
) -> None:
    root = tmp_path / "profile"
    shutil.copytree(profile_template, root)
    profile = Profile(root)
    profile.integrations.add(owner("acme-one", "1", "it's; 2"))
    profile.integrations.add(owner("acme-two", "it's; 2"))
    profile.integrations.add(owner("acme-three", "1", client="another"))

    def check() -> dict[str, str]:
        done = ltictl("doctor", "--offline", "--json", profile=root)
        checks: list[dict[str, str]] = json.loads(done.stdout)["data"]["checks"]
        (found,) = [each for each in checks if each["id"] == "deployments"]
        return found

    judged = check()
    assert judged["result"] == "fail"
    assert "acme-one and acme-two" in judged["detail"]
    command = shlex.split(judged["fix"].partition("ltictl ")[2])
    assert ltictl(*command, "--yes").code == 0
    assert check()["result"] == "pass"
    left = profile.integrations.get("acme-one").deployments
    assert [each.id for each in left] == ["1", "it's; 2"]
