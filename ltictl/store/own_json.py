"""Read JSON that ltictl wrote, and that a person or a disk may have changed."""

from typing import Any


def parse_own(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object in ``text``.

    Raises:
        ValueError: the text is no object, is nested too deeply, or holds half of a character.
    """
    import json  # of the commands that only read documents, few read JSON

    try:
        found = json.loads(text)
        # Texts from it are shown and sent, so each must be encodable.
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004  the text is at fault, not a type
    return found
