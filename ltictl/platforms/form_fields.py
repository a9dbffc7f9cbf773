"""The fields of each LMS's form: their labels, in their order, and the tool's values for them.

Sources: Moodle's mod_lti form, D2L-REG, BB-REG, Schoology's, OpenOlat's and ILIAS's documentation,
Sakai's ``ltiservice.properties``, the settings of Open edX's LTI consumer XBlock, Canvas's
"Configuring".
"""

from collections.abc import Mapping
from typing import Any, Final

from ltictl.lti.vocabulary import DEEP_LINKING, SCOPES, TOOL_CONFIGURATION

_YES: Final = "yes"
_NO: Final = "no"
_SAKAI_PICKER: Final = (
    'The tool URL supports a "resource picker" experience with one or more tools (Deep Link launch)'
)
_NAMES: Final = {"name", "given_name", "family_name"}

Fields = list[tuple[str, str]]


class FormRequest:
    """A request, in the terms of forms."""

    def __init__(self, request: Mapping[str, Any], public_key: str) -> None:
        tool = request[TOOL_CONFIGURATION]
        scopes = set(request.get("scope", "").split())
        linking = [each for each in tool["messages"] if each["type"] == DEEP_LINKING]
        self.public_key = public_key
        self.name: str = request["client_name"]
        self.description: str = tool.get("description", "")
        self.domain: str = tool["domain"]
        self.target: str = tool["target_link_uri"]
        self.login: str = request["initiate_login_uri"]
        self.key_set: str = request["jwks_uri"]
        self.logo: str = request.get("logo_uri", "")
        self.redirects: list[str] = request["redirect_uris"]
        self.parameters: dict[str, str] = tool.get("custom_parameters", {})
        self.columns = SCOPES["lineitem"] in scopes
        self.grades = self.columns or not scopes.isdisjoint(
            {SCOPES["score"], SCOPES["result.readonly"], SCOPES["lineitem.readonly"]}
        )
        self.members = SCOPES["contextmembership.readonly"] in scopes
        self.names = not _NAMES.isdisjoint(tool["claims"])
        self.mail = "email" in tool["claims"]
        self.linking = bool(linking)
        self.linking_target: str = linking[0].get("target_link_uri", "") if linking else ""


def _yes(said: object) -> str:
    return _YES if said else _NO


def _lines(values: list[str]) -> str:
    return "\n".join(values)


def _pairs(parameters: Mapping[str, str]) -> str:
    return _lines([f"{name}={value}" for name, value in parameters.items()])


def moodle(asked: FormRequest) -> Fields:
    """Manage tools > configure a tool manually."""
    grades = "Use this service for grade sync only"
    if asked.columns:
        grades = "Use this service for grade sync and column management"
    members = "Use this service to retrieve members' information as per privacy settings"
    return [
        ("Tool name", asked.name),
        ("Tool URL", asked.target),
        ("Tool description", asked.description),
        ("LTI version", "LTI 1.3"),
        ("Public key type", "Keyset URL"),
        ("Public keyset", asked.key_set),
        ("Initiate login URL", asked.login),
        ("Redirection URI(s)", _lines(asked.redirects)),
        ("Custom parameters", _pairs(asked.parameters)),
        ("Tool configuration usage", "Show in activity chooser and as a preconfigured tool"),
        ("Supports Deep Linking (Content-Item Message)", _yes(asked.linking)),
        ("Content Selection URL", asked.linking_target),
        ("Icon URL", asked.logo),
        (
            "IMS LTI Assignment and Grade Services",
            grades if asked.grades else "Do not use this service",
        ),
        (
            "IMS LTI Names and Role Provisioning",
            members if asked.members else "Do not use this service",
        ),
        ("Share launcher's name with tool", "Always" if asked.names else "Never"),
        ("Share launcher's email with tool", "Always" if asked.mail else "Never"),
        ("Accept grades from the tool", "Always" if asked.grades else "Never"),
    ]


def brightspace(asked: FormRequest) -> Fields:
    """Register Tool > Standard (D2L-REG)."""
    extensions = [
        name
        for name, wanted in (
            ("Assignment and Grade Services", asked.grades),
            ("Deep Linking", asked.linking),
            ("Names and Role Provisioning Services", asked.members),
        )
        if wanted
    ]
    parameters = asked.parameters.items()
    return [
        ("Name", asked.name),
        ("Description", asked.description),
        ("Domain", f"https://{asked.domain}"),
        ("Redirect URLs", _lines(asked.redirects)),
        ("OpenID Connect Login URL", asked.login),
        ("Target Link URI", asked.target),
        ("Keyset URL", asked.key_set),
        ("Extensions", ", ".join(extensions)),
        ("Substitution Parameters", _pairs({n: v for n, v in parameters if v.startswith("$")})),
        ("Custom Parameters", _pairs({n: v for n, v in parameters if not v.startswith("$")})),
    ]


def blackboard(asked: FormRequest) -> Fields:
    """The developer portal (BB-REG)."""
    return [
        ("Application Name", asked.name),
        ("Description", asked.description or asked.name),
        ("Domain(s)", asked.domain),
        ("My Integration supports LTI 1.3", _YES),
        ("Login Initiation URL", asked.login),
        ("Tool Redirect URL(s)", _lines(asked.redirects)),
        ("Tool JWKS URL", asked.key_set),
        ("Signing Algorithm", "RS256"),
        ("Custom Parameters", _pairs(asked.parameters)),
    ]


