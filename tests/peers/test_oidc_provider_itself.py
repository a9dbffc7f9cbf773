"""The independent platform works: discovery, registration, change, tokens.

This proves the harness; that ltictl gets along with it is proved elsewhere.
"""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.support.answers import Answer
from tests.support.oidc import OidcProvider
from tests.support.playback import TOOL, PlaybackPlatform

LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Tool:
    """A tool with a key set on this machine, and everything else on hosts that do not exist."""

    def __init__(self, site: PlaybackPlatform) -> None:
        self.site = site
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.client = httpx.Client(trust_env=False, timeout=10)

    def publish(self, *kids: str) -> None:
        keys: list[dict[str, Any]] = []
        for kid in kids:
            private = self.keys.setdefault(kid, rsa.generate_private_key(65537, 2048))
            public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
            keys.append({**public, "kid": kid, "alg": "RS256", "use": "sig"})
        self.site.on("/tool-keys", Answer.json({"keys": keys}))

    def metadata(self, **changes: Any) -> dict[str, Any]:
        return {
            "application_type": "web",
            "response_types": ["id_token"],
            "grant_types": ["implicit", "client_credentials"],
            "initiate_login_uri": "https://tool.example/login",
            "redirect_uris": ["https://tool.example/launch"],
            "client_name": "Example Tool",
            "jwks_uri": self.site.url("/tool-keys"),
            "token_endpoint_auth_method": "private_key_jwt",
            "scope": LINE_ITEM,
            TOOL: {
                "domain": "tool.example",
                "target_link_uri": "https://tool.example/launch",
                "claims": ["sub"],
                "messages": [{"type": "LtiDeepLinkingRequest"}],
            },
        } | changes

    def register(self, platform: OidcProvider, **changes: Any) -> httpx.Response:
        configuration = self.client.get(platform.configuration_url).json()
        return self.client.post(
            configuration["registration_endpoint"],
            json=self.metadata(**changes),
            headers={"Authorization": f"Bearer {platform.registration_token}"},
        )

    def ask_token(self, platform: OidcProvider, client_id: str, kid: str) -> httpx.Response:
        configuration = self.client.get(platform.configuration_url).json()
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": configuration["token_endpoint"],
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
        }
        assertion = jwt.encode(claims, self.keys[kid], algorithm="RS256", headers={"kid": kid})
        return self.client.post(
            configuration["token_endpoint"],
            data={
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
                "scope": LINE_ITEM,
            },
        )


@pytest.fixture(scope="module")
def platform() -> Iterator[OidcProvider]:
    with OidcProvider() as started:
        yield started


@pytest.fixture
def tool(playback: PlaybackPlatform) -> Iterator[Tool]:
    made = Tool(playback)
    made.publish("first")
    with made.client:
        yield made


def test_discovery_is_that_of_an_lti_platform(platform: OidcProvider, tool: Tool) -> None:
    configuration = tool.client.get(platform.configuration_url).json()

    lti = configuration["https://purl.imsglobal.org/spec/lti-platform-configuration"]
    assert configuration["issuer"] == platform.base_url
    assert configuration["registration_endpoint"].startswith(platform.base_url)
    assert configuration["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert LINE_ITEM in configuration["scopes_supported"]
    assert lti["product_family_code"] == "example-lms"
    assert tool.client.get(configuration["jwks_uri"]).json()["keys"][0]["alg"] == "RS256"


def test_from_registration_to_an_access_token(platform: OidcProvider, tool: Tool) -> None:
    registered = tool.register(platform)
    assert registered.status_code == 201, registered.text
    client = registered.json()
    assert client[TOOL]["deployment_id"].isdigit()
    assert client[TOOL]["messages"] == [{"type": "LtiDeepLinkingRequest"}]

    answer = tool.ask_token(platform, client["client_id"], "first")

    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == LINE_ITEM
    assert answer.json()["expires_in"] == 3600
    assert len(tool.site.requests_to("/tool-keys")) == 1


def test_a_registration_can_be_changed_and_deleted(platform: OidcProvider, tool: Tool) -> None:
    client = tool.register(platform).json()
    url, first = client["registration_client_uri"], bearer(client)
    changed = tool.metadata(client_name="Renamed", client_id=client["client_id"])

    answer = tool.client.put(url, json=changed, headers=first)

    assert answer.status_code == 200, answer.text
    assert answer.json()["client_name"] == "Renamed"
    assert answer.json()[TOOL]["deployment_id"] == client[TOOL]["deployment_id"]
    assert tool.client.get(url, headers=first).status_code == 401
    second = bearer(answer.json())
    assert tool.client.get(url, headers=second).json()["client_name"] == "Renamed"
    assert tool.client.delete(url, headers=second).status_code == 204
    assert tool.client.get(url, headers=second).status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uris": ["http://tool.example/launch"]}, "invalid_redirect_uri"),
        ({TOOL: {"domain": "tool.example"}}, "invalid_client_metadata"),
        ({"scope": "unknown"}, "invalid_client_metadata"),
    ],
)
def test_refusals(platform: OidcProvider, tool: Tool, changes: dict[str, Any], error: str) -> None:
    answer = tool.register(platform, **changes)

    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_a_wrong_registration_token(platform: OidcProvider, tool: Tool) -> None:
    answer = tool.client.post(
        f"{platform.base_url}/reg", json=tool.metadata(), headers={"Authorization": "Bearer no"}
    )

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_token"


def test_a_key_that_was_just_published_is_not_known_yet(platform: OidcProvider, tool: Tool) -> None:
    client_id = tool.register(platform).json()["client_id"]
    assert tool.ask_token(platform, client_id, "first").status_code == 200
    tool.publish("first", "second")

    assert tool.ask_token(platform, client_id, "second").status_code == 401
    assert tool.ask_token(platform, client_id, "first").status_code == 200


def test_the_key_cache_can_be_made_short(tool: Tool) -> None:
    with OidcProvider(jwks_cache_seconds=0) as platform:
        client_id = tool.register(platform).json()["client_id"]
        assert tool.ask_token(platform, client_id, "first").status_code == 200
        tool.publish("first", "second")

        assert tool.ask_token(platform, client_id, "second").status_code == 200


def bearer(client: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {client['registration_access_token']}"}
