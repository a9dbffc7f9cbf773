"""Moodle.

Sources: recordings of 4.5dev (tests/recordings/moodle-4.5), mod_lti's code and form (MDL).
"""

from ltictl.errors import Actor
from ltictl.model.integration import Updatable
from ltictl.platforms.family import (
    SET_CLOCK,
    Again,
    Cause,
    DeepLinking,
    EarlierClicks,
    Family,
    KeyCache,
    Marks,
    Preset,
    RequestShape,
)
from ltictl.platforms.form import CLIENT, DEPLOYMENT, Fields, Form, FormRequest, lines, pairs, yes

_AGAIN = "Press Cancel in Moodle, paste the URL again and press Add LTI Advantage."
_IN_CHOOSER = (
    "Manage tools > the gear on the tool's card > Tool configuration usage > "
    "'Show in activity chooser and as a preconfigured tool' (before Moodle 4.3)"
)
_SETTING = "Correct the setting in profile.toml and start again in Moodle."

# recordings 03-registration-token/* and 04-registration-request/*: the words, beginning with
_CAUSES = {
    "missing_registration_token": Cause(
        "The token was sent, but Moodle did not receive it: its web server removes the "
        "Authorization header before PHP sees it (usual with Apache and CGI).",
        "In Moodle's Apache configuration set 'CGIPassAuth On', or 'SetEnvIf Authorization "
        '"(.*)" HTTP_AUTHORIZATION=$1\', and start again.',
    ),
    "token_already_used": Cause(
        "This registration has succeeded before, and Moodle's token is single use.",
        "Look for the tool in Manage tools. If ltictl does not list it, see 'ltictl recover'; "
        "to register once more, paste the URL into Moodle again.",
        Actor.BOTH,
    ),
    "Incorrect scope": Cause("The token was issued for something else.", _AGAIN),
    "Unknown client": Cause("The tool that should be updated was deleted in Moodle.", _AGAIN),
    "missing required attribute": Cause(
        "The request lacks what Moodle demands.", _SETTING, Actor.OPERATOR
    ),
    "missing_domain": Cause("The tool's target_link_uri has no host.", _SETTING, Actor.OPERATOR),
    "domain_targetlinkuri_mismatch": Cause(
        "Moodle compares the tool's domain with the host of target_link_uri, letter by letter.",
        _SETTING,
        Actor.OPERATOR,
    ),
    "invalid_": Cause(
        "Moodle does not accept that member of the request.", _SETTING, Actor.OPERATOR
    ),
    "Unsupported operation": Cause(
        "A proxy before Moodle turned the POST into something else, often by redirecting it.",
        "Correct Moodle's site URL (wwwroot) to the address it really answers on.",
    ),
    "Exception - Expired token": Cause(
        "Moodle's registration token is valid for one hour, and that hour is over, or the "
        "clocks of Moodle's servers differ.",
        _AGAIN,
    ),
    "Exception - Signature verification failed": Cause(
        "The token was changed on its way, or comes from another Moodle.", _AGAIN
    ),
    'Exception - "kid" invalid': Cause(
        "The token was signed with a key that this Moodle does not have any more.", _AGAIN
    ),
    "Exception - Cannot handle token": Cause(
        "The clocks of Moodle's servers differ from each other.",
        "Ask Moodle's administrators to check the time on their servers, then start again.",
    ),
    "Error writing to database": Cause(
        "A value is longer than Moodle's column: the name may have 255 characters, the domain "
        "fewer than 300.",
        _SETTING,
        Actor.OPERATOR,
    ),
    "Exception - ": Cause(
        "Moodle stopped with an internal error; nothing was stored.",
        "Ask Moodle's administrators for the entry in its log, and start again.",
    ),
}

_PUBLISH = (
    "Publish the tool's key set at its jwks_uri: 'ltictl jwks' prints it, 'ltictl doctor' looks."
)

# recordings 06-token-endpoint/*: what the token endpoint says when it refuses
_TOKEN_CAUSES = {
    "invalid_client": Cause(
        "Moodle knows no tool with this client_id: it was deleted there, or registered again.",
        "Look for the tool in Manage tools, and register it once more if it is gone.",
    ),
    "invalid_scope": Cause(
        "None of the services asked for is switched on for the tool in Moodle.",
        "Manage tools > the tool's gear > Services: switch on what the tool needs.",
    ),
    # Both "prior to DATE" (nbf) and "with iat prior to DATE" are the same clock.
    "Cannot handle token": Cause(
        "This computer's clock is ahead of Moodle's, and Moodle allows no difference.",
        SET_CLOCK,
    ),
    "Expired token": Cause(
        "This computer's clock is behind Moodle's by more than the assertion lives.",
        SET_CLOCK,
    ),
    "Signature verification failed": Cause(
        "The key that Moodle finds under this key id is another one.", _PUBLISH, blames_key_set=True
    ),
    '"kid" invalid': Cause(
        "The key that signed is not in the tool's published key set.", _PUBLISH, blames_key_set=True
    ),
    # jwks-format/other-key-no-alg: one bad key spoils the whole set
    'JWK must contain an "alg" parameter': Cause(
        "A key in the tool's published key set lacks its 'alg'.", _PUBLISH, blames_key_set=True
    ),
    "JWK Set": Cause("The tool's published key set holds no keys.", _PUBLISH, blames_key_set=True),
    # jwks-unavailable/*: unreachable, no key set, or refused by Moodle's own rules
    "jwks_helper": Cause(
        "Moodle could not read the tool's key set. By default it refuses ports other than 80 and "
        "443, and loopback and private addresses.",
        "Publish the key set at a public address on port 443, or let Moodle's administrators "
        "change Site administration > General > Security > HTTP security.",
    ),
}


