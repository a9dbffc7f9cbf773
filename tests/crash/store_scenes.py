"""The commands that are disturbed on a shared store, and what has to hold after each."""

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from ltictl.model.attempt import Stage
from ltictl.model.integration import Status
from ltictl.model.platform import ENDPOINTS
from ltictl.model.signing_key import KeyState
from ltictl.operations.switch import remove_records
from tests.support.answers import Answer, ReceivedRequest
from tests.support.object_stores import objects_of
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

from .ledgers import SECRET
from .store_faults import FIRST, Ended, Office, Scene, context_at
from .templates import an_outdated_integration
from .updates import CLIENT, ID, MEMBER, ChangingPlatform, Registered, in_the_books, settle

_AUDIENCE: Final = "https://lms.invalid/audience"
_EDIT: Final = ("edit", ID, "--set", f"audience={_AUDIENCE}", "--yes")
NEW_PASSPHRASE: Final = "CANARY-NEW-PASSPHRASE"
_MOVED: Final = "https://moved.invalid"
_MOVE: Final = ("move", ID, "--issuer", _MOVED, "--yes")
_ERASE: Final = ("org", "erase", "acme", "--yes")
_WANTED: Final = """
[[organizations]]
slug = "beta"
name = "Beta"

[[organizations]]
slug = "acme"
name = "Renamed"

[[integrations]]
id = "acme-byhand"
organization = "acme"
client_id = "by-hand"
issuer = "https://lms.invalid"
authorization_endpoint = "https://lms.invalid/auth"
token_endpoint = "https://lms.invalid/token"
jwks_uri = "https://lms.invalid/jwks"
"""


def scenes(platform: PlaybackPlatform, books: ChangingPlatform, folder: Path) -> Iterator[Scene]:
    """All of them, at one running LMS."""
    platform.on("registration", _accepting(platform))
    wanted = folder / "wanted.toml"
    wanted.write_text(_WANTED)
    yield Scene("register", _registering(platform), registered(platform))
    yield Scene(
        "update",
        _fixed("update", ID, "--yes", "--allow-private", "--json"),
        _judge_update,
        _begins(books),
    )
    yield Scene("activate", _fixed("activate", ID), _again(_active, "activate", ID))
    yield Scene("rotate-keys", _fixed("rotate-keys", "--yes"), _again(_keys, "rotate-keys"))
    yield Scene(
        "apply", _fixed("apply", str(wanted), "--yes"), _again(_applied, "apply", str(wanted))
    )
    yield Scene("remove", _fixed("remove", ID, "--yes"), _again(_removed, "remove", ID))
    yield Scene(
        "keys reseal", _fixed("keys", "reseal"), _again(_resealed, "keys", "reseal"), _gives_new
    )
    yield Scene("keys encrypt", _fixed("keys", "encrypt"), _again(_sealed, "keys", "encrypt"))
    yield _refreshing(platform)
    yield Scene("edit", _fixed(*_EDIT), _again(_edited, *_EDIT))
    yield Scene(
        "restore", _fixed("restore", ID, "--yes"), _again(_restored, "restore", ID), _removes
    )
    yield Scene("move", _fixed(*_MOVE), _again(_moved, *_MOVE))
    yield Scene("org erase", _fixed(*_ERASE), _again(_erased, *_ERASE))
    yield Scene(
        "export apply", lambda office, _: (_export(office), ""), _judge_export, writes=False
    )
    yield Scene(
        "deployment add",
        _fixed("deployment", "add", ID, "d1"),
        _again(_deployed, "deployment", "add", ID, "d1"),
    )


def _fixed(*arguments: str) -> Callable[[Office, Any], tuple[tuple[str, ...], str]]:
    return lambda _office, _ticket: (arguments, "")


def client_of(token: str) -> str:
    return f"client-{hashlib.sha256(token.encode()).hexdigest()[:12]}"


def _accepting(platform: PlaybackPlatform) -> Callable[[ReceivedRequest], Answer]:
    """Answers each registration with a client_id that its token tells, and a token for changes."""

    def accept(request: ReceivedRequest) -> Answer:
        client = client_of(_token_of(request))
        access = {MEMBER: SECRET, "registration_client_uri": platform.url("/client")}
        return Answer.json(request.json() | {"client_id": client} | access)

    return accept


def _token_of(request: ReceivedRequest) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _registering(platform: PlaybackPlatform) -> Callable[[Office, Any], tuple[Any, str]]:
    where = ("--openid-configuration", platform.url("configuration"))
    more = ("--registration-token-file", "-", "--yes", "--allow-private", "--json")
    return lambda office, _: (("register", "--org", "acme", *where, *more), office.token)


