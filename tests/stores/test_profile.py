"""A team's profile in a store: several machines, the same commands as with a folder."""

import json
import os
import signal
import sys
import tomllib
from pathlib import Path

import pytest

from ltictl.store.bucket.holder import this_run
from ltictl.store.places import reseal_secrets
from tests.stores.conftest import PASSPHRASE, Members, TeamMember
from tests.stores.opening import opened, profile_at
from tests.support.answers import Answer
from tests.support.object_stores import ObjectStore, Server, objects_of, reader_of
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Finished, Running, run_argv
from tests.support.visit import Admin

ACMES_AND_ANYS = (("--org", "acme"), (), ("--org", "acme"))
CANARIES = (b"ACCESS-TOKEN-CANARY", b"PRIVATE KEY-----", PASSPHRASE.encode(), b"CANARY-S3-SECRET")


def contents(store: ObjectStore) -> dict[str, bytes]:
    """Every object of a store."""
    objects = objects_of(store)
    return {entry.name: objects.get(entry.name)[0] for entry in list(objects.list(""))}


def only(done: Finished) -> dict[str, object]:
    done.assert_success()
    (found,) = done.data["integrations"]
    assert isinstance(found, dict)
    return found


def test_one_machine_renames_and_revokes_what_another_made(team: Members) -> None:
    one, two = team(), team()
    made = {one("registration-url", "--json", *org).data["invitation"] for org in ACMES_AND_ANYS}

    renamed = two("org", "rename", "acme", "--name", "Acme College", "--json")
    revoked = two("invitation", "revoke", "--all", "--yes", "--json")

    assert renamed.data["organizations"] == one("org", "list", "--json").data["organizations"]
    assert renamed.data["organizations"][0]["name"] == "Acme College"
    assert {each["id"] for each in revoked.data["invitations"]} == made
    listed = one("invitation", "list", "--json").data["invitations"]
    assert {each["id"]: each["state"] for each in listed} == dict.fromkeys(made, "revoked")


def test_a_school_is_erased_from_a_store_and_its_log(s3_team: Members) -> None:
    one, two = s3_team(), s3_team()
    given = ("--issuer", "https://lms.invalid", "--client-id", "c1", "--jwks-uri")
    addresses = (*given, "https://lms.invalid/j", "--authorization-endpoint")
    one("add", "--org", "acme", "--no-services", *addresses, "https://lms.invalid/a")
    one("registration-url", "--org", "acme").assert_success()
    one("org", "add", "beta").assert_success()

    done = two("org", "erase", "acme", "--yes", "--json")

    done.assert_success()
    assert "if it keeps any: purge them." in done.data["kept"][-1]
    entries = one("log", "--json")
    assert "acme" not in entries.stdout
    assert [each["action"] for each in entries.data["entries"]][-1] == "erase"
    found = one("log", "--check", "--json").data["check"]
    assert (found["broken"], found["open"], len(found["erasures"])) == ([], [], 1)
    assert one("org", "export", "acme").code == 4
    slugs = [each["slug"] for each in one("org", "list", "--json").data["organizations"]]
    assert slugs == ["beta"]


def test_the_changes_of_several_machines_are_one_log(s3_team: Members) -> None:
    one, two = s3_team(), s3_team()
    slugs = [f"school-{number}" for number in range(6)]
    runs = [(one, two)[at % 2].start("org", "add", slug) for at, slug in enumerate(slugs)]
    assert [run.wait(60).code for run in runs] == [0] * len(slugs)

    entries = two("log", "--action", "org add", "--json").data["entries"]
    check = one("log", "--check", "--json")

    added = {each["changes"][0]["document"].partition("/")[2] for each in entries}
    assert added == {"acme", *slugs}
    assert {each["outcome"] for each in entries} == {"done"}
    assert check.code == 0
    found = check.data["check"]
    assert (found["broken"], found["open"], found["untold"]) == ([], [], [])


