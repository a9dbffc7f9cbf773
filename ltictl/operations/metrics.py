"""The numbers and times of a profile for a monitoring system; asks no LMS."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from ltictl import __version__
from ltictl.errors import LtictlError
from ltictl.model.integration import Integration, Status
from ltictl.model.invitation import InvitationState
from ltictl.model.profile import KeyManager
from ltictl.model.signing_key import SigningKey, next_step
from ltictl.operations.context import Context
from ltictl.operations.signing import keys_as_they_count
from ltictl.operations.survey import unsettled
from ltictl.platforms.table import family_of


class LastResult(StrEnum):
    """The result of an integration's last ``verify``."""

    PASSED = "passed"
    FAILED = "failed"
    NEVER = "never"


# Times are timestamps, not ages: a file that was written an hour ago is still true.
class Sample(Struct, frozen=True):
    """One value of a metric.

    Attributes:
        labels: name and value of each label.
        value: a number, or seconds since 1970.
    """

    labels: dict[str, str]
    value: int


class Metric(Struct, frozen=True):
    """One metric, a gauge.

    Attributes:
        name: as Prometheus knows it.
        help: one sentence.
        samples: may be empty.
    """

    name: str
    help: str
    samples: tuple[Sample, ...]


class Metrics(Struct, frozen=True):
    """All metrics of a profile.

    Attributes:
        metrics: each name once.
        warnings: damaged documents and attempts that were cut off, which no metric counts.
    """

    metrics: tuple[Metric, ...]
    warnings: tuple[str, ...]


def read_metrics(context: Context) -> Metrics:
    """Read the metrics of the profile.

    Raises:
        UnreadableError: there is no profile.
    """
    context.profile.require()
    now = context.now()
    integrations = context.profile.integrations.all()
    invitations = context.profile.invitations.all()
    keys = keys_as_they_count(context)
    attempts, attempt_warnings = unsettled(context)
    external, setting_warnings = _keys_are_external(context)
    damaged = (*integrations.damaged, *invitations.damaged, *keys.damaged)
    is_open = [each.state(now) is InvitationState.OPEN for each in invitations]
    metrics = (
        Metric(
            "ltictl_build_info",
            "The version of ltictl; the value is always 1.",
            (Sample({"version": __version__}, 1),),
        ),
        Metric(
            "ltictl_key_created_timestamp_seconds",
            "Time at which the newest signing key in this state was made.",
            _newest_keys(keys),
        ),
        Metric(
            "ltictl_rotation_due_timestamp_seconds",
            "Time from which on rotate-keys has to do its next step; no sample if it has none.",
            () if external else _due(keys.items),
        ),
        Metric(
            "ltictl_integration_verified_timestamp_seconds",
            "Time of the last verify without a failure, 0 if there was none; result is that of "
            "the last verify. Disabled integrations are left out.",
            _verifications(integrations),
        ),
        Metric(
            "ltictl_integrations",
            "Number of integrations by status and kind of LMS.",
            _numbers(integrations),
        ),
        Metric(
            "ltictl_attempts_unsettled",
            "Number of registrations and changes that were cut off and that recover has to settle.",
            (Sample({}, len(attempts)),),
        ),
        Metric(
            "ltictl_invitations_open",
            "Number of invitations that can still be used.",
            (Sample({}, sum(is_open)),),
        ),
    )
    damage_warnings = [f"{each.message} {each.fix}".strip() for each in damaged]
    return Metrics(metrics, (*damage_warnings, *setting_warnings, *attempt_warnings))


def _keys_are_external(context: Context) -> tuple[bool, tuple[str, ...]]:
    """Return whether the tool makes its own keys, and a warning for damaged settings."""
    try:
        managed_by = context.profile.settings().keys.managed_by
    except LtictlError as error:  # the other documents are still worth their numbers
        return False, (f"{error.message} {error.fix}".strip(),)
    return managed_by is KeyManager.EXTERNAL, ()


def _newest_keys(keys: Iterable[SigningKey]) -> tuple[Sample, ...]:
    # Several keys may be in one state, and a series may have one value only.
    newest: dict[str, datetime] = {}
    for key in keys:
        newest[key.state] = max(key.created_at, newest.get(key.state, key.created_at))
    return tuple(
        Sample({"state": str(state)}, _timestamp(made)) for state, made in sorted(newest.items())
    )


def _due(keys: Sequence[SigningKey]) -> tuple[Sample, ...]:
    due = next_step(keys)
    return (Sample({}, _timestamp(due)),) if due else ()


def _verifications(integrations: Iterable[Integration]) -> tuple[Sample, ...]:
    return tuple(
        Sample(
            {"integration": each.id, "result": last_result(each).value},
            _timestamp(each.verified_at) if each.verified_at else 0,
        )
        for each in integrations
        if each.status is not Status.DISABLED
    )


def last_result(integration: Integration) -> LastResult:
    """Return the outcome of the last ``verify`` of an integration."""
    if integration.problems:
        return LastResult.FAILED
    return LastResult.PASSED if integration.verified_at else LastResult.NEVER


def _numbers(integrations: Iterable[Integration]) -> tuple[Sample, ...]:
    counted = Counter(
        (each.status.value, family_of(each.platform.family).slug) for each in integrations
    )
    return tuple(
        Sample({"status": status, "family": family}, number)
        for (status, family), number in sorted(counted.items())
    )


def _timestamp(moment: datetime) -> int:
    return int(moment.timestamp())
