"""Update several registrations side by side, a few at each LMS; one failure stops no other.

Each update stays an attempt of its own. Only the waiting for the LMSs overlaps.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from queue import Empty
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from ltictl.errors import InterruptedRunError, LtictlError
from ltictl.lti.client_configuration import Difference
from ltictl.model.integration import Integration
from ltictl.model.record import replace
from ltictl.operations.attempts.carry_out import UNWINDING_SECONDS, left_outstanding
from ltictl.operations.attempts.threads import ANSWER_DEADLINE
from ltictl.operations.client_registration.update import Comparison, compare, update
from ltictl.operations.context import Context
from ltictl.operations.events import Event, Finished, FinishingBegan, Inbox, StopRequest

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy

_AT_ONE_LMS: Final = 4
_AT_ALL: Final = 16


class UpdateOutcome(Struct, eq=False):
    """The outcome of one of several updates.

    Attributes:
        id: of the integration.
        outcome: ``changed``, ``unchanged``, ``differs`` (a dry run), ``skipped`` or ``failed``.
        host: of its LMS.
        changes: the differences.
        warnings: one sentence each.
        error: the reason why it was skipped or failed.
        integration: its present record, if it could be read.
        inbox: receives the signals while it is under way.
        sending: whether its request may have left.
        ended: whether it is no longer under way.
        defect: an error that nobody expected.
    """

    id: str
    outcome: str = "unchanged"
    host: str = ""
    changes: tuple[Difference, ...] = ()
    warnings: tuple[str, ...] = ()
    error: LtictlError | None = None
    integration: Integration | None = None
    inbox: Inbox = field(default_factory=Inbox)
    sending: bool = False
    ended: bool = False
    defect: BaseException | None = None


class Updates:
    """The updates of one run.

    Args:
        context: the profile.
        policy: the limits of the requests.
        inbox: receives the signals.
        show: receives one event if the run waits for answers in spite of a signal.
        dry_run: whether nothing is sent.
    """

    def __init__(
        self,
        context: Context,
        policy: "GuardPolicy",
        inbox: Inbox,
        show: Callable[[Event], None],
        *,
        dry_run: bool,
    ) -> None:
        self._context = replace(context, progress=lambda _: None)  # the count is shown instead
        self._tell = context.progress
        self._policy = policy
        self._inbox = inbox
        self._show = show
        self._dry_run = dry_run
        self._hook = threading.Lock()

    def carry_out(self, chosen: Sequence[UpdateOutcome]) -> None:
        """Carry out all of them and note in each how it went.

        Raises:
            InterruptedRunError: a signal came; what had left was waited for, and is stored.
        """
        waiting, running = list(chosen), list[UpdateOutcome]()
        while waiting or running:
            self._start(waiting, running)
            done = sum(each.ended for each in chosen)
            self._tell(f"{done} of {len(chosen)} are done ...")
            item = self._inbox.get()
            if isinstance(item, StopRequest):
                self._stop(running, item)
                raise _stopped(chosen, item)
            for each in running:
                # A defect ends the run as a defect; the other attempts are on disk.
                if each.defect is not None:
                    raise each.defect
            running = [each for each in running if not each.ended]

    def _start(self, waiting: list[UpdateOutcome], running: list[UpdateOutcome]) -> None:
        """Start as many as may be under way, in their order."""
        # For each LMS: a school's server must not feel the number of a vendor's customers.
        busy = Counter(each.host for each in running)
        for each in list(waiting):
            if len(running) < _AT_ALL and busy[each.host] < _AT_ONE_LMS:
                busy[each.host] += 1
                waiting.remove(each)
                running.append(each)
                # A daemon, so that a person who insists can leave; its attempt stays on disk.
                threading.Thread(target=self._run, args=(each,), daemon=True).start()

    def _stop(self, running: Sequence[UpdateOutcome], stop: StopRequest) -> None:
        """Wait for what has left, until a second signal.

        Raises:
            InterruptedRunError: that signal came.
        """
        for each in running:
            each.inbox.put(stop)
        if any(each.sending and not each.ended for each in running):
            self._show(FinishingBegan(int(ANSWER_DEADLINE)))
        while any(not each.ended for each in running):
            sending = any(each.sending and not each.ended for each in running)
            try:
                item = self._inbox.get(timeout=None if sending else UNWINDING_SECONDS)
            except Empty:
                break
            if isinstance(item, StopRequest):
                raise left_outstanding(item)

    def _run(self, one: UpdateOutcome) -> None:
        try:
            self._update(one)
        except LtictlError as error:
            one.outcome, one.error = "failed", error
        except BaseException as error:  # noqa: BLE001  the thread that waits raises it
            one.defect = error
        finally:
            one.ended = True
            self._inbox.put(Finished())

    def _update(self, one: UpdateOutcome) -> None:
        with self._compare(one.id) as found:
            one.integration, one.changes, one.warnings = (
                found.integration,
                found.changes,
                found.warnings,
            )
            if found.changes and self._dry_run:
                one.outcome = "differs"
            elif found.changes:
                one.sending = True
                done = update(self._context, self._policy, found, one.inbox)
                one.outcome, one.integration = "changed", done.integration
                one.warnings = (*one.warnings, *done.warnings)

    @contextmanager
    def _compare(self, identifier: str) -> Iterator[Comparison]:
        """Compare a registration; the hook at the end waits for the hooks of others."""
        with ExitStack() as held, ExitStack() as end:
            found = end.enter_context(compare(self._context, self._policy, identifier))
            end.callback(held.enter_context, self._hook)  # runs first, and is released last
            yield found


def _stopped(chosen: Sequence[UpdateOutcome], stop: StopRequest) -> InterruptedRunError:
    done = sum(each.ended and each.error is None for each in chosen)
    return InterruptedRunError(
        stop.exit_code,
        f"Stopped: {done} of {len(chosen)} registrations are done.",
        fix="Run the command again; it sends only what is left.",
    )