def test_two_machines_do_the_main_job_and_no_secret_is_seen(
    team: Members, playback: PlaybackPlatform
) -> None:
    answer = accepting(
        registration_access_token="ACCESS-TOKEN-CANARY",
        registration_client_uri=playback.url("/client"),
    )
    playback.on("registration", answer)
    one, two = team(), team()
    run = one.start("register", "--org", "acme", "--port", "0", "--json", "--allow-private")
    admin = Admin(playback.url("configuration"), "a-token")
    admin.press(admin.open(str(run.next_event("listening", timeout=30)["url"])))
    assert run.wait(60).code == 0, run.output("stderr")
    found = only(two("list", "--json", env={"LTICTL_KEY_PASSPHRASE": None}))
    identifier = str(found["id"])
    assert two("activate", identifier, env={"LTICTL_KEY_PASSPHRASE": None}).code == 0
    assert only(one("show", identifier, "--json"))["status"] == "active"
    assert two("rotate-keys").code == 0
    assert one("relay-page", "--output", str(one.home.path / "page.html")).code == 0
    assert two("deployment", "add", identifier, "d1").code == 0
    assert len(json.loads(one("jwks").stdout)["keys"]) == 2
    assert one("doctor").code == 8
    assert two("export", "json", env={"LTICTL_KEY_PASSPHRASE": None}).code in {0, 1}
    assert one("remove", identifier, "--yes").code == 0
    assert two("list", "--json").data["integrations"] == []
    assert two("restore", identifier, "--yes").code == 0
    audience = "audience=https://lms.invalid/token"
    assert one("edit", identifier, "--set", audience, "--yes").code == 0
    assert one("refresh", identifier, "--yes", "--allow-private").code == 0
    move = ("move", identifier, "--issuer", "https://new.invalid", "--yes")
    assert [each(*move).code for each in (two, one)] == [0, 0]
    assert two("diff", one.store.url, one.store.url).code == 0
    shown = [two(*each.split()) for each in ("log --json", "log --check", "report", "metrics")]
    assert [each.code for each in shown] == [0, 0, 0, 0], shown
    assert one("remove", identifier, "--yes").code == 0

    stored = contents(one.store)
    assert any(name.startswith("removed/secrets/") for name in stored)
    cached = [each for home in (one, two) for each in home.home.path.rglob("*") if each.is_file()]
    assert any(each.suffix == ".cache" for each in cached)
    for canary in CANARIES:
        assert [name for name, data in stored.items() if canary in data] == []
        assert [each for each in cached if canary in each.read_bytes()] == []
        assert not [each for each in shown if canary.decode() in each.stdout + each.stderr]


def test_settings_in_git_and_documents_in_a_store(s3: ObjectStore, tmp_path: Path) -> None:
    member = TeamMember(s3, tmp_path / "home")
    folder = tmp_path / "checkout"
    folder.mkdir()
    text = f'[tool]\nname = "Tool"\nurl = "https://tool.invalid"\n\n[store]\nurl = "{s3.url}"\n'
    (folder / "profile.toml").write_text(text)
    (folder / "profile.toml").chmod(0o400)

    def run(*args: str) -> Finished:
        argv = [sys.executable, "-m", "ltictl", "--profile", str(folder), *args]
        env = member.home.environment(member.environment())
        return run_argv(argv, env=env, cwd=Path(__file__).parents[2])

    assert run("rotate-keys").code == 0
    assert run("org", "add", "acme").code == 0
    assert run("registration-url", "--org", "acme").code == 0
    assert run("config", "--json").code == 0

    assert [each.name for each in folder.iterdir()] == ["profile.toml"]
    names = contents(s3)
    assert "organizations/acme.toml" in names
    assert "profile.toml" not in names


def test_ltictl_names_a_wrong_or_missing_passphrase_before_it_writes(
    s3_team: Members, playback: PlaybackPlatform
) -> None:
    member = s3_team()
    before = contents(member.store)
    for given, code in ((None, "passphrase_needed"), ("wrong", "wrong_passphrase")):
        env = {"LTICTL_KEY_PASSPHRASE": given}
        for command in (
            ["rotate-keys", "--json"],
            ["register", "--org", "acme", "--yes", "--json"],
        ):
            if command[0] == "register":
                command += ["--openid-configuration", playback.url("configuration")]
                command += ["--allow-private"]
            assert member(*command, env=env).error["code"] == code
    assert contents(member.store) == before
    assert playback.requests_to("registration") == []


