"""``add`` and ``lms-config`` from outside, as operators and scripts use them."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from ltictl.operations.by_hand.add import add_integration
from ltictl.operations.by_hand.lms_config import lms_config as configured
from ltictl.operations.context import Context
from ltictl.platforms.presets import presets
from ltictl.platforms.table import family_named, slugs
from ltictl.store.profile import Profile
from tests.support.cli import Ltictl
from tests.support.processes import Finished

from .conftest import MakeSchool, setting

GENERAL = (
    *("--issuer", "https://lms.example"),
    *("--authorization-endpoint", "https://lms.example/auth"),
    *("--token-endpoint", "https://lms.example/token"),
    *("--jwks-uri", "https://lms.example/jwks"),
)


@pytest.fixture
def cli(ltictl: Ltictl, profile_at_home: Context) -> Ltictl:
    """``ltictl`` with a profile that knows acme and beta."""
    assert profile_at_home.profile.organizations.ids() == ["acme", "beta"]
    return ltictl


def profile(cli: Ltictl) -> Context:
    return Context(Profile(cli.home.ltictl_home / "profiles" / "default"))


def add(cli: Ltictl, *options: str, org: str = "acme", client: str = "c-1") -> Finished:
    return cli("add", "--org", org, "--client-id", client, "--json", *options)


def only(done: Finished) -> dict[str, Any]:
    done.assert_success()
    (found,) = done.data["integrations"]
    return dict(found)


def test_all_addresses_by_hand(cli: Ltictl) -> None:
    found = only(add(cli, *GENERAL, "--audience", "aud", "--deployment", "1", "--deployment", "2"))

    assert found["id"] == "acme-lms"
    assert found["platform"] == {
        "issuer": "https://lms.example",
        "family": None,
        "version": None,
        "name": None,
        "host": "lms.example",
    }
    assert found["deployments"] == [
        {"id": "1", "label": None, "source": "manual"},
        {"id": "2", "label": None, "source": "manual"},
    ]
    assert found["status"] == "pending"
    stored = profile(cli).profile.integrations.get("acme-lms").platform
    assert (stored.audience, stored.token_endpoint) == ("aud", "https://lms.example/token")


def test_the_record_has_the_shape_that_register_gives_it(
    cli: Ltictl, school_like: MakeSchool
) -> None:
    from ltictl.cli.render.json_views import integration_view
    from ltictl.sandbox.family import Like
    from ltictl.store.records import document_of

    school = school_like(Like.MOODLE)
    registered = school.register(school.start()).integration

    added = only(add(cli, "--preset", "moodle", "--issuer", "https://m.example"))

    assert added.keys() == integration_view(registered).keys()
    assert added["scopes"]["requested"] == list(registered.scopes.requested)
    document = document_of(profile(cli).profile.integrations.get(added["id"]))
    assert document.keys() < document_of(registered).keys()
    assert document["signing_key"]


EXPECTED = {
    "canvas": (
        "https://canvas.instructure.com",
        "https://sso.canvaslms.com/api/lti/authorize_redirect",
        "https://sso.canvaslms.com/login/oauth2/token",
        "https://sso.canvaslms.com/api/lti/security/jwks",
        "https://sso.canvaslms.com/login/oauth2/token",
    ),
    "canvas-beta": (
        "https://canvas.beta.instructure.com",
        "https://sso.beta.canvaslms.com/api/lti/authorize_redirect",
        "https://sso.beta.canvaslms.com/login/oauth2/token",
        "https://sso.beta.canvaslms.com/api/lti/security/jwks",
        "https://sso.beta.canvaslms.com/login/oauth2/token",
    ),
    "canvas-test": (
        "https://canvas.test.instructure.com",
        "https://sso.test.canvaslms.com/api/lti/authorize_redirect",
        "https://sso.test.canvaslms.com/login/oauth2/token",
        "https://sso.test.canvaslms.com/api/lti/security/jwks",
        "https://sso.test.canvaslms.com/login/oauth2/token",
    ),
    "canvas-self-hosted": (
        "https://lms.example",
        "https://lms.example/api/lti/authorize_redirect",
        "https://lms.example/login/oauth2/token",
        "https://lms.example/api/lti/security/jwks",
        "https://lms.example/login/oauth2/token",
    ),
    "blackboard": (
        "https://blackboard.com",
        "https://developer.blackboard.com/api/v1/gateway/oidcauth",
        "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
        "https://developer.blackboard.com/api/v1/management/applications/c-1/jwks.json",
        "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
    ),
    "schoology": (
        "https://schoology.schoology.com",
        "https://lti-service.svc.schoology.com/lti-service/authorize-redirect",
        "https://lti-service.svc.schoology.com/lti-service/access-token",
        "https://lti-service.svc.schoology.com/lti-service/.well-known/jwks",
        "https://lti-service.svc.schoology.com/lti-service/access-token",
    ),
    "openedx": (
        "https://lms.example",
        "https://lms.example/api/lti_consumer/v1/launch/",
        "https://lms.example/api/lti_consumer/v1/token/u",
        "https://lms.example/api/lti_consumer/v1/public_keysets/u",
        "https://lms.example/api/lti_consumer/v1/token/u",
    ),
    "wordpress": (
        "https://lms.example",
        "https://lms.example/?lti-platform&auth",
        "",
        "https://lms.example/?lti-platform&keys",
        "",
    ),
    "openolat": (
        "https://lms.example",
        "https://lms.example/lti/auth",
        "https://lms.example/lti/token",
        "https://lms.example/lti/keys",
        "https://lms.example/lti/token",
    ),
    "moodle": (
        "https://lms.example",
        "https://lms.example/mod/lti/auth.php",
        "https://lms.example/mod/lti/token.php",
        "https://lms.example/mod/lti/certs.php",
        "https://lms.example/mod/lti/token.php",
    ),
    "brightspace": (
        "https://lms.example",
        "https://lms.example/d2l/lti/authenticate",
        "https://auth.brightspace.com/core/connect/token",
        "https://lms.example/d2l/.well-known/jwks",
        "https://api.brightspace.com/auth/token",
    ),
}
GIVEN = {
    "openedx": (
        "--issuer",
        "https://lms.example",
        "--token-endpoint",
        "https://lms.example/api/lti_consumer/v1/token/u",
        "--jwks-uri",
        "https://lms.example/api/lti_consumer/v1/public_keysets/u",
    ),
    **dict.fromkeys(
        ("openolat", "moodle", "brightspace", "canvas-self-hosted", "wordpress"),
        ("--issuer", "https://lms.example"),
    ),
}


NAMES = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "audience")


def test_no_preset_is_left_out() -> None:
    assert EXPECTED.keys() == presets().keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_preset(profile_at_home: Context, name: str) -> None:
    given = GIVEN.get(name, ())
    addresses = dict.fromkeys(NAMES, "") | {
        option.removeprefix("--").replace("-", "_"): value
        for option, value in zip(given[::2], given[1::2], strict=True)
    }

    found = add_integration(
        profile_at_home, organization="acme", client_id="c-1", addresses=addresses, preset=name
    ).integration

    assert found.id == f"acme-{name.partition('-')[0]}"
    platform = found.platform
    assert EXPECTED[name] == (
        platform.issuer,
        platform.authorization_endpoint,
        platform.token_endpoint,
        platform.jwks_uri,
        platform.audience,
    )


def test_the_same_again_changes_nothing_and_says_so(cli: Ltictl) -> None:
    add(cli, "--preset", "canvas", "--deployment", "1")
    before = profile(cli).profile.integrations.get("acme-canvas")

    again = add(cli, "--preset", "canvas", "--deployment", "1")
    other = add(cli, "--preset", "canvas", "--deployment", "2")

    assert (again.code, again.error["code"]) == (1, "already_added")
    assert again.data == {"integration": "acme-canvas"}
    assert (other.code, other.error["code"]) == (1, "already_added")
    assert other.error["fix"].endswith("ltictl deployment add acme-canvas 2")
    assert profile(cli).profile.integrations.ids() == ["acme-canvas"]
    assert profile(cli).profile.integrations.get("acme-canvas") == before


def test_organizations_share_a_client_but_no_deployment(cli: Ltictl) -> None:
    add(cli, "--preset", "blackboard", "--deployment", "1")

    taken = add(cli, "--preset", "blackboard", "--deployment", "1", org="beta")
    shared = add(cli, "--preset", "blackboard", "--deployment", "2", org="beta")

    assert (taken.code, taken.error["code"]) == (1, "deployment_taken")
    assert "acme-blackboard" in taken.error["message"]
    assert only(shared)["id"] == "beta-blackboard"
    assert any("acme-blackboard has the same issuer" in each for each in shared.json["warnings"])


def test_another_client_at_the_same_lms_is_another_integration(cli: Ltictl) -> None:
    assert only(add(cli, "--preset", "canvas"))["id"] == "acme-canvas"
    assert only(add(cli, "--preset", "canvas", client="c-2"))["id"] == "acme-canvas-2"


def test_two_at_once_make_one(cli: Ltictl) -> None:
    command = ("add", "--org", "acme", "--client-id", "c-1", "--preset", "canvas", "--json")
    both = [cli.start(*command) for _ in range(2)]

    codes = sorted(each.wait(30).code for each in both)

    assert codes == [0, 1]
    assert profile(cli).profile.integrations.ids() == ["acme-canvas"]


@pytest.mark.parametrize(
    ("options", "code", "error", "word"),
    [
        ((), 2, "options_missing", "--issuer, --authorization-endpoint"),
        (("--preset", "moodle"), 2, "options_missing", "Missing: --issuer."),
        (
            ("--preset", "openedx", "--issuer", "https://x.example"),
            2,
            "options_missing",
            "Missing: --token-endpoint, --jwks-uri.",
        ),
        (("--preset", "canvass"), 4, "no_such_preset", "canvass"),
        (
            ("--preset", "moodle", "--issuer", "http://lms.example"),
            2,
            "invalid_value",
            "https",
        ),
        (
            ("--preset", "moodle", "--issuer", "https://lms.example?x=1"),
            2,
            "invalid_value",
            "query",
        ),
        (("--preset", "canvas", "--deployment", ""), 2, "invalid_value", "deployment_id"),
    ],
    ids=["nothing", "site", "block", "preset", "http", "query", "deployment"],
)
def test_bad_input(cli: Ltictl, options: tuple[str, ...], code: int, error: str, word: str) -> None:
    done = add(cli, *options)

    assert (done.code, done.error["code"]) == (code, error)
    assert word in done.error["message"]
    assert profile(cli).profile.integrations.ids() == []


def test_an_unknown_organization_and_a_missing_client(cli: Ltictl) -> None:
    assert add(cli, "--preset", "canvas", org="nobody").code == 4
    missing = cli("add", "--org", "acme", "--preset", "canvas", "--json")
    assert (missing.code, missing.error["code"]) == (2, "value_needed")


def test_the_remaining_steps_are_not_those_of_a_wizard(cli: Ltictl) -> None:
    done = cli("add", "--org", "acme", "--client-id", "c-1", "--preset", "canvas")

    assert "By Client ID" in done.stderr
    assert "Enable & Close" not in done.stderr
    assert "Deployment Id" in done.stderr
    assert "ltictl deployment add acme-canvas" in done.stderr


def lms_config(cli: Ltictl, family: str, *options: str) -> dict[str, Any]:
    done = cli("lms-config", family, "--json", *options)
    done.assert_success()
    return dict(done.data)


FORMS = {
    "moodle": [
        "Tool name",
        "Tool URL",
        "LTI version",
        "Public key type",
        "Public keyset",
        "Initiate login URL",
        "Redirection URI(s)",
        "Tool configuration usage",
        "Supports Deep Linking (Content-Item Message)",
        "IMS LTI Assignment and Grade Services",
        "IMS LTI Names and Role Provisioning",
        "Share launcher's name with tool",
        "Share launcher's email with tool",
        "Accept grades from the tool",
    ],
    "brightspace": [
        "Name",
        "Domain",
        "Redirect URLs",
        "OpenID Connect Login URL",
        "Target Link URI",
        "Keyset URL",
        "Extensions",
    ],
    "blackboard": [
        "Application Name",
        "Description",
        "Domain(s)",
        "My Integration supports LTI 1.3",
        "Login Initiation URL",
        "Tool Redirect URL(s)",
        "Tool JWKS URL",
        "Signing Algorithm",
    ],
    "schoology": [
        "Name",
        "Description",
        "Type of App",
        "Privacy",
        "Deep Linking",
        "Assignment and Grade Services",
        "Names and Roles Services",
        "JWKS URL",
        "Domain/URL",
        "Public key type",
        "OIDC Login Init URL",
        "Redirect URLs",
    ],
    "openolat": [
        "Tool Name",
        "Tool URL",
        "With shared deployment",
        "Public Key Type",
        "Public Key",
        "Initiate login URI",
        "Redirection URL(s)",
    ],
    "openedx": [
        "LTI Version",
        "Tool Launch URL",
        "Registered Redirect URIs",
        "Tool Initiate Login URL",
        "Tool Public Key Mode",
        "Tool Keyset URL",
        "Enable LTI NRPS",
        "Deep linking",
    ],
    "canvas": ["Key Name", "Redirect URIs", "Method", "LTI 1.3 Configuration"],
    "sakai": [
        "Tool Title",
        "Button Text (Text in tool menu)",
        "Launch URL (1.1) / Target Link URI (1.3)",
        "Send User Names to External Tool",
        "Send Email Addresses to External Tool",
        "Allow External Tool to return grades",
        "Allow External Tool to create grade columns",
        "Provide Roster to External Tool",
        "The tool URL supports a single LTI tool (Resource Link launch)",
        (
            'The tool URL supports a "resource picker" experience with one or more tools '
            "(Deep Link launch)"
        ),
        "Tool supports LTI 1.3",
        "LTI 1.3 Tool OpenID Connect/Initialization Endpoint",
        "LTI 1.3 Tool Redirect Endpoint(s)",
        "LTI 1.3 Tool Keyset / JWK URL",
    ],
    "ilias": [
        "Title",
        "Login URL",
        "Initiate Login URL",
        "Redirection URIs",
        "Public Key Type",
        "URL (JSON Web Token)",
        "Support for Deep Linking",
    ],
    "wordpress": ["Initiate Login URL", "Redirection URI(s)", "Public Keyset URL"],
    "lms": [
        "Name",
        "Domain",
        "Target link URI (launch URL)",
        "Login initiation URL",
        "Redirect URIs",
        "Key set URL (JWKS)",
        "Deep linking",
        "Assignment and Grade Services",
        "Names and Role Provisioning Services",
        "Share the person's name",
        "Share the person's e-mail address",
    ],
}


def test_no_form_is_left_out() -> None:
    assert set(FORMS) == set(slugs())


@pytest.mark.parametrize("family", FORMS)
def test_a_form_has_its_fields_in_its_order(profile_at_home: Context, family: str) -> None:
    found, _ = configured(profile_at_home, family_named(family))

    assert [label for label, _ in found.fields] == FORMS[family]
    assert found.where
    assert all(option.startswith("--") for _, option in found.afterwards)
    assert (found.document is not None) is (family == "canvas")


def test_the_values_are_the_tools(cli: Ltictl) -> None:
    setting(
        profile(cli),
        'redirect_uris = ["https://tool.invalid/a", "https://tool.invalid/b"]\n'
        'scopes = ["score"]\nclaims = ["sub", "name"]\n'
        'custom_parameters = { course = "$Context.id", mode = "x" }',
    )

    moodle = {each["label"]: each["value"] for each in lms_config(cli, "moodle")["fields"]}
    brightspace = {
        each["label"]: each["value"] for each in lms_config(cli, "brightspace")["fields"]
    }

    assert moodle["Redirection URI(s)"] == "https://tool.invalid/a\nhttps://tool.invalid/b"
    assert moodle["Custom parameters"] == "course=$Context.id\nmode=x"
    assert moodle["IMS LTI Assignment and Grade Services"].endswith("grade sync only")
    assert moodle["IMS LTI Names and Role Provisioning"] == "Do not use this service"
    assert moodle["Share launcher's name with tool"] == "Always"
    assert moodle["Share launcher's email with tool"] == "Never"
    assert brightspace["Substitution Parameters"] == "course=$Context.id"
    assert brightspace["Custom Parameters"] == "mode=x"
    assert brightspace["Extensions"] == "Assignment and Grade Services"


def test_openolat_gets_the_key_itself(cli: Ltictl) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    fields = {each["label"]: each["value"] for each in lms_config(cli, "openolat")["fields"]}

    key = load_pem_public_key(fields["Public Key"].encode())
    assert isinstance(key, RSAPublicKey)
    assert key.key_size == 2048


def test_canvass_document_alone_is_on_stdout(cli: Ltictl) -> None:
    setting(
        profile(cli),
        "[tool.platforms.canvas]\n"
        'privacy_level = "anonymous"\n'
        "[[tool.platforms.canvas.messages]]\n"
        'type = "LtiResourceLinkRequest"\n'
        'label = "Course"\n'
        'placements = ["course_navigation", "account_navigation"]\n'
        "default_enabled = false\n"
        "[[tool.platforms.canvas.messages]]\n"
        'type = "LtiDeepLinkingRequest"\n'
        'label = "Choose"\n'
        'placements = ["ContentArea"]\n',
    )

    done = cli("lms-config", "canvas")

    assert done.code == 0, done
    assert json.loads(done.stdout) == {
        "title": "Example Tool",
        "description": "Example Tool",
        "target_link_uri": "https://tool.invalid/lti/launch",
        "oidc_initiation_url": "https://tool.invalid/lti/login",
        "public_jwk_url": "https://tool.invalid/.well-known/jwks.json",
        "scopes": [
            "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
            "https://purl.imsglobal.org/spec/lti-ags/scope/score",
            "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
            "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
        ],
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": "tool.invalid",
                "privacy_level": "anonymous",
                "settings": {
                    "text": "Example Tool",
                    "placements": [
                        {
                            "placement": name,
                            "message_type": "LtiResourceLinkRequest",
                            "target_link_uri": "https://tool.invalid/lti/launch",
                            "text": "Course",
                            **default,
                        }
                        for name, default in (
                            ("course_navigation", {"default": "disabled"}),
                            ("account_navigation", {}),
                        )
                    ]
                    + [
                        {
                            "placement": "link_selection",
                            "message_type": "LtiDeepLinkingRequest",
                            "target_link_uri": "https://tool.invalid/lti/launch",
                            "text": "Choose",
                        }
                    ],
                },
            }
        ],
    }
    assert "Redirect URIs: https://tool.invalid/lti/launch" in done.stderr


def test_the_licence_message_stands_beside_canvass_placements(cli: Ltictl) -> None:
    setting(
        profile(cli),
        "[[tool.platforms.canvas.messages]]\n"
        'type = "LtiEulaRequest"\n'
        'target_link_uri = "https://tool.invalid/eula"\n'
        'custom_parameters = { version = "2" }\n'
        "[[tool.platforms.canvas.messages]]\n"
        'type = "LtiDeepLinkingRequest"\n'
        'placements = ["ActivityAssetProcessor"]\n',
    )

    settings = json.loads(cli("lms-config", "canvas").stdout)["extensions"][0]["settings"]

    assert [each["placement"] for each in settings["placements"]] == ["ActivityAssetProcessor"]
    assert settings["message_settings"] == [
        {
            "type": "LtiEulaRequest",
            "enabled": True,
            "target_link_uri": "https://tool.invalid/eula",
            "custom_fields": {"version": "2"},
        }
    ]


def test_printed_values_can_be_copied(cli: Ltictl) -> None:
    done = cli("lms-config", "schoology")

    assert "OIDC Login Init URL\n    https://tool.invalid/lti/login\n" in done.stdout
    assert "ltictl add --org SLUG --preset schoology" in done.stderr


def test_addresses_that_hold_the_integrations_id_need_the_organization(cli: Ltictl) -> None:
    setting(profile(cli), 'initiate_login_uri = "https://tool.invalid/login/{integration}"')

    without = cli("lms-config", "moodle", "--json")
    found = lms_config(cli, "moodle", "--org", "acme")

    assert (without.code, without.error["code"]) == (2, "value_needed")
    values = {each["label"]: each["value"] for each in found["fields"]}
    assert values["Initiate login URL"] == "https://tool.invalid/login/acme-moodle"
    added = only(add(cli, "--preset", "moodle", "--issuer", "https://m.example"))
    assert added["id"] == "acme-moodle"


def test_open_edx_loads_a_fixture(cli: Ltictl) -> None:
    done = cli("lms-config", "openedx", "--format", "fixture")
    again = cli("lms-config", "openedx", "--format", "fixture", "--json")

    assert done.code == 0, done
    passport, entry = json.loads(done.stdout)
    fields = entry["fields"]
    assert [each["model"] for each in (passport, entry)] == [
        "lti_consumer.lti1p3passport",
        "lti_consumer.lticonfiguration",
    ]
    assert fields["lti_1p3_passport"] == passport["pk"]
    assert (fields["version"], fields["config_store"]) == ("lti_1p3", "CONFIG_ON_DB")
    assert fields["lti_1p3_oidc_url"] == "https://tool.invalid/lti/login"
    assert fields["lti_1p3_redirect_uris"] == ["https://tool.invalid/lti/launch"]
    assert fields["lti_advantage_ags_mode"] == "programmatic"
    assert again.data["document"] == {"entries": [passport, entry]}
    given = {each["label"]: each["value"] for each in again.data["fields"]}
    client = passport["fields"]["lti_1p3_client_id"]
    assert given["--client-id"] == client
    assert given["--token-endpoint"].endswith(f"/token/{passport['fields']['passport_id']}")
    site = "https://lms.example"
    words = [
        word for option, value in given.items() for word in (option, value.replace("ISSUER", site))
    ]
    added = only(
        cli("add", "--org", "acme", "--preset", "openedx", "--issuer", site, *words, "--json")
    )
    assert added["client_id"] == client


def test_other_lmss_load_no_fixture(cli: Ltictl) -> None:
    done = cli("lms-config", "moodle", "--format", "fixture", "--json")

    assert (done.code, done.error["code"]) == (2, "no_fixture")


def test_a_form_that_nobody_knows(cli: Ltictl) -> None:
    done = cli("lms-config", "x", "--json")

    assert (done.code, done.error["code"]) == (4, "no_such_family")
    assert "moodle" in done.error["fix"]


def test_an_lms_without_dynamic_registration_gets_no_registration_url(cli: Ltictl) -> None:
    done = cli("registration-url", "--org", "acme", "--instructions", "schoology", "--json")

    assert (done.code, done.error["code"]) == (2, "no_dynamic_registration")
    assert "ltictl lms-config schoology" in done.error["fix"]
    assert cli("invitation", "list", "--json").data["invitations"] == []


@pytest.mark.parametrize(
    "lines",
    [
        '[tool.platforms.cnavas]\nname = "x"',
        '[tool.platforms.canvas]\nprivacy_level = "all"',
        '[[tool.messages]]\ntype = "LtiResourceLinkRequest"\nlable = "x"',
    ],
)
def test_a_misspelt_setting_is_an_error_before_anything_is_issued(cli: Ltictl, lines: str) -> None:
    setting(profile(cli), lines)

    done = cli("registration-url", "--org", "acme", "--json")
    listening = cli("register", "--org", "acme", "--port", "0", "--timeout", "1s", "--json")

    for each in (done, listening):
        assert (each.code, each.error["code"]) == (9, "invalid_setting")
    assert list((Path(profile(cli).profile.root) / "invitations").glob("*")) == []


@pytest.mark.parametrize(
    ("preset", "issuer", "better"),
    [
        ("canvas", "https://canvas.example.edu", "canvas-self-hosted"),
        ("canvas", "https://canvas.test.instructure.com", "canvas-test"),
        ("canvas-beta", "https://canvas.instructure.com/", "--preset canvas,"),
        ("schoology", "https://schoology.example.edu", "Give --authorization-endpoint"),
    ],
)
def test_a_preset_of_another_issuer(cli: Ltictl, preset: str, issuer: str, better: str) -> None:
    done = add(cli, "--preset", preset, "--issuer", issuer)

    assert (done.code, done.error["code"]) == (2, "preset_mismatch")
    assert issuer in done.error["message"]
    assert better in done.error["fix"]
    assert profile(cli).profile.integrations.ids() == []


@pytest.mark.parametrize("family", FORMS)
def test_the_printed_command_records_the_registration(cli: Ltictl, family: str) -> None:
    printed = cli("lms-config", family, "--org", "acme").stderr
    command = printed.partition("Record it: ")[2].splitlines()[0]
    filled = {
        "ISSUER": "https://lms.example",
        "AUTHORIZATION_ENDPOINT": "https://lms.example/auth",
        "TOKEN_ENDPOINT": "https://lms.example/token",
        "JWKS_URI": "https://lms.example/keys",
        "CLIENT_ID": "c-1",
        "DEPLOYMENT_ID": "d-1",
    }
    program, *words = shlex.split(command)

    assert program == "ltictl"
    found = only(cli(*(filled.get(word, word) for word in words), "--json"))
    assert found["client_id"] == "c-1"
    assert [each["id"] for each in found["deployments"]] == ["d-1"]
