"""Launches under way and the course they happen in: who opens which activity of which tool.

State in memory behind one lock, no HTTP. A launch is begun here, named in the message hint, and
taken once by the authorization endpoint.
"""

import json
import secrets
import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from ltictl.lti.vocabulary import DEEP_LINKING, RESOURCE_LINK
from ltictl.sandbox.tools import SandboxTool

_KEPT: Final = 200  # launches that nobody finished; the oldest go first

_MEMBERSHIP: Final = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_SYSTEM: Final = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"


class PersonKind(StrEnum):
    """The people of the rehearsal course."""

    STUDENT = "student"
    TEACHER = "teacher"
    ADMIN = "admin"


class Person(Struct, frozen=True):
    """Somebody who opens a tool."""

    id: str
    given_name: str
    family_name: str
    username: str
    roles: tuple[str, ...]

    @property
    def name(self) -> str:
        """First name and last name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def email(self) -> str:
        """An address that belongs to nobody (RFC 2606)."""
        return f"{self.username}@school.example"


PEOPLE: Final[Mapping[PersonKind, Person]] = {
    PersonKind.ADMIN: Person(
        "2", "Ada", "Admin", "admin", (f"{_SYSTEM}Administrator", f"{_MEMBERSHIP}Instructor")
    ),
    PersonKind.TEACHER: Person("3", "Tara", "Teacher", "teacher", (f"{_MEMBERSHIP}Instructor",)),
    PersonKind.STUDENT: Person("4", "Stan", "Student", "student", (f"{_MEMBERSHIP}Learner",)),
}


class Activity(Struct, frozen=True):
    """A resource link in the course (LTI Core 1.3, 5.3.5).

    Attributes:
        id: number in the course.
        title: may be of the tool's own making.
        target_link_uri: what it opens.
        custom: parameters that the tool gave it by deep linking.
    """

    id: str
    title: str
    target_link_uri: str
    custom: Mapping[str, str] = field(default_factory=dict)


class Launch(Struct, frozen=True):
    """One opening of a tool; without an activity it is "Select content" (deep linking)."""

    id: str
    deployment_id: str
    person: Person
    target_link_uri: str
    activity: Activity | None = None

    @property
    def message_type(self) -> str:
        """The value of the claim ``message_type``."""
        return RESOURCE_LINK if self.activity else DEEP_LINKING

    @property
    def hint(self) -> str:
        """``lti_message_hint``: a JSON string (recordings, fact 8)."""
        course_module = {"cmid": int(self.activity.id)} if self.activity else {}
        return json.dumps({**course_module, "launchid": self.id}, separators=(",", ":"))


class Launches:
    """The activities of the course, and the launches that were begun and not yet answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[str, Launch] = {}
        self._activities: dict[str, list[Activity]] = {}
        self._numbers = 0

    def activities(self, tool: SandboxTool) -> tuple[Activity, ...]:
        """Return the activities of a tool; the first is there from the beginning."""
        with self._lock:
            owned = self._activities.setdefault(tool.deployment_id, [])
            if not owned:
                owned.append(self._activity(tool.settings.name, tool.settings.target_link_uri, {}))
            return tuple(owned)

    def add_activity(
        self, tool: SandboxTool, title: str, target_link_uri: str, custom: Mapping[str, str]
    ) -> Activity:
        """Add a link that deep linking chose as an activity."""
        self.activities(tool)
        with self._lock:
            made = self._activity(title, target_link_uri or tool.settings.target_link_uri, custom)
            self._activities[tool.deployment_id].append(made)
            return made

    def _activity(self, title: str, target: str, custom: Mapping[str, str]) -> Activity:
        self._numbers += 1
        return Activity(str(self._numbers), title, target, dict(custom))

    def open_activity(self, tool: SandboxTool, number: str, person: Person) -> Launch | None:
        """Begin to open an activity; ``None`` where there is none of that number."""
        found = next((each for each in self.activities(tool) if each.id == number), None)
        return self._begin(tool, person, found.target_link_uri, found) if found else None

    def select_content(self, tool: SandboxTool, person: Person) -> Launch:
        """Begin "Select content" (deep linking)."""
        target = tool.settings.deep_linking_uri or tool.settings.target_link_uri
        return self._begin(tool, person, target, None)

    def _begin(
        self, tool: SandboxTool, person: Person, target: str, activity: Activity | None
    ) -> Launch:
        identifier = f"ltilaunch_{secrets.token_hex(8)}"
        launch = Launch(identifier, tool.deployment_id, person, target, activity)
        with self._lock:
            self._begun[identifier] = launch
            while len(self._begun) > _KEPT:
                del self._begun[next(iter(self._begun))]
        return launch

    def take(self, hint: str) -> Launch | None:
        """Return the launch that a hint names; it can be taken once."""
        try:
            members = json.loads(hint)
        except (ValueError, RecursionError):
            return None
        if not isinstance(members, dict):
            return None
        with self._lock:
            return self._begun.pop(str(members.get("launchid")), None)


def login_initiation(issuer: str, tool: SandboxTool, launch: Launch) -> dict[str, str]:
    """Return the fields for the tool's login address, in the recorded order (08-launch)."""
    return {
        "iss": issuer,
        "target_link_uri": launch.target_link_uri,
        "login_hint": launch.person.id,
        "lti_message_hint": launch.hint,
        "client_id": tool.client_id,
        "lti_deployment_id": tool.deployment_id,
    }
