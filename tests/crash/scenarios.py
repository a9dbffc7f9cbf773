"""The commands that the sweep breaks, each with a profile that it changes."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ltictl.model.signing_key import KeyState, as_they_count
from ltictl.operations.context import Context, utc_now
from ltictl.operations.invite import invite
from ltictl.sandbox.canvas_account import DYNAMIC, NEXT, TABLE
from ltictl.store.profile import Profile
from tests.support.key_operator import Operator, operator, span
from tests.support.playback import PlaybackPlatform

from . import lms_side, templates, updates
from .ledgers import Ledger, PlayedLedger, SandboxLedger
from .lms_side import Accounts, Before, Wanted, leave_empty, propose_change, register_tool
from .sweep import ATTEMPT_THREAD, Scenario

REGISTER = ("register", "--org", "acme", "--yes", "--allow-private", "--json")
IDS = ("acme-moodle-1", "acme-moodle-2", "acme-moodle-3")
ACTIVATE = ("activate", *IDS)
REMOVE = ("remove", IDS[1], "--yes")
ENCRYPT = ("keys", "encrypt")
ERASE = ("org", "erase", "acme", "--yes")
REPLACE = (*REGISTER, "--update", "acme-moodle", "--replace-client")
GO_BACK = ("recover", "acme-moodle", "--former-client", templates.FORMER)
ADOPT = ("recover", "acme-moodle", "--adopt")
NEW = "https://new.example"
MOVE = ("move", "--from", templates.AT, "--issuer", NEW, "--yes")
REFRESH = ("refresh", "--all", "--yes", "--allow-private")
UPDATE = ("update", updates.ID, "--yes", "--allow-private", "--json")
DELETE = ("remove", updates.ID, "--at-lms", "--yes", "--allow-private")
ROTATE = ("rotate-keys", "--allow-private")
VIA_LMS = ("register", "--org", "acme", "--via-lms", "--platform", "URL", "--yes", "--json")
TO_THE_END = (*VIA_LMS, "--activate", "--activate-at-lms", "--deploy", "root")
SWITCH = ("lms", "activate", lms_side.ID, "--yes", "--json")
DEPLOY = ("lms", "deploy", lms_side.ID, "--yes", "--json")
ACCEPT = ("lms", "accept-update", lms_side.ID, "--yes", "--json")
JOURNAL = "/attempts"
REMOVED = ("remove", lms_side.ID, "--at-lms", "--yes", "--json")
GONE = Wanted(tools=0)
ON = Wanted(on=True)
DEPLOYED = Wanted(deployments=1)
READY = Wanted(on=True, deployments=1)
WANTED = """
[[organizations]]
slug = "beta"
name = "Beta School"

[[integrations]]
id = "acme-moodle-1"
status = "active"
deployments = ["1", "2"]

