"""The start of a registration sends the browser to the right address with the right token."""

import jwt
import pytest

from ltictl.errors import NotFoundError, UsageError
from tests.support import recordings

from .world import NOW, School, request_body, token_in

FORMS = recordings.document("01-registration-initiation/pasted-url-forms")["results"]
RECORDED_CONFIGURATION = "https%3A%2F%2Fmoodle.example%2Fmod%2Flti%2Fopenid-configuration.php"


@pytest.mark.parametrize("form", FORMS, ids=[form["pasted_url"][:60] for form in FORMS])
def test_pasted_addresses_are_rewritten_as_recorded(school: School, form: dict[str, str]) -> None:
    ours = school.sandbox.base_url.replace(":", "%3A").replace("/", "%2F")
    configuration = f"{ours}%2F.well-known%2Fopenid-configuration"

    if form["location"].startswith("?"):
        with pytest.raises(UsageError):
            school.sandbox.lms.start_registration(form["pasted_url"])
        return
    location = school.sandbox.lms.start_registration(form["pasted_url"])

    token = location.rpartition("registration_token=")[2].partition("#")[0]
    expected = form["location"].replace(RECORDED_CONFIGURATION, configuration)
    assert location.replace(token, "<JWT>") == expected


@pytest.mark.parametrize(
    "pasted", ["", "https://tool.example/a b", "https://tool.example/\r\nX: y"]
)
def test_text_that_is_no_address_is_not_redirected_to(school: School, pasted: str) -> None:
    with pytest.raises(UsageError):
        school.sandbox.lms.start_registration(pasted)


def test_the_token_has_the_recorded_header_and_claims(school: School) -> None:
    recorded = recordings.document("03-registration-token/decoded")

    token = school.fresh_token()

    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(header) == set(recorded["header"])
    assert {name: header[name] for name in ("typ", "alg")} == {"typ": "JWT", "alg": "RS256"}
    assert list(claims) == list(recorded["claims"])
    assert (len(claims["sub"]), claims["sub"].isalnum()) == (15, True)
    assert (claims["scope"], claims["iat"], claims["exp"]) == ("reg", NOW, NOW + 3600)


def test_the_token_verifies_with_the_published_key(school: School) -> None:
    token = school.fresh_token()
    key = jwt.PyJWK(school.http.get("/jwks").json()["keys"][0])

    options = {"verify_iat": False, "verify_exp": False}
    assert jwt.decode(token, key, ["RS256"], options=options)["scope"] == "reg"  # type: ignore[arg-type]


def test_an_update_token_stands_for_the_deployment(school: School) -> None:
    tool = school.register(request_body())

    url = school.sandbox.lms.start_update(tool.deployment_id, "https://tool.example/register")

    claims = jwt.decode(token_in(url), options={"verify_signature": False})
    assert (claims["sub"], claims["scope"]) == (tool.deployment_id, "reg-update")


def test_there_is_no_update_of_a_tool_that_is_not_there(school: School) -> None:
    with pytest.raises(NotFoundError):
        school.sandbox.lms.start_update("99999", "https://tool.example/register")
