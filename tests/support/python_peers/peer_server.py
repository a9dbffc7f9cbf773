"""Serves a WSGI application of a peer until the process is ended."""

import json
import socketserver
import sys
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """A thread for each request: the tool fetches what fetches from the tool."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        """Nothing."""


def serve(app: Any) -> None:
    """Print the address, then answer."""
    with make_server("127.0.0.1", 0, app, Server, Quiet) as server:
        ready = {"base_url": f"http://127.0.0.1:{server.server_port}"}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        server.serve_forever()
