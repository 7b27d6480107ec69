"""
Every fault of a node that is on our list has a test of its number.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FAULTS = [f"fault_{number:02}" for number in range(1, 26)]
"""Of the list in `indexer/README.md`."""
CASES = [f"r{number}" for number in range(1, 19)]
"""What must hold of chain and indexer when things break, for whoever uses the exchange."""

NAMES = [
    name
    for path in TESTS.rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
]


@pytest.mark.parametrize("fault", [*FAULTS, *CASES])
def test_has_a_test_of_its_number(fault: str) -> None:
    wanted = re.compile(
        rf"_{fault}_" if fault.startswith("r") else rf"_{fault}_|_fault_.*_{fault[6:]}_"
    )

    assert [name for name in NAMES if wanted.search(name)]


def test_the_list_has_no_other_faults() -> None:
    readme = (TESTS.parent / "indexer/README.md").read_text("utf-8")

    assert re.findall(r"^\| (\d\d) \|", readme, re.MULTILINE) == [one[6:] for one in FAULTS]
