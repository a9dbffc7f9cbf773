"""Debian's nginx and Caddy with configurations of the tests, and a tunnel by Debian's sshd.

Each is an ordinary process on a free port of 127.0.0.1, until its context ends.
"""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.support.parts import require
from tests.support.tls import Tls

NAME: Final = "tool.example"
_NGINX: Final = """\
daemon off;
worker_processes 1;
error_log stderr warn;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {name};
        ssl_certificate {chain};
        ssl_certificate_key {key};
{block}
    }}
}}
"""
_CADDY: Final = "{{\n admin off\n auto_https off\n}}\n{block}"
_SSHD: Final = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/client.pub
StrictModes no
UsePAM no
"""


@contextlib.contextmanager
def nginx(folder: Path, tls: Tls, block: str, port: int) -> Iterator[None]:
    """Debian's nginx with TLS on ``port`` and ``block`` in its server."""
    program = _program("nginx")
    key, chain = tls.certificate_files(folder)
    text = _NGINX.format(folder=folder, port=port, name=NAME, key=key, chain=chain, block=block)
    (folder / "nginx.conf").write_text(text)
    with _running([program, "-p", str(folder), "-c", str(folder / "nginx.conf")], folder, port):
        yield


@contextlib.contextmanager
def caddy(folder: Path, tls: Tls, block: str, port: int) -> Iterator[None]:
    """Caddy with the site in ``block``, whose name gets this port and our certificate."""
    program = _program("caddy")
    key, chain = tls.certificate_files(folder)
    opening = f"{NAME}:{port} {{\n tls {chain} {key}"
    text = _CADDY.format(block=block.replace("tool.example.com {", opening))
    (folder / "Caddyfile").write_text(text)
    given = [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with _running(given, folder, port):
        yield


@contextlib.contextmanager
def tunnel(folder: Path, options: Sequence[str]) -> Iterator[None]:
    """``ssh`` with these options to an sshd of our own, once all its tunnels are there."""
    program, client = _program("sshd"), _program("ssh")
    port = free_port()
    for name in ("host", "client"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(made, check=True)
    (folder / "sshd_config").write_text(_SSHD.format(port=port, folder=folder))
    if os.geteuid() == 0:  # root's sshd wants an empty folder for itself
        Path("/run/sshd").mkdir(exist_ok=True)
    given = ["-i", str(folder / "client"), "-p", str(port), "-o", "ExitOnForwardFailure=yes"]
    given += ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder / 'known'}"]
    with (
        _running([program, "-D", "-e", "-f", str(folder / "sshd_config")], folder, port),
        _running([client, *given, *options, f"{getpass.getuser()}@127.0.0.1"], folder, None),
    ):
        yield


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for_port(port: int, timeout: float = 10) -> None:
    """Wait until something listens there."""
    end = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() >= end:
                raise TimeoutError(f"nothing listens on {port}") from None
            time.sleep(0.02)
        else:
            return


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    require(name, found is not None)
    return found or name


@contextlib.contextmanager
def _running(argv: Sequence[str], folder: Path, port: int | None) -> Iterator[None]:
    log = folder / f"{Path(argv[0]).name}.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
            cwd=folder,
        )
    try:
        if port is not None:
            try:
                wait_for_port(port)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{log.read_text()}") from None
        yield
    finally:
        process.terminate()
        process.wait(10)
