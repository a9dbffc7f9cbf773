"""A QR code for a URL on a terminal (ISO/IEC 18004, byte mode, level L, versions 1-6, mask 0)."""

# ltictl has its own encoder, since the few sizes that a URL needs take less code than a library's
# options. The tests compare it with a picture that another encoder made.

from collections.abc import Iterator
from typing import Final

# Version -> error correction codewords of a block, blocks, data codewords of a block (level L).
_SIZES: Final = {
    1: (7, 1, 19),
    2: (10, 1, 34),
    3: (15, 1, 55),
    4: (20, 1, 80),
    5: (26, 1, 108),
    6: (18, 2, 68),
}
_OVERHEAD: Final = 2  # codewords for mode, length and end
_FORMAT: Final = 0b111011111000100  # level L and mask 0, with their check bits (table C.1)
_QUIET: Final = 2  # light modules around it
_Matrix = list[list[bool | None]]


def qr_lines(text: str) -> list[str]:
    """Return the code as lines of half blocks, the dark ones drawn; none for too long a text."""
    data = text.encode()
    version = next(
        (v for v, (_, n, size) in _SIZES.items() if n * size >= len(data) + _OVERHEAD), 0
    )
    if not version:
        return []
    matrix = _draw_all(version, _bits(_codewords(data, version)))
    size = len(matrix) + 2 * _QUIET
    padded = [[False] * size for _ in range(size + size % 2)]
    for row, cells in enumerate(matrix):
        padded[row + _QUIET][_QUIET:-_QUIET] = [bool(cell) for cell in cells]
    return [
        "".join(
            " ▀▄█"[upper + 2 * lower] for upper, lower in zip(*padded[at : at + 2], strict=True)
        )
        for at in range(0, len(padded), 2)
    ]


def _codewords(data: bytes, version: int) -> bytes:
    """Return the codewords of data and error correction, with the blocks interleaved."""
    checks, count, size = _SIZES[version]
    # Mode 0100, eight bits of length, the data, at least four bits of end: all shifted by a nibble.
    number = int.from_bytes(bytes([len(data)]) + data) << 4 | 0b0100 << 8 * (len(data) + 1) + 4
    whole = number.to_bytes(len(data) + _OVERHEAD)
    filling = bytes([0xEC, 0x11] * (count * size))
    whole = (whole + filling)[: count * size]
    blocks = [whole[at : at + size] for at in range(0, len(whole), size)]
    ends = [_remainder(block, checks) for block in blocks]
    columns = (*zip(*blocks, strict=True), *zip(*ends, strict=True))
    return bytes(word for column in columns for word in column)


def _product(left: int, right: int) -> int:
    """Multiply in the field of 256 with the polynomial x^8 + x^4 + x^3 + x^2 + 1."""
    result = 0
    while right:
        result ^= left * (right & 1)
        left = left << 1 ^ (0x11D if left & 0x80 else 0)
        right >>= 1
    return result


def _remainder(block: bytes, checks: int) -> bytes:
    """Return the Reed-Solomon remainder of a block by (x - 1)(x - 2)(x - 4)..."""
    divisor, root = [1], 1
    for _ in range(checks):
        divisor = [a ^ _product(b, root) for a, b in zip([*divisor, 0], [0, *divisor], strict=True)]
        root = _product(root, 2)
    rest = [*block, *[0] * checks]
    for at in range(len(block)):
        factor = rest[at]
        for offset, each in enumerate(divisor):
            rest[at + offset] ^= _product(each, factor)
    return bytes(rest[-checks:])


def _bits(words: bytes) -> Iterator[bool]:
    return (bool(word >> shift & 1) for word in words for shift in range(7, -1, -1))


def _draw_all(version: int, bits: Iterator[bool]) -> _Matrix:
    size = 4 * version + 17
    matrix: _Matrix = [[None] * size for _ in range(size)]
    for row, column in ((3, 3), (3, size - 4), (size - 4, 3)):
        _square(matrix, row, column, 4, light={2, 4})
    if version > 1:
        _square(matrix, size - 7, size - 7, 2, light={1})
    for at in range(8, size - 8):  # the timing patterns
        matrix[6][at] = matrix[at][6] = at % 2 == 0
    _draw_format(matrix)
    for row, column in _path(size):
        if matrix[row][column] is None:
            matrix[row][column] = next(bits, False) ^ ((row + column) % 2 == 0)
    return matrix


def _square(matrix: _Matrix, row: int, column: int, reach: int, *, light: set[int]) -> None:
    """Draw rings around a module; those at a distance in ``light`` are light."""
    size = len(matrix)
    for r in range(max(row - reach, 0), min(row + reach + 1, size)):
        for c in range(max(column - reach, 0), min(column + reach + 1, size)):
            matrix[r][c] = max(abs(r - row), abs(c - column)) not in light


def _draw_format(matrix: _Matrix) -> None:
    size = len(matrix)
    around = [*range(6), 7, 8]
    for at in range(15):
        bit = bool(_FORMAT >> at & 1)
        near = around[at] if at < len(around) else [*range(5, -1, -1), 7][(at - 9) % 7]
        if at < len(around):
            matrix[near][8] = matrix[8][size - 1 - at] = bit
        else:
            matrix[8][near if at > len(around) else 7] = matrix[size - 15 + at][8] = bit
    matrix[size - 8][8] = True


def _path(size: int) -> Iterator[tuple[int, int]]:
    """Yield the modules in the order of the data: pairs of columns from the right, up and down."""
    upwards = True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for row in reversed(range(size)) if upwards else range(size):
            yield row, right
            yield row, right - 1
        upwards = not upwards
