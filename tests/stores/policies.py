"""The policies of docs/how-to/shared-profile.md, evaluated as each cloud describes it.

A request is one of ``s3:GetObject``, ``s3:PutObject``, ``s3:DeleteObject`` and ``s3:ListBucket``,
and the name of an object or the beginning of many.
"""

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from ltictl.store.bucket.refusals import RIGHTS

PAGE: Final = Path(__file__).parents[2] / "docs" / "how-to" / "shared-profile.md"
ARN: Final = "arn:aws:s3:::acme-lti-state"
OBJECTS: Final = "projects/_/buckets/acme-lti-state"
KINDS: Final = {
    "s3:GetObject": "read",
    "s3:PutObject": "write",
    "s3:DeleteObject": "delete",
    "s3:ListBucket": "list",
}
_TABS: Final = dict(re.findall(r'=== "([^"]+)"\n(.*?)\n(?===|\S)', PAGE.read_text(), re.DOTALL))
_ROLES_OF_GOOGLE: Final = dict(
    re.findall(r"roles create (\w+) .* --permissions (\S+)", _TABS["Google Cloud Storage"])
)


def blocks(tab: str, language: str = "json") -> list[str]:
    """The code blocks of one language in one tab of the page."""
    return re.findall(rf"```{language}\n(.*?)```", _TABS[tab], re.DOTALL)


def _statements(tab: str) -> list[dict[str, Any]]:
    (block,) = blocks(tab)
    found = json.loads(block)
    whole: list[dict[str, Any]] = found.get("Statement", [found])
    return whole


_OPERATOR: Final = _statements("Amazon S3: operator and CI")
_LISTING: Final = [each for each in _OPERATOR if each["Action"] == ["s3:ListBucket"]]
_S3: Final = {
    "operator": _OPERATOR,
    "job": [*_OPERATOR, *_statements("Amazon S3: a job without the keys")],
    "reader": [*_LISTING, *_statements("Amazon S3: reader")],
}
GOOGLE: Final = json.loads(blocks("Google Cloud Storage")[0])
AZURE: Final = json.loads(blocks("Azure Blob")[0])
_MEMBERS: Final = {"operator": "lti-operators", "job": "lti-job", "reader": "lti-readers"}
_CONDITIONS: Final = dict(zip(_MEMBERS, blocks("Azure Blob", "text"), strict=True))


def _fits(statement: dict[str, Any], action: str, name: str) -> bool:
    resources = statement["Resource"]
    resources = [resources] if isinstance(resources, str) else resources
    listing = action == "s3:ListBucket"
    about = ARN if listing else f"{ARN}/{name}"
    condition = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", ["*"])
    return (
        action in statement["Action"]
        and any(fnmatchcase(about, each) for each in resources)
        and (not listing or any(fnmatchcase(name, each) for each in condition))
    )


def allows_s3(role: str, action: str, name: str) -> bool:
    """As IAM decides: a Deny counts before every Allow, and nothing is allowed by itself."""
    found = [each["Effect"] for each in _S3[role] if _fits(each, action, name)]
    return "Allow" in found and "Deny" not in found


def allows_google(role: str, action: str, name: str) -> bool:
    """Every permission comes from a binding whose condition holds for the object or the bucket."""
    listing = action == "s3:ListBucket"
    about = OBJECTS if listing else f"{OBJECTS}/objects/{name}"
    granted: set[str] = set()
    for binding in GOOGLE["bindings"]:
        meant = any(_MEMBERS[role] in member for member in binding["members"])
        if meant and _holds(binding.get("condition", {}).get("expression", "true"), about):
            granted |= set(_ROLES_OF_GOOGLE[binding["role"].rpartition("/")[2]].split(","))
    return set(RIGHTS["gs"][KINDS[action]]) <= granted


def _holds(expression: str, about: str) -> bool:
    """Evaluate the part of Google's expressions that the page uses."""
    found = re.sub(
        r'resource\.name\.startsWith\("([^"]*)"\)',
        lambda each: str(about.startswith(each[1])),
        expression,
    )
    found = re.sub(r'resource\.name == "([^"]*)"', lambda each: str(about == each[1]), found)
    return _evaluate(found.replace("true", "True"))


def allows_azure(role: str, action: str, name: str) -> bool:
    """The role has the data action, and the condition of its assignment holds."""
    (wanted,) = RIGHTS["az"][KINDS[action]]
    # A reader has the built-in role.
    actions = AZURE["DataActions"] if role != "reader" else RIGHTS["az"]["read"]
    return wanted in actions and _condition_holds(_CONDITIONS[role], action, wanted, name)


def _condition_holds(condition: str, action: str, wanted: str, name: str) -> bool:
    listing = action == "s3:ListBucket"
    path = "" if listing else name
    compared: list[tuple[str, Callable[[str], bool]]] = [
        (r"ActionMatches\{'([^']*)'\}", lambda text: text == wanted),
        (r"SubOperationMatches\{'Blob\.(List)'\}", lambda _: listing),
        (r"@Request\[\S+:prefix\] StringStartsWith '([^']*)'", name.startswith),
        (r"@Resource\[\S+:path\] StringLike '([^']*)'", lambda text: fnmatchcase(path, text)),
        (r"@Resource\[\S+:path\] StringNotLike '([^']*)'", lambda t: not fnmatchcase(path, t)),
    ]
    for pattern, holds in compared:
        condition = re.sub(pattern, lambda each, holds=holds: str(holds(each[1])), condition)  # type: ignore[misc]
    return _evaluate(" ".join(condition.split()))


def _evaluate(expression: str) -> bool:
    """The value of True and False, joined as these languages join them."""
    for theirs, ours in (("&&", "and"), ("||", "or"), ("!", " not ")):
        expression = expression.replace(theirs, ours)
    expression = re.sub(r"\b(AND|OR|NOT)\b", lambda each: each[0].lower(), expression)
    if not re.fullmatch(r"(?:True|False|and|or|not|[() ])*", expression):
        raise ValueError(f"not understood: {expression}")
    return bool(eval(expression, {}))  # noqa: S307  only the words above


CLOUDS: Final = {"s3": allows_s3, "gs": allows_google, "az": allows_azure}
