"""The gas of every path, from receipts, against what was written down and against the budgets."""

import json

import pytest

from tests.bench.bench_gas import BUDGETS, SNAPSHOT, measure

OVER_BUDGET = {"cancel_one": 28_545, "mint_ten_each": 52_210}
"""Paths above their budget, and why in `solidity/README.md`; the list can only shrink."""


@pytest.fixture(scope="module")
def receipts() -> dict[str, int]:
    """Measured once, on a fresh node."""
    return measure()


class TestReceipts:
    def test_rise_by_no_more_than_half_a_percent(self, receipts: dict[str, int]) -> None:
        written = json.loads(SNAPSHOT.read_text("utf-8"))

        risen = {name: gas for name, gas in receipts.items() if gas > written[name] * 1.005}

        assert risen == {}
        assert receipts.keys() == written.keys()

    def test_stay_within_their_budgets(self, receipts: dict[str, int]) -> None:
        allowed = BUDGETS | OVER_BUDGET

        over = {name: receipts[name] for name in BUDGETS if receipts[name] > allowed[name]}

        assert over == {}
