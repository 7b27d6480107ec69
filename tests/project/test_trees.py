"""
Every tree of conditions under `solidity/test/unit` agrees with its Solidity test, both ways.

A leaf's condition is a test, `test_RevertWhen_KindNotListing` or `test_GivenBoundOrder`; what the
tree promises for it stands in the test as a comment, and the conditions above it are modifiers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "solidity" / "test" / "unit"
TREES = sorted(UNIT.glob("**/*.tree"))

_TEST = re.compile(r"function (test\w+)\(\)\s+external([^{]*)\{(.*?)\n    \}", re.DOTALL)


@dataclass
class Condition:
    """One branch of a tree, with what is promised directly under it."""

    words: str
    above: tuple[str, ...]
    promises: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """`When` speaks of the call, `Given` of the state."""
        return self.words.split()[0].capitalize()

    @property
    def title(self) -> str:
        """The words without their first, in one."""
        return _joined(self.words.split()[1:])

    @property
    def test(self) -> str:
        """The name of the test that shows it."""
        if self.promises == ["it should revert"]:
            return f"test_Revert{self.kind}_{self.title}"
        return f"test_{self.kind}{self.title}"

    @property
    def modifiers(self) -> set[str]:
        """The modifiers of that test: the conditions above it."""
        return {words.split()[0] + _joined(words.split()[1:]) for words in self.above}


def _joined(words: list[str]) -> str:
    return "".join(word[0].upper() + word[1:] for word in words)


def conditions(text: str) -> Iterator[Condition]:
    """The branches of a tree that promise something."""
    path: list[Condition] = []
    for line in text.splitlines()[1:]:
        marker = re.match(r"^([│ ]*)[├└]── ", line)
        assert marker, f"not a line of a tree: {line!r}"
        depth = len(marker.group(1)) // 3
        words = line[marker.end() :].strip()
        del path[depth:]
        if words.startswith("it "):
            path[-1].promises.append(words)
            continue
        path.append(Condition(words, tuple(above.words for above in path)))
        yield path[-1]


@dataclass(frozen=True)
class Shown:
    """One test of a Solidity file."""

    modifiers: set[str]
    body: str


def shown(text: str) -> dict[str, Shown]:
    """The tests of a Solidity file by name."""
    return {
        name: Shown(set(re.findall(r"\b(?:when|given)\w+", head)), body)
        for name, head, body in _TEST.findall(text)
    }


def promising(tree: Path) -> list[Condition]:
    """The conditions of a tree that a test must show."""
    found = list(conditions(tree.read_text("utf-8")))
    return [condition for condition in found if condition.promises]


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.stem)
class TestTree:
    def test_has_the_tests_that_it_names_and_no_others(self, tree: Path) -> None:
        expected = {condition.test for condition in promising(tree)}

        found = set(shown(tree.with_suffix(".t.sol").read_text("utf-8")))

        assert found == expected

    def test_puts_the_conditions_above_a_test_on_it(self, tree: Path) -> None:
        tests = shown(tree.with_suffix(".t.sol").read_text("utf-8"))

        wrong = {c.test for c in promising(tree) if tests[c.test].modifiers != c.modifiers}

        assert wrong == set()

    def test_has_each_promise_in_the_test(self, tree: Path) -> None:
        tests = shown(tree.with_suffix(".t.sol").read_text("utf-8"))

        missing = [
            (condition.test, promise)
            for condition in promising(tree)
            for promise in condition.promises
            if not _shows(tests[condition.test].body, promise)
        ]

        assert missing == []

    def test_is_the_contract_that_it_heads(self, tree: Path) -> None:
        name = tree.read_text("utf-8").splitlines()[0]

        solidity = tree.with_suffix(".t.sol").read_text("utf-8")

        assert re.search(rf"contract {name} is \w*Base \{{", solidity)


def _shows(body: str, promise: str) -> bool:
    if promise == "it should revert":
        return (
            "expectRevert" in body
            or "_refuse" in body
            or "assertFalse" in body
            or ("_create" in body and "reason" in body)
        )
    return f"// {promise[0].upper()}{promise[1:]}." in body


def test_every_unit_test_has_a_tree() -> None:
    tests = {path.name.removesuffix(".t.sol") for path in UNIT.glob("**/*.t.sol")}

    assert tests == {tree.stem for tree in TREES}
    assert len(TREES) > 10
