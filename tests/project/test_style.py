"""
The page limits of CONTRIBUTING.md. The exceptions below may only become fewer.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "indexer", "media", "nft")
FILE_LINES, TEST_LINES, FUNCTION_LINES, ARGUMENTS = 400, 600, 45, 6
SOLIDITY_LINES = 400

LONG_FILES: frozenset[str] = frozenset()
LONG_FUNCTIONS: frozenset[str] = frozenset()
MANY_ARGUMENTS: frozenset[str] = frozenset()


def committed(*patterns: str) -> list[Path]:
    """Files that git knows, and those that are about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return sorted({ROOT / name for name in listed if name and (ROOT / name).is_file()})


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(path)}:{node.name}", node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, the docstring left out."""
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def positional(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Arguments that a caller may give by place; a constructor of parts names its own."""
    given = [*node.args.posonlyargs, *node.args.args]
    return len([one for one in given if one.arg not in ("self", "cls")])


PRODUCT = [path for package in PACKAGES for path in committed(f"{package}/*.py")]
TESTS = committed("tests/*.py")


def test_files_stay_short() -> None:
    long = {name_of(path) for path in PRODUCT if len(path.read_text().splitlines()) > FILE_LINES}
    long |= {name_of(path) for path in TESTS if len(path.read_text().splitlines()) > TEST_LINES}
    contracts = committed("solidity/src/*.sol")
    long |= {name_of(path) for path in contracts if path.read_text().count("\n") > SOLIDITY_LINES}

    assert long == LONG_FILES


def test_functions_stay_short() -> None:
    # A migration is one long statement, and a picture one long stroke.
    exempt = ("api/migrations/versions/", "api/demo/art/")
    long = {
        name
        for path in PRODUCT
        if not name_of(path).startswith(exempt)
        for name, node in functions(path)
        if length(node) > FUNCTION_LINES
    }

    assert long == LONG_FUNCTIONS


def test_functions_take_few_arguments_by_place() -> None:
    many = {
        name
        for path in PRODUCT
        if path.name not in ("routes.py", "pages.py", "deps.py")  # The framework calls those.
        for name, node in functions(path)
        if positional(node) > ARGUMENTS
    }

    assert many == MANY_ARGUMENTS


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


FORBIDDEN = {
    "a skipped test": r"pytest\.mark\.(skip|skipif|xfail)\b",
    "sleeping in a test": r"\btime\.sleep\(|asyncio\.sleep\((?!0\))",
    "a mock": r"\bunittest\.mock\b|\bMagicMock\b|\bmocker\b",
    "patching our own code": r"monkeypatch\.setattr\(",
}

EXEMPT: dict[str, tuple[str, ...]] = {
    "sleeping in a test": ("tests/bench/",),
    # It stops between two lines of one function, as kill -9 does.
    "patching our own code": ("tests/media/test_work.py",),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_tests_do_without(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name_of(path)}:{number}"
        for path in TESTS
        if path != Path(__file__)
        if not name_of(path).startswith(EXEMPT.get(what, ()))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]

    assert found == []


def test_nothing_is_left_to_be_done() -> None:
    note = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{name_of(path)}:{number}"
        for path in [*PRODUCT, *committed("solidity/src/*.sol", "api/static/js/*", "*.md")]
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if note.search(line)
    ]

    assert found == []


def test_packages_are_mapped_without_exports() -> None:
    """A package's `__init__` says what is in it; importing it must cost nothing."""
    heavy = {
        name_of(path)
        for path in PRODUCT
        if path.name == "__init__.py" and path.parent.parent == ROOT
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert heavy == set()
