"""Independent object storage servers, each as a process: SeaweedFS, Azurite, rclone.

``make peers`` installs them. Each has one bucket, and a prefix in it for every test that asks.
"""

import base64
import contextlib
import hashlib
import hmac
import itertools
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import httpx
import pytest

from ltictl.store.bucket.address import parse_address
from ltictl.store.bucket.objects import DEADLINE, Objects
from tests.support.parts import require
from tests.support.processes import Running
from tests.support.proxies import free_port, wait_for_port

ROOT: Final = Path(__file__).parents[2]
BINARIES: Final = ROOT / ".venv" / "peers" / "stores" / "bin"
AZURITE: Final = Path(__file__).parent / "azurite" / "node_modules" / "azurite"
# Azurite's published account and key.
_AZURE_ACCOUNT: Final = "devstoreaccount1"
_AZURE_KEY: Final = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
AZURE_ENVIRONMENT: Final = {
    "AZURE_STORAGE_ACCOUNT_NAME": _AZURE_ACCOUNT,
    "AZURE_STORAGE_ACCOUNT_KEY": _AZURE_KEY,
}
_S3_IDENTITIES: Final = """{"identities": [
  {"name": "all", "credentials": [{"accessKey": "AKALL", "secretKey": "CANARY-S3-SECRET"}],
   "actions": ["Admin", "Read", "Write", "List"]},
  {"name": "reader", "credentials": [{"accessKey": "AKREAD", "secretKey": "reader-secret"}],
   "actions": ["Read", "List"]}]}
"""
STANDING: Final = """id = "0123456789abcdef0123456789abcdef"
layout = 1
created_at = 2026-11-28T08:00:00Z
checked_at = 2026-11-28T08:00:00Z
checked_with = "0"
"""
BUCKET: Final = "bucket"
_TRIES: Final = 3
_NUMBERS: Final = itertools.count(1)


@dataclass(frozen=True)
class ObjectStore:
    """A place on a running server.

    Attributes:
        url: for ``[store] url``.
        environment: credentials and endpoint, as people set them.
        port: of the server.
    """

    url: str
    environment: dict[str, str] = field(repr=False)
    port: int


