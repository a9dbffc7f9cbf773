"""The QR code of a URL equals the one that the library 'qrcode' makes."""

import hashlib

import pytest

from ltictl.cli.render.qr_code import qr_lines

LONG = "https://tool.example.com/lti/register?t=abc.DEFghi" * 4
PICTURE = """\
#######..#....#######
#.....#..#....#.....#
#.###.#.###.#.#.###.#
#.###.#..###..#.###.#
#.###.#..###..#.###.#
#.....#.......#.....#
#######.#.#.#.#######
........##...........
###.#####.##.##...#..
##.##....####.###...#
.####.##...###..#.###
..#..#....#.....#..#.
#...######..#..#.#...
........##.###.##..##
#######.#..####.#.###
#.....#.#.##.#.##....
#.###.#.#.#......#..#
#.###.#..#..#.#.##...
#.###.#.#..##...#.#.#
#.....#.###.....#..#.
#######.#..##...##.##
"""
# Length of the text -> SHA-256 of the same kind of picture.
DIGESTS = {
    30: "3d25a3537c54937741c983b2f3c0ebfee9090c1b1e72c39b8242dc3482538051",
    50: "7207ab9718648adea7ce7e0be54064e0c0001d7440378d556a3cb09b75542630",
    78: "630ba6783ffadb06695df8ec149d57f16a5d0a5e3e9ab30b81439372767f03ef",
    100: "92e4af269331568895bfbbcdba3f85183874f8654076479cd629011793eaa60e",
    134: "78514870c9111746f1402a2f0efff61c47559e3c5d5b6c3f3c414079522b0410",
}
HALVES = {" ": "..", "▀": "#.", "▄": ".#", "█": "##"}


def drawn(text: str) -> list[str]:
    """The modules, without the light ones around the code."""
    lines = qr_lines(text)
    rows = ["".join(HALVES[each][half] for each in line) for line in lines for half in (0, 1)]
    dark = [at for at, row in enumerate(rows) if "#" in row]
    return [row[2:-2] for row in rows[dark[0] : dark[-1] + 1]]


def test_a_code_is_what_another_encoder_makes() -> None:
    assert drawn("https://a.example") == PICTURE.splitlines()


@pytest.mark.parametrize(("length", "digest"), DIGESTS.items())
def test_every_size_is_what_another_encoder_makes(length: int, digest: str) -> None:
    text = "\n".join(drawn(LONG[:length]))

    assert hashlib.sha256(text.encode()).hexdigest() == digest


def test_a_text_that_is_too_long_has_no_code() -> None:
    assert qr_lines("x" * 134) != []
    assert qr_lines("x" * 135) == []
