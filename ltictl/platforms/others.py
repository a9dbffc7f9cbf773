"""The other families: what their documentation says; none of it was measured against a live one.

Sources are named per record: C-DOC and C-UPD (Canvas's API documentation), D2L-DR and D2L-REG
(Brightspace's documentation), SAK (Sakai's LTI13Servlet), BB-REG (Anthology's documentation),
ILIAS's component README.
"""

from ltictl.model.integration import Updatable
from ltictl.platforms.family import Cause, Family

# C-DOC "registration": a wizard in the account's Apps page; C-UPD: updates through the
# configuration endpoint, effective after the administrator accepted them.
CANVAS = Family(
    slug="canvas",
    codes=("canvas",),
    title="Canvas",
    paste=(
        "Admin > the account > Apps (or Developer Keys) > LTI registrations",
        "Choose Dynamic Registration and paste the registration URL",
        "On the page that opens, check what is asked and press Register",
    ),
    activate=(
        "Canvas continues with its own pages: confirm permissions, data sharing and placements",
        "Press 'Enable & Close'; the deployment id is in the app's settings menu",
    ),
    switch="Admin > Apps > the app > Enable",
    updatable=Updatable.CONFIGURATION_ENDPOINT,
)

# D2L-REG, D2L-DR: a new tab, https only, one-use configuration address, disabled at first.
BRIGHTSPACE = Family(
    slug="brightspace",
    codes=("desire2learn", "brightspace"),
    title="Brightspace",
    paste=(
        "Admin tools > Manage Extensibility > LTI Advantage > Register Tool",
        "Choose Dynamic, paste the registration URL, tick the deployment if you want one",
        "On the tab that opens, check what is asked and press Register",
    ),
    activate=(
        "Manage Extensibility > LTI Advantage: open the tool, check it and enable it",
        "Add a deployment, if none was made, and links to it",
    ),
    switch="Manage Extensibility > LTI Advantage > the tool > Enabled",
    https_only=True,
)

# SAK: the token is used once, wrong or late ones get an empty 403; the administrator finishes.
SAKAI = Family(
    slug="sakai",
    codes=("sakailms.org", "sakai"),
    title="Sakai",
    paste=(
        "Administration Workspace > External Tools > Install LTI 1.3 Tool > Auto-Provision",
        "Paste the registration URL and continue",
        "On the page that opens, check what is asked and press Register",
    ),
    activate=("Back in Sakai's form: check what it received and save the tool",),
    switch="Administration Workspace > External Tools > the tool > Save",
    causes={
        "": Cause(
            "Sakai's token can be used once and within one hour, and was late or used.",
            "Start the registration in Sakai again.",
        )
    },
)

# BB-REG: the vendor registers once in the developer portal; institutions add the client id.
BLACKBOARD = Family(
    slug="blackboard",
    codes=("BlackboardLearn",),
    title="Blackboard",
    paste=(
        "Anthology developer portal > the application > LTI Dynamic Registration",
        "Paste the registration URL",
    ),
    activate=(
        "Each institution: Administrator Panel > LTI Tool Providers > Register LTI 1.3 Tool",
        "They enter the client id and send you the deployment id",
    ),
    switch="Administrator Panel > LTI Tool Providers > the tool > Approve",
)

# ILIAS's component README: registered by a person who may own tools, in a frame.
ILIAS = Family(
    slug="ilias",
    codes=("ilias", "ILIAS"),
    title="ILIAS",
    paste=(
        "Add New Item > LTI Consumer > register a provider dynamically",
        "Paste the registration URL",
    ),
    activate=("Back in ILIAS: save the object that was made",),
    switch="the object's settings > Online",
)

GENERIC = Family(
    slug="lms",
    codes=(),
    title="your LMS",
    paste=(
        "In the administration of external (LTI) tools, choose dynamic registration",
        "Paste the registration URL",
        "On the page that opens, check what is asked and press Register",
    ),
    activate=("In the administration of external tools, look for the new tool and switch it on",),
    switch="the administration of external (LTI) tools",
    updatable=Updatable.NO,
)