def objects_of(store: ObjectStore, deadline: float = DEADLINE) -> Objects:
    """The objects of a store; the client library reads its settings from the process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in store.environment.items():
            patch.setenv(name, value)
        return Objects(parse_address(store.url, "test"), store.environment, deadline)


class Server(ABC):
    """A running server, which makes buckets."""

    def __init__(self, scheme: str, port: int, environment: dict[str, str]) -> None:
        self.scheme = scheme
        self.port = port
        self.environment = environment

    @abstractmethod
    def make(self, bucket: str) -> None:
        """Make a bucket."""

    def store(self, *, begun: bool = True) -> ObjectStore:
        """A fresh prefix: SeaweedFS reserves disk space for each bucket.

        Args:
            begun: whether it counts as checked; 16 racers take SeaweedFS ten seconds.
        """
        url = f"{self.scheme}://{BUCKET}/prod{os.getpid()}-{next(_NUMBERS)}"
        store = ObjectStore(url, self.environment, self.port)
        if begun:
            objects_of(store).put("store.toml", STANDING.encode(), None)
        return store


class _Seaweed(Server):
    def __init__(self, port: int, filer: int) -> None:
        super().__init__("s3", port, _s3_environment(port))
        self._filer = filer

    def make(self, bucket: str) -> None:
        httpx.put(f"http://127.0.0.1:{self._filer}/buckets/{bucket}/").raise_for_status()


class _Azurite(Server):
    def __init__(self, port: int) -> None:
        endpoint = f"http://127.0.0.1:{port}/{_AZURE_ACCOUNT}"
        super().__init__("az", port, AZURE_ENVIRONMENT | {"AZURE_ENDPOINT": endpoint})

    def make(self, bucket: str) -> None:
        """Azure makes no container by a plain request: sign one (Shared Key)."""
        date = format_datetime(datetime.now(UTC), usegmt=True)
        headers = {"x-ms-date": date, "x-ms-version": "2021-12-02"}
        path = f"/devstoreaccount1/{bucket}"
        signed = "PUT" + "\n" * 12 + f"x-ms-date:{date}\nx-ms-version:2021-12-02\n"
        signed += f"/devstoreaccount1{path}\nrestype:container"
        key = base64.b64decode(_AZURE_KEY)
        digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
        mark = f"SharedKey devstoreaccount1:{base64.b64encode(digest).decode()}"
        url = f"http://127.0.0.1:{self.port}{path}?restype=container"
        httpx.put(url, headers=headers | {"Authorization": mark}).raise_for_status()


def _s3_environment(
    port: int,
    key: str = "AKALL",
    secret: str = "CANARY-S3-SECRET",  # noqa: S107
) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }


def reader_of(store: ObjectStore) -> dict[str, str]:
    """The environment of one who may only read from SeaweedFS."""
    return _s3_environment(store.port, "AKREAD", "reader-secret")


@contextlib.contextmanager
def seaweed(folder: Path) -> Iterator[Server]:
    """SeaweedFS with its S3 gateway, all in one process."""
    require("obstore", find_spec("obstore") is not None, "pip install 'ltictl[cloud]'")
    require("weed", (BINARIES / "weed").exists(), "make peers")
    running, ports = _launch_seaweed(folder)
    try:
        server = _Seaweed(ports["s3"], ports["filer"])
        server.make(BUCKET)
        yield server
    finally:
        running.close()


def _launch_seaweed(folder: Path) -> tuple[Running, dict[str, int]]:
    """Start it on free ports, and return them by name.

    Another program may take a port between the look and the start: then it is tried anew.
    """
    for number in range(_TRIES):
        ports = {name: _pair() for name in ("master", "volume", "filer", "s3")}
        running = _start_process(folder / f"{number}", ports)
        try:
            for name in ("s3", "volume", "filer"):
                wait_for_port(ports[name], timeout=30)
        except TimeoutError:
            running.close()
        except BaseException:
            running.close()
            raise
        else:
            return running, ports
    raise TimeoutError(f"SeaweedFS did not start {_TRIES} times")


def _start_process(folder: Path, ports: Mapping[str, int]) -> Running:
    (folder / "data").mkdir(parents=True)
    (folder / "s3.json").write_text(_S3_IDENTITIES)
    argv = [
        *(str(BINARIES / "weed"), "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-s3"),
        *(f"-{name}.port={port}" for name, port in ports.items()),
        *(f"-{name}.port.grpc={port + 1}" for name, port in ports.items()),
        *(
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
            "-master.telemetry=false",
        ),
        *(f"-s3.config={folder / 's3.json'}", "-volume.max=10", "-master.volumeSizeLimitMB=64"),
    ]
    return Running(argv, env={"PATH": os.environ["PATH"], "HOME": str(folder)}, cwd=folder)


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[Server]:
    """Azurite's blob service, in memory."""
    node = shutil.which("node")
    require("node", node is not None)
    require("obstore", find_spec("obstore") is not None, "pip install 'ltictl[cloud]'")
    require("the npm package azurite", AZURITE.is_dir(), "make peers")
    folder.mkdir(parents=True)
    port = free_port()
    program = AZURITE / "dist" / "src" / "blob" / "main.js"
    argv = [node or "node", str(program), "--inMemoryPersistence", "--blobPort", str(port)]
    argv += ["--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    running = Running(argv, env={"PATH": os.environ["PATH"], "HOME": str(folder)}, cwd=folder)
    try:
        wait_for_port(port, timeout=60)
        server = _Azurite(port)
        server.make(BUCKET)
        yield server
    finally:
        running.close()


@contextlib.contextmanager
def rclone(folder: Path) -> Iterator[ObjectStore]:
    """An S3 gateway of rclone to a folder, which takes conditions and ignores them."""
    require("obstore", find_spec("obstore") is not None, "pip install 'ltictl[cloud]'")
    require("rclone", (BINARIES / "rclone").exists(), "make peers")
    (folder / "data" / "bucket").mkdir(parents=True)
    port = free_port()
    argv = [
        *(str(BINARIES / "rclone"), "serve", "s3", str(folder / "data"), "--config", ""),
        *("--addr", f"127.0.0.1:{port}", "--auth-key", "AKALL,CANARY-S3-SECRET"),
    ]
    running = Running(argv, env={"PATH": os.environ["PATH"], "HOME": str(folder)}, cwd=folder)
    try:
        wait_for_port(port, timeout=30)
        yield ObjectStore("s3://bucket/prod", _s3_environment(port), port)
    finally:
        running.close()


def _pair() -> int:
    """A free port whose successor is free too: servers speak gRPC there."""
    while True:
        port = free_port()
        if port < 65000 and _is_free(port + 1):
            return port


def _is_free(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
