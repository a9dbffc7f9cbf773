"""The parts of a line: each can be replaced alone, and nothing else can be changed unseen."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ltictl.store.log.parts import body_digest, parts_of, replaced_keys, with_parts, with_salts

_CHANGES = st.fixed_dictionaries(
    {"document": st.text(max_size=9), "what": st.sampled_from(["added", "removed"])}
)
_BODIES = st.fixed_dictionaries(
    {"action": st.text(max_size=5), "changes": st.lists(_CHANGES, max_size=4)},
    optional={
        "author": st.fixed_dictionaries({"name": st.text(max_size=5), "command": st.text()}),
        "integrations": st.lists(st.text(max_size=6), max_size=3),
        "hook": st.text(max_size=6),
        "error": st.text(max_size=6),
    },
)


@given(_BODIES, st.data())
def test_a_replaced_part_keeps_the_digest_of_the_line(body: Any, data: st.DataObject) -> None:
    salted = with_salts(body)
    keys = [key for key, _ in parts_of(salted)]
    chosen = data.draw(st.sets(st.sampled_from(keys))) if keys else set()
    kinds = {key: value.get("what") for key, value in parts_of(salted) if isinstance(value, dict)}
    wanted = {key: {"what": kinds[key]} if key in kinds else "alias" for key in chosen}

    replaced = with_parts(salted, wanted)
    read_again = json.loads(json.dumps(replaced))

    assert body_digest(read_again) == body_digest(salted)
    assert replaced_keys(read_again) == frozenset(chosen)
    assert {key: dict(parts_of(replaced))[key] for key in chosen} == wanted
    assert not chosen & set(replaced["salts"])


def test_a_part_that_is_replaced_twice_still_proves_the_line_as_written() -> None:
    salted = with_salts({"action": "edit", "changes": [], "hook": "acme"})

    twice = with_parts(with_parts(salted, {"hook": "erased-1"}), {"hook": "erased-2"})

    assert twice["hook"] == "erased-2"
    assert body_digest(twice) == body_digest(salted)


@given(_BODIES, st.data())
def test_any_other_change_shows(body: Any, data: st.DataObject) -> None:
    salted = with_salts(body)
    forged = copy.deepcopy(salted)
    change = data.draw(
        st.sampled_from(["action", "outcome", "what", "part", "salt", "more", "fewer"])
    )
    if change in {"action", "outcome"}:
        forged[change] = "forged value"
    elif change in {"what", "part", "fewer"} and forged["changes"]:
        {
            "what": lambda: forged["changes"][0].update(what="changed"),
            "part": lambda: forged["changes"][0].update(document="another document"),
            "fewer": forged["changes"].pop,
        }[change]()
    elif change == "more":
        forged["changes"].append({"document": "x", "what": "added"})
    else:
        forged["salts"]["another"] = "00"

    assert body_digest(forged) != body_digest(salted)
