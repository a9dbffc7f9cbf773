"""Write a number of things in words."""


def counted(number: int, noun: str) -> str:
    """Write a number and its noun, such as ``1 key`` or ``3 keys``; the noun takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