def registered(platform: PlaybackPlatform) -> Callable[[Ended], list[str]]:
    """The client_id that the LMS issued is stored, or kept, or the attempt is named."""
    registering = _registering(platform)

    def posts(office: Office) -> int:
        sent = platform.requests_to("registration")
        return sum(_token_of(each) == office.token for each in sent)

    def send_again(ended: Ended, sent: int) -> list[str]:
        """Whether another run with the same token sends it, although it was sent."""
        if not sent or not ended.fault.kills or not ended.office.profile.attempts.ids():
            return []
        arguments, given = registering(ended.office, None)
        again = ended.office.run(*arguments, given=given)
        refused = again.code != 0 and posts(ended.office) == sent
        return [] if refused else [f"the token was sent again: {again}"]

    def judge(ended: Ended) -> list[str]:
        office, sent = ended.office, posts(ended.office)
        client = client_of(office.token) if sent else ""
        wrong = [f"sent {sent} times"] if sent > 1 else []
        wrong += send_again(ended, sent)
        for identifier in office.profile.attempts.ids():
            wrong += _recover(ended, identifier, client)
        stored = {each.client_id for each in office.profile.integrations.all()}
        if stored != {CLIENT, *filter(None, [client])}:
            wrong.append(f"{client} was issued, {stored} are stored: {ended.done}")
        return wrong + [f"left: {each}" for each in office.profile.attempts.ids()]

    return judge


def _recover(ended: Ended, identifier: str, client: str) -> list[str]:
    """Settle an attempt: where its answer lies on the first machine there, else on another."""
    office = ended.office
    stage = office.profile.attempts.get(identifier).stage
    if ended.fault.kills:
        way = ("--adopt",) if stage is Stage.ANSWERED else _by_hand(client)
        refused = office.run("recover", identifier, *way, "--yes", "--json")
        if FIRST not in refused.error["message"]:
            return [f"settled without taking over: {refused}"]
        done = office.run("recover", identifier, "--take-over", *way, "--yes")
    else:
        way = ("--adopt",) if client else ("--forget", "--yes")
        done = office.run("recover", identifier, *way, host=FIRST)
    return [] if done.code == 0 else [f"recover {way} at {stage}: {done}"]


def _by_hand(client: str) -> tuple[str, ...]:
    """The tools that a person finds in the LMS."""
    return ("--client-id", client) if client else ("--forget",)


def _begins(books: ChangingPlatform) -> Callable[[Office], Registered]:
    def begin(office: Office) -> Registered:
        found = books.start()
        office.profile.secrets.keep(ID, {MEMBER: found.token})
        return found

    return begin


def _judge_update(ended: Ended) -> list[str]:
    office, found = ended.office, ended.ticket
    profile = office.profile
    rescued = _rescued(office)
    wrong = in_the_books(found, office.context, ended.done, profile.attempts.ids(), dry=False)
    for identifier in profile.attempts.ids():
        if rescued:  # the answer lies on the first machine
            done = office.run("recover", identifier, "--adopt", host=FIRST)
            wrong += [] if done.code == 0 else [f"recover: {done}"]
        else:
            profile.attempts.take_over(identifier)
    profile.look_again()
    return wrong + settle(found, office.context)


def _rescued(office: Office) -> list[Path]:
    return [each for each in office.homes[FIRST].path.rglob("*.answer") if each.is_file()]


def _again(check: Callable[[Office], list[str]], *command: str) -> Callable[[Ended], list[str]]:
    """Make the same change once more where it was cut off; then it has to be made, once."""
    asks = command[0] in {"rotate-keys", "apply", "remove", "restore"}
    consent = ("--yes",) if asks and "--yes" not in command else ()

    def judge(ended: Ended) -> list[str]:
        wrong = []
        if ended.done.code != 0:
            # The first machine knows that its process has ended, and does not wait for its turn.
            done = ended.office.run(*command, *consent, "--json", host=FIRST)
            wrong += [] if _is_made(done) else [f"again: {done}"]
        return wrong + check(ended.office)

    return judge


def _is_made(done: Finished) -> bool:
    made = {
        *("no_such_integration", "no_such_organization"),
        *("already_exists", "deployment_exists"),
    }
    return done.code == 0 or done.error["code"] in made


def _active(office: Office) -> list[str]:
    status = office.profile.integrations.get(ID).status
    return [] if status is Status.ACTIVE else [f"it is {status}"]


def _keys(office: Office) -> list[str]:
    keys = office.profile.signing_keys.all().items
    states = [each.state for each in keys]
    wrong = [] if states.count(KeyState.CURRENT) == 1 else [f"keys: {states}"]
    wrong += [] if states.count(KeyState.NEXT) == 1 else [f"keys: {states}"]
    for key in keys:
        office.profile.private_keys.read(key.kid)
    return wrong


def _applied(office: Office) -> list[str]:
    profile = office.profile
    names = {each.slug: each.name for each in profile.organizations.all()}
    wrong = [] if names == {"acme": "Renamed", "beta": "Beta"} else [f"organizations: {names}"]
    return wrong + ([] if profile.integrations.exists("acme-byhand") else ["it was not added"])


