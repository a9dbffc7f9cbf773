"""Profiles in the states from which the crash tests start, made once and then copied."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ltictl.lti.keys import generate_key
from ltictl.model.attempt import Answer, Attempt
from ltictl.model.integration import Integration, Status
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.keys.key_import import import_key
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile

from .ledgers import SECRET

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AT = "https://lms.example"
ADOPTED = "client-adopted"
FORMER = "client-former"


def a_platform(issuer: str = AT, family: str = "moodle") -> Platform:
    return Platform(
        issuer,
        f"{issuer}/auth",
        f"{issuer}/token",
        f"{issuer}/jwks",
        f"{issuer}/token",
        registration_endpoint=f"{issuer}/registration",
        family=family,
    )


def an_integration(identifier: str, client_id: str = "client-1") -> Integration:
    organization = identifier.partition("-")[0]
    platform = a_platform()
    return Integration(identifier, organization, Status.PENDING, platform, client_id, NOW, NOW)


def an_attempt(identifier: str = "acme-moodle", *, issuer: str = AT, subject: str = "") -> Attempt:
    return Attempt(
        id=identifier,
        organization="acme",
        invitation="",
        platform=a_platform(issuer),
        registration_endpoint=f"{issuer}/registration",
        replaces="",
        request="{}",
        scopes=(),
        signing_key="",
        token_sha256="0" * 64,
        token_subject=subject,
        token_expires_at=None,
        created_at=NOW,
    )


def an_answer(client_id: str = ADOPTED) -> Answer:
    body = {"client_id": client_id, "registration_access_token": SECRET}
    return Answer(200, "application/json", json.dumps(body).encode())


def plain(context: Context) -> None:
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme", "Acme School")


def with_integrations(context: Context) -> None:
    plain(context)
    for number in (1, 2, 3):
        identifier = f"acme-moodle-{number}"
        context.profile.integrations.add(an_integration(identifier, f"client-{number}"))
        context.profile.secrets.keep(identifier, {"registration_access_token": SECRET})


def with_plain_keys(context: Context) -> None:
    """Two keys in the clear, and a passphrase by now."""
    plain(context)
    import_key(context, generate_key(2048).pem)
    settings = context.profile.root / "profile.toml"
    said = '[keys]\npassphrase_command = ["printf", "open sesame"]\n'
    settings.write_text(settings.read_text().replace("[keys]\n", said, 1))


def an_outdated_integration(configuration: str) -> Integration:
    """One with other endpoints than its LMS has by now."""
    platform = a_platform(WebAddress.parse(configuration).origin)
    before = replace(platform, configuration_url=configuration)
    return replace(an_integration("acme-moodle"), platform=before)


def with_former_endpoints(configuration: str) -> Callable[[Context], None]:
    """Makes a profile whose integration has other endpoints than its LMS has by now."""

    def fill(context: Context) -> None:
        plain(context)
        context.profile.integrations.add(an_outdated_integration(configuration))

    return fill


def with_client_in_use(issuer: str) -> Callable[[Context], None]:
    """Makes a profile with an integration at a running LMS, which gives no word on its client."""

    def make(context: Context) -> None:
        plain(context)
        platform = replace(a_platform(issuer), token_endpoint=f"{issuer}/nowhere")
        there = replace(an_integration("acme-moodle"), platform=platform)
        context.profile.integrations.add(there)

    return make


def with_former_client(context: Context) -> None:
    plain(context)
    before = replace(an_integration("acme-moodle"), client_id=FORMER)
    replaced = replace(before, client_id="client-1", former_clients=before.became_former(NOW))
    context.profile.integrations.add(replaced)


def with_kept_answer(context: Context) -> None:
    plain(context)
    journal = context.profile.attempts.begin(an_attempt())
    journal.note_sent(NOW)
    journal.note_answered(an_answer())
    journal.close()


def make_template(folder: Path, make: Callable[[Context], None]) -> Path:
    """The profile that ``make`` makes, in ``folder``."""
    context = Context(Profile(folder / "profile"))
    make(context)
    return context.profile.root
