"""The recordings can be read, and abridged pages have their real size."""

import html

import pytest

from tests.support import recordings


def test_a_successful_registration() -> None:
    found = recordings.load("04-registration-request/full")

    assert found.request.method == "POST"
    assert found.request.headers["Authorization"].startswith("Bearer ")
    assert found.request.json()["client_name"] == "Example Tool"
    assert found.response.status == 200
    assert found.response.json()["client_id"] == "8oFw5jgRmAChEEN"
    assert found.platform_record_after is not None
    assert found.platform_record_after["state"] == "pending"


def test_every_exchange_is_found() -> None:
    everything = list(recordings.all_in())

    assert len(everything) == 221
    assert len(list(recordings.all_in("04-registration-request"))) == 102
    assert len({found.name for found in everything}) == len(everything)


def test_abridged_pages_have_their_real_size_and_message() -> None:
    abridged = [found for found in recordings.all_in() if found.response.abridged]

    assert len(abridged) == 24
    for found in abridged:
        assert found.visible_text is not None
        assert len(found.response.body) == found.document["response"]["body_bytes"]
        assert html.escape(found.visible_text) in found.response.body.decode()


def test_a_file_that_is_no_exchange_is_a_document() -> None:
    assert recordings.document("03-registration-token/decoded")["claims"]["scope"] == "reg"
    with pytest.raises(ValueError, match="no single HTTP exchange"):
        recordings.load("03-registration-token/decoded")
