"""The recorded exchanges with a real Moodle, as values to assert on and to play back."""

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "recordings" / "moodle-4.5"
PLATFORM = "https://moodle.example"


@dataclass(frozen=True)
class RecordedRequest:
    """The tool's request."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class RecordedResponse:
    """The platform's answer; an abridged page is rebuilt to its real size."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes
    abridged: bool

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Recording:
    """One exchange, and what the platform had stored after it (None: nothing, or not looked at)."""

    name: str
    note: str
    request: RecordedRequest
    response: RecordedResponse
    visible_text: str | None
    platform_record_after: dict[str, Any] | None
    document: dict[str, Any]


def document(name: str) -> dict[str, Any]:
    """The whole file ``name`` (without ``.json``) as it is, also where it is no single exchange."""
    value: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return value


def load(name: str) -> Recording:
    """The exchange ``name``, for example ``04-registration-request/full``."""
    whole = document(name)
    if not is_exchange(whole):
        raise ValueError(f"{name} is no single HTTP exchange; read it with document()")
    request, response = whole["request"], whole["response"]
    abridged = bool(response.get("body_abridged"))
    visible_text = response.get("visible_text")
    return Recording(
        name=name,
        note=whole["note"],
        request=RecordedRequest(
            method=request["method"],
            url=request["url"],
            headers=request["headers"],
            body=(request["body"] or "").encode(),
        ),
        response=RecordedResponse(
            status=response["status"],
            reason=response["reason"],
            headers=response["headers"],
            body=(
                error_page(visible_text, response["body_bytes"])
                if abridged
                else response["body"].encode()
            ),
            abridged=abridged,
        ),
        visible_text=visible_text,
        platform_record_after=whole.get("platform_record_after"),
        document=whole,
    )


def all_in(folder: str = "") -> Iterator[Recording]:
    """All exchanges in ``folder`` and below, by name; files that are none are left out."""
    for path in sorted((FOLDER / folder).rglob("*.json")):
        name = path.relative_to(FOLDER).with_suffix("").as_posix()
        if is_exchange(document(name)):
            yield load(name)


def is_exchange(whole: dict[str, Any]) -> bool:
    """Whether a recorded file holds one request and the answer to it."""
    return "headers" in whole.get("request", {}) and "body" in whole.get("response", {})


def error_page(message: str, size: int) -> bytes:
    """A page like Moodle's error pages around ``message``, of exactly ``size`` bytes."""
    before = (
        '<!DOCTYPE html>\n<html dir="ltr" lang="en" xml:lang="en">\n<head>\n'
        "<title>Error | exmoodle</title>\n"
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        "<script>\nvar settings = {{{filler}}};\n</script>\n</head>\n"
        '<body id="page-error" class="format-site path-mod">\n'
        '<a class="sr-only" href="#maincontent">Skip to main content</a>\n'
        '<nav class="navbar"><a href="/">exmoodle</a> <a href="/login/">Log in</a></nav>\n'
        '<div role="main"><span id="maincontent"></span>\n'
        '<div class="box py-3 errorbox alert alert-danger" data-rel="fatalerror">\n'
    )
    text = f'<p class="errormessage">{html.escape(message)}</p>\n<p class="errorcode"></p>\n'
    after = (
        '</div><form action="/" method="get"><button type="submit">Continue</button></form>\n'
        '</div>\n<footer id="page-footer"><p>You are not logged in.</p></footer>\n'
        "<script>\nvar loaded = {{{filler}}};\n</script>\n</body>\n</html>"
    )
    bare = len((before.format(filler="") + text + after.format(filler="")).encode())
    missing = max(0, size - bare)
    first = missing * 3 // 5
    page = (
        before.format(filler=_filler(first)) + text + after.format(filler=_filler(missing - first))
    )
    return page.encode()


def _filler(size: int) -> str:
    entry = '"themerevision": "1725000000",\n'
    return (entry * (size // len(entry) + 1))[: size - 1] + "\n" if size else ""
