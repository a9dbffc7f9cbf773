"""A tool made with PyLTI1p3 and Flask; it runs in that library's own environment, as a process.

Arguments: the exported file, which is read at every request.
"""

import json
import sys
from html import escape
from typing import Any

from flask import Flask, Response, jsonify, request
from peer_server import serve
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage,
    FlaskMessageLaunch,
    FlaskOIDCLogin,
    FlaskRequest,
)
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.tool_config import ToolConfJsonFile

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


class Memory:
    """The library's memory of nonces and launches."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def set(self, key: str, value: Any, _expires: int | None = None) -> None:
        self.values[key] = value


def application(path: str) -> Flask:
    """The tool: login, launch, key set."""
    app = Flask(__name__)
    app.secret_key = "of the test"
    storage = FlaskCacheDataStorage(Memory())

    @app.route("/lti/login", methods=["GET", "POST"])  # type: ignore[untyped-decorator]
    def login() -> Any:
        asked = FlaskRequest()
        flow = FlaskOIDCLogin(asked, ToolConfJsonFile(path), launch_data_storage=storage)
        return flow.redirect(asked.get_param("target_link_uri"))

    @app.route("/lti/launch", methods=["POST"])  # type: ignore[untyped-decorator]
    def launch() -> Any:
        configuration = ToolConfJsonFile(path)
        message = FlaskMessageLaunch(FlaskRequest(), configuration, launch_data_storage=storage)
        claims = message.get_launch_data()
        if message.is_deep_link_launch():
            chosen = DeepLinkResource().set_title("Chapter 7").set_custom_params({"chapter": "7"})
            chosen.set_url(request.base_url)
            return message.get_deep_link().output_response_form([chosen])
        token = message.get_service_connector().get_access_token([SCORE])
        facts = {"claims": claims, "access_token": bool(token)}
        shown = json.dumps(facts, indent=2)
        return Response(f"<pre id='facts'>{escape(shown)}</pre>", mimetype="text/html")

    @app.route("/.well-known/jwks.json")  # type: ignore[untyped-decorator]
    def jwks() -> Any:
        return jsonify(ToolConfJsonFile(path).get_jwks())

    return app


if __name__ == "__main__":
    serve(application(sys.argv[1]))
