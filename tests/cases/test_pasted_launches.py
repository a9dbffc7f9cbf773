"""Texts that people paste for ``deployment add --from-launch`` (kind D), as a table."""

import base64
import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import LtictlError
from ltictl.lti.launch_token import read_deployment
from ltictl.lti.pasted_launch import PastedToken, find_tokens
from ltictl.lti.vocabulary import CLAIM_DEPLOYMENT_ID
from ltictl.model.integration import FormerClient, Integration
from ltictl.model.record import replace
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform

ISSUER, CLIENT = "https://lms.example.edu", "client-1"
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": CLIENT, CLAIM_DEPLOYMENT_ID: "7", "nonce": "n" * 90}
OURS = rsa.generate_private_key(65537, 2048)
FORMER = rsa.generate_private_key(65537, 2048)


def jwk(key: rsa.RSAPrivateKey, **members: str) -> dict[str, Any]:
    found = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**found, "use": "sig", **members}


ONE = [jwk(OURS, kid="k")]


def signed(algorithm: str = "RS256", header: Any = None, key: Any = OURS, **claims: Any) -> str:
    named = {"kid": "k"} if header is None else header
    return jwt.encode({**CLAIMS, **claims}, key, algorithm, headers=named)


TOKEN = signed()
STATE = jwt.encode({"state": "s"}, "x" * 32, "HS256")
HINT = jwt.encode({"iss": "https://elsewhere.example", "aud": "x"}, "x" * 32, "HS256")
FORM = urlencode({"state": STATE, "id_token": TOKEN, "lti_message_hint": HINT})
WRAPPED = "\n".join(TOKEN[at : at + 76] for at in range(0, len(TOKEN), 76))
HAR = {
    "method": "POST",
    "postData": {
        "mimeType": "application/x-www-form-urlencoded",
        "text": FORM,
        "params": [{"name": "state", "value": STATE}, {"name": "id_token", "value": TOKEN}],
    },
}
HTML = f"""<form action="https://tool.example.com/lti/launch" method="post">
<input type="hidden" name="state" value="{STATE}">
<input type="hidden" name="id_token" value="{TOKEN}" /></form>"""

READ = {
    "the token alone": TOKEN,
    "with blanks and lines around": f"\r\n  {TOKEN} \n\n",
    "with a byte order mark": f"\ufeff{TOKEN}",
    "in double quotes": f'"{TOKEN}"',
    "in single quotes": f"'{TOKEN}',",
    "in typographic quotes": f"\u201e{TOKEN}\u201c",
    "in backticks": f"```\n{TOKEN}\n```",
    "as a bearer": f"Bearer {TOKEN}",
    "as a header": f"Authorization: Bearer {TOKEN}",
    "a form": FORM,
    "a form, the token first": urlencode({"id_token": TOKEN, "state": STATE}),
    "a form in an address": f"https://tool.example.com/lti/launch?{FORM}",
    "a form after a fragment": f"https://tool.example.com/lti/launch#id_token={TOKEN}&state=s",
    "a form that was encoded once more": quote(FORM),
    "a curl command": f"curl 'https://tool.example.com/lti/launch' --data-raw '{FORM}'",
    "a label with a colon": f"id_token: {TOKEN}",
    "labels, several lines": f"state: {STATE}\nid_token: {TOKEN}\nlti_message_hint: {HINT}",
    "a label in a line of its own": f"state\n{STATE}\nid_token\n{TOKEN}\n",
    "a label, an equals sign and quotes": f'id_token = "{TOKEN}"',
    "a label in capitals": f"ID_TOKEN={TOKEN}",
    "a table with tabs": f"state\t{STATE}\nid_token\t{TOKEN}\n",
    "JSON": json.dumps({"state": STATE, "id_token": TOKEN}),
    "JSON, indented": json.dumps({"form": {"state": STATE, "id_token": TOKEN}}, indent=2),
    "JSON, a list of values": json.dumps({"id_token": [TOKEN], "state": [STATE]}),
    "JSON of a network panel": json.dumps({"id_token": TOKEN, "utf8": "\u2713"}),
    "a HAR file's request": json.dumps(HAR),
    "a HAR file's request with escapes": json.dumps(json.dumps(HAR)),
    "the form of a page": HTML,
    "the form of a page, value first": f'<input value="{TOKEN}" type="hidden" name="id_token">',
    "the form of a page, single quotes": f"<input name='id_token' value='{TOKEN}'>",
    "the form of a page, escaped": html.escape(HTML),
    "wrapped by a mail": WRAPPED,
    "wrapped and quoted by a mail": "> " + WRAPPED.replace("\n", "\r\n> "),
    "wrapped, quoted-printable": WRAPPED.replace("\n", "=\n"),
    "wrapped, with a label": f"Here is the token:\n\nid_token={WRAPPED}\n\nRegards\nA. Admin",
    "wrapped at dots": TOKEN.replace(".", "\n."),
    "in a sentence": f"Hello, the id_token is this: {TOKEN}\nThank you!",
    "in a log line": f'2026-11-28T06:00:00Z DEBUG launch {{"id_token":"{TOKEN}"}} 200',
    "in a Python dictionary": str({"id_token": TOKEN, "state": STATE}),
    "percent-encoded dots": TOKEN.replace(".", "%2E"),
    "UTF-16 read as UTF-8 by an editor, mended": TOKEN.encode("utf-16").decode("utf-16"),
}


