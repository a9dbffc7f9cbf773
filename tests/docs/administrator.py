"""The LMS administrator of the examples: sends a browser's requests without a browser."""

import re
from urllib.parse import urljoin

import httpx

from tests.support.visit import Form


def register_at(lms: str, url: str) -> None:
    """Paste ``url`` into the embedded LMS at ``lms``, press Register, and then Activate."""
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=15) as browser:
        key = _between(browser.get(f"{lms}/admin").text, 'data-sesskey="', '"')
        page = browser.get(f"{lms}/admin/start", params={"url": url, "sesskey": key})
        form = Form(page.text)
        answer = browser.post(
            urljoin(str(page.url), form.action), data={**form.fields, "action": "register"}
        )
        if 'data-outcome="registered"' not in answer.text:
            raise ValueError(f"not registered:\n{answer.text}")
        deployment = _between(browser.get(f"{lms}/admin").text, 'data-deployment-id="', '"')
        browser.post(f"{lms}/admin/activate", data={"sesskey": key, "deployment_id": deployment})


def _between(text: str, before: str, after: str) -> str:
    found = re.search(f"{re.escape(before)}(.*?){re.escape(after)}", text)
    assert found, f"no {before} in:\n{text}"
    return found[1]
