"""The addresses of Canvas's interface for administrators. From source, strict, not recorded."""

import json
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ltictl.sandbox.administration import Handler, bearer_of, canvas_refusal, page_of
from ltictl.sandbox.canvas_account import (
    ACCOUNT,
    DYNAMIC,
    NEXT,
    RIGHTS,
    SUB_ACCOUNTS,
    TABLE,
    AccountTool,
    CanvasAccount,
    control_key,
)
from ltictl.sandbox.canvas_documents import STRING_IDS, CanvasDocuments, control, with_text_ids
from ltictl.sandbox.canvas_keys import ABSENT, CanvasKeys
from ltictl.sandbox.documented import Json
from ltictl.sandbox.refusals import JsonRefusalError
from ltictl.sandbox.web import read_request

_V1: Final = "/api/v1"
_LTI: Final = "/api/lti/accounts/{account}"
_TABLE: Final = f"{_V1}/accounts/{{account}}/lti_registrations"
_ONE: Final = f"{_TABLE}/{{number}}"
_BINDINGS: Final = (
    f"{_V1}/accounts/{{account}}/developer_keys/{{client}}/developer_key_account_bindings"
)
_MORE: Final = frozenset({"become_user", "manage_account_settings", "view_all_grades"})


class CanvasAdministration:
    """Canvas as a program with an administrator's token sees it."""

    def __init__(self, account: CanvasAccount) -> None:
        self._account = account
        self._lms = account.lms
        self._documents = CanvasDocuments(account)
        self._keys = CanvasKeys(account, self._documents)

    def routes(self) -> list[Route]:
        """Return the routes of these addresses."""
        table, keys, following = "manage_lti_registrations", "manage_developer_keys", NEXT
        found: list[tuple[str, str, Callable[[Request], Any], str, str]] = [
            ("GET", f"{_V1}/users/self", self.user, "", ""),
            ("GET", f"{_V1}/accounts/{{account}}", self.account, "", ""),
            ("GET", f"{_V1}/accounts/{{account}}/permissions", self.permissions, "", ""),
            ("GET", _TABLE, self.registrations, table, TABLE),
            ("POST", _TABLE, self.create, table, TABLE),
            (
                "GET",
                f"{_V1}/accounts/{{account}}/lti_registration_by_client_id/{{client}}",
                self.by_client,
                table,
                TABLE,
            ),
            ("GET", _ONE, self.registration, table, TABLE),
            ("DELETE", _ONE, self.delete, table, TABLE),
            ("POST", f"{_ONE}/bind", self.bind, table, TABLE),
            ("GET", f"{_ONE}/deployments", self.deployments, table, following),
            ("POST", f"{_ONE}/deployments", self.add_deployment, table, following),
            ("GET", f"{_ONE}/controls", self.controls, table, following),
            ("POST", f"{_ONE}/controls/bulk", self.set_controls, table, following),
            ("GET", f"{_ONE}/latest_update_request", self.latest_update, table, TABLE),
            ("PUT", f"{_ONE}/update_requests/{{update}}/apply", self.apply_update, table, TABLE),
            ("GET", f"{_V1}/accounts/{{account}}/developer_keys", self._keys.listed, keys, ""),
            ("PUT", f"{_V1}/developer_keys/{{client}}", self._keys.change, keys, ""),
            ("DELETE", f"{_V1}/developer_keys/{{client}}", self._keys.delete, keys, ""),
            (
                "POST",
                _BINDINGS,
                self._keys.bind,
                keys,
                "",
            ),
            ("GET", f"{_V1}/accounts/{{account}}/external_tools", self._keys.tools, "", ""),
            ("POST", f"{_V1}/accounts/{{account}}/external_tools", self._keys.add_tool, "", ""),
            ("POST", f"{_V1}/courses/{{course}}/external_tools", self._keys.add_tool, "", ""),
            ("GET", f"{_LTI}/registration_token", self.token, keys, DYNAMIC),
            ("GET", f"{_LTI}/lti_registrations/uuid/{{uuid}}", self.by_uuid, keys, DYNAMIC),
            ("POST", f"{_LTI}/developer_keys/tool_configuration", self._keys.create, keys, ""),
        ]
        return [
            Route(path, self._guarded(handler, right, feature), methods=[method])
            for method, path, handler, right, feature in found
        ]

    def _guarded(self, handler: Callable[[Request], Any], right: str, feature: str) -> Handler:
        async def serve(request: Request) -> Response:
            request.state.document = _parsed(await read_request(request))
            found = self._stopped(request, right, feature)
            if found is None:
                try:
                    found = handler(request)
                except JsonRefusalError as refusal:
                    found = Response(refusal.body, refusal.status, media_type=refusal.media_type)
            if isinstance(found, Response):
                return found
            status, document, headers = found if isinstance(found, tuple) else (200, found, {})
            texts = request.headers.get("accept") == STRING_IDS
            return JSONResponse(with_text_ids(document) if texts else document, status, headers)

        return serve

    def _stopped(self, request: Request, right: str, feature: str) -> Response | None:
        """Return the refusal of token, turn, feature or right, ``None`` for none."""
        administrator = self._account.administrator
        administrator.calls.append((request.method, request.url.path))
        rights = administrator.rights_of(bearer_of(request.headers))
        if rights is None:
            return canvas_refusal("Invalid access token.")
        if not administrator.takes_turn():
            return PlainTextResponse("403 Forbidden (Rate Limit Exceeded)\n", 403)
        account = request.path_params.get("account", "self")
        elsewhere = account not in {"self", str(ACCOUNT), *map(str, SUB_ACCOUNTS)}
        if elsewhere or (feature and feature not in administrator.features):
            return canvas_refusal(ABSENT, 404)
        if right and right not in rights:
            return canvas_refusal("user not authorized to perform that action", 403)
        return None

    def user(self, _request: Request) -> Json:
        """Return the token's owner."""
        return {"id": 1, "name": "Ada Administrator"}

    def account(self, _request: Request) -> Json:
        """Return the root account."""
        return {"id": ACCOUNT, "name": self._lms.site_name, "root_account_id": None}

    def permissions(self, request: Request) -> Json:
        """Return the rights of the token that were asked about."""
        rights = self._account.administrator.rights_of(bearer_of(request.headers)) or frozenset()
        names = request.query_params.getlist("permissions[]")
        return {each: each in rights or (rights == RIGHTS and each in _MORE) for each in names}

    def registrations(self, request: Request) -> Any:
        """Return the list, filtered by words of name and nickname."""
        words = request.query_params.get("query", "").lower().split()
        found = [
            each
            for each in self._account.entries()
            if all(
                word in f"{self._documents.name(each)} {each.nickname}".lower() for word in words
            )
        ]
        page, links = page_of(found, request, default=15, most=100)
        data = [
            self._documents.registration(each) for each in page if isinstance(each, AccountTool)
        ]
        return 200, {"total": len(found), "data": data}, links

    def create(self, request: Request) -> Any:
        """Enter a tool."""
        document = request.state.document
        configuration = document.get("configuration") or {}
        entry = self._account.created(
            configuration,
            name=str(document.get("name", "")),
            redirects=list(configuration.get("redirect_uris") or []),
        )
        entry.nickname = str(document.get("admin_nickname", ""))
        if document.get("workflow_state") in {"on", "active"}:
            self._account.switch(entry, "on")
        return 201, self._documents.registration(entry), {}

    def by_client(self, request: Request) -> Any:
        """Return the registration of a developer key."""
        entry = self._account.of_client(request.path_params["client"])
        return canvas_refusal(ABSENT, 404) if entry is None else self._documents.registration(entry)

    def registration(self, request: Request) -> Any:
        """Return one registration."""
        return self._with(request, self._documents.registration)

    def delete(self, request: Request) -> Any:
        """Delete a registration with its key and its deployments."""

        def delete(entry: AccountTool) -> Json:
            document = self._documents.registration(entry)
            self._account.delete(entry)
            return {**document, "workflow_state": "deleted"}

        return self._with(request, delete)

    def bind(self, request: Request) -> Any:
        """Switch a registration on or off."""
        word = request.state.document.get("workflow_state")
        if word not in {"on", "off"}:
            message = "workflow_state must be one of 'on', 'off', or 'allow'"
            raise JsonRefusalError(
                422, {"errors": [{"code": "invalid_workflow_state", "message": message}]}
            )

        def bind(entry: AccountTool) -> Json:
            self._account.switch(entry, word)
            return {"id": entry.number, "registration_id": entry.number, "workflow_state": word}

        return self._with(request, bind)

    def deployments(self, request: Request) -> Any:
        """Return the deployments of a registration."""

        def listed(entry: AccountTool) -> Any:
            page, links = page_of(list(entry.deployed), request, default=10, most=100)
            return (
                200,
                [self._documents.deployment(entry, n) for n in page if isinstance(n, int)],
                links,
            )

        return self._with(request, listed)

    def add_deployment(self, request: Request) -> Any:
        """Deploy at the root account."""

        def added(entry: AccountTool) -> Json:
            number = self._account.add_tool(entry, "Account", ACCOUNT)
            return self._documents.deployment(entry, number)

        return self._with(request, added)

    def controls(self, request: Request) -> Any:
        """Return the controls, grouped by deployment."""

        def listed(entry: AccountTool) -> Any:
            page, links = page_of(list(entry.controls), request, default=20, most=100)
            numbers = dict.fromkeys(key[0] for key in page if isinstance(key, tuple))
            grouped = [
                self._documents.deployment(entry, number)
                | {"context_controls": [control(entry, k) for k in page if k[0] == number]}  # type: ignore[index]
                for number in numbers
            ]
            return 200, grouped, links

        return self._with(request, listed)

    def set_controls(self, request: Request) -> Any:
        """Set up to a hundred controls."""
        documents = request.state.document
        if not isinstance(documents, list) or len(documents) > 100:  # noqa: PLR2004  as in Canvas
            raise JsonRefusalError(422, {"errors": ["Cannot create more than 100 controls"]})

        def set_all(entry: AccountTool) -> Any:
            keys = [control_key(entry, each) for each in documents]
            for key, each in zip(keys, documents, strict=True):
                entry.controls[key] = bool(each.get("available", True))
            return 201, [control(entry, key) for key in keys], {}

        return self._with(request, set_all)

    def latest_update(self, request: Request) -> Any:
        """Return the change that waits."""

        def waiting(entry: AccountTool) -> Any:
            if not self._lms.has_update(self._account.tool(entry).deployment_id):
                return canvas_refusal(ABSENT, 404)
            return {"id": entry.number, "lti_registration_id": entry.number, "status": "pending"}

        return self._with(request, waiting)

    def apply_update(self, request: Request) -> Any:
        """Accept the change that waits."""

        def apply(entry: AccountTool) -> Any:
            tool = self._account.tool(entry)
            accepted = request.state.document.get("accepted") is True
            if not accepted or not self._lms.has_update(tool.deployment_id):
                return canvas_refusal(ABSENT, 404)
            self._lms.activate(tool.deployment_id)
            return self._documents.registration(entry)

        return self._with(request, apply)

    def token(self, request: Request) -> Any:
        """Return a token for a registration; the LMS accepts none without a tool's address."""
        url = request.query_params.get("registration_url", "")
        entry = self._account.numbered(request.query_params.get("registration_id", ""))
        updates = self._account.tool(entry).deployment_id if entry else ""
        ticket = self._lms.issue(updates, url)
        return {
            "uuid": self._lms.uuid_of(ticket),
            "oidc_configuration_url": self._lms.configuration_address(ticket),
            "token": ticket.secret,
        }

    def by_uuid(self, request: Request) -> Any:
        """Return the registration that a token made."""
        client_id = self._lms.client_of_uuid(request.path_params["uuid"])
        entry = self._account.of_client(client_id)
        return canvas_refusal(ABSENT, 404) if entry is None else self._documents.registration(entry)

    def _with(self, request: Request, use: Callable[[AccountTool], Any]) -> Any:
        entry = self._account.numbered(request.path_params["number"])
        return canvas_refusal(ABSENT, 404) if entry is None else use(entry)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError:
        return {}