def read(pasted: str, keys: list[dict[str, Any]]) -> tuple[str, tuple[str, ...]]:
    """As the operation does it: the first candidate that verifies."""
    for each in find_tokens(pasted):
        try:
            found = read_deployment(each, {"keys": keys})
        except LtictlError as error:
            last = error
        else:
            return found.id, found.warnings
    raise last


@pytest.mark.parametrize("pasted", READ.values(), ids=READ)
def test_the_token_is_found_wherever_it_stands(pasted: str) -> None:
    assert read(pasted, ONE) == ("7", ())


OLD = {"lti_version": "LTI-1p0", "oauth_consumer_key": "key", "lti_message_type": "basic-lti"}
OLD_PAGE = '<input name="oauth_consumer_key" value="key"><input name="lti_version" value="LTI-1p0">'
REFUSAL = {"error": "launch_no_longer_valid", "error_description": "The launch has expired, sorry"}
WORDS = ("launch_no_longer_valid", "The launch has expired, sorry")
NOT_READ: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "nothing": ("", "launch_unreadable", ("no JSON Web Token",)),
    "words": ("please help", "launch_unreadable", ("no JSON Web Token",)),
    "LTI 1.1, a form": (urlencode(OLD), "launch_of_old_lti", ("LTI 1.1", "old way")),
    "LTI 1.1, JSON": (json.dumps(OLD), "launch_of_old_lti", ("LTI 1.1",)),
    "LTI 1.1, lines": ("oauth_consumer_key: key\n", "launch_of_old_lti", ("LTI 1.1",)),
    "LTI 1.1, a page": (OLD_PAGE, "launch_of_old_lti", ("consumer key",)),
    "LTI 1.1, the version only": ("lti_version=LTI-1p0", "launch_of_old_lti", ("LTI 1.1",)),
    "a refusal, a form": (urlencode(REFUSAL), "launch_failed_at_lms", WORDS),
    "a refusal, JSON": (json.dumps(REFUSAL), "launch_failed_at_lms", WORDS),
    "a refusal in an address": (
        f"https://tool.example.com/lti?{urlencode(REFUSAL)}",
        "launch_failed_at_lms",
        WORDS,
    ),
    "a refusal, the code only": ("error=login_required", "launch_failed_at_lms", ("login_req",)),
    "a login request": (
        urlencode({"iss": ISSUER, "login_hint": "2", "target_link_uri": "https://t.example"}),
        "launch_unreadable",
        ("login request", "before the launch"),
    ),
    "an encrypted token": (f"{TOKEN}.abc.def", "launch_unreadable", ("encrypted",)),
    "a token that was cut off": (TOKEN[: TOKEN.index(".") + 9], "launch_unreadable", ("JSON Web",)),
    "a token cut off in its claims": (
        ".".join((TOKEN.split(".")[0], TOKEN.split(".")[1][:41], "sig")),
        "launch_unreadable",
        ("cut off",),
    ),
    "demands of the signature": (
        signed(header={"kid": "k", "crit": ["exp"]}),
        "launch_unreadable",
        ("crit",),
    ),
    "no deployment id": (signed(**{CLAIM_DEPLOYMENT_ID: ""}), "launch_unreadable", ("deployment",)),
    "RS512": (signed(algorithm="RS512"), "launch_refused", ("RS512", "RS256", "not supported")),
    "PS256": (signed(algorithm="PS256"), "launch_refused", ("PS256", "not supported")),
    "HS256": (
        signed(algorithm="HS256", key="x" * 32),
        "launch_refused",
        ("HS256", "not supported"),
    ),
    "signed by another key": (signed(key=FORMER), "launch_refused", ("signature",)),
    "a key that the set lacks": (signed(header={"kid": "z"}), "launch_refused", ("'z'",)),
}


