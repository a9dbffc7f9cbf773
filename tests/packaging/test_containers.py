"""The image and the manifests of contrib: their commands work, and nothing runs as root."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cli import Ltictl
from tests.support.parts import require
from tests.support.processes import Running

from .containerfile import CONTAINERFILE, FINAL_STAGE, ROOT, instruction

MANIFESTS = sorted((ROOT / "contrib" / "kubernetes").glob("*.yaml"))
PAGES = [ROOT / "docs" / "how-to" / name for name in ("docker.md", "kubernetes.md")]
VALIDATOR = ROOT / ".venv" / "peers" / "kubernetes" / "bin" / "kubernetes-validate"
STATE = "/var/lib/ltictl"
PORT = "8765"
_RUN_IN_PAGE = re.compile(r"^[ *\d]*(docker (?:run|exec) .*|kubectl exec .*)$", re.MULTILINE)


def _kinds() -> list[str]:
    """The kinds of all documents of the manifests."""
    every = [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text("utf-8"))]
    return [each["kind"] for each in every]


def _documents(kind: str) -> list[dict[str, Any]]:
    every = [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text("utf-8"))]
    return [each for each in every if each["kind"] == kind]


def _pods() -> Iterator[dict[str, Any]]:
    for each in [*_documents("Deployment"), *_documents("Job")]:
        yield each["spec"]["template"]["spec"]
    for each in _documents("CronJob"):
        yield each["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def _containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def _commands() -> Iterator[list[str]]:
    """The arguments of every ltictl that the image, the manifests and the pages run."""
    yield json.loads(instruction("CMD"))
    for pod in _pods():
        yield from (each["args"] for each in _containers(pod) if "args" in each)
    for page in PAGES:
        for line in _RUN_IN_PAGE.findall(page.read_text("utf-8")):
            words = shlex.split(line)
            if "--entrypoint" not in words:
                yield words[len(words) - words[::-1].index("ltictl") :]


COMMANDS = [each for each in _commands() if each]


def test_every_place_that_runs_ltictl_is_found() -> None:
    names = {each[0] for each in COMMANDS}

    assert names == {"init", "serve", "rotate-keys", "verify", "org", "registration-url"}
    assert len(COMMANDS) >= 10


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_the_command_exists_with_its_options(arguments: list[str], ltictl: Ltictl) -> None:
    name = arguments[:2] if arguments[0] == "org" else arguments[:1]
    asked = ltictl(*name, "--help")

    assert asked.code == 0, asked
    options = [each for each in arguments if each.startswith("--")]
    assert [each for each in options if not re.search(rf"{each}\b", asked.stdout)] == []


def test_the_image_runs_as_an_ordinary_user_and_pins_its_libraries() -> None:
    user, _, group = instruction("USER").partition(":")

    assert int(user) > 0
    assert int(group) > 0
    assert f"--uid {user} " in FINAL_STAGE
    assert "--require-hashes --requirement constraints-cloud.txt" in CONTAINERFILE
    assert "--no-deps ltictl-*.whl" in CONTAINERFILE
    assert instruction("VOLUME") == STATE
    assert f"LTICTL_HOME={STATE}" in instruction("ENV")


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_kubernetes_takes_the_manifests(version: str) -> None:
    """By the schemas that Kubernetes publishes; an unknown field counts as wrong."""
    require("kubernetes-validate", VALIDATOR.exists(), "make peers")
    argv = [str(VALIDATOR), "--strict", "-k", version, *map(str, MANIFESTS)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout + done.stderr).count(" passed ") == len(_kinds())


def test_kubernetes_refuses_a_field_that_it_does_not_know(tmp_path: Path) -> None:
    require("kubernetes-validate", VALIDATOR.exists(), "make peers")
    wrong = tmp_path / "wrong.yaml"
    text = MANIFESTS[1].read_text("utf-8")
    wrong.write_text(text.replace("readOnlyRootFilesystem", "readOnlyRoot"))
    argv = [str(VALIDATOR), "--strict", "-k", "1.37", str(wrong)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)

    assert done.returncode != 0


def test_no_pod_runs_as_root_or_can_write_elsewhere() -> None:
    pods = list(_pods())
    assert len(pods) == 4
    for pod in pods:
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert f"{security['runAsUser']}:{security['runAsGroup']}" == instruction("USER")
        # Any other policy lets the group read private keys, which ltictl then refuses.
        assert security["fsGroupChangePolicy"] == "OnRootMismatch"
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in _containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            places = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
            assert places == {"state": STATE, "tmp": "/tmp"}  # noqa: S108 - a place in the container
            assert set(places) == {each["name"] for each in pod["volumes"]}


def test_containers_of_the_page_have_a_read_only_root() -> None:
    lines = _RUN_IN_PAGE.findall(PAGES[0].read_text("utf-8"))
    runs = [line for line in lines if line.startswith("docker run")]

    assert len(runs) == 3
    for line in runs:
        assert " --read-only --tmpfs /tmp " in line
        assert f":{STATE} " in line


def test_the_service_and_the_ingress_lead_to_the_page() -> None:
    (deployment,), (service,), (ingress,) = map(_documents, ("Deployment", "Service", "Ingress"))
    pod = deployment["spec"]["template"]
    rule = ingress["spec"]["rules"][0]
    path = rule["http"]["paths"][0]
    (ports,) = (each["ports"] for each in pod["spec"]["containers"])

    assert service["spec"]["selector"] == pod["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
    assert path["backend"]["service"]["name"] == service["metadata"]["name"]
    assert path["backend"]["service"]["port"]["name"] == service["spec"]["ports"][0]["name"]
    assert ports == [
        {"name": service["spec"]["ports"][0]["targetPort"], "containerPort": int(PORT)}
    ]
    assert f'"https://{rule["host"]}{path["path"]}"' in MANIFESTS[0].read_text("utf-8")


def test_cron_jobs_run_where_the_volume_is_mounted() -> None:
    (deployment,) = _documents("Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    jobs = _documents("CronJob")

    assert len(jobs) == 2
    for job in jobs:
        assert job["spec"]["concurrencyPolicy"] == "Forbid"
        pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        (near,) = pod["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert near["labelSelector"]["matchLabels"] == labels


def _make_as_the_job_does(ltictl: Ltictl) -> None:
    """Make the profile by the commands of the Job, in this test's home."""
    (job,) = _documents("Job")
    first, second = _containers(job["spec"]["template"]["spec"])
    ltictl(*first["args"]).assert_success()
    command = [each.replace(STATE, str(ltictl.home.ltictl_home)) for each in second["command"]]
    subprocess.run(command, check=True, timeout=30)