def test_a_sealed_document_opens_at_its_own_path_only(s3_team: Members) -> None:
    member = s3_team()
    assert member("rotate-keys").code == 0
    objects = objects_of(member.store)
    names = sorted(name for name in contents(member.store) if name.startswith("private-keys/"))
    assert len(names) == 2
    for source, target in (names, names[::-1]):
        data, (_, tag) = objects.get(source)[0], objects.get(target)
        objects.put(target, data, tag)
        break

    done = member("doctor", "--json")

    (check,) = [each for each in done.data["checks"] if each["id"] == "private_keys"]
    assert check["result"] == "fail"
    assert "cannot be opened" in json.dumps(check)


def test_reseal_changes_the_passphrase_and_goes_on_after_a_cut(s3_team: Members) -> None:
    member = s3_team()
    member("rotate-keys")
    member("relay-page", "--output", str(member.home.path / "page.html"))
    fresh = {"LTICTL_NEW_KEY_PASSPHRASE": "new-pass"}
    assert member("keys", "reseal", env={"LTICTL_KEY_PASSPHRASE": "no", **fresh}).code == 1
    bucket = opened(member.store)
    kept, _ = bucket.read(bucket.list("private-keys")[0])
    with profile_at(member.store, member.home.path, PASSPHRASE) as profile:
        assert reseal_secrets(profile, b"new-pass", lambda: None) == 3
    # As after a cut: one document still has the former passphrase, and is known to.
    sealing, version = bucket.read("sealing")
    assert sealing.get("former", []) == []
    assert kept["salt"] != sealing["current"]["salt"]
    assert member("keys", "reseal", "--json", env=fresh).data["resealed"] == 0
    assert version

    assert member("rotate-keys", "--json").error["code"] == "wrong_passphrase"
    assert member("rotate-keys", env={"LTICTL_KEY_PASSPHRASE": "new-pass"}).code == 0


def begin_elsewhere(member: TeamMember, stage: str, seen: int) -> None:
    """Change the one attempt so that another machine holds it."""
    bucket = opened(member.store)
    (path,) = bucket.list("attempts")
    holder = this_run().document() | {"machine": "another", "host": "runner-7"}
    holder |= {"seen": float(seen)}
    bucket.change(path, lambda found: {**found, "holder": holder})
    if stage not in bucket.read(path)[0]:
        raise ValueError(f"the attempt is not {stage}")


def test_another_machine_settles_an_interrupted_registration(
    s3_team: Members, playback: PlaybackPlatform
) -> None:
    member, other = s3_team(), s3_team()
    playback.on("registration", Answer(close_after=0))
    done = member.headless(playback, "--json")
    assert done.code == 7, done
    assert other("list", "--json").data["attempts"] != []
    begin_elsewhere(member, "sent", 2_000_000_000)
    (attempt,) = other("list", "--json").data["attempts"]  # clocks may differ, so ltictl warns
    assert attempt["stage"] == "sent"
    assert "recover" in attempt["fix"]
    identifier = done.error.get("attempt") or done.data["attempt"]
    refused = other("recover", identifier, "--forget", "--yes", "--json")
    assert refused.error["code"] == "attempt_under_way"
    assert "runner-7" in refused.error["message"]

    assert other("recover", identifier, "--take-over", "--forget", "--yes").code == 0
    assert other("list", "--json").data["attempts"] == []
    assert any(name.startswith("removed/attempts/") for name in contents(member.store))


