"""The JSON Schemas of docs/reference/schemas, with their references to one another."""

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "schemas"


@functools.cache
def _documents() -> dict[str, Any]:
    return {path.name: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}


@functools.cache
def validator(schema: str) -> Any:
    """Checks against ``envelope.json``, or against ``data.json#/$defs/org add``."""
    registry: Any = Registry().with_resources(
        (name, Resource.from_contents(document)) for name, document in _documents().items()
    )
    for document in _documents().values():
        jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator({"$ref": schema}, registry=registry)


def assert_schema(value: Any, schema: str) -> None:
    """Fail unless ``value`` is what the schema says."""
    problems = [
        f"{'/'.join(map(str, each.absolute_path))}: {each.message}"
        for each in validator(schema).iter_errors(value)
    ]
    assert not problems, "\n".join([schema, *problems, json.dumps(value, indent=1)[:3000]])


def data_schema(command: str) -> str:
    return f"data.json#/$defs/{command.replace(' ', '%20')}"


def commands_with_data() -> set[str]:
    return set(_documents()["data.json"]["$defs"])