[[integrations]]
organization = "acme"
issuer = "https://blackboard.example"
client_id = "client-9"
authorization_endpoint = "https://blackboard.example/auth"
token_endpoint = "https://blackboard.example/token"
jwks_uri = "https://blackboard.example/jwks"
status = "active"
"""

# Name, command, features of the account, state before, wanted state, gate.
_AtLms = tuple[str, tuple[str, ...], set[str], Before, Wanted, str]
Scenarios = Mapping[str, Scenario]
NAMES = (
    "register",
    "register with secrets",
    "register, refused",
    "register, invited",
    "register, replacing a client",
    "recover, back to a former client",
    "activate",
    "remove",
    "recover",
    "org erase",
    "keys encrypt",
    "apply",
    "move",
    "refresh",
    "update",
    "update, looking",
    "remove at the LMS",
    "rotate-keys, making",
    "rotate-keys, switching",
    "rotate-keys, withdrawing",
    "rotate-keys, compromised",
    "register --via-lms, dynamic",
    "register --via-lms, entered",
    "register --via-lms, to the end",
    "lms activate, sending",
    "lms activate, storing",
    "lms activate, a key",
    "lms deploy, sending",
    "lms accept-update",
    "remove at the LMS, by an administrator",
)


@dataclass(frozen=True)
class Parts:
    """The parts of the scenarios.

    Args:
        folder: for profiles and documents.
        moodle, canvas, refusing: platforms with ledgers.
        client: for a registration that can be changed.
        site: serves the tool's key set.
        open: servers to close after the last run.
    """

    folder: Path
    moodle: SandboxLedger
    canvas: PlayedLedger
    refusing: PlayedLedger
    client: PlaybackPlatform
    site: PlaybackPlatform
    open: ExitStack


def scenarios(parts: Parts) -> Scenarios:
    """All of them, by name."""
    every = (
        *_registrations(parts),
        *_of_clients(parts),
        *_of_integrations(parts),
        *_updates(parts),
        *_keys(parts),
        *_at_lms(parts),
    )
    return {each.name: each for each in every}


def _registrations(parts: Parts) -> tuple[Scenario, ...]:
    plain = templates.make_template(parts.folder / "plain", templates.plain)
    ledgers: dict[str, Ledger] = {
        "register": parts.moodle,
        "register with secrets": parts.canvas,
        "register, refused": parts.refusing,
    }
    headless = (
        Scenario(name, plain, REGISTER, ledger, gate=ATTEMPT_THREAD)
        for name, ledger in ledgers.items()
    )
    return (*headless, _pasted(parts))


def _pasted(parts: Parts) -> Scenario:
    """With an invitation, which is spent exactly if an integration was stored."""
    invited = templates.make_template(parts.folder / "invited", templates.plain)
    issued = invite(Context(Profile(invited)), organization="acme")

    def wrong(context: Context) -> list[str]:
        stored = context.profile.integrations.ids()
        spent = context.profile.invitations.get(issued.invitation.id).spent_by or ""
        if stored == [spent] or (not stored and not spent):
            return []
        kept = stored and not spent and context.profile.attempts.ids()
        return [] if kept else [f"spent by {spent!r}, stored {stored}"]

    return Scenario(
        "register, invited",
        invited,
        ("register", "--paste", "--yes", "--allow-private", "--json"),
        parts.canvas,
        pasted=issued.url("https://tool.invalid/register"),
        gate=ATTEMPT_THREAD,
        wrong=wrong,
    )


def _of_clients(parts: Parts) -> tuple[Scenario, ...]:
    """A client that is in use is never forgotten, whichever is the present one."""
    at = parts.moodle.sandbox.base_url
    used = templates.make_template(parts.folder / "used", templates.with_client_in_use(at))
    replaced = templates.make_template(parts.folder / "replaced", templates.with_former_client)
    return (
        Scenario(
            "register, replacing a client",
            used,
            REPLACE,
            parts.moodle,
            gate=ATTEMPT_THREAD,
            wrong=_without_clients("client-1"),
        ),
        Scenario(
            "recover, back to a former client",
            replaced,
            GO_BACK,
            again=GO_BACK,
            wrong=_without_clients("client-1", templates.FORMER),
        ),
    )


def _without_clients(*clients: str) -> Callable[[Context], list[str]]:
    def wrong(context: Context) -> list[str]:
        stored = context.profile.integrations.get("acme-moodle")
        exported = {each.client_id for each in stored.clients}
        return [f"not exported any more: {each}" for each in clients if each not in exported]

    return wrong


def _of_integrations(parts: Parts) -> tuple[Scenario, ...]:
    three = templates.make_template(parts.folder / "three", templates.with_integrations)
    kept = templates.make_template(parts.folder / "kept", templates.with_kept_answer)
    plain = templates.make_template(parts.folder / "plain-keys", templates.with_plain_keys)
    clear = "-----BEGIN PRIVATE KEY"
    upgrade = templates.with_former_endpoints(parts.site.url("configuration"))
    upgraded = templates.make_template(parts.folder / "upgraded", upgrade)
    wanted = parts.folder / "wanted.toml"
    wanted.write_text(WANTED)
    apply = ("apply", str(wanted), "--yes")
    return (
        Scenario("activate", three, ACTIVATE, again=ACTIVATE),
        Scenario("remove", three, REMOVE, again=REMOVE),
        Scenario("recover", kept, ADOPT, again=ADOPT),
        Scenario("org erase", three, ERASE, again=ERASE, erased="acme"),
        Scenario("keys encrypt", plain, ENCRYPT, again=ENCRYPT, erased=clear),
        Scenario("apply", three, apply, again=apply),
        Scenario("move", three, MOVE, again=MOVE, wrong=_mixed_addresses),
        Scenario("refresh", upgraded, REFRESH, again=REFRESH, wrong=_mixed_addresses),
    )


def _mixed_addresses(context: Context) -> list[str]:
    """Name integrations whose addresses are neither those before nor those after."""
    wrong = []
    for each in context.profile.integrations.all():
        platform = each.platform
        issuers = [platform.issuer, *(one.platform.issuer for one in each.former_addresses)]
        endpoints = (platform.authorization_endpoint, platform.token_endpoint, platform.jwks_uri)
        if not all(endpoint.startswith(issuers[0]) for endpoint in endpoints):
            wrong.append(f"{each.id} has addresses of two issuers")
        if issuers[0] == NEW and issuers[1:] != [templates.AT]:
            wrong.append(f"{each.id} has moved, and the former address is not kept")
    return wrong


def _updates(parts: Parts) -> tuple[Scenario, ...]:
    changing = updates.ChangingPlatform(parts.client)
    one = templates.make_template(parts.folder / "one", updates.with_registration(changing.url))
    here = ("remove", updates.ID, "--yes")
    return (
        Scenario("update", one, UPDATE, changing=changing, gate=ATTEMPT_THREAD),
        Scenario("update, looking", one, (*UPDATE, "--dry-run"), changing=changing),
        Scenario("remove at the LMS", one, DELETE, changing=changing, again=here),
    )


def _at_lms(parts: Parts) -> tuple[Scenario, ...]:
    """Each change is sent by a thread of its own, and stored by the one that began it."""
    plain = templates.make_template(parts.folder / "before the LMS", templates.plain)
    every = {DYNAMIC, TABLE, NEXT}
    found: tuple[_AtLms, ...] = (
        ("register --via-lms, dynamic", VIA_LMS, every, leave_empty, Wanted(), ATTEMPT_THREAD),
        (
            "register --via-lms, entered",
            VIA_LMS,
            {TABLE, NEXT},
            leave_empty,
            Wanted(),
            JOURNAL,
        ),
        ("register --via-lms, to the end", TO_THE_END, {TABLE, NEXT}, leave_empty, READY, JOURNAL),
        ("lms activate, sending", SWITCH, every, register_tool, ON, ATTEMPT_THREAD),
        ("lms activate, storing", SWITCH, every, register_tool, ON, JOURNAL),
        ("lms activate, a key", SWITCH, set(), register_tool, ON, JOURNAL),
        ("lms deploy, sending", DEPLOY, {TABLE, NEXT}, register_tool, DEPLOYED, ATTEMPT_THREAD),
        ("lms accept-update", ACCEPT, every, propose_change, ON, JOURNAL),
        ("remove at the LMS, by an administrator", REMOVED, every, register_tool, GONE, JOURNAL),
    )
    return tuple(
        Scenario(
            name,
            plain,
            arguments,
            lms=parts.open.enter_context(Accounts(frozenset(features), before, wanted)),
            gate=gate,
        )
        for name, arguments, features, before, wanted, gate in found
    )


def _keys(parts: Parts) -> tuple[Scenario, ...]:
    owner = operator(parts.folder / "keys", parts.site)
    made = _save(parts, owner, "made")
    owner.clock[0] = utc_now() - span("40d")
    owner.rotate()
    announced = _save(parts, owner, "announced")
    owner.later("2d")
    owner.rotate()
    retiring = _save(parts, owner, "retiring")
    current = next(key.kid for key in owner.keys(KeyState.CURRENT))
    compromised = (*ROTATE, "--compromised", current, "--yes")
    return tuple(
        Scenario(f"rotate-keys, {name}", template, arguments, wrong=signers)
        for name, template, arguments in (
            ("making", made, ROTATE),
            ("switching", announced, ROTATE),
            ("withdrawing", retiring, ROTATE),
            ("compromised", retiring, compromised),
        )
    )


def _save(parts: Parts, owner: Operator, name: str) -> Path:
    folder = parts.folder / name
    shutil.copytree(owner.profile.root, folder)
    return folder


def signers(context: Context) -> list[str]:
    """Exactly one key signs, and its private half is there."""
    counted = as_they_count(context.profile.signing_keys.all().items)
    keys = [key.kid for key in counted if key.state is KeyState.CURRENT]
    there = [kid for kid in keys if context.profile.private_keys.read(kid)]
    return [] if len(there) == 1 else [f"{keys} sign, of which {there} have a private half"]
