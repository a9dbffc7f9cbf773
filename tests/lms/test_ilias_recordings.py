"""``register`` works from end to end with recordings of ILIAS, released and trunk."""

from typing import Final

import pytest

from ltictl.lti.registration_token import peek
from tests.support.cli import Ltictl
from tests.support.foreign import answer, bearer, configuration
from tests.support.playback import PlaybackPlatform

EDITIONS: Final = [
    ("ilias-released", "registration-200", "3d987c2a0e354ex"),
    ("ilias-trunk", "registration-200-2", "30f1b97ce9d604x"),
]


@pytest.mark.parametrize(("folder", "name", "client"), EDITIONS)
@pytest.mark.usefixtures("profile_at_home")
def test_a_recorded_ilias_registers(ltictl: Ltictl, folder: str, name: str, client: str) -> None:
    with PlaybackPlatform(configuration(folder)) as ilias:
        ilias.on("registration", answer(folder, name))

        done = ltictl(
            *("register", "--org", "acme", "--yes", "--json", "--allow-private"),
            *("--openid-configuration", ilias.url("configuration")),
            *("--registration-token-file", "-"),
            input=bearer(folder, name),
        )

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert (found["id"], found["client_id"]) == ("acme-ilias", client)
    assert [each["id"] for each in found["deployments"]] == ["40"]


@pytest.mark.parametrize(("folder", "name", "client"), EDITIONS)
def test_its_token_tells_the_client_id_to_be(folder: str, name: str, client: str) -> None:
    assert peek(bearer(folder, name)).audience == client


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
