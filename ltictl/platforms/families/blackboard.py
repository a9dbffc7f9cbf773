"""Blackboard. From documentation, not measured live.

Sources: BB-REG, BB-KI, BB-JWKS (Anthology's documentation, known issues and developer portal),
BB-AP (the asset processor in Anthology's sample tool).
"""

from typing import Final

from ltictl.lti.vocabulary import SCOPES
from ltictl.platforms.family import Family, Preset, RequestShape
from ltictl.platforms.form import YES, Fields, Form, FormRequest, lines, pairs

_PORTAL: Final = "https://developer.blackboard.com/api/v1"


def _fields(request: FormRequest) -> Fields:
    """Return the fields of the developer portal (BB-REG)."""
    return [
        ("Application Name", request.name),
        ("Description", request.description or request.name),
        ("Domain(s)", request.domain),
        ("My Integration supports LTI 1.3", YES),
        ("Login Initiation URL", request.login),
        ("Tool Redirect URL(s)", lines(request.redirects)),
        ("Tool JWKS URL", request.key_set),
        ("Signing Algorithm", "RS256"),
        ("Custom Parameters", pairs(request.parameters)),
    ]


FAMILY = Family(
    slug="blackboard",
    codes=("BlackboardLearn",),
    title="Blackboard",
    paste=(  # BB-REG: the vendor registers once, in the developer portal
        "Anthology developer portal > the application > LTI Dynamic Registration",
        "Paste the registration URL",
    ),
    activate=(
        "Each institution: Administrator Panel > LTI Tool Providers > Register LTI 1.3 Tool",
        "They enter the client id and send you the deployment id",
    ),
    switch="Administrator Panel > LTI Tool Providers > the tool > Approve",
    place="Administrator Panel > LTI Tool Providers > the tool",
    editing="Anthology developer portal > the application",
    removal="Administrator Panel > LTI Tool Providers > the tool > Delete, at each institution",
    deployment="Administrator Panel > LTI Tool Providers > the tool > Edit, at each institution",
    gives_token=False,  # BB-KI: its secret is in the registration endpoint
    notes=(  # BB-REG; BB-JWKS
        "In Blackboard one registration serves all institutions: add each one's deployment id.",
        "Blackboard keeps the address of the key set for good: do not change jwks_uri later.",
    ),
    shape=RequestShape(
        spellings={  # BB-AP: what its token endpoint is asked for
            SCOPES[name]: SCOPES[f"lti-ap/{name}"] for name in ("asset.readonly", "report")
        },
    ),
    form=Form(
        "Anthology developer portal > My Apps > + > Register application",
        _fields,
        (("Application ID", "--client-id"), ("Deployment ID, per institution", "--deployment")),
    ),
    presets={
        "blackboard": Preset(
            issuer="https://blackboard.com",
            authorization_endpoint=f"{_PORTAL}/gateway/oidcauth",
            token_endpoint=f"{_PORTAL}/gateway/oauth2/jwttoken",
            jwks_uri=_PORTAL + "/management/applications/{client_id}/jwks.json",
        )
    },
)
