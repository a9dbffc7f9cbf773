"""ILIAS. From its component's README and "How to Use LTI 1.3 as Consumer"."""

from ltictl.platforms.family import Cause, Family
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


def _fields(asked: FormRequest) -> Fields:
    """The LTI consumer's form; labels from ILIAS's "How to Use LTI 1.3 as Consumer"."""
    return [
        ("Title", asked.name),
        ("Description", asked.description),
        ("Login URL", asked.target),
        ("Initiate Login URL", asked.login),
        ("Redirection URIs", lines(asked.redirects)),
        ("Public Key Type", "URL (JSON Web Token)"),
        ("URL (JSON Web Token)", asked.key_set),
        ("Support for Deep Linking", yes(asked.linking)),
        ("Content URL", asked.linking_target),
    ]


FAMILY = Family(
    slug="ilias",
    codes=("ilias", "ILIAS"),
    title="ILIAS",
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
    statuses={
        500: Cause(
            "Older versions of ILIAS answer every problem like that, without a word.",
            "The reason is in ILIAS's log: ask its administrators for the entry.",
        )
    },
    form=Form(
        "Add New Item > LTI Consumer > Add Own Provider",
        _fields,
        (("Platform ID", "--issuer"), CLIENT, DEPLOYMENT, *ENDPOINTS),
    ),
)
