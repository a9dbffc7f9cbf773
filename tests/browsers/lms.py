"""An LMS page that opens the tool in each way that LMSs use, and records the tool's messages."""

from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlencode

from tests.support.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

Way = Literal["frame", "redirect", "tab", "window"]
WAYS: Final[tuple[Way, ...]] = ("frame", "redirect", "tab", "window")
_PAGE: Final = """<!doctype html><html lang="en"><title>LMS</title><h1>LMS</h1><script>
window.heard = [];
addEventListener("message", (event) => heard.push([event.origin, event.data]));
function frame(address) {
  const opened = document.createElement("iframe");
  opened.title = "The tool's page";
  opened.src = address;
  document.body.append(opened);
}
function tab(address) {
  const link = document.createElement("a");
  link.target = "_blank";
  link.href = address;
  document.body.append(link);
  link.click();
}
function opened(address) { window.open(address); }
</script>"""
CLOSE: Final = {"subject": "org.imsglobal.lti.close"}


class LmsPages:
    """The pages of one LMS.

    Args:
        site: where they are served.
        configuration: the ``openid_configuration`` that it sends.
        token: the ``registration_token`` that it sends.
    """

    def __init__(self, site: Site, configuration: str, token: str = "the-token") -> None:  # noqa: S107
        self.site = site
        self._parameters = {"openid_configuration": configuration, "registration_token": token}
        self.start = site.page("/admin", _PAGE)

    def address(self, url: str) -> str:
        """The address that the LMS opens for the pasted ``url``."""
        joint = "&" if "?" in url else "?"
        return f"{url}{joint}{urlencode(self._parameters)}"

    def open(self, page: "Page", url: str, way: Way) -> None:
        """Open the tool from the LMS's page."""
        page.goto(self.start)
        address = self.address(url)
        if way == "redirect":  # Moodle: its own page in the frame, which redirects
            from tests.support.answers import Answer

            self.site.pages["/start"] = Answer.redirect(address)
            page.evaluate("frame('/start')")
        elif way == "window":
            page.evaluate("address => opened(address)", address)
        else:
            page.evaluate(f"address => {way}(address)", address)


def tool_page(page: "Page", way: Way) -> "Page | Frame":
    """The page or frame in which the tool was opened."""
    if way in {"tab", "window"}:
        context = page.context
        return context.pages[-1] if len(context.pages) > 1 else context.wait_for_event("page")
    return page.frames[-1]


def heard(page: "Page") -> list[list[Any]]:
    """Origin and content of every message that the LMS's page got."""
    found: list[list[Any]] = page.evaluate("heard")
    return found


def wait_for_close(page: "Page", timeout: float = 8000) -> str:
    """Wait for the close message; the origin that it came from."""
    page.wait_for_function("heard.length > 0", timeout=timeout)
    ((origin, data),) = heard(page)
    if data != CLOSE:
        raise ValueError(f"not the close message: {data}")
    return str(origin)
