"""A new family is one file: once it is there, every package knows the family."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ltictl.cli.completion.scripts import completion_script
from ltictl.operations.by_hand.add import add_integration
from ltictl.operations.by_hand.lms_config import lms_config
from ltictl.operations.context import Context
from ltictl.platforms import families, table
from ltictl.platforms.presets import presets

MODULE: Final = """
from ltictl.platforms.family import Family, Preset
from ltictl.platforms.form import CLIENT, Form

FAMILY = Family(
    slug="campus",
    codes=("campus.example",),
    title="Campus",
    paste=("Settings > Tools",),
    activate=("Switch it on",),
    switch="Settings > Tools > the tool > On",
    form=Form("Settings > Tools > New", lambda asked: [("Tool", asked.name)], (CLIENT,)),
    presets={
        "campus": Preset(
            authorization_endpoint="{site}/auth",
            token_endpoint="{site}/token",
            jwks_uri="{site}/keys",
        )
    },
)
"""


def forget() -> None:
    for cached in (table.slugs, table.family_of, presets):
        cached.cache_clear()


@pytest.fixture
def dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "campus.py").write_text(MODULE, "utf-8")
    monkeypatch.setattr(families, "__path__", [*families.__path__, str(folder)])
    forget()
    yield
    monkeypatch.undo()
    forget()


def test_without_its_file_nobody_knows_it() -> None:
    assert table.family_of("campus.example") is table.generic()
    assert "campus" not in table.slugs()


@pytest.mark.usefixtures("dropped")
def test_a_dropped_in_family_is_known_everywhere(profile_at_home: Context) -> None:
    family = table.family_of("campus.example")
    assert (family.slug, table.family_named("campus")) == ("campus", family)
    assert "campus" in completion_script("bash")

    form, _ = lms_config(profile_at_home, family)
    assert form.where == "Settings > Tools > New"
    assert form.fields == (("Tool", profile_at_home.profile.settings().tool.name),)

    addresses = dict.fromkeys(
        ("authorization_endpoint", "token_endpoint", "jwks_uri", "audience"), ""
    )
    added = add_integration(
        profile_at_home,
        organization="acme",
        client_id="c-1",
        addresses={"issuer": "https://campus.example", **addresses},
        preset="campus",
    ).integration
    assert added.id == "acme-campus"
    assert added.platform.token_endpoint == "https://campus.example/token"
    assert table.remaining_steps(added)[0] == "Switch it on"
