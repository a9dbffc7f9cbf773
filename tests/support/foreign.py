"""The recorded exchanges with independent platforms, as answers to play back."""

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.support.answers import Answer
from tests.support.recordings import PLATFORM

FOLDER: Final = Path(__file__).parents[1] / "recordings" / "foreign"


def exchange(folder: str, name: str) -> dict[str, Any]:
    """One recorded file: ``request`` and ``response``."""
    found: dict[str, Any] = json.loads((FOLDER / folder / f"{name}.json").read_text("utf-8"))
    return found


def answer(folder: str, name: str) -> Answer:
    """The platform's answer, unchanged."""
    response = exchange(folder, name)["response"]
    kinds = [value for key, value in response["headers"].items() if key.lower() == "content-type"]
    return Answer(response["status"], {"Content-Type": kinds[0]}, response["body"].encode())


def configuration(folder: str) -> dict[str, Any]:
    """Its OpenID configuration at the host that ``PlaybackPlatform`` replaces by its own."""
    body = exchange(folder, "configuration-200")["response"]["body"]
    issuer = urlsplit(json.loads(body)["issuer"])
    found: dict[str, Any] = json.loads(body.replace(f"https://{issuer.netloc}", PLATFORM))
    return found


def bearer(folder: str, name: str) -> str:
    """The registration token of a recorded request, empty where there was none."""
    return str(exchange(folder, name)["request"]["headers"].get("Authorization", ""))[7:]


def launch_token(file: str) -> str:
    """The ``id_token`` of a recorded launch."""
    requests: list[dict[str, Any]] = json.loads(
        (FOLDER / f"{file}-requests.json").read_text("utf-8")
    )
    posts = [each["post"] for each in requests if each["post"] and "id_token=" in each["post"]]
    return str(parse_qs(posts[-1])["id_token"][0])
