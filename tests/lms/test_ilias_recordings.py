"""ILIAS, released and trunk, as recorded: registered from end to end by ``register``."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from ltictl.lti.registration_token import peek
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.recordings import PLATFORM

FOREIGN: Final = Path(__file__).parents[1] / "recordings" / "foreign"
HOST: Final = "https://localhost:22446"
EDITIONS: Final = [
    ("ilias-released", "registration-200", "3d987c2a0e354ex"),
    ("ilias-trunk", "registration-200-2", "30f1b97ce9d604x"),
]


def exchange(folder: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOREIGN / folder / f"{name}.json").read_text("utf-8"))
    return found


def answer(folder: str, name: str) -> Answer:
    response = exchange(folder, name)["response"]
    kind = next(v for k, v in response["headers"].items() if k.lower() == "content-type")
    return Answer(response["status"], {"Content-Type": kind}, response["body"].encode())


def configuration(folder: str) -> dict[str, Any]:
    body = exchange(folder, "configuration-200")["response"]["body"]
    found: dict[str, Any] = json.loads(body.replace(HOST, PLATFORM))
    return found


def token(folder: str, name: str) -> str:
    sent = exchange(folder, name)["request"]["headers"]["Authorization"]
    return str(sent).removeprefix("Bearer ")


@pytest.mark.parametrize(("folder", "name", "client"), EDITIONS)
@pytest.mark.usefixtures("profile_at_home")
def test_a_recorded_ilias_registers(ltictl: Ltictl, folder: str, name: str, client: str) -> None:
    with PlaybackPlatform(configuration(folder)) as ilias:
        ilias.on("registration", answer(folder, name))

        done = ltictl(
            *("register", "--org", "acme", "--yes", "--json", "--allow-private"),
            *("--openid-configuration", ilias.url("configuration")),
            *("--registration-token-file", "-"),
            input=token(folder, name),
        )

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert (found["id"], found["client_id"]) == ("acme-ilias", client)
    assert [each["id"] for each in found["deployments"]] == ["40"]


@pytest.mark.parametrize(("folder", "name", "client"), EDITIONS)
def test_its_token_tells_the_client_id_to_be(folder: str, name: str, client: str) -> None:
    assert peek(token(folder, name)).audience == client


@pytest.mark.parametrize(
    ("folder", "name", "code", "said"),
    [
        ("ilias-released", "registration-405-3", 3, "CGIPassAuth"),
        ("ilias-released", "registration-500-2", 7, "recover"),
        ("ilias-trunk", "registration-401", 3, "one hour and one success"),
    ],
)
@pytest.mark.usefixtures("profile_at_home")
def test_its_refusals_are_explained(
    ltictl: Ltictl, folder: str, name: str, code: int, said: str
) -> None:
    with PlaybackPlatform(configuration(folder)) as ilias:
        ilias.on("registration", answer(folder, name))

        done = ltictl(
            *("register", "--org", "acme", "--yes", "--json", "--allow-private"),
            *("--openid-configuration", ilias.url("configuration")),
            *("--registration-token-file", "-"),
            input="abc.def.ghi",
        )

    assert done.code == code, done
    assert said in f"{done.error['why']} {done.error['fix']}"
