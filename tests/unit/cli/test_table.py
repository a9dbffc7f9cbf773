"""Tables on a terminal have one line a row at any width, and leave the right columns out."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ltictl.cli.render.safe_text import safe
from ltictl.cli.render.table import table_text
from ltictl.cli.render.wrapping import cells

HEADINGS = ["ID", "Organization", "Status", "LMS", "Host", "Client ID", "Deployments", "Created"]
ROW = [
    "acme-moodle",
    "acme",
    "active",
    "Moodle",
    "moodle.acme.edu",
    "kNrGlCtI48G6Yct",
    "1",
    "2026-11-28",
]
CELLS = st.text(max_size=60).map(safe)


def lines(row: list[str], width: int) -> list[str]:
    return table_text(HEADINGS, [row], width, colour=False).splitlines()


@given(
    rows=st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=4), width=st.integers(60, 200)
)
def test_each_row_has_one_line_that_fits(rows: list[list[str]], width: int) -> None:
    shown = table_text(HEADINGS, rows, width, colour=False).split("\n")[:-1]
    noted = sum(line.startswith(("(narrow terminal", " Deployments", " Created")) for line in shown)

    assert len(shown) == 1 + len(rows) + noted
    assert max(cell_len(line) for line in shown[: 1 + len(rows)]) <= width


def test_a_wide_terminal_shows_everything() -> None:
    assert lines(ROW, 120)[1].split() == ROW


def test_the_organization_is_left_out_first_and_the_client_id_last() -> None:
    found = [" ".join(" ".join(lines(ROW, width)[2:]).split()) for width in (98, 84, 70, 60)]

    assert found[0].endswith("without Organization)")
    assert found[1].endswith("without Organization, Created)")
    assert found[2].endswith("without Organization, Deployments, Created)")
    assert found[3].endswith("without Organization, Client ID, Created)")


@given(row=st.lists(CELLS, min_size=8, max_size=8), width=st.integers(60, 200))
def test_no_column_is_left_out_for_which_there_is_room(row: list[str], width: int) -> None:
    shown = lines(row, width)
    cut = any("…" in line for line in shown[:2])
    # As ltictl measures: terminals differ about the room of a combining sign.
    widths = {
        heading: max(len(heading), cells(cell)) for heading, cell in zip(HEADINGS, row, strict=True)
    }
    left_out = [each for each in HEADINGS if each not in shown[0]]
    taken = sum(widths[each] + 2 for each in HEADINGS if each not in left_out) - 2

    assert cut or all(taken + 2 + widths[each] > width for each in left_out)


def test_a_key_is_cut_before_its_state_and_its_next_step() -> None:
    headings = ["Kid", "State", "Created at", "What comes next"]
    row = ["k" * 43, "next", "3 days ago", "may sign in 24 h, once published"]
    for width in (60, 80):
        (_, shown, *_) = table_text(headings, [row], width, colour=False).splitlines()
        assert shown.startswith("k" * 11)
        assert shown.endswith("may sign in 24 h, once published")


def test_the_id_is_cut_last_of_all() -> None:
    slug = "a-very-long-slug-of-a-school-in-a-long-town"
    wide = [f"{slug}-moodle", slug, "active", "Moodle", "h" * 40, "c", "1", "2026-11-28"]
    narrow = lines(wide, 80)[1]
    narrower = lines(wide, 60)[1]

    assert f"{slug}-moodle" in narrow
    assert "hh…" in narrow
    assert narrower.startswith(f"{slug[:20]}")
    assert "…" in narrower.split()[0]


def test_wide_characters_count_as_two_cells() -> None:
    row = ["学校" * 30, "acme", "active", "Moodle", "h", "c", "1", "2026-11-28"]

    assert cell_len(lines(row, 60)[1]) <= 60
    assert "…" in lines(row, 60)[1]


def test_states_are_coloured_only_where_colours_are_shown() -> None:
    plain = table_text(HEADINGS, [ROW], 120, colour=False)
    coloured = table_text(HEADINGS, [ROW], 120, colour=True)

    assert "\x1b" not in plain
    assert "\x1b[32mactive\x1b[0m" in coloured


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["tool.url", "tool.initiate_login_uri"]),
            st.lists(st.integers(1, 50), min_size=1, max_size=3),
            st.sampled_from(["default", "profile.toml, derived", "LTICTL_HOME"]),
        ),
        min_size=1,
        max_size=4,
    ),
    width=st.sampled_from([60, 80, 120]),
)
def test_an_address_that_fits_stays_in_one_piece(
    rows: list[tuple[str, list[int], str]], width: int
) -> None:
    urls = [[f"https://{'a' * each}" for each in lengths] for _, lengths, _ in rows]
    cells = [
        [name, ", ".join(made), source] for (name, _, source), made in zip(rows, urls, strict=True)
    ]
    shown = table_text(["Setting", "Value", "Source"], cells, width, colour=False)

    words = [word.rstrip(",") for word in shown.split()]
    assert all(url in words for made in urls for url in made)
    assert max(map(len, shown.splitlines())) <= max(width, 4 + len("https://") + 51)


def test_sentences_are_wrapped_not_cut() -> None:
    detail = "The key set at https://tool.example/jwks answers 404, and an LMS cannot verify. " * 2

    shown = table_text(["Check", "Result", "Detail"], [["jwks", "fail", detail]], 60, colour=False)

    assert detail.rsplit(maxsplit=1)[-1] in shown
    assert "…" not in shown
