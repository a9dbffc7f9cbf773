"""One run asks a question once, and thousands of equal answers are one."""

import asyncio

from ltictl.operations.checks.check_addresses import Answers
from ltictl.operations.checks.checks import Check, Verdict


def test_a_question_is_asked_once_and_equal_answers_are_one() -> None:
    asked: list[str] = []

    async def run() -> list[Check]:
        answers = Answers()

        def ask(url: str) -> "asyncio.Future[Check]":
            async def answer() -> Check:
                asked.append(url)
                await asyncio.sleep(0)
                return Check("platform_key_set", Verdict.PASS, "1 key")

            return asyncio.ensure_future(answers.once(("platform_key_set", url), answer))

        first = await asyncio.gather(*map(ask, ("a", "b", "a")))
        return [*first, await ask("b"), await answers.once(("", "platform_key_setb"), later)]

    async def later() -> Check:
        asked.append("other")
        return Check("platform_key_set", Verdict.PASS, "1 key")

    answers = asyncio.run(run())

    assert asked == ["a", "b", "other"]
    assert len(answers) == 5
    assert len(set(map(id, answers))) == 1