def _removed(office: Office) -> list[str]:
    profile = office.profile
    kept = profile.documents.list("removed/integrations")
    wrong = [] if not profile.integrations.exists(ID) else ["it is there"]
    wrong += [] if not profile.secrets.has(ID, MEMBER) else ["its secret is there"]
    return wrong + ([] if kept else ["nothing was kept of it"])


def _edited(office: Office) -> list[str]:
    audience = office.profile.integrations.get(ID).platform.audience
    return [] if audience == _AUDIENCE else [f"the audience is {audience}"]


def _moved(office: Office) -> list[str]:
    found = office.profile.integrations.get(ID)
    former = [each.platform.issuer for each in found.former_addresses]
    platform = found.platform
    wrong = [] if platform.issuer == _MOVED else [f"it is at {platform.issuer}"]
    wrong += [] if platform.token_endpoint.startswith(_MOVED) else [platform.token_endpoint]
    return wrong + ([] if len(former) == 1 else [f"it was at {former}"])


def _erased(office: Office) -> list[str]:
    """No object names the school, but the addresses of its documents below ``log`` are digests."""
    profile = office.profile
    wrong = [] if not profile.organizations.exists("acme") else ["the organization is there"]
    wrong += [] if not profile.integrations.exists(ID) else ["its integration is there"]
    wrong += [] if not profile.secrets.has(ID, MEMBER) else ["its secret is there"]
    kept = profile.documents.list("removed/integrations")
    return wrong + [f"kept: {each}" for each in kept]


def _export(office: Office) -> tuple[str, ...]:
    return ("export", "apply", "--all", "--output", str(office.folder / "exported.toml"))


def _judge_export(ended: Ended) -> list[str]:
    """The file holds all integrations, or is not there."""
    office, wrong = ended.office, []
    *_, file = _export(office)
    if ended.done.code != 0:
        wrong = ["half of it was written"] if Path(file).exists() else []
        done = office.run(*_export(office), host=FIRST)
        wrong += [] if done.code == 0 else [f"again: {done}"]
    exported = tomllib.loads(Path(file).read_text("utf-8"))["integrations"]
    clients = {each["client_id"] for each in exported}
    there = {each.client_id for each in office.profile.integrations.all()}
    return wrong + ([] if clients == there else [f"exported {clients}, and there are {there}"])


def _removes(office: Office) -> None:
    remove_records(office.context, ID)


def _restored(office: Office) -> list[str]:
    """The copy below ``removed/`` may stay: a later one, of a later removal, is restored first."""
    profile = office.profile
    wrong = [] if profile.integrations.get(ID).client_id == CLIENT else ["it is another one"]
    return wrong + ([] if profile.secrets.get(ID, MEMBER) else ["its secret is lost"])


def _gives_new(office: Office) -> None:
    office.extra = {"LTICTL_NEW_KEY_PASSPHRASE": NEW_PASSPHRASE}


def _resealed(office: Office) -> list[str]:
    context = context_at(office.store, office.folder, NEW_PASSPHRASE)
    keys = [context.profile.private_keys.read(kid) for kid in context.profile.private_keys.ids()]
    wrong = [] if keys and all(b"PRIVATE KEY" in each for each in keys) else ["keys are lost"]
    return wrong + ([] if context.profile.secrets.get(ID, MEMBER) else ["the secret is lost"])


def _sealed(office: Office) -> list[str]:
    """The keys open still, and no object holds one in the clear."""
    kept = office.profile.private_keys
    keys = [kept.read(kid) for kid in kept.ids()]
    wrong = [] if keys and all(b"PRIVATE KEY" in each for each in keys) else ["keys are lost"]
    objects = objects_of(office.store)
    stored = {each.name: objects.get(each.name)[0] for each in list(objects.list(""))}
    return wrong + [name for name, data in stored.items() if b"PRIVATE KEY" in data]


def _refreshing(platform: PlaybackPlatform) -> Scene:
    """The endpoints of a second integration, at an LMS that shows them to everybody."""
    outdated = an_outdated_integration(platform.url("configuration"))
    command = ("refresh", outdated.id, "--yes", "--allow-private")

    def refreshed(office: Office) -> list[str]:
        profile, served = office.profile, platform.served_configuration()
        stored = profile.integrations.get(outdated.id)
        wrong = [] if stored.client_id == outdated.client_id else ["it is another one"]
        now = {name: getattr(stored.platform, name) for name in ENDPOINTS}
        known = {name: served[name] for name in ENDPOINTS}
        return wrong + ([] if now == known else [f"stored {now}, and served {known}"])

    def add(office: Office) -> None:
        office.context.profile.integrations.add(outdated)

    return Scene("refresh", _fixed(*command), _again(refreshed, *command), add)


def _deployed(office: Office) -> list[str]:
    found = [each.id for each in office.profile.integrations.get(ID).deployments]
    return [] if found == ["d1"] else [f"deployments: {found}"]
