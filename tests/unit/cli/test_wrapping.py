"""Lines break between words and never inside a command."""

from hypothesis import given
from hypothesis import strategies as st

from ltictl.cli.render.wrapping import cells, wrapped

WORD = st.text("abcdefgh-/:.äß学", min_size=1, max_size=14)


@given(words=st.lists(WORD, min_size=1, max_size=40), width=st.integers(20, 200))
def test_no_word_is_lost_or_broken(words: list[str], width: int) -> None:
    text = " ".join(words)

    lines = wrapped(text, width).split("\n")

    assert " ".join(lines).split() == text.split()
    assert all(cells(line) <= width or " " not in line.strip() for line in lines)


def test_a_command_stays_in_one_piece() -> None:
    command = "ltictl --profile prod register --org acme --public-url https://tool.example.com/lti"

    shown = wrapped(f"  fix:  Did you mean --org? Then: {command}", 60, hanging=6)

    assert shown.splitlines() == ["  fix:  Did you mean --org? Then:", f"        {command}"]


def test_further_lines_are_indented() -> None:
    assert wrapped("  label  one two three four", 24, hanging=7) == (
        "  label  one two three\n         four"
    )
