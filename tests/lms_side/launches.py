"""Launch a registered tool from the embedded LMS, as a student's browser and the tool would."""

import html
import re

import httpx
import jwt

from ltictl.sandbox.server import Sandbox

FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def launched(lms: Sandbox, deployment: str) -> dict[str, object]:
    """The claims of a launch, as the tool's own server gets them."""
    with httpx.Client(base_url=lms.base_url) as http:
        course = http.get(f"/launch/{deployment}").text
        activity = re.findall(r'data-activity="(\d+)"', course)[-1]
        data = {"sesskey": lms.lms.session_key, "person": "student", "activity": activity}
        opened = http.post(f"/launch/{deployment}/open", data=data).text
        login = {html.unescape(name): html.unescape(value) for name, value in FIELD.findall(opened)}
        asked = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": login["client_id"],
            "redirect_uri": login["target_link_uri"],
            "login_hint": login["login_hint"],
            "lti_message_hint": login["lti_message_hint"],
            "state": "s",
            "nonce": "n",
        }
        posted = dict(FIELD.findall(http.get("/auth", params=asked).text))
        keys = jwt.PyJWKSet.from_dict(http.get("/jwks").json())
        token = html.unescape(posted["id_token"])
        key = keys[jwt.get_unverified_header(token)["kid"]].key
        return dict(jwt.decode(token, key, ["RS256"], audience=login["client_id"]))
