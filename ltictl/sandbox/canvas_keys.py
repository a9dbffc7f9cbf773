"""Developer keys and external tools in Canvas's interface. From source, strict, not recorded."""

from typing import Any, Final

from starlette.requests import Request

from ltictl.sandbox.administration import canvas_refusal, page_of
from ltictl.sandbox.canvas_account import ACCOUNT, COURSES, AccountTool, CanvasAccount
from ltictl.sandbox.canvas_documents import CanvasDocuments

ABSENT: Final = "The specified resource does not exist."


class CanvasKeys:
    """The developer keys of the account, and the tools that are added by their client_id.

    Args:
        account: the root account.
        documents: what its addresses answer with.
    """

    def __init__(self, account: CanvasAccount, documents: CanvasDocuments) -> None:
        self._account = account
        self._documents = documents

    def listed(self, request: Request) -> Any:
        """Return the developer keys."""
        page, links = page_of(self._account.entries(), request, default=10, most=100)
        return (
            200,
            [self._documents.key(each) for each in page if isinstance(each, AccountTool)],
            links,
        )

    def change(self, request: Request) -> Any:
        """Change a key; by itself it does not switch the tool on."""
        entry = self._account.of_client(request.path_params["client"])
        return canvas_refusal(ABSENT, 404) if entry is None else self._documents.key(entry)

    def delete(self, request: Request) -> Any:
        """Delete a key with its deployments."""
        entry = self._account.of_client(request.path_params["client"])
        if entry is None:
            return canvas_refusal(ABSENT, 404)
        document = self._documents.key(entry)
        self._account.delete(entry)
        return {**document, "workflow_state": "deleted"}

    def bind(self, request: Request) -> Any:
        """Switch a key in the account."""
        entry = self._account.of_client(request.path_params["client"])
        binding = request.state.document.get("developer_key_account_binding") or {}
        word = binding.get("workflow_state")
        if entry is None or word not in {"on", "off"}:
            return canvas_refusal(ABSENT, 404)
        self._account.switch(entry, word)
        return {"id": entry.number, "developer_key_id": entry.client_id, "workflow_state": word}

    def tools(self, request: Request) -> Any:
        """Return the external tools of the root account."""
        found = [
            self._documents.external_tool(entry, number)
            for entry in self._account.entries()
            for number, (_, kind, _) in entry.deployed.items()
            if kind == "Account"
        ]
        page, links = page_of(found, request, default=10, most=100)
        return 200, page, links

    def add_tool(self, request: Request) -> Any:
        """Deploy by client_id; a key that is off is not found."""
        entry = self._account.of_client(str(request.state.document.get("client_id", "")))
        course = request.path_params.get("course", "")
        account = request.path_params.get("account", "self")
        if entry is None or (course and int(course) not in COURSES):
            return canvas_refusal(ABSENT, 404)
        place = int(course) if course else ACCOUNT if account == "self" else int(account)
        number = self._account.add_tool(entry, "Course" if course else "Account", place)
        return self._documents.external_tool(entry, number)

    def create(self, request: Request) -> Any:
        """Enter a tool as a developer key."""
        document = request.state.document
        key = document.get("developer_key") or {}
        entry = self._account.created(
            (document.get("tool_configuration") or {}).get("settings") or {},
            name=str(key.get("name", "")),
            redirects=str(key.get("redirect_uris", "")).split(),
        )
        entry.notes = str(key.get("notes", ""))
        return {"developer_key": self._documents.key(entry), "tool_configuration": {}}