def _fields(request: FormRequest) -> Fields:
    """Return the fields of Manage tools > configure a tool manually."""
    grades = "Use this service for grade sync only"
    if request.columns:
        grades = "Use this service for grade sync and column management"
    members = "Use this service to retrieve members' information as per privacy settings"
    return [
        ("Tool name", request.name),
        ("Tool URL", request.target),
        ("Tool description", request.description),
        ("LTI version", "LTI 1.3"),
        ("Public key type", "Keyset URL"),
        ("Public keyset", request.key_set),
        ("Initiate login URL", request.login),
        ("Redirection URI(s)", lines(request.redirects)),
        ("Custom parameters", pairs(request.parameters)),
        ("Tool configuration usage", "Show in activity chooser and as a preconfigured tool"),
        ("Supports Deep Linking (Content-Item Message)", yes(request.linking)),
        ("Content Selection URL", request.linking_target),
        ("Icon URL", request.logo),
        (
            "IMS LTI Assignment and Grade Services",
            grades if request.grades else "Do not use this service",
        ),
        (
            "IMS LTI Names and Role Provisioning",
            members if request.members else "Do not use this service",
        ),
        ("Share launcher's name with tool", "Always" if request.names else "Never"),
        ("Share launcher's email with tool", "Always" if request.mail else "Never"),
        ("Accept grades from the tool", "Always" if request.grades else "Never"),
    ]


# recordings 02-openid-configuration; forks keep the paths and announce codes of their own
_MARKS = Marks(
    authorization_endpoint="/mod/lti/auth.php",
    token_endpoint="/mod/lti/token.php",  # noqa: S106  a path, not a password
    jwks_uri="/mod/lti/certs.php",
)

FAMILY = Family(
    slug="moodle",
    codes=("moodle",),
    title="Moodle",
    marks=_MARKS,
    paste=(
        "Site administration > Plugins > Activity modules > External tool > Manage tools",
        "Paste the registration URL into the field 'Tool URL'",
        "Press 'Add LTI Advantage'",
        "On the page that opens, check what is asked and press Register",
    ),
    activate=(
        "Manage tools: reload the page and press Activate on the tool's card",
        "In the course: More > LTI External tools > switch on 'Show in activity chooser'",
    ),
    # "LTI External tools" came with 4.3 (MDL); before it, the tool's own settings do that.
    earlier=EarlierClicks(
        before=(4, 3),
        activate=(
            "Manage tools: reload the page and press Activate on the tool's card",
            _IN_CHOOSER,
        ),
        by_hand=(_IN_CHOOSER,),
    ),
    switch="Manage tools > Activate (reload the page first)",
    place="Manage tools > the tool's card",
    editing="Manage tools > the gear on the tool's card",
    removal="Manage tools > Delete on the tool's card",
    by_hand=("In the course: More > LTI External tools > switch on 'Show in activity chooser'",),
    deployment="Manage tools > the magnifying glass on the tool's card",
    names_deployment=True,  # recordings 04-registration-request/full
    configuration_again=True,  # GUIDE, recordings 02-openid-configuration: no token, no sign-in
    key_cache=KeyCache.UNTIL_MISS,  # recordings 06-token-endpoint/rotation
    bare_authorization=frozenset({404}),  # its error pages are 404: recordings 04, messages-*
    exact_clock=True,  # recordings 06-token-endpoint/iat-future-2s
    default_ports_only=True,  # recordings 06-token-endpoint/jwks-unavailable/default-curl-*
    shape=RequestShape(
        deep_linking=DeepLinking.LAST,  # recordings 04-registration-request/messages-many
        message_parameters=False,  # registration_helper reads a message's type and target only
        line_parameters=True,  # recordings 04-registration-request/custom-equals-newline
    ),
    updatable=Updatable.RERUN,  # recordings 07-update
    again=Again.ANNOUNCED_UPDATE,  # recordings 03-registration-token/decoded, 07-update
    update_at_tool_host=True,  # recordings 07-update/choice-page
    unknown_client="invalid_client",  # recordings 07-update/token-after-delete
    subject_is_client=True,  # recordings 03-registration-token/decoded
    causes=_CAUSES,
    token_causes=_TOKEN_CAUSES,
    form=Form(
        "Site administration > Plugins > Activity modules > External tool > Manage tools > "
        "configure a tool manually",
        _fields,
        (("Platform ID", "--issuer"), CLIENT, DEPLOYMENT),
    ),
    presets={  # recordings 02-openid-configuration
        "moodle": Preset(
            authorization_endpoint="{site}" + _MARKS.authorization_endpoint,
            token_endpoint="{site}" + _MARKS.token_endpoint,
            jwks_uri="{site}" + _MARKS.jwks_uri,
        )
    },
)
