"""LMSs without dynamic registration, to which integrations are added by hand.

Sources: Schoology's developer documentation ("LTI apps"), the LTI consumer XBlock of Open edX,
OpenOlat's administration manual ("LTI - External tools"). Their codes are ltictl's own: these LMSs
have no platform configuration that would name one.
"""

from ltictl.platforms.family import Family

SCHOOLOGY = Family(
    slug="schoology",
    codes=("schoology",),
    title="Schoology",
    paste=("App Center > My Developer Apps > Add App: fill in 'ltictl lms-config schoology'",),
    activate=(
        "App Center > the app > Install LTI 1.3 App, for the organization or for yourself",
        "Organization Apps > Configure: make it available to courses",
    ),
    switch="App Center > Organization Apps > the app > Configure",
    place="App Center > My Developer Apps > the app",
    editing="App Center > My Developer Apps > the app > Options > Edit",
    removal="App Center > My Developer Apps > the app > Options > Delete",
    deployment="App Center > Organization Apps > the app > Options > API Info",
    dynamic=False,
)

OPENEDX = Family(
    slug="openedx",
    codes=("openedx",),
    title="Open edX",
    paste=("Studio > the unit > Advanced > LTI Consumer: fill in 'ltictl lms-config openedx'",),
    activate=("Studio: publish the unit",),
    switch="Studio > the unit > Publish",
    place="Studio > the unit with the LTI Consumer block",
    editing="Studio > the unit > the LTI Consumer block > Edit",
    removal="Studio > the unit > the LTI Consumer block > Delete",
    deployment="Studio > the LTI Consumer block, below its settings (usually 1)",
    dynamic=False,
)

OPENOLAT = Family(
    slug="openolat",
    codes=("openolat",),
    title="OpenOlat",
    paste=("Administration > External tools > Add new tool: fill in 'ltictl lms-config openolat'",),
    activate=("In the course: Add course element > LTI, and choose the tool",),
    switch="Administration > External tools > Configuration > Enabled",
    place="Administration > External tools > the tool",
    editing="Administration > External tools > the tool > Edit",
    removal="Administration > External tools > the tool > Delete",
    deployment="Administration > External tools > the tool > Deployment ID",
    dynamic=False,
)
