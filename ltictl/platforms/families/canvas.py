"""Canvas. From documentation and source, not measured against a live one.

Sources: C-DOC (Canvas's API documentation, "registration" and "Configuring"), C-UPD ("LTI
Registration Updates"), C-PLC ("placements overview"), C-CTL (dynamic_registration_controller),
C-MOD (the model behind it), C-SCH (its schema), C-SCOPES (lib/token_scopes), C-OA (the OAuth client
credentials provider), C-RP (lti/resource_placement), C-DP ("Document Processor").
"""

from ltictl.errors import Actor
from ltictl.lti.vocabulary import (
    ASSET_PROCESSOR_SETTINGS,
    DEEP_LINKING,
    REPORT_REVIEW,
    RESOURCE_LINK,
    SCOPES,
)
from ltictl.model.integration import Updatable
from ltictl.platforms.canvas_developer_key import PLACELESS, PREFIX, developer_key
from ltictl.platforms.family import (
    SET_CLOCK,
    Again,
    Audience,
    Cause,
    Extension,
    Family,
    KeyCache,
    Marks,
    Preset,
    RequestShape,
)
from ltictl.platforms.form import Fields, Form, FormRequest, lines

_MARKS = Marks(  # C-DOC, C-CTL
    authorization_endpoint="/api/lti/authorize_redirect",
    token_endpoint="/login/oauth2/token",  # noqa: S106  a path, not a password
    jwks_uri="/api/lti/security/jwks",
    members=PREFIX,
)

# C-SCOPES: LTI_SCOPES and LTI_HIDDEN_SCOPES. The registration scopes are not among them: they are
# asked for only where Canvas lists them. C-CTL removes "openid" by itself.
_SCOPE_NAMES = """
    public_jwk/scope/update account_lookup/scope/show account_external_tools/scope/create
    account_external_tools/scope/destroy account_external_tools/scope/list
    account_external_tools/scope/show account_external_tools/scope/update
    data_services/scope/create data_services/scope/show data_services/scope/update
    data_services/scope/list data_services/scope/destroy data_services/scope/list_event_types
    feature_flags/scope/show page_content/show replace_editor_contents
"""
_SCOPES = frozenset(
    {
        "openid",
        SCOPES["lineitem"],
        SCOPES["lineitem.readonly"],
        SCOPES["result.readonly"],
        SCOPES["score"],
        SCOPES["contextmembership.readonly"],
        SCOPES["noticehandlers"],
        SCOPES["asset.readonly"],  # C-DP, with the next three
        SCOPES["report"],
        SCOPES["eula/user"],
        SCOPES["eula/deployment"],
        "https://canvas.instructure.com/lti-ags/progress/scope/show",
        *(PREFIX + name for name in _SCOPE_NAMES.split()),
    }
)

# C-PLC; resource_selection is deprecated and still known.
_PLACEMENT_NAMES = """
    account_navigation analytics_hub assignment_edit assignment_group_menu
    assignment_index_menu assignment_menu assignment_selection assignment_view collaboration
    conference_selection course_assignments_menu course_home_sub_navigation course_navigation
    course_settings_sub_navigation discussion_topic_index_menu discussion_topic_menu editor_button
    file_index_menu file_menu global_navigation homework_submission link_selection
    migration_selection module_group_menu module_index_menu module_index_menu_modal module_menu
    module_menu_modal quiz_index_menu quiz_menu student_context_card submission_type_selection
    post_grades similarity_detection tool_configuration top_navigation user_navigation
    wiki_index_menu wiki_page_menu resource_selection
"""
# C-RP: the names of the Asset Processor specification carry no prefix.
_BARE = frozenset({"ActivityAssetProcessor", "ActivityAssetProcessorContribution"})
_PLACEMENTS = _BARE.union(_PLACEMENT_NAMES.split())

_AGAIN = "Close the window in Canvas and start again: Apps > Install a New App > paste the URL."
_SETTINGS = "Correct what Canvas names in profile.toml and start again in Canvas."

# C-CTL: {"errorMessage": ...} with 401 and 404, {"errors": [...]} with 422.
_STATUSES = {
    401: Cause(
        "Canvas did not accept its registration token: it is good for one hour, for the person "
        "and the account that started the registration. (A proxy before Canvas that removes the "
        "Authorization header has the same effect.)",
        _AGAIN,
    ),
    404: Cause(
        "This Canvas does not offer dynamic registration in this account, or updates of "
        "registrations are switched off (feature flag lti_dr_registrations_update).",
        "Ask Canvas's administrators, or register by hand: ltictl lms-config canvas",
        Actor.BOTH,
    ),
    422: Cause(
        "Canvas compares the whole request with its own schema, and refuses it.",
        _SETTINGS,
        Actor.OPERATOR,
    ),
}
_MENTIONS = {
    "scope": Cause("Canvas accepts only services from its own list.", _SETTINGS, Actor.OPERATOR),
    "placement": Cause(
        "Canvas does not know, or does not allow, one of the placements.", _SETTINGS, Actor.OPERATOR
    ),
    "contacts": Cause(
        "Canvas accepts only e-mail addresses as contacts.", _SETTINGS, Actor.OPERATOR
    ),
    "redirect_uris": Cause(
        "Canvas wants at least one redirect URI, all of them URLs.", _SETTINGS, Actor.OPERATOR
    ),
}
# C-OA: what the token endpoint checks, in its words.
_TOKEN_CAUSES = {
    "JWS signature invalid": Cause(
        "Canvas reads the tool's key set at each request and did not find the key that signed.",
        "Publish the tool's key set at its jwks_uri: 'ltictl jwks' prints it.",
        blames_key_set=True,
    ),
    "audience": Cause(
        "Canvas accepts only its own token address as the audience of an assertion.",
        "Compare 'audience' in 'ltictl show' with Canvas's token endpoint.",
    ),
    "iat": Cause(
        "Canvas allows an assertion to be five minutes old and half a minute early.",
        SET_CLOCK,
    ),
    "invalid_client": Cause(
        "The tool's key is switched off in Canvas, or was deleted there.",
        "Admin > Apps (or Developer Keys): switch the tool on.",
    ),
}


