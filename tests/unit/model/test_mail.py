"""The table [mail]: templates with unknown or missing placeholders are refused when read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import InvalidValueError
from ltictl.model.mail import PLACEHOLDERS, MailSettings


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("", "lacks $url"),
        ("Paste $tool", "lacks $url"),
        ("$url $nothing", "holds $nothing, which is not known"),
        ("$url for 5 $", "holds a $ that begins no placeholder"),
    ],
)
def test_a_template_that_cannot_be_filled(template: str, problem: str) -> None:
    with pytest.raises(InvalidValueError, match=r"mail\.html\.de") as caught:
        MailSettings(html={"de": template})
    assert problem in caught.value.message
    assert "$valid_until" in caught.value.fix


def test_a_name_of_two_lines() -> None:
    with pytest.raises(InvalidValueError, match=r"mail\.sender must be one line"):
        MailSettings(sender="Jane\nBcc: x")


@given(st.lists(st.sampled_from(PLACEHOLDERS)), st.text(st.characters(exclude_characters="$")))
def test_every_placeholder_may_stand_anywhere(names: list[str], between: str) -> None:
    template = between.join(["${url}", *(f"${{{each}}}" for each in names)])
    assert MailSettings(text={"en": template}).text == {"en": template}
