"""Moodle. Sources: recordings of 4.5dev (tests/recordings/moodle-4.5), mod_lti's code (MDL)."""

from ltictl.model.integration import Updatable
from ltictl.platforms.family import Cause, Family

_AGAIN = "Press Cancel in Moodle, paste the URL again and press Add LTI Advantage."
_SETTING = "Correct the setting in profile.toml and start again in Moodle."

# recordings 03-registration-token/* and 04-registration-request/*: the words, beginning with
MOODLE_CAUSES = {
    "missing_registration_token": Cause(
        "The token was sent, but Moodle did not receive it: its web server removes the "
        "Authorization header before PHP sees it (usual with Apache and CGI).",
        "In Moodle's Apache configuration set 'CGIPassAuth On', or 'SetEnvIf Authorization "
        '"(.*)" HTTP_AUTHORIZATION=$1\', and start again.',
    ),
    "token_already_used": Cause(
        "This registration has succeeded before: Moodle's token is used up by success.",
        "Look for the tool in Manage tools. If ltictl does not list it, see 'ltictl recover'; "
        "to register once more, paste the URL into Moodle again.",
    ),
    "Incorrect scope": Cause("The token was issued for something else.", _AGAIN),
    "Unknown client": Cause("The tool that should be updated was deleted in Moodle.", _AGAIN),
    "missing required attribute": Cause("The request lacks what Moodle demands.", _SETTING),
    "missing_domain": Cause("The tool's target_link_uri has no host.", _SETTING),
    "domain_targetlinkuri_mismatch": Cause(
        "Moodle compares the tool's domain with the host of target_link_uri, letter by letter.",
        _SETTING,
    ),
    "invalid_": Cause("Moodle does not accept that member of the request.", _SETTING),
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
    ),
    "Exception - ": Cause(
        "Moodle stopped with an internal error; nothing was stored.",
        "Ask Moodle's administrators for the entry in its log, and start again.",
    ),
}

MOODLE = Family(
    slug="moodle",
    codes=("moodle",),
    title="Moodle",
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
    switch="Manage tools > Activate (reload the page first)",
    updatable=Updatable.RERUN,
    subject_is_client=True,  # recordings 03-registration-token/decoded
    causes=MOODLE_CAUSES,
)
