"""The policies of docs/how-to/shared-profile.md allow each role its commands, and nothing more.

A proxy in front of a server evaluates them, as Amazon S3 would, for every request.
"""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.stores.conftest import TeamMember
from tests.support.fault_proxy import FaultyProxy, Watch
from tests.support.object_stores import ObjectStore, Server
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "shared-profile.md"
BUCKET_ARN = "arn:aws:s3:::acme-lti-state"
TABS = dict(re.findall(r'=== "Amazon S3: ([^"]+)"\n(.*?)\n(?===|\S)', PAGE.read_text(), re.DOTALL))


def statements(tab: str) -> list[dict[str, Any]]:
    """The statements of the policy in one tab of the page."""
    (block,) = re.findall(r"```json\n(.*?)```", TABS[tab], re.DOTALL)
    found = json.loads(block)
    whole: list[dict[str, Any]] = found.get("Statement", [found])
    return whole


OPERATOR = statements("operator and CI")
LISTING = [each for each in OPERATOR if each["Action"] == ["s3:ListBucket"]]
ROLES = {
    "operator": OPERATOR,
    "job": [*OPERATOR, *statements("a job without the keys")],
    "reader": [*LISTING, *statements("reader")],
}


def fits(statement: dict[str, Any], action: str, name: str) -> bool:
    resources = statement["Resource"]
    resources = [resources] if isinstance(resources, str) else resources
    listing = action == "s3:ListBucket"
    about = BUCKET_ARN if listing else f"{BUCKET_ARN}/{name}"
    condition = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", ["*"])
    return (
        action in statement["Action"]
        and any(fnmatchcase(about, each) for each in resources)
        and (not listing or any(fnmatchcase(name, each) for each in condition))
    )


def is_allowed(role: str, action: str, name: str) -> bool:
    """As IAM decides: a Deny counts before every Allow, and nothing is allowed by itself."""
    found = [each["Effect"] for each in ROLES[role] if fits(each, action, name)]
    return "Allow" in found and "Deny" not in found


class Staff:
    """One profile, and a machine on which every role may work."""

    def __init__(self, proxy: FaultyProxy, store: ObjectStore, folder: Path) -> None:
        self._proxy, self._store = proxy, store
        self._prefix = store.url.rpartition("/")[2]
        self.member = TeamMember(proxy.before(store), folder / "home")
        self.watch = Watch()

    def become(self, role: str) -> None:
        """Work with the rights of one role from now on; the page's prefix is ``prod``."""

        def allows(action: str, name: str) -> bool:
            return is_allowed(role, action, re.sub(rf"^{self._prefix}\b", "prod", name))

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
def test_what_no_policy_of_a_role_allows(role: str, action: str, name: str) -> None:
    assert not is_allowed(role, action, name)
    assert is_allowed("operator", "s3:PutObject", "prod/integrations/x.toml")
    assert is_allowed("operator", "s3:DeleteObject", "prod/checks/1/one")
