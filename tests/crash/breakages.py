"""Faults for a profile's files, each applied alone to a sound profile."""

import shutil
from collections.abc import Callable
from pathlib import Path

from ltictl.lti.keys import generate_key
from ltictl.operations.context import Context

from .templates import NOW, an_attempt

Break = Callable[[Context], object]


def kid(context: Context) -> str:
    return context.profile.private_keys.ids()[0]


def open_secret(context: Context) -> None:
    (context.profile.root / "secrets" / "acme-moodle-1.toml").chmod(0o644)


def open_removed(context: Context) -> None:
    context.profile.secrets.remove("acme-moodle-1")
    [path] = (context.profile.root / "removed" / "secrets").iterdir()
    path.chmod(0o640)


def leave_temporary(context: Context) -> None:
    (context.profile.root / "keys" / ".x.pem.0123.tmp").touch(0o600)


def begin_only(context: Context) -> None:
    context.profile.attempts.begin(an_attempt()).close()


def damage(name: str) -> Break:
    def broken(context: Context) -> None:
        (context.profile.root / name).write_text("schema = 1\nthis is = = no TOML\n")

    return broken


def forget_settings(context: Context) -> None:
    (context.profile.root / "profile.toml").write_text("schema = 1\n[tool]\n")


def cut_off(context: Context) -> None:
    journal = context.profile.attempts.begin(an_attempt())
    journal.note_sent(NOW)
    journal.close()


def garble_attempt(context: Context) -> None:
    cut_off(context)
    path = context.profile.root / "attempts" / "acme-moodle.attempt"
    path.write_bytes(b"X" + path.read_bytes()[1:])


def no_hook(context: Context) -> None:
    path = context.profile.root / "profile.toml"
    path.write_text(path.read_text().replace("[hooks]", '[hooks]\nafter_change = ["/not/there"]'))


def lose_pem(context: Context) -> None:
    Path(context.profile.private_keys.place(kid(context))).unlink()


def lose_key_document(context: Context) -> None:
    material = generate_key(2048)
    context.profile.private_keys.add(material.kid, material.pem)


def lose_all_keys(context: Context) -> None:
    shutil.rmtree(context.profile.root / "keys")
