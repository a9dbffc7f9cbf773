"""The last resorts for an answer that its attempt could not take: another folder, the terminal."""

import os
import sys
import tempfile
from pathlib import Path

from ltictl.errors import NeedsRecoveryError
from ltictl.lti.answer import UnusableAnswerError, read_registration
from ltictl.model.attempt import Answer, Attempt
from ltictl.store.journal import save_elsewhere


def keep_elsewhere(attempt: Attempt, answer: Answer, cause: OSError) -> NeedsRecoveryError:
    """Save an answer outside of the profile, or at least show what matters of it.

    Returns:
        The error to raise; it names where the answer is now.
    """
    import platformdirs

    folders = [
        platformdirs.user_state_path("ltictl") / "answers",
        Path(tempfile.gettempdir()) / f"ltictl-answers-{os.getuid() if os.name != 'nt' else 0}",
    ]
    client_id, deployment_id = _essentials(answer)
    path = save_elsewhere(attempt.id, answer, folders)
    if path is None:
        sys.stderr.write(
            f"KEEP THIS: {attempt.platform.issuer!a} registered the tool as client_id "
            f"{client_id!a}, deployment_id {deployment_id!a}\n"
        )
        sys.stderr.flush()
    place = f"It is in {path}." if path else "It could be written nowhere else either."
    return NeedsRecoveryError(
        "answer_not_written",
        f"{attempt.platform.host} answered, but the answer could not be written into the profile: "
        f"{cause.strerror or cause}. {place}",
        why="The disk failed or became read-only in the middle of the registration.",
        fix=f"Repair the disk, then run 'ltictl recover {attempt.id} --client-id {client_id}'.",
        data={"attempt": attempt.id, "client_id": client_id, "deployment_id": deployment_id},
    )


def _essentials(answer: Answer) -> tuple[str, str]:
    try:
        registration = read_registration(answer)
    except UnusableAnswerError:
        return "", ""
    return registration.client_id, registration.deployment_id
