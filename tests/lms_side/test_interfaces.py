"""The rules for every interface: which host gets the token, and what a reply is."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import LtictlError, RefusedError
from ltictl.model.attempt import Answer
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.lms_side.interface_reads import call_address, judge
from ltictl.operations.lms_side.site import Site
from ltictl.operations.lms_side.tokens import Purse
from ltictl.platforms.administration import Call, Interface, Steps, body_of, member, text_of
from ltictl.platforms.table import example
from ltictl.store.profile import Profile

TOKEN = "an-administrators-token-0123456789"


def nothing(*_: object) -> Steps[Any]:
    yield from ()
    return None


def site(base: str = "https://lms.example", **members: Any) -> Site:
    interface = Interface(
        slug="invented",
        basis="from source",
        token_place=("Settings",),
        who=nothing,
        status=nothing,
        **members,
    )
    context = Context(Profile(Path("/nowhere")))
    return Site(context, GuardPolicy(), example(), interface, base, Purse(TOKEN, token=TOKEN))


@given(st.text(max_size=40))
def test_a_call_stays_at_the_lms_with_any_path(text: str) -> None:
    there = site()
    try:
        address = call_address(there, Call(path=text))
    except LtictlError as error:
        assert error.code == "lms_answer_unusable"  # noqa: PT017  most texts are no path
        return
    assert address.startswith("https://lms.example/")


@pytest.mark.parametrize(
    "path", ["https://evil.example/x", "http://auth.example/token", "//evil.example", "@evil", ""]
)
def test_another_host_gets_nothing(path: str) -> None:
    there = site(hosts=("auth.example",))

    if path.startswith("//"):  # a path, since the base stands before it
        assert call_address(there, Call(path=path)) == "https://lms.example//evil.example"
        return
    with pytest.raises(LtictlError, match="not its own"):
        call_address(there, Call(path=path))


def test_a_host_that_the_interface_names_is_reached_by_https() -> None:
    there = site(hosts=("auth.example",))

    assert call_address(there, Call(path="https://auth.example/token")).startswith("https://auth.")


@pytest.mark.parametrize(
    ("link", "following"),
    [
        ('<https://lms.example/api?page=2>; rel="next"', "/api?page=2"),
        ('<https://lms.example/a>; rel="current",<https://lms.example/b>; rel="next"', "/b"),
        ("<https://lms.example/b>; rel=next", "/b"),
        ('<https://evil.example/api?page=2>; rel="next"', ""),
        ('<https://lms.example.evil.example/api>; rel="next"', ""),
        ('<https://lms.example@evil.example/api>; rel="next"', ""),
        ('<https://lms.example/api>; rel="prev"', ""),
        ("nonsense", ""),
    ],
)
def test_the_next_page_is_at_the_same_host(link: str, following: str) -> None:
    reply = judge(site(), Call(path="/"), Answer(200, "", b"[]"), {"link": link})

    assert reply.following == following


def test_a_refusal_quotes_the_lms_and_no_token() -> None:
    answer = Answer(403, "", b'{"message": "not with %s"}' % TOKEN.encode())

    with pytest.raises(RefusedError) as caught:
        judge(site(), Call(path="/x?q=1"), answer, {})

    error = caught.value
    assert error.code == "lms_refused"
    assert "not with [token]" in error.message
    assert TOKEN not in repr(vars(error))
    assert "?q" not in error.message


def test_a_refusal_inside_a_success_is_one() -> None:
    there = site(problem=lambda reply: text_of(reply.document, "exception"))

    with pytest.raises(RefusedError, match="no right"):
        judge(there, Call(path="/"), Answer(200, "", b'{"exception": "no right"}'), {})


def test_a_refusal_that_the_steps_read_themselves_is_a_reply() -> None:
    call = Call(path="/", accepts=frozenset({404}))

    assert judge(site(), call, Answer(404, "", b""), {}).status == 404


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_foreign_documents_are_read_without_a_surprise(document: Any) -> None:
    assert isinstance(text_of(document, "a", 0, "b"), str)
    member(document, 0, "x", -1)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (Call(path="/"), (b"", "")),
        (Call(path="/", json={"a": 1}), (b'{"a": 1}', "application/json")),
        (Call(path="/", form={"a": "b c"}), (b"a=b+c", "application/x-www-form-urlencoded")),
    ],
)
def test_a_call_has_one_body(call: Call, body: tuple[bytes, str]) -> None:
    assert body_of(call) == body


def test_a_secret_that_is_good_once_is_stored_before_it_is_used() -> None:
    calls: list[str] = []
    purse = Purse("old", lambda fresh: calls.append(f"{fresh} stored, token {purse.token!r}"))

    purse.take("token", "new")

    assert calls == ["new stored, token ''"]
    assert (purse.secret, purse.token) == ("new", "token")
    assert "old" in purse.all
    assert "new" not in repr(purse)