def _port_of(running: Running) -> int:
    """The port in the address that a server tells, as a line of JSON, when it listens."""
    return int(running.next_event("listening")["port"])


def test_the_profile_of_the_job_serves_the_page_and_the_probes_tell_so(ltictl: Ltictl) -> None:
    _make_as_the_job_does(ltictl)
    (deployment,) = _documents("Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["args"] == json.loads(instruction("CMD"))
    settings = ltictl("config").stdout
    assert "https://tool.example.com/lti/register" in settings

    running = ltictl.start(*container["args"], "--port", "0", "--monitor-port", "0")
    port = str(_port_of(running))
    for probe in (container["readinessProbe"], container["livenessProbe"]):
        asked = probe["httpGet"]
        headers = {each["name"]: each["value"].replace(PORT, port) for each in asked["httpHeaders"]}
        connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
        connection.request("GET", asked["path"], headers=headers)
        assert connection.getresponse().status == 200
        connection.close()

    check = json.loads(instruction("HEALTHCHECK").partition(" CMD ")[2])
    healthy = [sys.executable, *(each.replace(PORT, port) for each in check[1:])]
    assert check[0] == "/opt/ltictl/bin/python"
    assert subprocess.run(healthy, check=False, timeout=30).returncode == 0
    running.close()
    ended = subprocess.run(healthy, check=False, timeout=30, capture_output=True)
    assert ended.returncode != 0
