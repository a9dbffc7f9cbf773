"""``metrics``: what it counts, what a damaged document costs, how its file is written."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from ltictl import __version__
from ltictl.model.integration import Status
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.metrics import LastResult, read_metrics
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl

CONTRIB = Path(__file__).parents[2] / "contrib"
ALERTS = yaml.safe_load((CONTRIB / "prometheus" / "alerts.yml").read_text("utf-8"))
DASHBOARD = json.loads((CONTRIB / "grafana" / "ltictl.json").read_text("utf-8"))
# The values that these labels may have.
CLOSED = {
    "state": {each.value for each in KeyState},
    "status": {each.value for each in Status},
    "result": {each.value for each in LastResult},
}
OF_PROMETHEUS = {"instance", "job"}
SELECTOR = re.compile(r"\b(ltictl_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
GRID = 24  # columns of Grafana
LATER = things.NOW + timedelta(days=2)

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def context(ltictl: Ltictl) -> Context:
    """A profile as on the day after ``things.NOW``."""
    root = ltictl.home.ltictl_home / "profiles" / "default"
    context = Context(Profile(root), now=lambda: LATER)
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme")
    return context


def series(text: str) -> Series:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def one(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def test_a_profile_in_use(ltictl: Ltictl, context: Context) -> None:
    verified = things.NOW + timedelta(hours=3)
    stored = context.profile.integrations
    stored.add(things.integration("acme-one", problems=(), verified_at=verified))
    stored.add(things.integration("acme-two", verified_at=verified))
    stored.add(things.integration("acme-three", problems=(), status=Status.PENDING))
    stored.add(things.integration("acme-four", status=Status.DISABLED))
    begun = context.profile.attempts.begin(things.attempt("acme-five"))
    begun.note_sent(things.NOW)
    begun.close()
    made = ltictl("registration-url", "--org", "acme")
    assert made.code == 0
    (signer,) = context.profile.signing_keys.all()
    due = things.NOW + timedelta(hours=5)
    waiting = replace(things.signing_key("kid-2"), state=KeyState.NEXT, promote_after=due)
    context.profile.signing_keys.add(waiting)

    done = ltictl("metrics")

    assert done.code == 0
    assert "acme-five" in done.stderr
    when = verified.timestamp()
    proof = "ltictl_integration_verified_timestamp_seconds"
    assert series(done.stdout) == {
        one("ltictl_build_info", version=__version__): 1,
        one("ltictl_key_created_timestamp_seconds", state="current"): signer.created_at.timestamp(),
        one("ltictl_key_created_timestamp_seconds", state="next"): things.NOW.timestamp(),
        one("ltictl_rotation_due_timestamp_seconds"): due.timestamp(),
        one(proof, integration="acme-one", result="passed"): when,
        one(proof, integration="acme-two", result="failed"): when,
        one(proof, integration="acme-three", result="never"): 0,
        one("ltictl_integrations", status="active", family="moodle"): 2,
        one("ltictl_integrations", status="pending", family="moodle"): 1,
        one("ltictl_integrations", status="disabled", family="moodle"): 1,
        one("ltictl_attempts_unsettled"): 1,
        one("ltictl_invitations_open"): 1,
    }


def test_every_metric_has_one_meaning_and_one_type(ltictl: Ltictl, context: Context) -> None:
    names = [each.name for each in read_metrics(context).metrics]

    lines = ltictl("metrics").stdout.splitlines()

    assert len(names) == len(set(names))
    for kind in ("HELP", "TYPE"):
        assert [each.split()[2] for each in lines if each.startswith(f"# {kind} ")] == names


def test_the_newest_key_of_a_state_counts(context: Context) -> None:
    newer = things.NOW + timedelta(hours=1)
    retired = replace(things.signing_key("kid-a"), state=KeyState.RETIRED)
    context.profile.signing_keys.add(replace(retired, kid="kid-b", created_at=newer))
    context.profile.signing_keys.add(retired)

    found = {each.name: each for each in read_metrics(context).metrics}

    samples = found["ltictl_key_created_timestamp_seconds"].samples
    assert [each.value for each in samples if each.labels == {"state": "retired"}] == [
        int(newer.timestamp())
    ]
    assert found["ltictl_rotation_due_timestamp_seconds"].samples == ()


def test_an_overdue_step_keeps_its_time_and_foreign_keys_have_none(context: Context) -> None:
    context.profile.signing_keys.add(things.signing_key())  # its withdrawal was due at NOW

    def due() -> list[int]:
        found = {each.name: each for each in read_metrics(context).metrics}
        return [each.value for each in found["ltictl_rotation_due_timestamp_seconds"].samples]

    assert due() == [int(things.NOW.timestamp())]
    settings = context.profile.root / "profile.toml"
    text = settings.read_text("utf-8").replace('# managed_by = "ltictl"', 'managed_by = "external"')
    settings.write_text(text, "utf-8")
    assert due() == []


@pytest.mark.parametrize("kind", ["integrations", "invitations", "keys"])
def test_a_damaged_document_hides_only_itself(ltictl: Ltictl, context: Context, kind: str) -> None:
    context.profile.integrations.add(things.integration())
    (context.profile.root / kind).mkdir(exist_ok=True)
    (context.profile.root / kind / "broken.toml").write_text("schema = 1\n", "utf-8")

    done = ltictl("metrics")

    found = series(done.stdout)
    assert (done.code, "broken" in done.stderr) == (0, True)
    assert found[one("ltictl_integrations", status="active", family="moodle")] == 1
    assert found[one("ltictl_invitations_open")] == 0
    assert any(name == "ltictl_key_created_timestamp_seconds" for name, _ in found)


def test_damaged_settings_hide_nothing(ltictl: Ltictl, context: Context) -> None:
    (context.profile.root / "profile.toml").write_text("nonsense\n", "utf-8")

    done = ltictl("metrics")

    assert (done.code, "profile.toml" in done.stderr) == (0, True)
    assert series(done.stdout)[one("ltictl_attempts_unsettled")] == 0


def test_the_file_is_public_whole_and_alone(
    ltictl: Ltictl, context: Context, tmp_path: Path
) -> None:
    assert context.profile.root.exists()
    file = tmp_path / "ltictl.prom"
    file.write_text("former", "utf-8")
    former = file.stat().st_ino

    done = ltictl("metrics", "--output", str(file))

    assert (done.code, done.stdout) == (0, "")
    assert file.read_text("utf-8") == ltictl("metrics").stdout
    assert file.stat().st_ino != former  # another file took its name, so no reader saw a part
    assert file.stat().st_mode & 0o777 == 0o644
    assert [each for each in tmp_path.iterdir() if each.suffix == ".prom"] == [file]


def expressions() -> Iterator[str]:
    for group in ALERTS["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (str(each["query"]) for each in DASHBOARD["templating"]["list"])


def labels_of(context: Context) -> dict[str, set[str]]:
    """The labels of each metric, of a profile that has a sample of every one."""
    context.profile.integrations.add(things.integration())
    context.profile.signing_keys.add(things.signing_key())
    return {
        each.name: {label for sample in each.samples for label in sample.labels}
        for each in read_metrics(context).metrics
        if each.samples
    }


def test_alerts_and_dashboard_name_metrics_and_labels_that_exist(context: Context) -> None:
    known = labels_of(context)
    named: set[str] = set()

    for expression in expressions():
        for metric, matchers in SELECTOR.findall(expression):
            named.add(metric)
            assert metric in known
            for label, value in MATCHER.findall(matchers):
                assert label in known[metric] | OF_PROMETHEUS
                assert label not in CLOSED or value in CLOSED[label]

    assert named == set(known)  # nothing is gathered that no one looks at


def test_an_alert_names_the_problem_and_the_remedy() -> None:
    rules: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]

    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}
        assert set(rule["annotations"]) == {"summary", "action"}


def test_the_page_names_every_metric_and_alert(context: Context) -> None:
    page = (CONTRIB.parent / "docs" / "how-to" / "monitoring.md").read_text("utf-8")
    alerts = {rule["alert"] for group in ALERTS["groups"] for rule in group["rules"]}
    metrics = {each.name for each in read_metrics(context).metrics}

    assert {each for each in alerts | metrics if f"`{each}`" not in page} == set()


def test_the_panels_stand_side_by_side() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y)
        for each in places
        for x in range(each["x"], each["x"] + each["w"])
        for y in range(each["y"], each["y"] + each["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < GRID
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
