"""Terminals and pipes get no control characters, no markup, and one envelope."""

import io
import json
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.cli.render.output import Output
from ltictl.cli.render.register_events import SILENCE, RegisterEvents
from ltictl.cli.render.safe_text import safe
from ltictl.errors import HookWarning, LtictlError
from ltictl.model.integration import Status
from ltictl.operations.events import Event, SecondPassed, SilenceNoticed
from tests.support.streams import Tty, text_of

SCHEMAS = Path(__file__).parents[3] / "docs" / "reference" / "schemas"


def pipe(**how: bool) -> Output:
    return Output(**how, stdout=io.StringIO(), stderr=io.StringIO())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain [bold]text[/bold]", "plain [bold]text[/bold]"),
        ("Universität 東京 🎓", "Universität 東京 🎓"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("", ""),
    ],
)
def test_what_could_steer_a_terminal_is_written_out(foreign: str, shown: str) -> None:
    assert safe(foreign) == shown


@given(st.text())
def test_nothing_that_steers_is_ever_left(text: str) -> None:
    assert {unicodedata.category(each)[0] for each in safe(text)} <= set("LMNPSZ")
    assert "\n" not in safe(text)


@given(st.text())
def test_every_stream_gets_one_line_for_one_line(text: str) -> None:
    output = pipe()

    output.line(text)
    output.note(text)
    output.warn(text)
    output.table(["A", "B"], [[text, text]])

    assert text_of(output.stdout).count("\n") == 3
    assert text_of(output.stderr).count("\n") == 2
    assert text_of(output.stdout).splitlines()[-1].count("\t") == 1


@given(st.text())
def test_a_table_on_a_terminal_reads_nothing_as_markup(text: str) -> None:
    output = Output(stdout=Tty(), stderr=Tty())

    output.table(["Name"], [[f"[red]{text}[/red]"]])

    assert "[red]" in text_of(output.stdout)
    assert "\x07" not in text_of(output.stdout)


def test_an_envelope_is_ascii_and_one_object() -> None:
    output = pipe(json=True)
    error = LtictlError("code", "\u202eü", why="\ud800", fix="f")

    output.envelope("x", None, ["\x1b"], lambda: error)

    assert text_of(output.stdout).isascii()
    assert json.loads(text_of(output.stdout))["error"]["message"] == "\u202eü"


@pytest.mark.parametrize("how", [{"quiet": True}, {"json": True}], ids=str)
def test_notes_are_for_people_who_want_them(how: dict[str, bool]) -> None:
    output = pipe(**how)

    output.note("note")
    output.urgent("urgent")

    assert text_of(output.stderr) == "urgent\n"


def test_an_encoding_without_the_characters_is_no_obstacle() -> None:
    raw = io.BytesIO()
    output = Output(stdout=io.TextIOWrapper(raw, encoding="ascii"), stderr=io.StringIO())

    output.line("Universität")

    assert raw.getvalue() == b"Universit\\xe4t\n"


def test_no_colour_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    error = LtictlError("c", "m", fix="f")
    coloured, plain = (Output(stdout=Tty(), stderr=Tty()) for _ in range(2))

    coloured.error(error)
    monkeypatch.setenv("NO_COLOR", "1")
    plain.error(error)

    assert "\x1b[" in text_of(coloured.stderr)
    assert text_of(plain.stderr) == "error: m\n  fix:  f\n"


def test_a_silent_terminal_hears_why_that_may_be_and_a_pipe_does_not() -> None:
    terminal, piped = Output(stdout=Tty(), stderr=Tty()), pipe()

    for output in (terminal, piped):
        RegisterEvents(output).show(SilenceNoticed(20))

    shown = " ".join(text_of(terminal.stderr).split())
    assert all(" ".join(line.split()) in shown for line in SILENCE)
    assert text_of(piped.stderr) == ""


def test_the_time_left_is_shown_on_a_terminal_only() -> None:
    terminal, piped = Output(stdout=Tty(), stderr=Tty()), pipe()

    for output in (terminal, piped):
        RegisterEvents(output).show(SecondPassed(61))

    assert eventually(lambda: "1:01 left" in text_of(terminal.stderr))
    assert text_of(piped.stderr) == ""


def test_every_event_has_a_sentence() -> None:
    tell = vars(RegisterEvents)["_tell"].dispatcher
    untold = [kind for kind in (*get_args(Event), SecondPassed) if kind not in tell.registry]
    assert untold == []


def test_every_event_stands_in_the_schema() -> None:
    schema = json.loads((SCHEMAS / "event.json").read_text("utf-8"))
    tags = {kind.__struct_config__.tag for kind in get_args(Event)}

    assert set(schema["properties"]["event"]["enum"]) == tags


def eventually(reached: Callable[[], bool]) -> bool:
    """The line appears only when nothing was written for a while."""
    deadline = time.monotonic() + 5
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.05)
    return reached()


def test_a_narrow_terminal_leaves_columns_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    headings = ["ID", "Status", "Client ID", "Created"]
    row = ["acme-moodle", "pending", "c" * 40, "2026-11-25"]
    for columns, wanted in (
        ("120", ["Client ID", "Created"]),
        ("70", ["Client ID"]),
        ("40", ["Created"]),
    ):
        monkeypatch.setenv("COLUMNS", columns)
        output = Output(stdout=Tty(), stderr=Tty())
        output.table(headings, [row])
        shown = text_of(output.stdout)
        assert [
            each for each in ("Client ID", "Created") if each in shown.splitlines()[0]
        ] == wanted
        assert "acme-moodle" in shown
        assert "pending" in shown
        assert ("narrow terminal" in shown) is (len(wanted) < 2)


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_a_marked_warning_is_a_text_like_any_other(terminal: bool) -> None:
    stdout = Tty() if terminal else io.StringIO()
    output = Output(json=True, stdout=stdout, stderr=io.StringIO())

    output.envelope("list", {"status": Status.ACTIVE}, [HookWarning("failed")])

    envelope = json.loads(stdout.getvalue())
    assert (envelope["warnings"], envelope["data"]) == (["failed"], {"status": "active"})


@pytest.mark.parametrize(
    "text", ["plain", "Universität", "\x7f", "\x1b[31m", "\udcff", "a\u2028b", "🎓", '\\"\n', ""]
)
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_json_of_any_text_is_printable_ascii(text: str, terminal: bool) -> None:
    stdout = Tty() if terminal else io.StringIO()

    Output(json=True, stdout=stdout, stderr=io.StringIO()).envelope("list", {"name": text}, ())

    written = stdout.getvalue()
    assert json.loads(written)["data"] == {"name": text}
    assert written.endswith("}\n")
    assert written.isascii()
    assert written.replace("\n", "").isprintable()
    assert (written.count("\n") > 1) is terminal


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_a_table_without_rows_has_headings_for_programs_and_a_sentence_for_people(
    terminal: bool,
) -> None:
    stdout = Tty() if terminal else io.StringIO()
    output = Output(stdout=stdout, stderr=io.StringIO())

    output.table(["ID", "State"], [], none="Nothing is here.")

    assert text_of(stdout) == ("" if terminal else "id\tstate\n")
    assert text_of(output.stderr) == "Nothing is here.\n"
