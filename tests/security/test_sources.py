"""The source compares no secret plainly, and no page listens to messages."""

import ast
import re
from pathlib import Path

import ltictl

ROOT = Path(ltictl.__file__).parent
SECRET = re.compile(r"(?:^|_)(?:secret|mac|digest|sha256|password|passphrase)(?:$|_)")
# Checksums without a key: an attacker who can choose one can choose the content too.
CHECKSUMS = {
    "store/attempt_records.py",
    "store/log/chain.py",
    "store/log/erasure.py",
    "store/log/lines.py",
    "operations/log/check_log.py",
}
TEMPLATES = ROOT / "callback" / "templates"
RELAY = ROOT / "relay" / "templates"


def names(node: ast.expr) -> set[str]:
    """Names of variables and members in an expression."""
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return found | {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


def compared(path: Path) -> list[str]:
    """Comparisons with == or != of something whose name says that it is secret (row 25)."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Compare):
            continue
        equal = any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops)
        if equal and any(SECRET.search(name) for name in names(node)):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}")
    return found


def test_the_search_finds_what_it_is_for(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text("if given == invitation.secret_sha256: pass\nif mac != x: pass\n")

    nodes = [n for n in ast.walk(ast.parse(sample.read_text())) if isinstance(n, ast.Compare)]
    assert all(any(SECRET.search(name) for name in names(node)) for node in nodes)
    assert len(nodes) == 2


def test_secrets_are_compared_in_constant_time() -> None:
    found = [each for path in sorted(ROOT.rglob("*.py")) for each in compared(path)]

    assert [each for each in found if each.partition(":")[0] not in CHECKSUMS] == []


def test_no_page_of_the_callback_listens_to_messages() -> None:
    pages = list(TEMPLATES.glob("*.html"))
    assert len(pages) >= 3
    for path in pages:
        text = path.read_text("utf-8")
        assert not re.search(r"onmessage|addEventListener\(.message", text), path.name
        assert "cookie" not in text
        assert "localStorage" not in text
        assert "sessionStorage" not in text


def test_the_relay_page_loads_and_sends_nothing() -> None:
    text = "".join(path.read_text("utf-8") for path in RELAY.glob("relay.*"))
    ways_out = (
        r"fetch\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource|import\(|src=|@import|url\("
    )
    assert not re.search(ways_out, text)
    assert text.count("postMessage(") == 1
    assert "event.source !== opened" in text
    assert "event.origin !== here" in text
