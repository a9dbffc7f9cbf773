"""Questions at a terminal: they take y or n, and say so where a person types anything else."""

from tests.support.cli import Ltictl


def test_a_question_is_asked_again_until_the_answer_is_clear(acme: Ltictl) -> None:
    with acme.terminal("org", "remove", "acme") as terminal:
        terminal.wait_for("Remove the organization 'acme'? [y/N]")
        terminal.send("maybe\r")
        terminal.wait_for("Type y for yes or n for no.")
        terminal.send("no\r")
        terminal.wait_for("Nothing was removed.")
        assert terminal.wait() == 0
    assert "acme" in acme("org", "list").stdout
