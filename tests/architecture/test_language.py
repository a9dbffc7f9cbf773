"""Docstrings and comments in plain words: the subject first, no riddles."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

import ltictl
from tests.architecture.breaches import breaches

ROOT = Path(ltictl.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
TESTS = Path(__file__).parent.parent
TEST_MODULES = sorted(
    path
    for path in TESTS.rglob("*.py")
    if "node_modules" not in path.parts  # others' packages
)
OPENING = re.compile(r"(What|Whatever|Whoever|Where|Who)\b")
PHRASES = re.compile(
    r"\b(whoever|is told|are told|in the place of|nobody foresaw|worth to|stops to|what came of)\b",
    re.IGNORECASE,
)
# In docstrings and comments. Each hides who does something, or which thing is meant.
RIDDLES = re.compile(
    r"\b(what (?:is|was|were|comes|came|remains)|whatever|(?:was|were) told|way out|be it"
    r"|nobody knows|hears? of|as (?:it|they) came|(?:came|comes?) of (?:it|them)|has it no more)\b"
    r"|, say[,.:;]",
    re.IGNORECASE,
)
# "The key that signs" leaves open whether the function finds it, makes it or sends it.
NOT_A_VERB = re.compile(r"(The|A|An|Whether|Those|Every|All|One|As|Why|How|When|Which|Ids)\b")
# In names of functions, parameters and variables.
HIDDEN_NAME = re.compile(r"(?:^|_)(?:what_(?:is|was|were|comes|came)|whatever|whoever|told)(?:_|$)")
NAMED_AS_NOUNS = {"property", "cached_property"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _docstrings(tree: ast.Module) -> list[str]:
    documented = (ast.Module, ast.ClassDef, *FUNCTIONS)
    nodes = [node for node in ast.walk(tree) if isinstance(node, documented)]
    return [text for node in nodes if (text := ast.get_docstring(node)) is not None]


def _openings(source: str) -> list[str]:
    return [text.splitlines()[0] for text in _docstrings(ast.parse(source)) if OPENING.match(text)]


def _joined(text: str) -> str:
    # A phrase may be broken over two lines of a comment or a docstring.
    return re.sub(r"\s*\n\s*(?:# )?", " ", text)


def _phrases(source: str) -> list[str]:
    return PHRASES.findall(_joined(source))


def _prose(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = "\n".join(each.string for each in tokens if each.type == tokenize.COMMENT)
    return [_joined(text) for text in (*_docstrings(ast.parse(source)), comments)]


def _riddles(source: str) -> list[str]:
    return [found.group() for text in _prose(source) for found in RIDDLES.finditer(text)]


def _hidden_subjects(source: str) -> list[str]:
    phrases = [each for text in _prose(source) for each in PHRASES.findall(text)]
    return [*phrases, *_riddles(source), *_openings(source)]


def _decorators(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    return {ast.unparse(each).rpartition(".")[2] for each in function.decorator_list}


def _nouns(source: str) -> list[str]:
    functions = [each for each in ast.walk(ast.parse(source)) if isinstance(each, FUNCTIONS)]
    return [
        function.name
        for function in functions
        if NOT_A_VERB.match(ast.get_docstring(function) or "")
        and not _decorators(function) & NAMED_AS_NOUNS
    ]


def _hidden_names(source: str) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, FUNCTIONS):
            names.append(node.name)
        elif isinstance(node, ast.arg):
            names.append(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
    return [name for name in names if HIDDEN_NAME.search(name.lower())]


def test_a_docstring_opens_with_its_subject() -> None:
    assert breaches(MODULES, _openings) == {}


def test_a_functions_docstring_opens_with_its_verb() -> None:
    assert breaches(MODULES, _nouns) == {}


def test_no_module_uses_a_phrase_that_hides_the_subject() -> None:
    assert breaches(MODULES, _phrases) == {}


def test_no_docstring_or_comment_speaks_in_riddles() -> None:
    assert breaches(MODULES, _riddles) == {}


def test_the_prose_of_a_test_hides_no_subject() -> None:
    assert breaches(TEST_MODULES, _hidden_subjects) == {}


def test_no_name_hides_its_subject() -> None:
    assert breaches(MODULES, _hidden_names) == {}


def test_no_name_in_a_test_hides_its_subject() -> None:
    assert breaches(TEST_MODULES, _hidden_names) == {}


def test_the_rules_find_their_patterns() -> None:
    source = '"""Where it goes."""\n# It is\n# told later, by Whoever asks.\n'
    assert _openings(source) == ["Where it goes."]
    assert _phrases(source) == ["is told", "Whoever"]
    assert _riddles("# Keep what\n# was read, say.\n") == ["what was", ", say."]
    assert _nouns('def key():\n    """The key that signs."""\n') == ["key"]
    assert _hidden_names("def test_what_is_wrong(told):\n    tolled = TOLD_OF = 1\n") == [
        "test_what_is_wrong",
        "told",
        "TOLD_OF",
    ]
    assert _nouns('@property\ndef key():\n    """The key that signs."""\n') == []


# The left column of docs/contributing/style.md: sentences that a person should not meet again.
FORMER = re.compile(
    r"nobody has measured|is asked, once|nothing else can be seen from here|names no placement;"
    r"|look there:|whose manners|nobody comes|hand integrations to|do what is due"
    r"|bring the profile to|settle a registration|keep its promises|used up by success"
    r"|could be asked for|people who gave you|int range|is worth something when"
    r"|watch over them|watch over and hand|hand them on|the running tool|is unsettled"
    r"|(?:none|no|lists) unsettled|\"hand over\"|\"watch over\""
    r"|stops to serve|is on the disk before|stored with the makers|hosts that will receive"
    r"|it will receive, when|tells its answer|what is said here|is worth to|is told in"
    r"|page\. asked for|read the key set at every request|unexpected extra argument"
    r"|invalid value \(at end|that was printed when it was made|missing argument"
    r"|is not an absolute http or https url",
    re.IGNORECASE,
)
REPOSITORY = ROOT.parent
# They quote former words on purpose.
QUOTING = {"style.md", "upgrading.md"}
READ = sorted(
    path
    for folder, pattern in (
        ("docs", "*.md"),
        ("man", "*.1"),
        ("ltictl", "*.py"),
        ("ltictl", "*.html"),
    )
    for path in (REPOSITORY / folder).rglob(pattern)
    if path.name not in QUOTING
)


def test_no_page_help_or_message_has_a_former_sentence() -> None:
    found = {
        str(path.relative_to(REPOSITORY)): words
        for path in [*READ, REPOSITORY / "README.md"]
        if (words := FORMER.findall(" ".join(path.read_text(encoding="utf-8").split())))
    }
    assert found == {}


def _pairs() -> list[tuple[str, str]]:
    """The former sentence and the better one in each row of the style page."""
    page = (REPOSITORY / "docs" / "contributing" / "style.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [(former, better) for former, better in rows[2:]]


@pytest.mark.parametrize("pair", _pairs(), ids=lambda pair: pair[0][:40])
def test_each_former_sentence_of_the_style_page_is_found_again(pair: tuple[str, str]) -> None:
    former, better = pair

    assert FORMER.search(former)
    assert not FORMER.search(better)
    assert not PHRASES.search(better)


def test_the_style_page_has_at_least_twenty_pairs() -> None:
    assert len(_pairs()) >= 20


# Sentences of the documentation: the heads of tables and list items begin one too.
BEGINNING = re.compile(
    r"(?:^|[.!?:] |\n(?:- |\d+\. |\| )?)(What(?! if)|Whatever|Whoever) [a-z]+ [^\n.?|]*[.|]",
    re.MULTILINE,
)
PAGES = [*sorted((REPOSITORY / "docs").rglob("*.md")), *sorted(REPOSITORY.glob("[A-Z]*ING.md"))]
PAGES += [REPOSITORY / "README.md", REPOSITORY / "SECURITY.md"]
FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page", [each for each in PAGES if each.name not in QUOTING], ids=lambda path: path.stem
)
def test_no_page_uses_a_phrase_that_hides_the_subject(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))

    joined = " ".join(text.split())
    assert PHRASES.findall(joined) == []
    assert RIDDLES.findall(joined) == []
    assert BEGINNING.findall(text) == []


def test_a_hidden_subject_is_found_and_a_question_is_none() -> None:
    assert BEGINNING.findall("It works. What comes next is a token.\n") == ["What"]
    assert BEGINNING.findall("Text.\n- Whatever it is, ltictl stores it.\n") == ["Whatever"]
    assert BEGINNING.findall("What does ltictl store?\nWhat if it fails.\n") == []