def test_a_killed_run_is_settled_on_its_own_machine_without_taking_over(
    s3_team: Members, playback: PlaybackPlatform
) -> None:
    member, other = s3_team(), s3_team()
    playback.on("registration", Answer(delay=30))
    file = member.home.path / "token"
    file.write_text("A-TOKEN")
    given = ["--openid-configuration", playback.url("configuration"), "--allow-private", "--yes"]
    run = member.start("register", "--org", "acme", "--registration-token-file", str(file), *given)
    playback.wait_for_request("registration", timeout=30)
    assert other("list", "--json").data["attempts"] == []  # it is under way
    run.send_signal(signal.SIGKILL)
    run.wait(15)

    (attempt,) = member("list", "--json").data["attempts"]
    assert attempt["stage"] == "sent"
    again = member.headless(playback, "--json")
    assert (again.code, len(playback.requests_to("registration"))) == (7, 1)
    assert member("recover", attempt["id"], "--forget", "--yes").code == 0


def test_one_token_is_sent_once_by_two_machines(
    s3_team: Members, playback: PlaybackPlatform
) -> None:
    members = [s3_team() for _ in range(3)]
    for number, each in enumerate(members):
        if number:
            each("org", "add", f"org{number}")
    running: list[Running] = []
    for number, each in enumerate(members):
        (each.home.path / "token").write_text("ONE-TOKEN")
        given = ["--openid-configuration", playback.url("configuration"), "--allow-private"]
        given += ["--registration-token-file", str(each.home.path / "token"), "--yes"]
        running.append(
            each.start("register", "--org", f"org{number}" if number else "acme", *given)
        )
    codes = [each.wait(60).code for each in running]

    posts = playback.requests_to("registration")
    assert len(posts) == 1, [each.output("stderr") for each in running]
    assert codes.count(0) == 1


def test_an_answer_is_kept_here_when_the_store_is_gone_and_recovered_later(
    s3_team: Members, playback: PlaybackPlatform
) -> None:
    member = s3_team()
    bucket = opened(member.store)

    def meanwhile(request: object) -> Answer:
        """Damage the journal's condition while the LMS answers: the store takes no answer."""
        del request
        (path,) = bucket.list("attempts")
        begun = this_run().document() | {"machine": "another", "host": "elsewhere"}
        bucket.change(path, lambda found: {**found, "holder": begun})
        return Answer.json({"client_id": "KEPT-CLIENT"})

    playback.on("registration", meanwhile)
    done = member.headless(playback, "--json")
    assert (done.code, done.error["code"]) == (7, "answer_not_written")
    identifier = done.data["attempt"]

    assert member("recover", identifier, "--take-over", "--adopt", "--yes").code == 0
    assert "KEPT-CLIENT" in json.dumps(member("list", "--json").data["integrations"])


def test_many_commands_at_once_lose_nothing(
    s3_team: Members, playback: PlaybackPlatform, tmp_path: Path
) -> None:
    member = s3_team()
    schools = [f"school-{number}" for number in range(8)]
    wanted = tmp_path / "wanted.toml"
    wanted.write_text("".join(f'[[organizations]]\nslug = "{each}"\n' for each in schools))
    assert member("apply", str(wanted), "--yes").code == 0
    add = ["add", "--org", "acme", "--issuer", "https://lms.invalid", "--client-id", "c1"]
    for name in ("authorization-endpoint", "token-endpoint", "jwks-uri"):
        add += [f"--{name}", f"https://lms.invalid/{name}"]
    assert member(*add).code == 0
    given = ("--openid-configuration", playback.url("configuration"), "--allow-private", "--yes")
    tokens = [f"TOKEN-{number // 2}" for number in range(8)]  # each is given to two runs

    def register(school: str, token: str) -> Running:
        file = tmp_path / f"{school}.token"
        file.write_text(token)
        return member.start(
            "register", "--org", school, "--registration-token-file", str(file), *given
        )

    commands: list[tuple[str, ...]] = [
        ("deployment", "add", "acme-lms", f"d{number}") for number in range(28)
    ]
    commands += [("org", "add", f"o{number}") for number in range(8)]
    commands += [("apply", str(wanted), "--yes")] * 8
    commands += [("rotate-keys",)] * 6
    commands += [("activate", "acme-lms")] * 6
    running = [member.start(*each, "--lock-timeout", "60s") for each in commands]
    registering = [register(*each) for each in zip(schools, tokens, strict=True)]
    assert len(running) + len(registering) == 64
    for each in running:
        assert each.wait(100).code == 0, each.output("stderr")
    codes = [each.wait(100).code for each in registering]

    assert codes.count(0) == len(set(tokens)) == len(playback.requests_to("registration"))
    listed = member("list", "--json").data["integrations"]
    found = {each["id"]: each for each in listed}
    assert len(found) == 1 + len(set(tokens))
    assert len(found["acme-lms"]["deployments"]) == 28
    assert found["acme-lms"]["status"] == "active"
    organizations = member("org", "list", "--json").data["organizations"]
    assert len(organizations) == 1 + 8 + len(schools)
    keys = member("keys", "list", "--json").data["keys"]
    assert [each["state"] for each in keys].count("current") == 1
    log = member("log", "--check", "--json").data["check"]
    assert (log["broken"], log["open"], log["untold"]) == ([], [], [])