@pytest.mark.parametrize(("pasted", "code", "words"), NOT_READ.values(), ids=NOT_READ)
def test_the_reason_is_named(pasted: str, code: str, words: tuple[str, ...]) -> None:
    with pytest.raises(LtictlError) as raised:
        read(pasted, ONE)

    error = raised.value
    text = f"{error.message} {error.why}"
    assert (error.code, [word for word in words if word not in text]) == (code, [])
    assert error.fix


NUMBER = jwt.encode({**CLAIMS, CLAIM_DEPLOYMENT_ID: 7}, OURS, "RS256", headers={"kid": "k"})
TWICE = [jwk(FORMER, kid="k"), *ONE]
SEVERAL = [jwk(FORMER, kid="a"), jwk(OURS, kid="b")]
NAMELESS = [jwk(FORMER), jwk(OURS)]
KEYS: dict[str, tuple[str, list[dict[str, Any]], str]] = {
    "no kid": (signed(header={}), SEVERAL, "kid"),
    "no kid, none in the set": (signed(header={}), NAMELESS, "kid"),
    "an empty kid": (signed(header={"kid": ""}), SEVERAL, "kid"),
    "two keys of one kid": (TOKEN, TWICE, ""),
    "two keys of one kid, the other order": (TOKEN, TWICE[::-1], ""),
    "a damaged key of the same kid": (TOKEN, [{"kty": "RSA", "kid": "k", "n": "A"}, *ONE], ""),
    "a number as deployment id": (NUMBER, ONE, "number"),
}


@pytest.mark.parametrize(("pasted", "keys", "warned"), KEYS.values(), ids=KEYS)
def test_what_an_lms_does_in_its_own_way_is_read_with_a_warning(
    pasted: str, keys: list[dict[str, Any]], warned: str
) -> None:
    found, warnings = read(pasted, keys)

    assert found == "7"
    assert [warned in each for each in warnings] == ([True] if warned else [])


@pytest.fixture
def stored(profile: Path, playback: PlaybackPlatform) -> Integration:
    """Two integrations at one LMS, whose key set is served."""
    integrations = Profile(profile).integrations
    playback.on("/keys", Answer.json({"keys": ONE}))
    made = things.integration()
    platform = replace(made.platform, issuer=ISSUER, jwks_uri=playback.url("/keys"))
    for name, client in (("acme-one", CLIENT), ("acme-two", "client-2")):
        integrations.add(
            replace(
                made,
                id=name,
                platform=platform,
                client_id=client,
                deployments=(),
                former_clients=REPLACED if client == CLIENT else (),
            )
        )
    return integrations.get("acme-one")


REPLACED = (FormerClient("client-0", gone_at=things.NOW), FormerClient("client-1"))
OTHERS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a slash more": ({"iss": f"{ISSUER}/"}, ("slash", f"{ISSUER}/")),
    "another LMS": ({"iss": "https://other.example"}, ("https://other.example", ISSUER)),
    "another client of the profile": ({"aud": "client-2"}, ("'acme-two'",)),
    "another client of the profile, a list": ({"aud": ["client-2"]}, ("'acme-two'",)),
    "a client that no integration has": ({"aud": "client-9"}, ("another client",)),
    "a client that was replaced": ({"aud": "client-0"}, ("replaced",)),
    "another client that was replaced": ({"aud": ["client-0"], "azp": "client-0"}, ("no more",)),
    "another party": ({"aud": [CLIENT, "x"], "azp": "x"}, ("another client",)),
}


@pytest.mark.parametrize(("claims", "words"), OTHERS.values(), ids=OTHERS)
def test_the_command_says_whose_launch_it_is(
    ltictl: Ltictl, stored: Integration, claims: dict[str, Any], words: tuple[str, ...]
) -> None:
    done = ltictl(
        *("deployment", "add", stored.id, "--from-launch", "-", "--allow-private", "--json"),
        input=signed(**claims),
    )

    assert (done.code, done.error["code"]) == (1, "launch_refused")
    assert [word for word in words if word not in done.error["why"]] == []
    if "'acme-two'" in words:
        assert done.error["fix"].startswith("ltictl deployment add acme-two ")


