"""Each package imports only what the architecture allows, third parties included."""

from typing import Final

import pytest

from tests.architecture.imports import Import, imports, room_of, sources

MODEL: Final = {"model", "errors"}
LOWER: Final = {"store", "net", "lti", "platforms", *MODEL}
# Each room: what it may import beside itself. The version constant in ltictl is everybody's.
MAY_IMPORT: Final = {
    "ltictl": set(),
    "__main__": {"cli"},
    "cli": {"operations", "sandbox", "interchange", *LOWER},
    "operations": {"callback", "relay", "interchange", *LOWER},
    "relay": {"callback", "lti", *MODEL},
    "callback": {"lti", *MODEL},
    "interchange": {"lti", "platforms", *MODEL},
    "platforms": {"lti", *MODEL},
    "store": MODEL,
    "net": MODEL,
    "lti": MODEL,
    "sandbox": {"lti", *MODEL},
    "model": {"errors"},
    "errors": set(),
}
# The subjects within operations: each may use what stands beside it at the top, and these.
SUBJECTS: Final = {
    "registration": {"attempts", "client_registration", "lms_facts"},
    "client_registration": {"attempts"},
    "attempts": set(),
    "checks": {"keys", "lms_facts", "lms_side", "log"},
    "keys": set(),
    "by_hand": set(),
    "interchange": set(),
    "log": set(),
    "data_protection": {"log"},
    "lms_facts": set(),
    "lms_side": {"attempts", "client_registration", "registration"},
}
# Third parties: the modules (or rooms) that may import them, at run time.
ONLY_IN: Final = {
    "typer": ("ltictl.cli",),
    "rich": ("ltictl.cli.render.table", "ltictl.cli.render.markdown"),
    "httpx": ("ltictl.net", "ltictl.sandbox", "ltictl.cli.commands.demo"),
    "jwt": ("ltictl.lti", "ltictl.sandbox"),
    "cryptography": (
        *("ltictl.lti", "ltictl.sandbox", "ltictl.relay.sealed_block"),
        "ltictl.store.bucket.sealing",
    ),
    "starlette": ("ltictl.callback", "ltictl.sandbox"),
    "uvicorn": ("ltictl.callback", "ltictl.sandbox"),
    "jinja2": (
        "ltictl.callback",
        "ltictl.cli.render.report_page",
        "ltictl.relay",
        "ltictl.sandbox",
    ),
    "rtoml": ("ltictl.store",),
    "tomli_w": ("ltictl.store",),
    "filelock": ("ltictl.store",),
    "obstore": ("ltictl.store.bucket.objects",),
    "certifi": ("ltictl.net",),
    "anyio": ("ltictl.net",),
}


def inside(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def listed(found: list[Import]) -> list[str]:
    return [str(each) for each in found]


def test_the_reader_sees_imports_at_the_top_and_inside_functions() -> None:
    pairs = {(each.importer, each.module) for each in imports()}

    assert ("ltictl.net.client", "ltictl.net.failures") in pairs
    assert ("ltictl.net.client", "httpx") in pairs
    assert len(imports()) > 400


@pytest.mark.parametrize("room", sorted({room_of(name) for name, _ in sources()}))
def test_a_room_imports_only_to_its_right(room: str) -> None:
    allowed = {"", "ltictl", room, *MAY_IMPORT[room]}

    wrong = [each for each in imports() if room_of(each.importer) == room]

    assert listed([each for each in wrong if each.room not in allowed]) == []


def subject_of(module: str) -> str:
    """The folder within operations, empty for what stands at the top of it."""
    parts = module.removeprefix("ltictl.operations.").split(".")
    return parts[0] if module.startswith("ltictl.operations.") and len(parts) > 1 else ""


def test_every_subject_of_operations_has_its_line() -> None:
    assert {subject_of(module) for module, _ in sources()} - {""} == SUBJECTS.keys()


def test_what_stands_at_the_top_of_operations_uses_no_subject() -> None:
    wrong = [
        each
        for each in imports()
        if room_of(each.importer) == "operations"
        and not subject_of(each.importer)
        and subject_of(each.module)
    ]

    assert listed(wrong) == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects_of_operations_import_in_one_direction(subject: str) -> None:
    mine = [each for each in imports() if subject_of(each.importer) == subject]
    wrong = [e for e in mine if subject_of(e.module) not in {"", subject, *SUBJECTS[subject]}]

    assert mine
    assert listed(wrong) == []


def test_the_sandbox_shares_only_the_vocabulary_with_the_tool_side() -> None:
    shared = [
        each for each in imports() if room_of(each.importer) == "sandbox" and each.room == "lti"
    ]

    assert {each.module for each in shared} == {"ltictl.lti.vocabulary"}


def test_platforms_use_of_lti_only_what_an_answer_says() -> None:
    used = {e.module for e in imports() if room_of(e.importer) == "platforms" and e.room == "lti"}

    assert used <= {"ltictl.lti.refusal", "ltictl.lti.vocabulary"}


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_third_party_stays_in_its_room(package: str) -> None:
    used = [each for each in imports() if each.package == package and not each.for_types]

    assert used, f"nothing imports {package} any more: take it out of the table"
    assert listed([each for each in used if not inside(each.importer, ONLY_IN[package])]) == []


def test_commands_leave_changes_and_their_hook_to_operations() -> None:
    inner = {"ltictl.operations.hooks", "ltictl.operations.changes"}

    assert (
        listed([e for e in imports() if room_of(e.importer) == "cli" and e.module in inner]) == []
    )
    assert any(each.module in inner for each in imports())


def test_annotations_of_the_future_are_not_used_in_cli() -> None:
    late = [e for e in imports() if e.module == "__future__" and room_of(e.importer) == "cli"]

    assert listed(late) == []