def test_a_profile_moves_to_a_store_and_back(
    s3: ObjectStore, tmp_path: Path, playback: PlaybackPlatform
) -> None:
    store = s3
    member = TeamMember(store, tmp_path / "home")
    env = member.home.environment(member.environment())

    def run(*args: str) -> Finished:
        argv = [sys.executable, "-m", "ltictl", *args]
        return run_argv(argv, env=env, cwd=tmp_path)

    answer = accepting(
        registration_access_token="ACCESS-TOKEN-CANARY",
        registration_client_uri=playback.url("/client"),
    )
    playback.on("registration", answer)
    first, back = tmp_path / "first", tmp_path / "back"
    in_first = ("--profile", str(first))
    assert run(*in_first, "init", "--name", "T", "--url", "https://tool.invalid").code == 0
    assert run(*in_first, "org", "add", "acme").code == 0
    given = ("--openid-configuration", playback.url("configuration"), "--allow-private", "--yes")
    assert run(*in_first, "register", "--org", "acme", *given).code == 0
    (tmp_path / "token").write_text("USED-TOKEN")
    with_token = (*given, "--registration-token-file", str(tmp_path / "token"))
    assert run(*in_first, "register", "--org", "acme", *with_token).code == 0
    assert run(*in_first, "remove", "acme-moodle", "--yes").code == 0
    copied = run("store", "copy", str(first), store.url, "--yes", "--json")
    assert copied.code == 0, copied
    assert run(*in_first, "org", "add", "late", "--json").error["code"] == "store_moved"
    assert [each.rpartition("/")[0] for each in copied.data["left"]] == ["removed/secrets"]
    again = run("store", "copy", str(first), store.url, "--yes", "--json")
    assert again.data["written"] == 0
    assert again.data["present"] == copied.data["written"]
    assert run("store", "copy", store.url, str(back), "--keep", "--yes").code == 0

    for name in ("profile.toml", "organizations/acme.toml"):
        assert (back / name).read_bytes() == (first / name).read_bytes()
    assert len(list((back / "removed" / "integrations").iterdir())) == 1
    secrets = [tomllib.loads(next((at / "secrets").iterdir()).read_text()) for at in (first, back)]
    assert secrets[0]["registration_access_token"] == "ACCESS-TOKEN-CANARY"
    assert secrets[1]["registration_access_token"] == "ACCESS-TOKEN-CANARY"
    assert run("--profile", str(back), "org", "add", "other").code == 0
    assert member("list", "--json").data["integrations"] != []
    used = member("register", "--org", "acme", *with_token, "--json")
    assert (used.error["code"], used.data["integration"]) == ("token_used", "acme-moodle-2")
    stored = contents(store)
    assert [name for name in stored if name.startswith("removed/integrations/acme-moodle.")]
    for canary in CANARIES:
        assert [name for name, data in stored.items() if canary in data] == []