@pytest.mark.parametrize("identifier", ["acme-one", "acme-two"])
def test_a_launch_of_a_former_client_in_use_is_the_integrations(
    ltictl: Ltictl, stored: Integration, identifier: str
) -> None:
    """Activities that were made before the later registration launch with it."""
    done = ltictl(
        *("deployment", "add", identifier, "--from-launch", "-", "--allow-private", "--json"),
        input=signed(aud="client-1"),
    )

    if identifier == stored.id:
        assert done.code == 0, done
        assert [each["id"] for each in done.data["integrations"][0]["deployments"]] == ["7"]
    else:
        assert (done.code, done.error["code"]) == (1, "launch_refused")
        assert "'acme-one'" in done.error["why"]


UNREADABLE_SETS: dict[str, tuple[Answer, tuple[str, ...]]] = {
    "maintenance": (
        Answer.text("<title>Back soon</title>", 503),
        ("HTTP 503", "Back soon"),
    ),
    "firewall": (Answer.json({"message": "Forbidden"}, 403), ("HTTP 403", "Forbidden")),
    "a set with 500": (Answer.json({"keys": ONE}, 500), ("HTTP 500",)),
    "a page": (Answer.text("<title>Log in</title>"), ("no key set", "not JSON")),
    "a list": (Answer.json(ONE), ("no key set", "not an object")),
}


@pytest.mark.parametrize(("answer", "words"), UNREADABLE_SETS.values(), ids=UNREADABLE_SETS)
def test_the_lmss_key_set_is_judged_by_its_status_first(
    ltictl: Ltictl,
    stored: Integration,
    playback: PlaybackPlatform,
    answer: Answer,
    words: tuple[str, ...],
) -> None:
    playback.on("/keys", answer)

    done = ltictl(
        *("deployment", "add", stored.id, "--from-launch", "-", "--allow-private", "--json"),
        input=TOKEN,
    )

    assert (done.code, done.error["code"]) == (1, "platform_key_set_unusable")
    assert not [each for each in words if each not in done.error["why"]], done.error["why"]
    assert ("JSON" in done.error["why"]) is (answer.status == 200)


def test_the_command_stores_a_number_and_warns(ltictl: Ltictl, stored: Integration) -> None:
    done = ltictl(
        *("deployment", "add", stored.id, "--from-launch", "-", "--allow-private", "--json"),
        input=json.dumps({"id_token": NUMBER}),
    )

    assert done.code == 0, done
    assert done.data["integrations"][0]["deployments"][0]["id"] == "7"
    assert ["number" in each for each in done.json["warnings"]] == [True]


PIECES = st.sampled_from(
    [TOKEN, STATE, "id_token", "=", ":", '"', "error", "eyJ", ".", "\n", "%", "&", "{", "crit", " "]
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def assert_harmless(pasted: str) -> None:
    text = ""
    try:
        read(pasted, ONE)
    except LtictlError as error:
        text = f"{error.message}{error.why}{error.fix}"
    assert TOKEN not in text


@given(st.text() | st.lists(PIECES, max_size=12).map("".join))
def test_no_text_does_more_than_be_refused(pasted: str) -> None:
    assert_harmless(pasted)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@given(ANY_JSON, ANY_JSON, ANY_JSON)
def test_no_value_in_a_token_or_key_set_does_more_than_be_refused(
    head: object, claim: object, key: object
) -> None:
    token = f"{part({'alg': 'RS256', 'kid': head})}.{part({**CLAIMS, 'iss': claim})}.AA"
    assert_harmless(f"id_token={token}")
    assert_harmless(f"id_token={part(head)}.{part(claim)}.AA")
    launch = PastedToken(TOKEN, {"alg": "RS256", "kid": "k"}, CLAIMS)
    for key_set in ({"keys": key}, {"keys": [key]}, {"keys": [{**ONE[0], "n": key}]}):
        with pytest.raises(LtictlError):
            read_deployment(launch, key_set)


@pytest.mark.parametrize(
    "piece", ["id_token", "eyJ", " ", "a", '"name":"', "name='x' ", "=\n", "."]
)
def test_a_long_text_is_refused_soon(piece: str) -> None:
    """Each pattern looks at a character a bounded number of times; squared, this takes hours."""
    with pytest.raises(LtictlError):
        find_tokens(piece * (256 * 1024 // len(piece)))
