"""The result of each step at each LMS: the words of the reference's table, and their proof.

``test_matrix`` plays every cell with the real commands; ``python -m tests.docs`` writes the words
into docs/reference/lms-matrix.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """The steps at every LMS, in the page's order."""

    REGISTER = "register"
    REFUSE = "refuse"
    REPEAT = "repeat"
    UPDATE = "update"
    DEPLOYMENT = "deployment"
    VERIFY = "verify"
    NEXT_STEP = "next step"


@dataclass(frozen=True, slots=True)
class Cell:
    """One step at one LMS.

    Attributes:
        page: in the words of the page.
        code: the exit code of the command.
        said: what has to appear in its output.
        left: the integrations that there are afterwards.
    """

    page: str
    code: int
    said: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One LMS.

    Attributes:
        title: what people call it.
        played: whether the embedded LMS plays it; else it is a scripted platform.
        cells: by step.
    """

    title: str
    played: bool
    cells: dict[Step, Cell]


MATRIX: Final[dict[str, Column]] = {
    "moodle": Column(
        "Moodle",
        True,
        {
            Step.REGISTER: Cell(
                "the token's subject becomes the client id; pending",
                0,
                ('"status":"pending"', '"family":"moodle"', '"updatable":"rerun"'),
                ("acme-moodle",),
            ),
            Step.REFUSE: Cell(
                "a bare word (400, 401, 403) or an HTML page (404): *`token_already_used`: this "
                "registration has succeeded before*",
                3,
                ("HTTP 401", "token_already_used", "has succeeded before", "ltictl recover"),
                (),
            ),
            Step.REPEAT: Cell(
                "a second tool; or its page offers *Update*, which keeps client and deployment",
                0,
                ("acme-moodle-2", "added beside it", "choose Update in Moodle"),
                ("acme-moodle", "acme-moodle-2"),
            ),
            Step.UPDATE: Cell(
                "not by the tool: paste a URL again and choose *Update*",
                1,
                ("update_not_offered", "ltictl register --org acme", "choose Update there"),
                ("acme-moodle",),
            ),
            Step.DEPLOYMENT: Cell(
                "in the answer", 0, ("deployments     1 (registration)",), ("acme-moodle",)
            ),
            Step.VERIFY: Cell(
                "token, also for a tool that nobody activated: activation stays unknown",
                0,
                ('"id":"token","result":"pass"', '"id":"lms_activation","result":"unknown"'),
                ("acme-moodle",),
            ),
            Step.NEXT_STEP: Cell(
                "*Activate*; then in the course *Show in activity chooser*",
                0,
                ("press Activate on the tool's card", "Show in activity chooser"),
                ("acme-moodle",),
            ),
        },
    ),
    "canvas": Column(
        "Canvas",
        True,
        {
            Step.REGISTER: Cell(
                "all services from its list, or refused; the school's name is shown; off",
                0,
                (
                    '"status":"pending"',
                    '"name":"Sandbox School"',
                    '"updatable":"configuration-endpoint"',
                ),
                ("acme-canvas",),
            ),
            Step.REFUSE: Cell(
                "422 with `errors`, 401 and 404 with `errorMessage`: *good for one hour, for the "
                "person and the account that started it*",
                3,
                ("HTTP 401", "Invalid registration_token", "one hour", "start again"),
                (),
            ),
            Step.REPEAT: Cell(
                "a second app; or, started from the app, a change that waits",
                0,
                ("acme-canvas-2", "added beside it"),
                ("acme-canvas", "acme-canvas-2"),
            ),
            Step.UPDATE: Cell(
                "`ltictl update`; takes effect when an administrator accepts it",
                0,
                ("client_name", "takes effect when an administrator accepts it there"),
                ("acme-canvas",),
            ),
            Step.DEPLOYMENT: Cell(
                "in newer versions at the top of the answer; else behind the app's gear",
                0,
                ("(registration)",),
                ("acme-canvas",),
            ),
            Step.VERIFY: Cell(
                "token once it is on; its key set is read each time; `aud` is its token endpoint",
                0,
                ('"id":"token","result":"pass"', '"id":"lms_activation","result":"unknown"'),
                ("acme-canvas",),
            ),
            Step.NEXT_STEP: Cell(
                "permissions and placements in its own pages, *Enable & Close*",
                0,
                ("confirm permissions", "Enable & Close"),
                ("acme-canvas",),
            ),
        },
    ),
    "brightspace": Column(
        "Brightspace",
        True,
        {
            Step.REGISTER: Cell(
                "no token; the configuration's address is read once; disabled",
                0,
                ('"status":"pending"', '"family":"desire2learn"', '"updatable":"no"'),
                ("acme-brightspace",),
            ),
            Step.REFUSE: Cell(
                "a link that was used, a name or domain that is taken, a key set that does not "
                "answer",
                3,
                ("configuration_unavailable", "HTTP 403", "used before"),
                (),
            ),
            Step.REPEAT: Cell(
                "refused: *names are unique in the organization*",
                3,
                ("is in use", "of that name already", "Manage Extensibility"),
                ("acme-brightspace",),
            ),
            Step.UPDATE: Cell(
                "by hand in its form: `ltictl lms-config brightspace`",
                1,
                ("update_not_offered", "ltictl lms-config brightspace"),
                ("acme-brightspace",),
            ),
            Step.DEPLOYMENT: Cell(
                "in the answer if it was ticked; else *View Deployments*",
                0,
                ("none known yet", "View Deployments", "ltictl deployment add acme-brightspace"),
                ("acme-brightspace",),
            ),
            Step.VERIFY: Cell(
                "token once it is enabled (assumed); `aud` is its *OAuth2 Audience*",
                0,
                ('"id":"token","result":"pass"', '"id":"lms_activation","result":"unknown"'),
                ("acme-brightspace",),
            ),
            Step.NEXT_STEP: Cell(
                "enable it, add a deployment and links",
                0,
                ("check it and enable it", "Add a deployment"),
                ("acme-brightspace",),
            ),
        },
    ),
    "sakai": Column(
        "Sakai",
        True,
        {
            Step.REGISTER: Cell(
                "lists `openid` only, all services are asked for nevertheless; waits in its form",
                0,
                ('"status":"pending"', "lineitem", '"family":"sakailms.org"'),
                ("acme-sakai",),
            ),
            Step.REFUSE: Cell(
                "an empty 403: *used once and within one hour*; 400 with a sentence",
                3,
                ("HTTP 403", "without a word", "within one hour", "in Sakai again"),
                (),
            ),
            Step.REPEAT: Cell(
                "a second tool",
                0,
                ("acme-sakai-2", "added beside it"),
                ("acme-sakai", "acme-sakai-2"),
            ),
            Step.UPDATE: Cell(
                "by hand in its form: `ltictl lms-config sakai`",
                1,
                ("update_not_offered", "ltictl lms-config sakai"),
                ("acme-sakai",),
            ),
            Step.DEPLOYMENT: Cell("in the answer", 0, ("(registration)",), ("acme-sakai",)),
            Step.VERIFY: Cell(
                "token once it is saved (assumed), at an address of its own",
                0,
                ('"id":"token","result":"pass"', '"id":"lms_activation","result":"unknown"'),
                ("acme-sakai",),
            ),
            Step.NEXT_STEP: Cell(
                "back in its form, save the tool", 0, ("save the tool",), ("acme-sakai",)
            ),
        },
    ),
    "blackboard": Column(
        "Blackboard",
        False,
        {
            Step.REGISTER: Cell(
                "once, in the portal, with `--accept-issuer https://blackboard.com`",
                0,
                ('"status":"pending"', "accepted because --accept-issuer named it"),
                ("acme-blackboard",),
            ),
            Step.REFUSE: Cell(
                "`ltictl` itself, where the issuer is not named: both hosts are printed",
                3,
                ("issuer_mismatch", "names blackboard.com", "--accept-issuer"),
                (),
            ),
            Step.REPEAT: Cell(
                "no second registration: each institution is added with the same client id",
                0,
                ("beta-blackboard", "only the deployment ids tell them apart"),
                ("acme-blackboard", "beta-blackboard"),
            ),
            Step.UPDATE: Cell(
                "by hand in the portal: `ltictl lms-config blackboard`",
                1,
                ("update_not_offered", "ltictl lms-config blackboard"),
                ("acme-blackboard",),
            ),
            Step.DEPLOYMENT: Cell(
                "one for each institution, which sends it",
                0,
                ("none known yet", "at each institution", "ltictl deployment add"),
                ("acme-blackboard",),
            ),
            Step.VERIFY: Cell(
                "token; its key set is read from the portal",
                0,
                ('"id":"token","result":"pass"', '"id":"platform_key_set","result":"pass"'),
                ("acme-blackboard",),
            ),
            Step.NEXT_STEP: Cell(
                "each institution enters the client id and approves",
                0,
                ("Each institution", "enter the client id"),
                ("acme-blackboard",),
            ),
        },
    ),
    "ilias": Column(
        "ILIAS",
        False,
        {
            Step.REGISTER: Cell(
                "by anybody who may own tools; the object is made when the page closes",
                0,
                ('"status":"pending"', '"family":"ilias.de"'),
                ("acme-ilias",),
            ),
            Step.REFUSE: Cell(
                "released versions: a 500 page for everything, *only the LMS knows*, so `ltictl "
                "recover`; trunk: RFC 7591",
                7,
                ("HTTP 500", "Released versions of ILIAS", "ltictl recover acme-ilias", "log"),
                (),
            ),
            Step.REPEAT: Cell(
                "a second object",
                0,
                ("acme-ilias-2", "added beside it"),
                ("acme-ilias", "acme-ilias-2"),
            ),
            Step.UPDATE: Cell(
                "by hand in the object: `ltictl lms-config ilias`",
                1,
                ("update_not_offered", "ltictl lms-config ilias"),
                ("acme-ilias",),
            ),
            Step.DEPLOYMENT: Cell(
                "in the answer, from released versions as a number",
                0,
                ("deployments     40 (registration)",),
                ("acme-ilias",),
            ),
            Step.VERIFY: Cell(
                "token; activation stays unknown",
                0,
                ('"id":"token","result":"pass"', '"id":"lms_activation","result":"unknown"'),
                ("acme-ilias",),
            ),
            Step.NEXT_STEP: Cell(
                "save the object and set it online", 0, ("save the object",), ("acme-ilias",)
            ),
        },
    ),
}