def test_a_store_is_checked_and_described(azurite_server: Server, tmp_path: Path) -> None:
    member = TeamMember(azurite_server.store(begun=False), tmp_path / "home")
    assert member("init", "--name", "Tool", "--url", "https://tool.invalid").code == 0

    rules = member("store", "check", "--json").data["rules"]
    facts = member("store", "info", "--json").data

    assert len(rules) > 7
    assert all(each["kept"] for each in rules)
    assert facts["counts"]["private_keys"] == 1
    assert facts["place"] == member.store.url


def test_completion_uses_names_seen_before_and_asks_no_server(
    s3_team: Members, tmp_path: Path
) -> None:
    member = s3_team()
    assert member("org", "list").code == 0
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "profile.toml").write_text(f'[store]\nurl = "{member.store.url}"\n')
    nowhere = member.home.environment({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    for profile in (member.store.url, str(checkout)):
        for kind, names in (("organizations", "acme\n"), ("integrations", ""), ("attempts", "")):
            argv = [sys.executable, "-m", "ltictl", "__complete", kind, profile, "a"]
            done = run_argv(argv, env=nowhere, cwd=Path(__file__).parents[2])
            assert (done.code, done.stdout, done.stderr) == (0, names, ""), (profile, kind)


def test_a_reader_reads_and_the_error_names_the_right_it_lacks(s3_team: Members) -> None:
    member = s3_team()
    assert member("list", env=reader_of(member.store)).code == 0
    done = member("org", "add", "late", "--json", env=reader_of(member.store))
    assert done.error["code"] == "store_forbidden"
    assert "s3:PutObject" in done.error["why"]


@pytest.mark.skipif(os.geteuid() != 0, reason="about root")
def test_root_runs_no_hook_that_writers_of_the_bucket_could_write(
    s3_team: Members, tmp_path: Path
) -> None:
    member = s3_team()
    ran = tmp_path / "ran"
    objects = objects_of(member.store)
    settings, tag = objects.get("profile.toml")
    hook = f'[hooks]\nafter_change = ["touch", "{ran}"]\n'.encode()
    objects.put("profile.toml", settings.replace(b"[hooks]\n", hook), tag)
    add = ("add", "--org", "acme", "--preset", "moodle", "--issuer", "https://lms.example")

    refused = member(*add, "--client-id", "c", "--json")

    assert refused.error["code"] == "hook_not_trusted"
    assert not ran.exists()
    assert not [name for name in contents(member.store) if name.startswith("integrations/")]
    safe = {"LTICTL_SAFE_PROFILES": member.store.url}
    assert member(*add, "--client-id", "c", env=safe).code == 0
    assert ran.exists()


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ("s3://nobody/prod", "store_not_found"),
        ("ftp://bucket/prod", "unknown_store_scheme"),
        ("s3://key:secret@bucket/prod", "invalid_store"),
    ],
)
def test_a_place_that_cannot_be_used_has_one_message(
    s3: ObjectStore, tmp_path: Path, profile: str, code: str
) -> None:
    member = TeamMember(ObjectStore(profile, s3.environment, s3.port), tmp_path / "home")
    for command in (["list"], ["org", "add", "x"], ["config"]):
        done = member(*command, "--json")
        assert done.error["code"] == code, done
        assert done.error["fix"]
        assert "Traceback" not in done.stderr


def test_nothing_of_object_storage_is_loaded_for_a_folder(acme: object, profile: Path) -> None:
    del acme
    program = (
        "import sys; from ltictl.cli.app import main; main(['--profile', sys.argv[1], 'list']);"
    )
    program += (
        "sys.exit(any(n.startswith(('obstore', 'ltictl.store.bucket')) for n in sys.modules))"
    )
    argv = [sys.executable, "-c", program, str(profile)]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(profile.parent)}
    assert run_argv(argv, env=env, cwd=Path(__file__).parents[2]).code == 0


def test_the_page_of_a_lost_store_is_no_traceback(s3: ObjectStore, tmp_path: Path) -> None:
    environment = s3.environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    member = TeamMember(ObjectStore(s3.url, environment, 1), tmp_path / "home")
    done = member("org", "add", "x", "--lock-timeout", "1s", "--json")
    assert done.error["code"] == "store_unreachable"
