"""The root account of the played Canvas: registrations by number, deployments, controls, keys.

From source: what each of them is called, and what depends on which feature of the account.
"""

import secrets
from typing import Any, Final

from msgspec import Struct, field

from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.model.record import replace
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.canvas import CanvasLms
from ltictl.sandbox.documented import Json, kept_settings
from ltictl.sandbox.refusals import JsonRefusalError
from ltictl.sandbox.tools import SandboxTool, ToolState

ACCOUNT: Final = 1
COURSES: Final = {101: "Biology", 102: "Chemistry"}
SUB_ACCOUNTS: Final = {2: "Faculty of Science"}
RIGHTS: Final = frozenset({"manage_developer_keys", "manage_lti_registrations"})
TABLE: Final = "lti_registrations_page"
NEXT: Final = "lti_registrations_next"
DYNAMIC: Final = "lti_dynamic_registration"


class AccountTool(Struct):
    """One registration, and what the account adds to it.

    Attributes:
        number: of the registration.
        client_id: of its developer key.
        dynamic: whether a tool registered itself.
        nickname, notes: as an administrator wrote them.
        deployed: ids of the deployments that stand; Canvas numbers them from 1.
        controls: availability by deployment's number, kind and number of the place.
    """

    number: int
    client_id: str
    dynamic: bool = True
    nickname: str = ""
    notes: str = ""
    deployed: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    controls: dict[tuple[int, str, int], bool] = field(default_factory=dict)


class CanvasAccount:
    """The root account.

    Args:
        lms: the platform.
    """

    def __init__(self, lms: CanvasLms) -> None:
        self.lms = lms
        self.administrator = Administrator(everything=RIGHTS, features={TABLE, NEXT, DYNAMIC})
        self._entries: dict[str, AccountTool] = {}
        self._numbers = 0

    def entries(self) -> list[AccountTool]:
        """Return every registration, oldest first; those that tools made appear here."""
        alive = {tool.client_id for tool in self.lms.tools()}
        for tool in self.lms.tools():
            if tool.client_id not in self._entries:
                self._adopt(tool)
        return [each for each in self._entries.values() if each.client_id in alive]

    def _adopt(self, tool: SandboxTool, *, dynamic: bool = True) -> AccountTool:
        entry = AccountTool(len(self._entries) + 1, tool.client_id, dynamic)
        self._entries[tool.client_id] = entry
        if (
            dynamic and NEXT in self.administrator.features
        ):  # made with the registration, and not available
            self.deploy(entry, tool.deployment_id, "Account", ACCOUNT, available=False)
        elif not dynamic:
            entry.deployed = {}
        return entry

    def deploy(
        self, entry: AccountTool, deployment_id: str, kind: str, place: int, *, available: bool
    ) -> int:
        """Note a deployment and its first control."""
        self._numbers += 1
        entry.deployed[self._numbers] = deployment_id, kind, place
        entry.controls[self._numbers, kind, place] = available
        return self._numbers

    def numbered(self, number: str) -> AccountTool | None:
        """Return the registration with a number."""
        return next((each for each in self.entries() if str(each.number) == number), None)

    def of_client(self, client_id: str) -> AccountTool | None:
        """Return the registration of a developer key."""
        return next((each for each in self.entries() if each.client_id == client_id), None)

    def tool(self, entry: AccountTool) -> SandboxTool:
        """Return the tool of a registration."""
        return next(each for each in self.lms.tools() if each.client_id == entry.client_id)

    def switch(self, entry: AccountTool, word: str) -> None:
        """Switch a registration on or off."""
        self.lms.set_state(entry.client_id, ToolState.ACTIVE if word == "on" else ToolState.PENDING)

    def delete(self, entry: AccountTool) -> None:
        """Delete a registration and all its deployments."""
        for tool in self.lms.tools():
            if tool.client_id == entry.client_id:
                self.lms.delete(tool.deployment_id)

    def created(self, configuration: Json, *, name: str, redirects: list[str]) -> AccountTool:
        """Make a registration of a configuration that an administrator entered.

        Raises:
            JsonRefusalError: 422 with ``errors``.
        """
        request = _as_request(configuration, name, redirects)
        problems = _problems(configuration, self.lms.family.scopes)
        if problems:
            raise JsonRefusalError(422, {"errors": problems})
        settings = kept_settings(request, tuple(configuration.get("scopes") or ()))
        tool = self.lms.keep_manual(settings)
        return self._adopt(tool, dynamic=False)

    def add_tool(self, entry: AccountTool, kind: str, place: int) -> int:
        """Deploy at a place; the first deployment is the tool's own, others get a fresh id."""
        tool = self.tool(entry)
        taken = {identifier for identifier, _, _ in entry.deployed.values()}
        if tool.deployment_id not in taken:
            return self.deploy(entry, tool.deployment_id, kind, place, available=True)
        # Of the same client: launches of all deployments name one client_id.
        fresh = f"{len(taken) + 1}:{secrets.token_hex(20)}"
        self.lms.keep_again(replace(tool, deployment_id=fresh))
        return self.deploy(entry, fresh, kind, place, available=True)


def _as_request(configuration: Json, name: str, redirects: list[str]) -> Json:
    """Return the configuration in the form of a registration request, by which tools are kept."""
    extension: Json = next(iter(configuration.get("extensions") or [{}]), {})
    target = configuration.get("target_link_uri", "")
    placements = (extension.get("settings") or {}).get("placements") or []
    return {
        "client_name": name or configuration.get("title", ""),
        "initiate_login_uri": configuration.get("oidc_initiation_url", ""),
        "redirect_uris": redirects or [target],
        "jwks_uri": configuration.get("public_jwk_url", ""),
        "scope": " ".join(configuration.get("scopes") or ()),
        TOOL_CONFIGURATION: {
            "domain": extension.get("domain", ""),
            "description": configuration.get("description", ""),
            "target_link_uri": target,
            "custom_parameters": configuration.get("custom_fields") or {},
            "claims": ["sub", "name", "email"],
            "messages": [
                {
                    "type": each.get("message_type", ""),
                    "target_link_uri": each.get("target_link_uri", target),
                    "placements": [each.get("placement", "")],
                }
                for each in placements
            ],
        },
    }


def _problems(configuration: Json, scopes: tuple[str, ...]) -> list[Any]:
    wanted = ("title", "target_link_uri", "oidc_initiation_url", "public_jwk_url")
    missing = [f"{name} can't be blank" for name in wanted if not configuration.get(name)]
    unknown = [each for each in configuration.get("scopes") or () if each not in scopes]
    return [*missing, *(f"scopes: {each} is not included in the list" for each in unknown)]


def control_key(entry: AccountTool, document: Any) -> tuple[int, str, int]:
    """Return the control that a member of a bulk request names."""
    course, account = document.get("course_id"), document.get("account_id")
    number, place = str(document.get("deployment_id", "")), str(course or account or "")
    places = COURSES if course else {ACCOUNT: "", **SUB_ACCOUNTS}
    known = number.isdecimal() and int(number) in entry.deployed
    if not known or not place.isdecimal() or int(place) not in places:
        raise JsonRefusalError(
            422, {"errors": [{"message": "Context must belong to the deployment's context"}]}
        )
    return int(number), "Course" if course else "Account", int(place)
