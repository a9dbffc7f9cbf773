"""Sakai. From source, not measured live.

Sources: SAK (Sakai's LTI13Servlet; ``ltiservice.properties`` for the form, ``ltitool.properties``
of commit 04a17c26327e for the menus), TSUGI (its notes on Sakai).
"""

from typing import Final

from ltictl.platforms.family import Cause, DeepLinking, Family, Marks, RequestShape
from ltictl.platforms.form import YES, Fields, Form, FormRequest, pairs, yes

_AGAIN = "Start the registration in Sakai again."

_PICKER: Final = (
    'The tool URL supports a "resource picker" experience with one or more tools (Deep Link launch)'
)


def _fields(request: FormRequest) -> Fields:
    """Return the fields of Install LTI 1.x Tool, labelled as in ``ltiservice.properties``."""
    return [
        ("Tool Title", request.name),
        ("Button Text (Text in tool menu)", request.name),
        ("Description", request.description),
        ("Launch URL (1.1) / Target Link URI (1.3)", request.target),
        ("Send User Names to External Tool", yes(request.names)),
        ("Send Email Addresses to External Tool", yes(request.mail)),
        ("Allow External Tool to return grades", yes(request.grades)),
        ("Allow External Tool to create grade columns", yes(request.columns)),
        ("Provide Roster to External Tool", yes(request.members)),
        ("The tool URL supports a single LTI tool (Resource Link launch)", YES),
        (_PICKER, yes(request.linking)),
        ("Custom Parameters (key=value on separate lines)", pairs(request.parameters)),
        ("Tool supports LTI 1.3", YES),
        ("LTI 1.3 Tool OpenID Connect/Initialization Endpoint", request.login),
        ("LTI 1.3 Tool Redirect Endpoint(s)", ",".join(request.redirects)),
        ("LTI 1.3 Tool Keyset / JWK URL", request.key_set),
    ]


FAMILY = Family(
    slug="sakai",
    codes=("sakailms.org", "sakai"),
    title="Sakai",
    marks=Marks(  # SAK: token endpoint and key set end in the tool's number
        authorization_endpoint="/imsoidc/lti13/oidc_auth",
        token_endpoint="/imsblis/lti13/token",  # noqa: S106  a path, not a password
        jwks_uri="/imsblis/lti13/keyset",
    ),
    paste=(
        "Administration Workspace > External Tools > LTI Dynamic Registration",
        "Paste the registration URL and continue",
        "On the page that opens, check what is asked and press Register",
    ),
    activate=("Back in Sakai's form: check what it received and save the tool",),
    switch="Administration Workspace > External Tools > the tool > Save",
    place="Administration Workspace > External Tools > the tool",
    editing="Administration Workspace > External Tools > the tool > Edit",
    removal="Administration Workspace > External Tools > the tool > Delete",
    deployment="Administration Workspace > External Tools > the tool",
    names_deployment=True,  # SAK; since SAK-52559 (May 2026) a site may have one of its own
    shape=RequestShape(
        deep_linking=DeepLinking.FIRST,  # TSUGI
        lists_scopes=False,  # SAK: only openid, although it offers all services
    ),
    statuses={
        400: Cause("Sakai found the request, or the address it was sent to, incomplete.", _AGAIN),
        403: Cause(  # SAK: without a word
            "Sakai's token can be used once and within one hour, and was late or used.",
            _AGAIN,
        ),
    },
    form=Form(  # ltiservice.properties: what it shows beside its own fields
        "Administration Workspace > External Tools > Install LTI 1.x Tool",
        _fields,
        (
            ("LTI 1.3 Platform Issuer", "--issuer"),
            ("LTI 1.3 Client ID", "--client-id"),
            ("LTI 1.3 Deployment Id", "--deployment"),
            ("LTI 1.3 LMS OIDC Endpoint URL", "--authorization-endpoint"),
            ("LTI 1.3 LMS OAuth Token URL", "--token-endpoint"),
            ("LTI 1.3 LMS Keyset URL", "--jwks-uri"),
        ),
    ),
)