def schoology(asked: FormRequest) -> Fields:
    """Add App."""
    privacy = {
        (True, True): "Send Name and Email/Username of user who launches the tool",
        (True, False): "Send Name Only",
        (False, True): "Send Email/Username Only",
        (False, False): "Do not send any user information",
    }[asked.names, asked.mail]
    return [
        ("Name", asked.name),
        ("Description", asked.description or asked.name),
        ("Type of App", "LTI 1.3 App"),
        ("Privacy", privacy),
        ("Deep Linking", _yes(asked.linking)),
        ("Assignment and Grade Services", _yes(asked.grades)),
        ("Names and Roles Services", _yes(asked.members)),
        ("JWKS URL", asked.key_set),
        ("Domain/URL", asked.target),
        ("Public key type", "Keyset URL"),
        ("OIDC Login Init URL", asked.login),
        ("Redirect URLs", _lines(asked.redirects)),
        ("Custom Parameters", _pairs(asked.parameters)),
    ]


def openolat(asked: FormRequest) -> Fields:
    """Add new tool."""
    return [
        ("Tool Name", asked.name),
        ("Tool URL", asked.target),
        ("With shared deployment", _YES),
        ("Public Key Type", "Public key"),
        ("Public Key", asked.public_key),
        ("Initiate login URI", asked.login),
        ("Redirection URL(s)", _lines(asked.redirects)),
    ]


def openedx(asked: FormRequest) -> Fields:
    """The settings of the XBlock."""
    return [
        ("LTI Version", "LTI 1.3"),
        ("Tool Launch URL", asked.target),
        ("Registered Redirect URIs", _lines(asked.redirects)),
        ("Tool Initiate Login URL", asked.login),
        ("Tool Public Key Mode", "Keyset URL"),
        ("Tool Keyset URL", asked.key_set),
        ("Enable LTI NRPS", _yes(asked.members)),
        ("Deep linking", _yes(asked.linking)),
        ("Deep Linking Launch URL", asked.linking_target),
        ("Custom Parameters", _pairs(asked.parameters)),
    ]


def canvas(asked: FormRequest) -> Fields:
    """Around the JSON document."""
    return [
        ("Key Name", asked.name),
        ("Redirect URIs", _lines(asked.redirects)),
        ("Method", "Paste JSON"),
        ("LTI 1.3 Configuration", "the JSON document"),
    ]


def sakai(asked: FormRequest) -> Fields:
    """Install LTI 1.3 Tool; the labels are those of Sakai's ``ltiservice.properties``."""
    return [
        ("Tool Title", asked.name),
        ("Button Text (Text in tool menu)", asked.name),
        ("Description", asked.description),
        ("Launch URL (1.1) / Target Link URI (1.3)", asked.target),
        ("Send User Names to External Tool", _yes(asked.names)),
        ("Send Email Addresses to External Tool", _yes(asked.mail)),
        ("Allow External Tool to return grades", _yes(asked.grades)),
        ("Allow External Tool to create grade columns", _yes(asked.columns)),
        ("Provide Roster to External Tool", _yes(asked.members)),
        ("The tool URL supports a single LTI tool (Resource Link launch)", _YES),
        (_SAKAI_PICKER, _yes(asked.linking)),
        ("Custom Parameters (key=value on separate lines)", _pairs(asked.parameters)),
        ("Tool supports LTI 1.3", _YES),
        ("LTI 1.3 Tool OpenID Connect/Initialization Endpoint", asked.login),
        ("LTI 1.3 Tool Redirect Endpoint(s)", ",".join(asked.redirects)),
        ("LTI 1.3 Tool Keyset / JWK URL", asked.key_set),
    ]


def ilias(asked: FormRequest) -> Fields:
    """The LTI consumer's form; labels from ILIAS's "How to Use LTI 1.3 as Consumer"."""
    return [
        ("Title", asked.name),
        ("Description", asked.description),
        ("Login URL", asked.target),
        ("Initiate Login URL", asked.login),
        ("Redirection URIs", _lines(asked.redirects)),
        ("Public Key Type", "URL (JSON Web Token)"),
        ("URL (JSON Web Token)", asked.key_set),
        ("Support for Deep Linking", _yes(asked.linking)),
        ("Content URL", asked.linking_target),
    ]


def any_other(asked: FormRequest) -> Fields:
    """No form in particular: the terms of LTI, by which most forms name their fields."""
    return [
        ("Name", asked.name),
        ("Description", asked.description),
        ("Domain", asked.domain),
        ("Target link URI (launch URL)", asked.target),
        ("Login initiation URL", asked.login),
        ("Redirect URIs", _lines(asked.redirects)),
        ("Key set URL (JWKS)", asked.key_set),
        ("Deep linking", _yes(asked.linking)),
        ("Deep linking URL", asked.linking_target),
        ("Assignment and Grade Services", _yes(asked.grades)),
        ("Names and Role Provisioning Services", _yes(asked.members)),
        ("Share the person's name", _yes(asked.names)),
        ("Share the person's e-mail address", _yes(asked.mail)),
        ("Custom parameters", _pairs(asked.parameters)),
    ]
