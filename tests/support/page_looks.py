"""Three states of the page in each language, and the looks in which people see them."""

from typing import Any, Final

from ltictl.callback.desk import Offer, Outcome, Result, Vendor
from ltictl.callback.languages import speaking
from ltictl.callback.logo import logo_url
from ltictl.callback.pages import Pages
from ltictl.callback.texts import text
from ltictl.lti.vocabulary import CLAIM_MEANING, MESSAGE_MEANING, SCOPE_MEANING, SCOPES
from ltictl.model.tool import DEFAULT_CLAIMS, DEFAULT_SCOPES
from ltictl.model.web_address import WebAddress
from ltictl.net.reply import Reply
from ltictl.operations.lms_facts.absent_configuration import absent_configuration
from ltictl.platforms.table import example, next_steps
from tests.support.png import png

LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {"viewport": {"width": 900, "height": 640}},
    "phone": {"viewport": {"width": 360, "height": 740}},
    "200": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}
_OFFER: Final = Offer(
    tool="Example Tool",
    lms="Moodle",
    version="4.5",
    host="moodle.school.example",
    school="",
    hosts=("moodle.school.example",),
    registers_at="moodle.school.example",
    tool_hosts=("tool.example.com",),
    services=tuple(SCOPE_MEANING[SCOPES[each]] for each in DEFAULT_SCOPES),
    messages=tuple(MESSAGE_MEANING.values())[:2],
    data=tuple(CLAIM_MEANING[each] for each in DEFAULT_CLAIMS),
    organization="Acme School",
    vendor=Vendor(
        logo=logo_url(png(96, 96)),
        site="https://tool.example.com",
        contact="support@tool.example.com",
        policy="https://tool.example.com/privacy",
        terms="https://tool.example.com/terms",
    ),
    valid_until="2026-12-24 12:00 UTC",
)
_ADDRESS: Final = WebAddress.parse("https://moodle.school.example/openid", "configuration")
_PAGES: Final = Pages("/register", "'none'")


def pages_in(tag: str) -> dict[str, str]:
    """The confirmation, the result and an error in a language, as HTML."""
    with speaking(tag):
        done = Result(
            Outcome.REGISTERED,
            text("recorded", tool=_OFFER.tool, host=_OFFER.host),
            steps=next_steps(example(), has_deployment=True),
            integration="acme-moodle",
        )
        error = absent_configuration(Reply(403, {}, b"<title>Forbidden</title>", _ADDRESS))
        pages = {
            "confirm": _PAGES.confirm(_OFFER, visit="v", state="s"),
            "result": _PAGES.result(done, visit="v"),
            "error": _PAGES.failure(error),
        }
    return {name: str(each.body, "utf-8") for name, each in pages.items()}
