"""What an LMS administrator enters by hand, in the order and with the labels of each LMS's form.

Sources: Moodle's mod_lti form, D2L-REG, BB-REG, Schoology's and OpenOlat's documentation, the
settings of Open edX's LTI consumer XBlock, Canvas's "Configuring".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ltictl.errors import NotFoundError
from ltictl.lti.vocabulary import DEEP_LINKING, SCOPES, TOOL_CONFIGURATION
from ltictl.platforms.canvas_key import developer_key

_YES: Final = "yes"
_NO: Final = "no"
_NAMES: Final = {"name", "given_name", "family_name"}

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ByHand:
    """What is entered by hand in one LMS.

    Attributes:
        where: the clicks that lead to the form.
        fields: label and value, in the form's order.
        afterwards: what the LMS shows then, and which option of ``ltictl add`` takes it.
        document: what is pasted instead of filling in fields, ``None`` where there is nothing such.
    """

    where: str
    fields: tuple[tuple[str, str], ...]
    afterwards: tuple[tuple[str, str], ...]
    document: dict[str, Any] | None = None


class _Asked:
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


def _moodle(asked: _Asked) -> Fields:
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


def _brightspace(asked: _Asked) -> Fields:
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


def _blackboard(asked: _Asked) -> Fields:
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


def _schoology(asked: _Asked) -> Fields:
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


def _openolat(asked: _Asked) -> Fields:
    return [
        ("Tool Name", asked.name),
        ("Tool URL", asked.target),
        ("With shared deployment", _YES),
        ("Public Key Type", "Public key"),
        ("Public Key", asked.public_key),
        ("Initiate login URI", asked.login),
        ("Redirection URL(s)", _lines(asked.redirects)),
    ]


def _openedx(asked: _Asked) -> Fields:
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


def _canvas(asked: _Asked) -> Fields:
    return [
        ("Key Name", asked.name),
        ("Redirect URIs", _lines(asked.redirects)),
        ("Method", "Paste JSON"),
        ("LTI 1.3 Configuration", "the JSON document"),
    ]


_CLIENT: Final = ("Client ID", "--client-id")
_DEPLOYMENT: Final = ("Deployment ID", "--deployment")


@dataclass(frozen=True, slots=True)
class _Form:
    where: str
    fields: Callable[[_Asked], Fields]
    afterwards: tuple[tuple[str, str], ...]
    document: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None


_FORMS: Final[dict[str, _Form]] = {
    "moodle": _Form(
        "Site administration > Plugins > Activity modules > External tool > Manage tools > "
        "configure a tool manually",
        _moodle,
        (("Platform ID", "--issuer"), _CLIENT, _DEPLOYMENT),
    ),
    "canvas": _Form(
        "Admin > Developer Keys > + Developer Key > + LTI Key",
        _canvas,
        (("the number under Details", "--client-id"), ("Deployment Id", "--deployment")),
        developer_key,
    ),
    "brightspace": _Form(
        "Admin tools > Manage Extensibility > LTI Advantage > Register Tool > Standard",
        _brightspace,
        (("Issuer", "--issuer"), ("Client Id", "--client-id"), ("Deployment Id", "--deployment")),
    ),
    "blackboard": _Form(
        "Anthology developer portal > My Apps > + > Register application",
        _blackboard,
        (("Application ID", "--client-id"), ("Deployment ID, per institution", "--deployment")),
    ),
    "schoology": _Form(
        "App Center > My Developer Apps > Add App",
        _schoology,
        (_CLIENT, _DEPLOYMENT),
    ),
    "openolat": _Form(
        "Administration > External tools > Add new tool",
        _openolat,
        (("Platform-ID / Issuer", "--issuer"), ("Client-ID", "--client-id"), _DEPLOYMENT),
    ),
    "openedx": _Form(
        "Studio > the unit > Advanced > LTI Consumer > Edit",
        _openedx,
        (
            ("the LMS's address", "--issuer"),
            _CLIENT,
            _DEPLOYMENT,
            ("Keyset URL", "--jwks-uri"),
            ("Access Token URL", "--token-endpoint"),
        ),
    ),
}


def by_hand(family: str, request: Mapping[str, Any], public_key: str = "") -> ByHand:
    """What is entered by hand.

    Args:
        family: slug.
        request: the tool's registration request, cut for that family.
        public_key: the tool's public key as PEM, for forms that take no address of a key set.

    Raises:
        NotFoundError: nobody wrote down that family's form.
    """
    if family not in _FORMS:
        raise NotFoundError(
            "no_such_form",
            f"The form of {family[:40]!r} is not known.",
            fix=f"Known: {', '.join(_FORMS)}.",
        )
    form = _FORMS[family]
    filled = form.fields(_Asked(request, public_key))
    return ByHand(
        where=form.where,
        fields=tuple((label, value) for label, value in filled if value),
        afterwards=form.afterwards,
        document=form.document(request) if form.document else None,
    )
