"""An integration has several deployments, typed or read from a launch that the LMS signed."""

import json
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ltictl.lti.vocabulary import CLAIM_DEPLOYMENT_ID
from ltictl.model.integration import Deployment, DeploymentSource, Integration
from ltictl.model.record import replace
from ltictl.operations.context import Context
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished
from tests.support.recordings import FOLDER

from .conftest import Recorded


def recorded_launch() -> str:
    """The id_token that a real Moodle posted to its tool."""
    document = json.loads((FOLDER / "08-launch" / "resource-link.json").read_text())
    forms = [each["form"] for each in document["exchanges"] if each.get("form")]
    return str(next(each["id_token"] for each in forms if "id_token" in each))


@pytest.fixture
def moodle(recorded: Recorded) -> Integration:
    """The tool of the recording: issuer and client_id as Moodle had them."""
    made = recorded("acme-other")
    platform = replace(made.platform, issuer="https://moodle.example")
    return recorded("acme-moodle", platform=platform, client_id="QnzZResMyyBJUH8", deployments=())


def from_launch(ltictl: Ltictl, pasted: str, identifier: str = "acme-moodle") -> Finished:
    args = ("deployment", "add", identifier, "--from-launch", "-", "--allow-private", "--json")
    return ltictl(*args, input=pasted)


def listed(ltictl: Ltictl, identifier: str = "acme-moodle") -> list[dict[str, Any]]:
    done = ltictl("deployment", "list", identifier, "--json")
    found: list[dict[str, Any]] = done.data["integrations"][0]["deployments"]
    return found


@pytest.mark.parametrize("form", [False, True])
def test_a_recorded_launch_names_its_deployment(
    ltictl: Ltictl, moodle: Integration, form: bool
) -> None:
    token = recorded_launch()

    done = from_launch(ltictl, urlencode({"id_token": token, "state": "s"}) if form else token)

    assert done.code == 0, done
    assert listed(ltictl) == [{"id": "151", "label": None, "source": "launch"}]
    assert token not in done.stdout + done.stderr
    assert moodle.deployments == ()


def test_a_launch_ends_being_unused(ltictl: Ltictl, context: Context, moodle: Integration) -> None:
    known = (Deployment("151", source=DeploymentSource.REGISTRATION),)
    context.profile.integrations.change(moodle.id, lambda each: replace(each, deployments=known))

    before = ltictl("list", "--unused", "--json").data
    from_launch(ltictl, recorded_launch()).assert_success()
    after = ltictl("list", "--unused", "--json").data

    assert [each["id"] for each in before["unused"]] == [moodle.id, "acme-other"]
    assert "1 deployment" in before["unused"][0]["detail"]
    assert [each["id"] for each in after["unused"]] == ["acme-other"]
    assert [each["id"] for each in after["integrations"]] == ["acme-other"]
    (kept,) = context.profile.integrations.get(moodle.id).deployments
    assert (kept.source, kept.launched) == (DeploymentSource.REGISTRATION, True)


def test_a_launch_of_another_client_is_refused(ltictl: Ltictl, moodle: Integration) -> None:
    done = from_launch(ltictl, recorded_launch(), "acme-other")

    assert (done.code, done.error["code"]) == (1, "launch_refused")
    assert "'acme-moodle'" in done.error["why"]
    assert moodle.client_id not in str(listed(ltictl, "acme-other"))


def changed_payload(token: str) -> str:
    head, _, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    other = jwt.encode(claims | {CLAIM_DEPLOYMENT_ID: "666"}, "x" * 32, "HS256").split(".")[1]
    return f"{head}.{other}.{signature}"


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("", "launch_unreadable"),
        ("nonsense", "launch_unreadable"),
        ("id_token=x", "launch_unreadable"),
        (changed_payload(recorded_launch()), "launch_refused"),
    ],
)
def test_what_the_lms_did_not_sign_is_refused(
    ltictl: Ltictl, moodle: Integration, pasted: str, code: str
) -> None:
    done = from_launch(ltictl, pasted, moodle.id)

    assert (done.code, done.error["code"]) == (1, code)
    assert listed(ltictl) == []


def signed(algorithm: str, key: Any, kid: str) -> str:
    claims = {"iss": "https://moodle.example", "aud": "QnzZResMyyBJUH8", CLAIM_DEPLOYMENT_ID: "9"}
    return jwt.encode(claims, key, algorithm, headers={"kid": kid})


@pytest.mark.parametrize(("algorithm", "bits"), [("RS512", 2048), ("RS256", 1024)])
@pytest.mark.filterwarnings("ignore:.*:jwt.warnings.InsecureKeyLengthWarning")
def test_the_token_does_not_choose_how_it_is_checked(
    ltictl: Ltictl, moodle: Integration, playback: PlaybackPlatform, algorithm: str, bits: int
) -> None:
    key = rsa.generate_private_key(65537, bits)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    playback.on("jwks", Answer.json({"keys": [jwk | {"kid": "k", "use": "sig"}]}))

    done = from_launch(ltictl, signed(algorithm, key, "k"), moodle.id)

    assert done.error["code"] == "launch_refused"
    assert listed(ltictl) == []


def test_a_symmetric_token_signed_with_the_public_key_is_refused(
    ltictl: Ltictl, moodle: Integration
) -> None:
    done = from_launch(ltictl, signed("HS256", "f" * 64, "f9025ce0451644ea202c"))

    assert done.error["code"] == "launch_refused"
    assert moodle.id == "acme-moodle"


def test_several_are_kept_each_with_its_source_and_label(
    ltictl: Ltictl, moodle: Integration
) -> None:
    from_launch(ltictl, recorded_launch())
    ltictl("deployment", "add", moodle.id, "7", "--label", "Faculty of Arts")
    ltictl("deployment", "add", moodle.id, "151", "--label", "Main")

    assert listed(ltictl) == [
        {"id": "151", "label": "Main", "source": "launch"},
        {"id": "7", "label": "Faculty of Arts", "source": "manual"},
    ]
    done = ltictl("deployment", "remove", moodle.id, "151", "--yes", "--json")
    assert [each["id"] for each in done.data["integrations"][0]["deployments"]] == ["7"]
    again = ltictl("deployment", "remove", moodle.id, "151", "--yes", "--json")
    assert (again.code, again.error["code"]) == (4, "no_such_deployment")


def test_organizations_that_share_a_client_cannot_share_a_deployment(
    ltictl: Ltictl, context: Context, recorded: Recorded
) -> None:
    recorded("acme-one", client_id="shared", deployments=(Deployment("1"),))
    recorded("beta-two", client_id="shared", deployments=())

    taken = ltictl("deployment", "add", "beta-two", "1", "--json")
    free = ltictl("deployment", "add", "beta-two", "2", "--json")

    assert (taken.code, taken.error["code"]) == (1, "deployment_taken")
    assert "acme-one" in taken.error["message"]
    assert free.code == 0
    (kept,) = context.profile.integrations.get("beta-two").deployments
    assert kept == Deployment("2", source=DeploymentSource.MANUAL)


def test_usage(ltictl: Ltictl, moodle: Integration) -> None:
    for args in ((), ("1", "--from-launch", "-")):
        done = ltictl("deployment", "add", moodle.id, *args, "--json")
        assert (done.code, done.error["code"]) == (2, "options_missing")
    asked = ltictl("deployment", "remove", moodle.id, "1", "--json")
    assert (asked.code, asked.error["code"]) == (2, "consent_needed")
