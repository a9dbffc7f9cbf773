"""The policies of docs/how-to/shared-profile.md allow each role its commands, and nothing more.

A proxy in front of a server evaluates those of Amazon S3 for every request, and the other clouds'
have to decide as they do.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from ltictl.store.bucket.refusals import RIGHTS
from tests.stores.conftest import TeamMember
from tests.stores.policies import AZURE, CLOUDS, GOOGLE, KINDS, allows_s3
from tests.support.fault_proxy import FaultyProxy, Watch
from tests.support.object_stores import ObjectStore, Server
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
GOOGLE_SCHEMA = {
    "type": "object",
    "required": ["version", "bindings"],
    "properties": {
        "version": {"const": 3},  # conditions are of no other version
        "bindings": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["role", "members"],
                "additionalProperties": False,
                "properties": {
                    "role": {"type": "string", "pattern": r"^projects/[^/]+/roles/\w+$"},
                    "members": TEXTS,
                    "condition": {
                        "type": "object",
                        "required": ["title", "expression"],
                        "additionalProperties": False,
                        "properties": {
                            "title": {"type": "string", "maxLength": 100},
                            "expression": {"type": "string", "maxLength": 12_800},
                        },
                    },
                },
            },
        },
    },
}
AZURE_SCHEMA = {
    "type": "object",
    "required": ["Name", "IsCustom", "Description", "Actions", "DataActions", "AssignableScopes"],
    "additionalProperties": False,
    "properties": {
        "Name": {"type": "string", "maxLength": 128},
        "IsCustom": {"const": True},
        "Description": {"type": "string", "maxLength": 2048},
        "Actions": {"const": []},
        "DataActions": TEXTS,
        "AssignableScopes": TEXTS,
    },
}
ROLES = ("operator", "job", "reader")


class Staff:
    """One profile, and a machine on which every role may work."""

    def __init__(self, proxy: FaultyProxy, store: ObjectStore, folder: Path) -> None:
        self._proxy, self._store = proxy, store
        self._prefix = store.url.rpartition("/")[2]
        self.member = TeamMember(proxy.before(store), folder / "home")
        self.watch = Watch()
        self.asked: set[tuple[str, str, str]] = set()

    def become(self, role: str) -> None:
        """Work with the rights of one role from now on; the page's prefix is ``prod``."""

        def allows(action: str, name: str) -> bool:
            named = re.sub(rf"^{self._prefix}\b", "prod", name)
            self.asked.add((role, action, named))
            return allows_s3(role, action, named)

        self.watch = self._proxy.watch(self._store, Watch(allows=allows))

    def assert_can(self, *commands: str) -> None:
        for each in commands:
            done = self.member(*each.split())
            assert done.code == 0, (each, self.watch.denied, done)
        assert self.watch.denied == []

    def assert_cannot(self, command: str, right: str) -> Finished:
        done = self.member(*command.split(), "--json")
        assert done.error["code"] == "store_forbidden", done
        assert right in done.error["why"]
        return done


@pytest.fixture
def staff(seaweed_server: Server, s3: ObjectStore, tmp_path: Path) -> Iterator[Staff]:
    with FaultyProxy(seaweed_server.port) as proxy:
        made = Staff(proxy, s3, tmp_path)
        yield made
        made.member.close()


def test_each_role_can_do_its_work_and_nothing_more(
    staff: Staff, playback: PlaybackPlatform
) -> None:
    staff.become("operator")
    staff.assert_can("init --name Tool --url https://tool.invalid", "org add acme", "rotate-keys")
    staff.member.headless(playback).assert_success()
    staff.assert_can("activate acme-moodle", "deployment add acme-moodle d9", "store info")
    page = staff.member.home.path / "page.html"
    staff.assert_can(f"relay-page --output {page}", "export json", "jwks", "org add beta")

    staff.become("job")
    staff.assert_can(
        "list", "show acme-moodle", "activate acme-moodle", "registration-url --org acme"
    )
    staff.assert_can("deployment add acme-moodle d10", "jwks", "org add gamma")
    staff.assert_cannot(f"relay-page --output {page}", "s3:GetObject")

    staff.become("reader")
    staff.assert_can("list", "show acme-moodle", "metrics", "jwks", "org list", "keys list")
    staff.assert_cannot("org add delta", "s3:PutObject")
    assert staff.watch.denied

    staff.become("operator")
    staff.assert_can("remove acme-moodle --yes", "org remove beta --yes")

    assert {role for role, _, _ in staff.asked} == set(ROLES)
    for cloud in ("gs", "az"):
        others = [each for each in sorted(staff.asked) if CLOUDS[cloud](*each) != allows_s3(*each)]
        assert others == [], cloud


@pytest.mark.parametrize(
    ("role", "action", "name"),
    [
        ("operator", "s3:PutObject", "other/store.toml"),
        ("operator", "s3:DeleteObject", "prod/integrations/x.toml"),
        ("operator", "s3:ListBucket", "other/"),
        ("job", "s3:GetObject", "prod/private-keys/x.toml"),
        ("job", "s3:PutObject", "prod/secrets/x.toml"),
        ("reader", "s3:GetObject", "prod/private-keys/x.toml"),
        ("reader", "s3:GetObject", "prod/secrets/x.toml"),
        ("reader", "s3:GetObject", "prod/sealing.toml"),
        ("reader", "s3:PutObject", "prod/integrations/x.toml"),
    ],
)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_no_policy_of_a_role_allows(cloud: str, role: str, action: str, name: str) -> None:
    allows = CLOUDS[cloud]
    # Google takes each replacement for a deletion, so that a writer may delete what it may write.
    if cloud != "gs" or action != "s3:DeleteObject":
        assert allows(role, action, name) is (cloud == "gs" and name == "other/")
    assert allows("operator", "s3:PutObject", "prod/integrations/x.toml")
    assert allows("operator", "s3:DeleteObject", "prod/checks/1/one")


def test_the_roles_and_bindings_have_the_form_that_their_clouds_take() -> None:
    for policy, schema in ((GOOGLE, GOOGLE_SCHEMA), (AZURE, AZURE_SCHEMA)):
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(policy)) == []


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("action", KINDS)
def test_every_request_of_the_store_has_its_right_in_the_policies(cloud: str, action: str) -> None:
    name = "prod/" if action == "s3:ListBucket" else "prod/checks/1/one"

    assert RIGHTS[cloud][KINDS[action]]
    assert CLOUDS[cloud]("operator", action, name)
