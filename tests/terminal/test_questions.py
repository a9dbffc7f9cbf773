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


def test_a_refused_answer_is_named_as_it_was_typed_and_not_by_an_option(ltictl: Ltictl) -> None:
    with ltictl.terminal("init") as terminal:
        terminal.wait_for("Name of the tool")
        terminal.send(f"{'x' * 256}\r")
        terminal.wait_for("This name must be 1 to 255 printable characters.")
        terminal.send("Tool\r")
        terminal.wait_for("Home page of the tool")
        terminal.send("https://me:hunter2@tool.example.com\r")
        terminal.wait_for("This address carries a user name or password: 'https://…@tool.")
        terminal.send("tool.example.com\r")
        terminal.wait_for("This address needs https:// in front: https://tool.example.com.")
        terminal.send("\r")
        assert terminal.wait() == 0
        assert "--url" not in terminal.text
        assert "--name" not in terminal.text


def test_a_refused_client_id_is_asked_again(acme: Ltictl) -> None:
    with acme.terminal("add", "--preset", "canvas") as terminal:
        terminal.wait_for("Organization")
        terminal.send("acm\r")
        terminal.wait_for("no organization 'acm'")
        terminal.send("acme\r")
        terminal.wait_for("Client id")
        terminal.send(f"{'1' * 256}\r")
        terminal.wait_for("This client id must be 1 to 255 printable characters.")
        terminal.send("10000000000001\r")
        assert terminal.wait() == 0
