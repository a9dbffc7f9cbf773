"""One run of a command: its global options, its profile, its network limits, its questions."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from ltictl.cli.profile_places import profile_address, profile_folder
from ltictl.cli.render.output import Output
from ltictl.errors import InvalidValueError, LtictlError, UnreadableError, UsageError
from ltictl.store.lock import LOCK_TIMEOUT

if TYPE_CHECKING:
    from ltictl.model.author import Author
    from ltictl.net.policy import GuardPolicy
    from ltictl.operations.context import Context
    from ltictl.store.profile import Profile

_TRUE = frozenset({"1", "true", "yes", "on"})


class NetworkOptions(Struct, frozen=True):
    """The network options of the command line; environment variables add to them."""

    allow_private: bool = False
    allow_http: tuple[str, ...] = ()
    ca_file: str = ""
    use_proxy: bool = False


class Session(Struct):
    """The profile, options and output of one command.

    Attributes:
        command: its name, such as ``org add``.
        output: the streams of the run.
        profile: value of ``--profile``, empty if not given.
        no_input: whether ltictl must not ask questions.
        environment: the process's.
        lock_timeout: seconds to wait for another writer.
        network: the network options.
        known_passphrase: the passphrase of secrets, once the run has read it.
        known_profile: the profile, once the run has opened it.
        words: the command line, for the log.
    """

    command: str
    output: Output
    profile: str = ""
    no_input: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    lock_timeout: float = LOCK_TIMEOUT.total_seconds()
    network: NetworkOptions = NetworkOptions()
    known_passphrase: bytes | None = None
    known_profile: "Profile | None" = None
    words: Sequence[str] = field(default_factory=lambda: sys.argv[1:])

    def profile_folder(self) -> tuple[Path, str]:
        """Return the profile's folder and the setting that names it."""
        return profile_folder(self.profile, self.environment)

    def context(self) -> "Context":
        """Return the profile and the clock, for operations."""
        from ltictl.operations.context import Context

        if self.known_profile is None:  # a shared store is asked for each thing once
            self.known_profile = self._opened()
            self.known_profile.author = self._author
        return Context(
            self.known_profile,
            passphrase=self._passphrase,
            progress=self.output.status.show,
            warn=self.output.gathered.append,
        )

    def of_profile(self, profile: str) -> "Session":
        """Return the run on another profile: a name, a path, or the address of a shared store.

        The environment chooses neither the profile nor its store.
        """
        chosen = {"LTICTL_PROFILE", "LTICTL_STORE"}
        environment = {
            name: value for name, value in self.environment.items() if name not in chosen
        }
        return Session(
            command=self.command,
            output=self.output,
            profile=profile,
            no_input=self.no_input,
            environment=environment,
            lock_timeout=self.lock_timeout,
            network=self.network,
            words=self.words,
        )

    def require_profile(self) -> None:
        """Raise an error unless the profile exists, with the name that the person typed for it.

        Raises:
            UnreadableError: ``no_profile``.
        """
        try:
            self.context().profile.require()
        except UnreadableError as error:
            error.instead = (self.profile, "")
            raise

    def profile_place(self) -> tuple[str, str]:
        """Return the profile's folder or store and the setting that names it."""
        url, source = profile_address(self.profile, self.environment)
        if url:
            from ltictl.store.bucket.address import parse_address

            return str(parse_address(url, source)), source  # it refuses a URL that holds a secret
        folder, source = self.profile_folder()
        return str(folder), source

    def _author(self) -> "Author":
        """Return the author of the changes of this run."""
        from ltictl.operations.author import author_of

        return author_of(self.environment, self.command, self.words)

    def _opened(self) -> "Profile":
        from ltictl.store.opening import open_profile, open_profile_at

        collaborators = (self.lock_timeout, self._passphrase, self.environment)
        url, source = profile_address(self.profile, self.environment)
        if url:
            return open_profile_at(url, *collaborators, source)
        folder, _ = self.profile_folder()
        return open_profile(folder, *collaborators)

    def _passphrase(self) -> bytes:
        """Return the passphrase of secrets, empty for none; the run reads it once."""
        if self.known_passphrase is None:
            self.known_passphrase = self.passphrase_of("LTICTL_KEY_PASSPHRASE") or self._commanded()
        return self.known_passphrase

    def _commanded(self) -> bytes:
        """Return the passphrase that ``keys.passphrase_command`` prints, empty without one."""
        from ltictl.operations.passphrase import run_passphrase_command

        profile = self.context().profile
        return run_passphrase_command(profile) if profile.exists() else b""

    def passphrase_of(self, variable: str) -> bytes:
        """Return the passphrase in a variable or in the file that ``..._FILE`` names.

        The file may end with a newline.
        """
        given = self.environment.get(variable, "")
        named = self.environment.get(f"{variable}_FILE", "")
        if given or not named:
            return given.encode("utf-8", "surrogateescape")
        from ltictl.store.reading import read_named

        data = (read_named(Path(named)) or b"").removesuffix(b"\n").removesuffix(b"\r")
        if not data:
            raise UsageError(
                "passphrase_missing",
                f"{variable}_FILE names {named}, which holds no passphrase.",
                fix="Correct the name, or write the passphrase into that file.",
            )
        return data

    @property
    def can_ask(self) -> bool:
        """Whether a person can answer a question."""
        return self._at_terminal and not self.no_input and not self.output.json

    @property
    def _at_terminal(self) -> bool:
        return sys.stdin is not None and sys.stdin.isatty() and self.output.stderr_is_terminal

    def confirm(self, question: str, *, yes: bool, default: bool = False) -> bool:
        """Ask for consent, unless ``--yes`` gives it.

        Raises:
            UsageError: no person can answer, and ``--yes`` is missing.
        """
        if yes:
            return True
        if not self.can_ask:
            raise UsageError(
                "consent_needed",
                f"{question} This needs a yes, and nobody can answer here.",
                why=self._why_silent(),
                fix="Repeat the command with --yes to agree.",
            )
        import typer

        from ltictl.cli.render.safe_text import safe

        self.output.status.clear()
        choice = "Y/n" if default else "y/N"
        while True:
            typed = typer.prompt(f"{safe(question)} [{choice}]", "", show_default=False, err=True)
            answer = {"": default, "y": True, "yes": True, "n": False, "no": False}.get(
                typed.strip().lower()
            )
            if answer is not None:
                self._look_again()
                return answer
            self.output.note("Type y for yes or n for no.")

    def _why_silent(self) -> str:
        """Return the reason why no person can answer a question."""
        if not self._at_terminal:
            return "Input is not a terminal."
        return f"{'--no-input' if self.no_input else '--json'} was given."

    def _look_again(self) -> None:
        """After a question: people take their time, and others work meanwhile."""
        if self.known_profile is not None:
            self.known_profile.look_again()

    def ask(self, label: str, flag: str, check: Callable[[str], object], noun: str) -> str:
        """Ask for the value of a missing option until the answer is usable.

        Args:
            label: the question.
            flag: the missing option.
            check: raises an error for an unusable value.
            noun: the answer in an error's words, since no option was typed.

        Raises:
            UsageError: no person can answer.
        """
        if not self.can_ask:
            raise UsageError(
                "value_needed",
                f"{flag} is required when input is not a terminal.",
                fix=f"Repeat the command with {flag}.",
            )
        import typer

        self.output.status.clear()
        proposal = None
        while True:
            value = str(typer.prompt(label, default=proposal, err=True)).strip()
            try:
                check(value)
            except LtictlError as error:
                self.output.error(
                    error.about(noun) if isinstance(error, InvalidValueError) else error
                )
                proposal = error.instead[1] or None
            else:
                self._look_again()
                return value

    def switch(self, name: str, *, given: bool) -> bool:
        """Return a flag that an environment variable can set too."""
        return given or self.environment.get(name, "").lower() in _TRUE

    def policy(self) -> "GuardPolicy":
        """Return the limits of requests to LMSs, from the command line and the environment.

        Raises:
            LtictlError: a name, a file or the proxy cannot be used.
        """
        from ltictl.model.web_address import normal_host
        from ltictl.net.failures import Failure, failure
        from ltictl.net.policy import GuardPolicy

        options, environment = self.network, self.environment
        proxy = environment.get("HTTPS_PROXY") or environment.get("https_proxy") or ""
        if options.use_proxy and not proxy:
            raise UsageError(
                "no_proxy_set",
                "--use-proxy was given, but HTTPS_PROXY is not set.",
                fix="Set HTTPS_PROXY to the proxy's URL.",
            )
        named = (options.ca_file, *map(environment.get, ("LTICTL_CA_FILE", "SSL_CERT_FILE")))
        ca_file = next(filter(None, named), "")
        if ca_file and not os.path.isfile(ca_file):  # noqa: PTH113  Path's raises for a long name
            raise failure(Failure.CA_FILE, None, ca_file)
        return GuardPolicy(
            allow_private=self.switch("LTICTL_ALLOW_PRIVATE", given=options.allow_private),
            http_hosts=frozenset(normal_host(each, "--allow-http") for each in options.allow_http),
            ca_file=ca_file,
            proxy=proxy if options.use_proxy else "",
        )
