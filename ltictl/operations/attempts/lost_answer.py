"""Keep an answer that its attempt cannot take: in another folder, or on the terminal."""

import contextlib
import hashlib
import os
import sys
import tempfile
from pathlib import Path

from ltictl.errors import LtictlError, NeedsRecoveryError
from ltictl.lti.answer import read_registration
from ltictl.model.attempt import Answer, Attempt, Stage
from ltictl.operations.context import Context
from ltictl.store.rescue import drop_answer, find_answer, save_answer


def keep_elsewhere(
    attempt: Attempt, answer: Answer, cause: OSError | LtictlError
) -> NeedsRecoveryError:
    """Save an answer outside of the profile, or at least show its most important members.

    Returns:
        The error to raise; it names the answer's place.
    """
    client_id, deployment_id = _essentials(answer)
    path = save_answer(_name(attempt), answer, _folders())
    if path is None:
        _show(attempt, client_id, deployment_id)
    place = f"It is in {path}." if path else "It could be written nowhere else either."
    problem = cause.message if isinstance(cause, LtictlError) else f"{cause.strerror or cause}."
    way = "--adopt" if path else f"--client-id {client_id or 'VALUE, as the LMS shows it'}"
    return NeedsRecoveryError(
        "answer_not_written",
        f"{attempt.platform.host} answered, but the answer could not be written into the profile: "
        f"{problem} {place}",
        why="The disk or the store failed in the middle of the registration.",
        fix=f"Repair it, then run 'ltictl recover {attempt.id} {way}' on this computer.",
        attempt=attempt.id,
        data={"client_id": client_id, "deployment_id": deployment_id},
    )


def bring_home(context: Context, attempt: Attempt) -> Attempt:
    """Move an answer that was saved elsewhere into its attempt.

    Returns:
        The attempt, with that answer if there was one.

    Raises:
        LtictlError: the attempt still cannot take the answer.
    """
    found = find_answer(_name(attempt), _folders())
    if found is None:
        return attempt
    answer, path = found
    if attempt.stage is Stage.SENT:  # else its own file took it in spite of an error
        context.profile.attempts.keep_answer(attempt.id, answer)
        attempt = attempt.answered(answer)
    # The copy may hold secrets.
    drop_answer(path)
    return attempt


def _folders() -> list[Path]:
    import platformdirs

    # The state folder survives a restart. The temporary folder is for a home that takes no writes.
    folders = [platformdirs.user_state_path("ltictl") / "answers"]
    # Another user may own a folder of the same name there, and refuse the write.
    user = os.getuid() if os.name != "nt" else 0
    with contextlib.suppress(OSError):  # it looks for one that can be written to
        folders.append(Path(tempfile.gettempdir()) / f"ltictl-answers-{user}")
    return folders


def _name(attempt: Attempt) -> str:
    """Return a name for the answer's file that no other attempt has."""
    facts = (attempt.created_at.isoformat(), attempt.token_sha256, attempt.request)
    # Profiles may hold attempts of the same id; no answer may replace another's.
    digest = hashlib.sha256("\n".join(facts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{attempt.id}.{digest[:16]}"


def _show(attempt: Attempt, client_id: str, deployment_id: str) -> None:
    with contextlib.suppress(OSError, AttributeError, ValueError):  # stderr may be gone as well
        sys.stderr.write(
            f"KEEP THIS: {attempt.platform.issuer!a} registered the tool as client_id "
            f"{client_id!a}, deployment_id {deployment_id!a}\n"
        )
        sys.stderr.flush()


def _essentials(answer: Answer) -> tuple[str, str]:
    try:
        registration = read_registration(answer)
    except Exception:  # noqa: BLE001  a defect in the reading may not cost the answer
        return "", ""
    return registration.client_id, registration.deployment_id
