"""The documents of Canvas's interface for administrators: how it shows what an account holds."""

from typing import Any, Final

from ltictl.sandbox.canvas_account import ACCOUNT, COURSES, SUB_ACCOUNTS, AccountTool, CanvasAccount
from ltictl.sandbox.documented import Json

# It stands for a number in every address; ids come as text where this type is asked for (C-API).
STRING_IDS: Final = "application/json+canvas-string-ids"


class CanvasDocuments:
    """The documents of one account."""

    def __init__(self, account: CanvasAccount) -> None:
        self._account = account

    def name(self, entry: AccountTool) -> str:
        """Return the name of a tool."""
        return self._account.tool(entry).settings.name

    def registration(self, entry: AccountTool) -> Json:
        """Return a registration with its binding and configuration (C-REG)."""
        tool = self._account.tool(entry)
        settings = tool.settings
        word = "on" if tool.state == "active" else "off"
        return {
            "id": entry.number,
            "account_id": ACCOUNT,
            "name": settings.name,
            "admin_nickname": entry.nickname or None,
            "dynamic_registration": entry.dynamic,
            "workflow_state": "active",
            "developer_key_id": int(entry.client_id),
            "account_binding": {"id": entry.number, "workflow_state": word},
            "configuration": {
                "title": settings.name,
                "oidc_initiation_url": settings.initiate_login_uri,
                "public_jwk_url": settings.jwks_uri,
                "target_link_uri": settings.target_link_uri,
                "redirect_uris": list(settings.redirect_uris),
                "scopes": list(settings.granted_scopes),
            },
        }

    def deployment(self, entry: AccountTool, number: int) -> Json:
        """Return a deployment (C-DEP)."""
        identifier, kind, place = entry.deployed[number]
        names = {**COURSES, **SUB_ACCOUNTS, ACCOUNT: self._account.lms.site_name}
        return {
            "id": number,
            "registration_id": entry.number,
            "deployment_id": identifier,
            "context_id": place,
            "context_type": kind,
            "context_name": names.get(place, ""),
            "workflow_state": "active",
        }

    def external_tool(self, entry: AccountTool, number: int) -> Json:
        """Return a deployment as an external tool (C-EXT)."""
        return self.deployment(entry, number) | {
            "developer_key_id": int(entry.client_id),
            "name": self.name(entry),
        }

    def key(self, entry: AccountTool) -> Json:
        """Return a developer key (C-DK)."""
        word = "on" if self._account.tool(entry).state == "active" else "off"
        return {
            "id": int(entry.client_id),
            "name": self.name(entry),
            "notes": entry.notes or None,
            "workflow_state": "active",
            "developer_key_account_binding": {"workflow_state": word},
        }


def control(entry: AccountTool, key: Any) -> Json:
    """Return a control (C-CON)."""
    number, kind, place = key
    return {
        "id": list(entry.controls).index(key) + 1,
        "deployment_id": number,
        "account_id": place if kind == "Account" else None,
        "course_id": place if kind == "Course" else None,
        "available": entry.controls[key],
    }


def with_text_ids(value: Any, name: str = "") -> Any:
    """Return the document with its ids as text, as the header asks for it (C-API)."""
    if isinstance(value, dict):
        return {key: with_text_ids(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [with_text_ids(each, name) for each in value]
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_id and (name == "id" or name.endswith("_id")) else value
