"""The gas of every path, from receipts, against what was written down and against the budgets."""

import json

import pytest

from tests.bench.bench_gas import BUDGETS, README, ROW, SNAPSHOT
from tests.bench.gas_rows import measure

OVER_BUDGET = {
    "buy_eth_foreign_kept",
    "buy_eth_foreign_pushed",
    "buy_many_5_one_seller",
    "buy_many_5_five_sellers",
    "accept_weth_offer",
    "cancel_one",
    "outbid",
    "mint_ten_each_clone",
    "lazy_mint",
    "lazy_mint_clone",
}
"""Paths above their budget; `solidity/README.md` says why. The list can only shrink."""


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
        over = {name for name, budget in BUDGETS.items() if receipts[name] > budget}

        assert over == OVER_BUDGET


class TestReadme:
    def test_shows_what_was_written_down(self) -> None:
        written = json.loads(SNAPSHOT.read_text("utf-8"))
        rows = ROW.findall(README.read_text("utf-8"))

        assert {name: gas for name, gas, _ in rows} == {
            name: f"{written[name]:,}" for name in BUDGETS
        }
        assert {name: budget for name, _, budget in rows} == {
            name: f"{budget:,}" for name, budget in BUDGETS.items()
        }
