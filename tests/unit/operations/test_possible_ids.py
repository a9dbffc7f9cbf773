"""The ids that an organization's integrations may have are found without opening a document."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltictl.errors import LtictlError
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.integration_ids import id_stem, possible_ids
from ltictl.operations.organizations import add_organization, remove_organization
from ltictl.store.profile import Profile
from tests.support import things

SLUGS = ("acme", "acme-west", "a", "beta")
ENDS = ("moodle", "moodle-2", "west-canvas", "z")
IDS = st.sampled_from(
    [*SLUGS, "other", "other-lms", *(f"{id_stem(slug)}{end}" for slug in SLUGS for end in ENDS)]
)


@given(st.sets(st.sampled_from(SLUGS)), st.sets(IDS), st.sampled_from(SLUGS))
@settings(max_examples=50, deadline=None)
def test_only_ids_with_another_organizations_slug_are_left_out(
    slugs: set[str], ids: set[str], asked: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for kind, names in (("organizations", slugs), ("integrations", ids)):
            (Path(folder) / kind).mkdir()
            for name in names:
                (Path(folder) / kind / f"{name}.toml").write_text("no document")

        found = possible_ids(Context(Profile(Path(folder))), asked)

    others = tuple(map(id_stem, slugs - {asked}))
    own = {each for each in ids if each.startswith(id_stem(asked))}
    assert found == sorted(own | {each for each in ids if not each.startswith((*others, *own))})


def test_an_organization_with_an_odd_id_is_not_removed(tmp_path: Path) -> None:
    context = Context(Profile(tmp_path / "profile"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme")
    context.profile.integrations.add(things.integration("moodle"))

    with pytest.raises(LtictlError, match="owns 1 integration") as refused:
        remove_organization(context, "acme")

    assert refused.value.code == "organization_in_use"
    assert context.profile.organizations.ids() == ["acme"]