def _fields(request: FormRequest) -> Fields:
    """Return the fields around the JSON document."""
    return [
        ("Key Name", request.name),
        ("Redirect URIs", lines(request.redirects)),
        ("Method", "Paste JSON"),
        ("LTI 1.3 Configuration", "the JSON document"),
    ]


def _environment(name: str) -> Preset:
    """Return one environment of hosted Canvas (C-DOC)."""
    sso = f"https://sso.{name}canvaslms.com"
    return Preset(
        issuer=f"https://canvas.{name}instructure.com",
        authorization_endpoint=sso + _MARKS.authorization_endpoint,
        token_endpoint=sso + _MARKS.token_endpoint,
        jwks_uri=sso + _MARKS.jwks_uri,
    )


FAMILY = Family(
    slug="canvas",
    codes=("canvas",),
    title="Canvas",
    marks=_MARKS,
    paste=(
        "Admin > the account > Apps > Manage > Install a New App",
        "Choose Dynamic Registration and paste the registration URL",
        "On the page that opens, check what is asked and press Register",
    ),
    activate=(
        "Canvas continues with its own pages: confirm permissions, data sharing and placements",
        "Press 'Enable & Close'",
    ),
    switch="Admin > Apps > the app > Enable",
    place="Admin > Apps > the app",
    editing="Admin > Apps > the app > Edit",
    removal="Admin > Apps > the app > Delete",
    by_hand=(
        "Admin > Developer Keys: switch the key's State to ON",
        "Settings > Apps > + App > Configuration Type 'By Client ID': enter the key's number",
    ),
    deployment="Settings > Apps > the app's gear > Deployment Id",
    # C-OA: its own token address; what it lists as authorization_server is a bare host (C-CTL).
    key_cache=KeyCache.NONE,  # C-OA: fetched at every token request
    audience=Audience.TOKEN_ENDPOINT,
    shape=RequestShape(
        scopes=_SCOPES,  # C-MOD: every scope must be on the list
        placements=_PLACEMENTS,
        placement_prefix=PREFIX,  # C-MOD: accepted with and without it
        bare_placements=_BARE,
        messages=frozenset({RESOURCE_LINK, DEEP_LINKING}) | PLACELESS,  # C-RP
        # C-RP: sent to every tool that has an asset processor, and in no configuration.
        unasked_messages=frozenset({ASSET_PROCESSOR_SETTINGS, REPORT_REVIEW}),
        placeless_messages=PLACELESS,
        restricted_placements=frozenset(
            {"analytics_hub", "submission_type_selection", "top_navigation"}  # C-PLC
        ),
        email_contacts=True,  # C-SCH
        tool_extensions={  # C-DOC, C-MOD
            "privacy_level": Extension(
                PREFIX + "privacy_level",
                choices=("public", "name_only", "email_only", "anonymous"),
            ),
            "tool_id": Extension(PREFIX + "tool_id"),
            "vendor": Extension(PREFIX + "vendor"),
        },
        message_extensions={  # C-DOC, C-MOD
            "default_enabled": Extension(PREFIX + "course_navigation/default_enabled", kind=bool),
            "visibility": Extension(PREFIX + "visibility", choices=("admins", "members", "public")),
            "display_type": Extension(PREFIX + "display_type"),
            "launch_width": Extension(PREFIX + "launch_width", kind=int),
            "launch_height": Extension(PREFIX + "launch_height", kind=int),
        },
    ),
    updatable=Updatable.CONFIGURATION_ENDPOINT,  # C-UPD
    updates_wait=True,  # C-UPD, C-CTL
    again=Again.LMS_DECIDES,  # C-CTL, C-UPD
    mentions=_MENTIONS,
    statuses=_STATUSES,
    token_causes=_TOKEN_CAUSES,
    account_name=PREFIX + "account_name",  # C-CTL
    account_guid=PREFIX + "account_lti_guid",
    form=Form(
        "Admin > Developer Keys > + Developer Key > + LTI Key",
        _fields,
        (("the number under Details", "--client-id"), ("Deployment Id", "--deployment")),
        developer_key,
    ),
    presets={
        "canvas": _environment(""),
        "canvas-beta": _environment("beta."),
        "canvas-test": _environment("test."),
        # C-CTL: on a school's own server the addresses are on its own host.
        "canvas-self-hosted": Preset(
            authorization_endpoint="{site}" + _MARKS.authorization_endpoint,
            token_endpoint="{site}" + _MARKS.token_endpoint,
            jwks_uri="{site}" + _MARKS.jwks_uri,
        ),
    },
)
