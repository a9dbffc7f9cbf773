"""The pages inside ltictl: their addresses on the site, and their text without its tags."""

import pytest

import ltictl
from ltictl.cli import topics


def test_a_page_has_an_address_on_the_site_of_this_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ltictl, "__docs_url__", "https://docs.example.org")
    monkeypatch.setattr(ltictl, "__version__", "1.2.3")

    page = topics.topics()["moodle"]
    assert topics.topic_address(page) == "https://docs.example.org/1.2.3/how-to/lms/moodle.html"


def test_without_a_release_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ltictl, "__docs_url__", "")

    assert topics.topic_address(topics.topics()["moodle"]) == ""


@pytest.mark.parametrize("name", sorted(topics.topics()))
def test_a_topic_shows_no_tags_and_no_pictures(name: str) -> None:
    text = topics.topic_text(topics.topics()[name])

    assert "<details" not in text
    assert "<summary" not in text
    assert '=== "' not in text
    assert ".svg" not in text
    assert ".png" not in text
