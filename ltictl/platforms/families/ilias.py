"""ILIAS. Sources: recordings of its own code (REL: ILIAS 10, the same in 8 and 9; TRUNK: 12 alpha).

Both stand in tests/recordings/foreign. Clicks and fields are from its component's README and from
"How to Use LTI 1.3 as Consumer".
"""

from ltictl.model.record import replace
from ltictl.platforms.family import Cause, DeepLinking, Family, Marks, RequestShape
from ltictl.platforms.form import (
    CLIENT,
    DEPLOYMENT,
    ENDPOINTS,
    Fields,
    Form,
    FormRequest,
    lines,
    yes,
)


def _fields(request: FormRequest) -> Fields:
    """Return the fields of the LTI consumer's form ("How to Use LTI 1.3 as Consumer")."""
    return [
        ("Title", request.name),
        ("Description", request.description),
        ("Login URL", request.target),
        ("Initiate Login URL", request.login),
        ("Redirection URIs", lines(request.redirects)),
        ("Public Key Type", "URL (JSON Web Token)"),
        ("URL (JSON Web Token)", request.key_set),
        ("Support for Deep Linking", yes(request.linking)),
        ("Content URL", request.linking_target),
    ]


_AGAIN = "Cancel in ILIAS and start again: Add New Item > LTI Consumer, paste the URL."

_RELEASED = Family(
    slug="ilias",
    codes=("ilias.de", "ilias", "ILIAS"),  # REL and TRUNK configuration-200
    title="ILIAS",
    marks=Marks(  # REL and TRUNK configuration-200
        authorization_endpoint="/ltiauth.php",
        token_endpoint="/ltitoken.php",  # noqa: S106  a path, not a password
        jwks_uri="/lticerts.php",
    ),
    paste=(  # README: a person who may own tools, in a frame
        "Add New Item > LTI Consumer > register a provider dynamically",
        "Paste the registration URL",
    ),
    activate=("Back in ILIAS: save the object that was made",),
    switch="the object's settings > Online",
    place="the object in the repository",
    editing="the object's settings",
    removal="the object's menu > Delete",
    deployment="the object's settings",
    names_deployment=True,  # REL registration-200: a number; TRUNK registration-200-2: text
    client_in_audience=True,  # REL and TRUNK: "sub" is the person's number
    shape=RequestShape(deep_linking=DeepLinking.LAST),  # REL
    causes={
        "missing Authorization header": Cause(  # REL registration-405-3
            "The registration token did not reach ILIAS: its web server removes the Authorization "
            "header before PHP sees it (usual with Apache and CGI), or no token was sent.",
            "In the configuration of ILIAS's web server let the header pass (Apache: "
            "'CGIPassAuth On'), and start again in ILIAS.",
        ),
        "invalid_token": Cause(  # TRUNK registration-401
            "ILIAS's registration token is good for one hour and one success.", _AGAIN
        ),
    },
    statuses={
        500: Cause(  # REL registration-500-2: its page for everything, a bad token too
            "Released versions of ILIAS (8 to 10) answer every problem like that, without a word: "
            "also a token that is too old or was used before.",
            f"{_AGAIN} If it fails again, the reason is in ILIAS's log: ask its administrators for "
            "the entry.",
        )
    },
    token_causes={
        # No unknown_client: it is the same word for a signature (REL token-401-2).
        "invalid_client": Cause(
            "ILIAS has no tool with this client_id, or does not accept the signature: it says the "
            "same of both.",
            "Look for the object in ILIAS, and compare the key set's address in its settings.",
        )
    },
    form=Form(
        "Add New Item > LTI Consumer > Add Own Provider",
        _fields,
        (("Platform ID", "--issuer"), CLIENT, DEPLOYMENT, *ENDPOINTS),
    ),
)

# TRUNK keeps another deep linking message than all released versions.
_TRUNK = replace(_RELEASED, shape=RequestShape(deep_linking=DeepLinking.FIRST))
FAMILY = replace(_RELEASED, editions={"ilias": _TRUNK})
