"""The table of families: find one by its module, and explain a refusal in its words."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from ltictl.errors import Actor, NotFoundError, RefusedError, RegistrationRefusedError
from ltictl.model.integration import Integration
from ltictl.model.platform import Platform, Recognition
from ltictl.model.sentence import Sentence
from ltictl.model.suggestion import did_you_mean, likeliest
from ltictl.platforms import families
from ltictl.platforms.family import Audience, Cause, EarlierClicks, Family

if TYPE_CHECKING:
    from ltictl.lti.refusal import Refusal

_GENERIC: Final = "lms"
_EXAMPLE: Final = "moodle"  # the LMS that most people have

UNEXPLAINED: Final[dict[int, Cause]] = {
    400: Cause(
        "The LMS does not accept something in the tool's settings.",
        "Correct what it names in profile.toml and start again in the LMS.",
        Actor.OPERATOR,
    ),
    401: Cause(
        "The registration token did not arrive (a web server before the LMS may remove the "
        "Authorization header), is too old or was used before.",
        "Start the registration in the LMS again; it issues a fresh token.",
    ),
    403: Cause(
        "The token is too old, was used before, or is not allowed to register tools.",
        "Start the registration in the LMS again; it issues a fresh token.",
    ),
    404: Cause(
        "The registration address is gone, or the LMS refused without saying so.",
        "Start the registration in the LMS again.",
    ),
    409: Cause(
        "The LMS has a tool of that name or domain already.",
        "Remove or update the tool that is there.",
    ),
    422: Cause(
        "The LMS found the tool's settings incomplete or unknown to it.",
        "Correct what it names in profile.toml and start again in the LMS.",
        Actor.OPERATOR,
    ),
}
_TOKEN_WORDS: Final = ("token", "registration_token", "authorization", "bearer", "unauthenticated")
ANY_OTHER: Final = Cause(
    "The LMS or a proxy before it failed.", "Ask the LMS's administrators to look into its log."
)


@cache
def slugs() -> tuple[str, ...]:
    """Return the slug of every family, which is the name of its module; no family is loaded."""
    import pkgutil

    return tuple(each.name for each in pkgutil.iter_modules(families.__path__))


# Commands that need one family ask for that one alone, since each costs its import.
def all_families() -> tuple[Family, ...]:
    """Return every family."""
    return tuple(map(_family, slugs()))


@cache
def _family(slug: str) -> Family:
    family: Family = import_module(f"{families.__name__}.{slug}").FAMILY
    return family


def generic() -> Family:
    """Return the family of an LMS that no other family describes."""
    return _family(_GENERIC)


def example() -> Family:
    """Return the family for sentences that explain something by an example."""
    return _family(_EXAMPLE)


@cache
def family_of(code: str) -> Family:
    """Return the family whose ``product_family_code`` is exactly ``code``, else the generic one."""
    if not code:
        return generic()
    for family in _candidates(code):
        if code in family.codes:
            return family.editions.get(code, family)
    return generic()


def _candidates(code: str) -> Iterator[Family]:
    """Yield the families in the order in which they are worth a look."""
    # Most codes are the name of their module: ``list`` then loads one family instead of all. Only
    # letters pass, since the code is foreign text and becomes the name of a module.
    if code.isascii() and code.isalpha() and code.islower():
        with suppress(ModuleNotFoundError):
            yield _family(code)
    yield from all_families()


def family_named(slug: str) -> Family:
    """Return the family with a slug.

    Raises:
        NotFoundError: there is none.
    """
    if slug in slugs():
        return _family(slug)
    raise NotFoundError(
        "no_such_family",
        f"There is no LMS family {slug[:40]!r}.",
        fix=f"{did_you_mean(slug, slugs())}Known: {', '.join(slugs())}.",
        instead=(slug, likeliest(slug, slugs())),
    )


NO_TOKEN: Final = Cause(
    "The LMS wants a registration token, and none was handed over.",
    "Start the registration in the LMS again, and hand over its registration_token too.",
)


def explain_refusal(
    family: Family, refusal: "Refusal", host: str, *, token_sent: bool = True
) -> RefusedError:
    """Return the error that tells a person what an LMS meant.

    Args:
        family: whose words to look up.
        refusal: the refusal.
        host: the LMS, for the message.
        token_sent: whether the request carried a registration token.
    """
    # Then the missing token is the cause, in any words of the LMS.
    missing = family.gives_token and not token_sent and refusal.status in {401, 403}
    cause = NO_TOKEN if missing else cause_of(family, refusal)
    return RegistrationRefusedError(
        "platform_refused",
        Sentence("{host} refused the registration {report}.", host=host, report=refusal.report),
        why=cause.why,
        fix=cause.fix,
        actor=cause.actor,
        data={"status": refusal.status, "code": refusal.code, "words": refusal.words},
    )


def cause_of(family: Family, refusal: "Refusal") -> Cause:
    """Return the cause by the LMS's words, else by its status, else the usual one."""
    from ltictl.platforms.causes import first_said, says  # refusals are rare

    # Whole sentences first: a word such as "name" also stands in sentences about something else.
    for beginning, cause in family.causes.items():
        if refusal.words.startswith(beginning):
            return cause
    mentioned = first_said(family.mentions, refusal.words)
    if mentioned is not None:
        return mentioned
    if any(says(each, refusal.words) for each in _TOKEN_WORDS):
        return family.statuses.get(401, UNEXPLAINED[401])  # some LMSs say so with 400 or 500
    own = family.statuses.get(refusal.status)
    return own or UNEXPLAINED.get(refusal.status, ANY_OTHER)


def audience_of(family: Family, platform: Platform) -> str:
    """Return the ``aud`` that client assertions for a platform need.

    LTI Dynamic Registration 1.0: ``authorization_server``, else the token endpoint. Some products
    want something else.
    """
    if family.audience is Audience.TOKEN_ENDPOINT:
        return platform.token_endpoint
    named = platform.audience != platform.token_endpoint
    return platform.audience if named else family.default_audience or platform.token_endpoint


def next_steps(
    family: Family, *, has_deployment: bool, by_hand: bool = False, version: str = ""
) -> tuple[str, ...]:
    """Return the steps left to do in the LMS after a registration, in order.

    Args:
        family: the LMS's record.
        has_deployment: whether a deployment id is known.
        by_hand: whether the tool was entered by hand.
        version: as the LMS announces it, empty if unknown.
    """
    clicks = _earlier(family, version) or family
    steps = clicks.by_hand if by_hand and clicks.by_hand else clicks.activate
    if has_deployment:
        return steps
    return (*steps, f"Look up the deployment id: {family.deployment}")


def remaining_steps(integration: Integration) -> tuple[str, ...]:
    """Return the steps left to do in the LMS for one integration, in order."""
    platform = integration.platform
    own = platform.recognised_by is Recognition.CODE  # a fork counts its versions in its own way
    return next_steps(
        family_of(platform.family),
        has_deployment=bool(integration.deployments),
        by_hand=not platform.registration_endpoint,
        version=platform.version if own else "",
    )


def _earlier(family: Family, version: str) -> EarlierClicks | None:
    """Return the family's clicks of earlier versions, where the version is one of them."""
    numbers = re.match(r"(\d{1,4})(?:\.(\d{1,4}))?", version, re.ASCII)
    if numbers is None or family.earlier is None:
        return None
    found = tuple(int(each or 0) for each in numbers.groups())
    return family.earlier if found < family.earlier.before else None
