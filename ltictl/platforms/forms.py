"""What an LMS administrator enters by hand: where, which fields, and what the LMS shows then."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from ltictl.platforms import form_fields
from ltictl.platforms.canvas_key import developer_key
from ltictl.platforms.form_fields import Fields, FormRequest


class ByHand(Struct, frozen=True):
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


_CLIENT: Final = ("Client ID", "--client-id")
_DEPLOYMENT: Final = ("Deployment ID", "--deployment")

_ENDPOINTS: Final = (
    ("Authentication request URL", "--authorization-endpoint"),
    ("Access token URL", "--token-endpoint"),
    ("Public keyset URL", "--jwks-uri"),
)


class _Form(Struct, frozen=True):
    where: str
    fields: Callable[[FormRequest], Fields]
    afterwards: tuple[tuple[str, str], ...]
    document: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None


_FORMS: Final[dict[str, _Form]] = {
    "moodle": _Form(
        "Site administration > Plugins > Activity modules > External tool > Manage tools > "
        "configure a tool manually",
        form_fields.moodle,
        (("Platform ID", "--issuer"), _CLIENT, _DEPLOYMENT),
    ),
    "canvas": _Form(
        "Admin > Developer Keys > + Developer Key > + LTI Key",
        form_fields.canvas,
        (("the number under Details", "--client-id"), ("Deployment Id", "--deployment")),
        developer_key,
    ),
    "brightspace": _Form(
        "Admin tools > Manage Extensibility > LTI Advantage > Register Tool > Standard",
        form_fields.brightspace,
        (("Issuer", "--issuer"), ("Client Id", "--client-id"), ("Deployment Id", "--deployment")),
    ),
    "blackboard": _Form(
        "Anthology developer portal > My Apps > + > Register application",
        form_fields.blackboard,
        (("Application ID", "--client-id"), ("Deployment ID, per institution", "--deployment")),
    ),
    "sakai": _Form(  # ltiservice.properties: what it shows beside its own fields
        "Administration Workspace > External Tools > Install LTI 1.3 Tool",
        form_fields.sakai,
        (
            ("LTI 1.3 Platform Issuer", "--issuer"),
            ("LTI 1.3 Client ID", "--client-id"),
            ("LTI 1.3 Deployment Id", "--deployment"),
            ("LTI 1.3 LMS OIDC Endpoint URL", "--authorization-endpoint"),
            ("LTI 1.3 LMS OAuth Token URL", "--token-endpoint"),
            ("LTI 1.3 LMS Keyset URL", "--jwks-uri"),
        ),
    ),
    "ilias": _Form(
        "Add New Item > LTI Consumer > Add Own Provider",
        form_fields.ilias,
        (("Platform ID", "--issuer"), _CLIENT, _DEPLOYMENT, *_ENDPOINTS),
    ),
    "schoology": _Form(
        "App Center > My Developer Apps > Add App",
        form_fields.schoology,
        (_CLIENT, _DEPLOYMENT),
    ),
    "openolat": _Form(
        "Administration > External tools > Add new tool",
        form_fields.openolat,
        (("Platform-ID / Issuer", "--issuer"), ("Client-ID", "--client-id"), _DEPLOYMENT),
    ),
    "openedx": _Form(
        "Studio > the unit > Advanced > LTI Consumer > Edit",
        form_fields.openedx,
        (
            ("the LMS's address", "--issuer"),
            _CLIENT,
            _DEPLOYMENT,
            ("Keyset URL", "--jwks-uri"),
            ("Access Token URL", "--token-endpoint"),
        ),
    ),
    "lms": _Form(
        "the administration of external (LTI) tools",
        form_fields.any_other,
        (("Issuer", "--issuer"), _CLIENT, _DEPLOYMENT, *_ENDPOINTS),
    ),
}


def by_hand(family: str, request: Mapping[str, Any], public_key: str = "") -> ByHand:
    """What is entered by hand.

    Args:
        family: slug of any family.
        request: the tool's registration request, cut for that family.
        public_key: the tool's public key as PEM, for forms that take no address of a key set.
    """
    form = _FORMS[family]
    filled = form.fields(FormRequest(request, public_key))
    return ByHand(
        where=form.where,
        fields=tuple((label, value) for label, value in filled if value),
        afterwards=form.afterwards,
        document=form.document(request) if form.document else None,
    )
