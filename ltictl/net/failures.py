"""Errors of requests to a platform, each with its cause and its fix and without secrets."""

from enum import StrEnum

from ltictl.errors import Actor, ExitCode, LtictlError
from ltictl.model.sentence import Sentence
from ltictl.model.web_address import WebAddress


class Failure(StrEnum):
    """The kinds of failure; each is the stable code of its error."""

    MALFORMED = "address_malformed"
    PLAIN_HTTP = "address_not_https"
    PUBLIC_HTTP = "address_public_http"
    PRIVATE = "address_private"
    UNKNOWN_HOST = "host_unknown"
    NOT_CONNECTED = "not_connected"
    TLS = "certificate_refused"
    TIMED_OUT = "platform_timeout"
    BROKEN_OFF = "answer_broken_off"
    REDIRECTED = "redirect_refused"
    CA_FILE = "ca_file_unusable"


class UnreachableError(LtictlError):
    """No usable reply came from a platform.

    Attributes:
        kind: what happened.
        sent: whether the request may have reached the platform.
        led_to: where a refused redirect led, without its query; empty for everything else.
        host: the platform's host, empty where there is no address.
    """

    exit_code: ExitCode = ExitCode.REFUSED

    def __init__(self, kind: Failure, message: str, *, why: str, fix: str) -> None:
        super().__init__(kind.value, message, why=why, fix=fix)
        self.kind = kind
        self.sent = False
        self.led_to = ""
        self.host = ""
        if kind is Failure.REDIRECTED:  # the administrator can open the LMS at its new address
            self.actor = Actor.BOTH
        if kind is Failure.CA_FILE:  # the command line is wrong, not the platform
            self.exit_code = ExitCode.USAGE


# Each row holds message, why and fix; {host} is the platform's host, {detail} a further fact.
TEXTS = {
    Failure.MALFORMED: (
        "The LMS's address cannot be used: it {detail}.",
        "The link was cut or changed on its way.",
        "Paste the registration URL into the LMS again.",
    ),
    Failure.PLAIN_HTTP: (
        "{host} is addressed with plain http.",
        "LTI requires https; a token sent in the clear could be read on the way.",
        (
            "Use the LMS's https address. For a test LMS on this computer add --allow-private, for "
            "one in a private network --allow-http {name}."
        ),
    ),
    Failure.PUBLIC_HTTP: (
        "{host} is addressed with plain http and has a public address.",
        "--allow-http is for hosts of a private network: elsewhere others could read the token.",
        "Use the LMS's https address.",
    ),
    Failure.PRIVATE: (
        "{host} has a private or local address {detail}.",
        (
            "A link that leads into a private network may be an attack on that network, so it is "
            "refused unless it is expected."
        ),
        "If the LMS really is in this network, repeat the command with --allow-private.",
    ),
    Failure.UNKNOWN_HOST: (
        "{host} cannot be found.",
        "The name is misspelt, or this computer's name server does not know it.",
        "Check the LMS's address and this computer's network.",
    ),
    Failure.NOT_CONNECTED: (
        "No connection to {host} {detail}.",
        "The LMS is down, or a firewall stands between it and this computer.",
        "Open the LMS in a browser on this computer. Behind a proxy add --use-proxy.",
    ),
    Failure.TLS: (
        "The certificate of {host} was refused {detail}.",
        "It is expired, made for another name, or issued by an authority that is not known here.",
        (
            "For a campus certificate authority give its file with --ca-file. Certificate checks "
            "cannot be switched off."
        ),
    ),
    Failure.TIMED_OUT: (
        "{host} did not answer {detail}.",
        "The LMS is overloaded, or a firewall drops the connection silently.",
        "Try again; if it persists, ask the LMS's administrators.",
    ),
    Failure.BROKEN_OFF: (
        "The answer of {host} broke off, or was longer than 256 KiB.",
        "The LMS or a proxy before it failed in the middle of the answer.",
        "Try again; if it persists, ask the LMS's administrators to look into its log.",
    ),
    Failure.REDIRECTED: (
        "{host} redirected {detail}.",
        (
            "The LMS has probably moved to another address, and its issuer with it. Redirects are "
            "followed within one host only, so that no token leaks."
        ),
        (
            "Open the LMS at its new address and start the registration there. If it has not "
            "moved, correct the site URL in its settings to the address it really answers on."
        ),
    ),
    Failure.CA_FILE: (
        "The certificate file {detail} cannot be used.",
        "It does not exist, or holds no certificates in PEM form.",
        "Give the path of a PEM file with the authority's certificate.",
    ),
}


def failure(kind: Failure, address: WebAddress | None, detail: str = "") -> UnreachableError:
    """Return the error of one kind.

    Args:
        kind: what happened.
        address: the platform's address; the error shows only its host.
        detail: a further fact, without secrets.
    """
    words = {
        "host": address.authority if address else Sentence("The LMS"),
        "name": address.host if address else "HOST",
        "detail": detail,
    }
    message, why, fix = (_filled(text, words) for text in TEXTS[kind])
    error = UnreachableError(kind, message, why=why, fix=fix)
    error.host = address.host if address else ""
    return error


def _filled(text: str, words: dict[str, str]) -> Sentence:
    return Sentence(text, **{name: each for name, each in words.items() if f"{{{name}}}" in text})
