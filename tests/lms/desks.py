"""One person at both ends: an LMS's administrator who also runs ``ltictl``."""

import json
import re
from abc import ABC, abstractmethod
from typing import Any

import httpx

from ltictl.operations.context import Context
from ltictl.sandbox.family import Like
from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Ltictl
from tests.support.foreign import answer
from tests.support.playback import TOOL, PlaybackPlatform
from tests.support.processes import Finished

from .conftest import School, setting

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
BLACKBOARD = "https://blackboard.com"


class Desk(ABC):
    """The steps at every LMS; the commands are real ones, with a profile of their own."""

    slug: str

    def __init__(self, ltictl: Ltictl, context: Context) -> None:
        self._ltictl = ltictl
        self.context = context

    def run(self, *args: str, **how: Any) -> Finished:
        return self._ltictl(*args, profile=self.context.profile.root, **how)

    def register(self, given: dict[str, str] | None = None, *args: str) -> Finished:
        given = given or self.start()
        token = given.get("registration_token")
        return self.run(
            *("register", "--org", "acme", "--yes", "--allow-private", "--json", *args),
            *("--openid-configuration", given["openid_configuration"]),
            *(() if token is None else ("--registration-token-file", "-")),
            input=token,
        )

    def register_anew(self) -> str:
        """The id of an integration that was just made."""
        done = self.register()
        done.assert_success()
        return str(done.data["integrations"][0]["id"])

    def repeat(self) -> Finished:
        self.register_anew()
        return self.register()

    def update(self) -> Finished:
        identifier = self.register_anew()
        self.switch_on(identifier)
        setting(self.context, f'[tool.platforms.{self.slug}]\nname = "Renamed"')
        return self.run("update", identifier, "--yes", "--json", "--allow-private")

    def verify(self) -> Finished:
        identifier = self.register_anew()
        self.switch_on(identifier)
        return self.run("verify", identifier, "--json", "--allow-private")

    def show(self) -> Finished:
        return self.run("show", self.register_anew())

    @abstractmethod
    def start(self) -> dict[str, str]:
        """The parameters with which the LMS opens the tool's page."""

    @abstractmethod
    def refuse(self) -> Finished:
        """A registration that is refused."""

    @abstractmethod
    def switch_on(self, identifier: str) -> None:
        """Use the LMS's own switch."""


class PlayedDesk(Desk):
    """At the embedded LMS."""

    def __init__(self, ltictl: Ltictl, school: School, like: Like) -> None:
        super().__init__(ltictl, school.context)
        self.slug = like.value
        self._school = school
        self._like = like

    def start(self) -> dict[str, str]:
        return self._school.start()

    def refuse(self) -> Finished:
        given = self.start()
        if self._like is Like.CANVAS:  # which does not mind a second use
            given["registration_token"] += "x"
        elif self._like is Like.BRIGHTSPACE:  # whose link works once
            httpx.get(given["openid_configuration"], trust_env=False).raise_for_status()
        else:  # forgotten here, so that the LMS itself is the one that refuses
            done = self.register(given)
            done.assert_success()
            self.context.profile.integrations.remove(done.data["integrations"][0]["id"])
        return self.register(given)

    def switch_on(self, identifier: str) -> None:
        del identifier  # there is one
        if self._like is Like.MOODLE:  # whose pending tools get tokens too (recordings, fact 6)
            return
        (tool,) = self._school.sandbox.lms.tools()
        self._school.sandbox.lms.activate(tool.deployment_id)


class ScriptedDesk(Desk):
    """At a platform that calls itself like an LMS which the embedded one does not play."""

    def __init__(
        self, ltictl: Ltictl, context: Context, playback: PlaybackPlatform, slug: str, code: str
    ) -> None:
        super().__init__(ltictl, context)
        self.slug = slug
        self.playback = playback
        self._clients = 0
        playback.configuration[PLATFORM]["product_family_code"] = code
        playback.on("registration", self._accept)
        playback.on("token", self._token)

    def start(self) -> dict[str, str]:
        return {"openid_configuration": self.playback.url("configuration")}

    def switch_on(self, identifier: str) -> None:
        del identifier  # its token endpoint gives a token to anybody

    def _accept(self, request: ReceivedRequest) -> Answer:
        self._clients += 1
        return Answer.json(request.json() | {"client_id": f"client-{self._clients}"}, 201)

    def _token(self, request: ReceivedRequest) -> Answer:
        granted = {"scope": request.form["scope"], "expires_in": 3600}
        return Answer.json({"access_token": "x" * 32, "token_type": "Bearer", **granted})


class IliasDesk(ScriptedDesk):
    """Released versions, as recorded: a number as deployment, a 500 for every problem."""

    def __init__(self, ltictl: Ltictl, context: Context, playback: PlaybackPlatform) -> None:
        super().__init__(ltictl, context, playback, "ilias", "ilias.de")

    def start(self) -> dict[str, str]:
        self._clients += 1  # each token is good once
        return super().start() | {"registration_token": f"token-{self._clients}"}

    def refuse(self) -> Finished:
        self.playback.on("registration", answer("ilias-released", "registration-500-2"))
        return self.register()

    def _accept(self, request: ReceivedRequest) -> Answer:
        found = json.loads(super()._accept(request).body)
        # A number, as in the recording registration-200.
        found[TOOL]["deployment_id"] = 40 + len(self.context.profile.integrations.ids())
        return Answer.json(found)


class BlackboardDesk(ScriptedDesk):
    """BB-KI: the issuer is another host, and the token is in the registration endpoint."""

    def __init__(self, ltictl: Ltictl, context: Context, playback: PlaybackPlatform) -> None:
        super().__init__(ltictl, context, playback, "blackboard", "BlackboardLearn")
        playback.configuration["issuer"] = BLACKBOARD
        playback.configuration["registration_endpoint"] += "?registration_token=secret"

    def register(self, given: dict[str, str] | None = None, *args: str) -> Finished:
        return super().register(given, *args, "--accept-issuer", BLACKBOARD)

    def refuse(self) -> Finished:
        return super().register()

    def repeat(self) -> Finished:
        """BB-REG: there is one registration, and a deployment for each institution."""
        stored = self.context.profile.integrations.get(self.register_anew())
        local = re.sub(r"^http:", "https:", self.playback.base_url)
        return self.run(
            *("add", "--org", "beta", "--preset", "blackboard", "--json"),
            *("--client-id", stored.client_id, "--deployment", "d-2"),
            *("--jwks-uri", f"{local}/keys"),
        )
