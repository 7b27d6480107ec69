"""
What a page says of the exchange, from what its owner and guardian decided; and by which clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from api.local.clock import ChainClock
from api.sales.standing import after
from indexer.contract_tables import GovernanceRow
from nft.types import Digest
from tests.pages.exhibits import EXCHANGE, NOON
from tests.support.scripted_node import ScriptedNode, cut, serving

NOW = int(NOON.timestamp())
DAY = 86_400


def decided(event: str, **more: Any) -> GovernanceRow:
    """One decision, as the mirror keeps it."""
    return GovernanceRow(
        chain_id=31337,
        block_number=1,
        log_index=0,
        contract=EXCHANGE,
        event=event,
        transaction_hash=Digest(bytes(32)),
        **more,
    )


class TestStanding:
    def test_a_rise_is_announced_before_it_holds(self) -> None:
        found = after([decided("fee", fee_bps=300, starts_at=NOW + DAY)], 200, NOON)

        assert (found.fee_bps, found.next_fee_bps) == (200, 300)
        assert found.next_fee_at == NOON + timedelta(days=1)
        assert not found.is_closed

    def test_a_rise_that_has_begun_is_the_fee(self) -> None:
        found = after([decided("fee", fee_bps=300, starts_at=NOW - 1)], 200, NOON)

        assert (found.fee_bps, found.next_fee_bps) == (300, None)

    def test_a_pause_closes_until_it_ends_by_itself(self) -> None:
        rows = [decided("paused", ends_at=NOW + DAY)]

        assert after(rows, 200, NOON).is_closed
        assert not after(rows, 200, NOON + timedelta(days=1)).is_closed
        assert not after([*rows, decided("unpaused")], 200, NOON).is_closed

    def test_an_end_is_for_good(self) -> None:
        found = after([decided("retired")], 200, NOON)

        assert found.is_retired
        assert found.is_closed


class TestChainClock:
    def test_runs_ahead_with_a_chain_that_was_set_forward(self) -> None:
        with serving(ScriptedNode()) as node:
            node.mine()
            block = datetime.fromtimestamp(node.blocks[-1].timestamp, UTC)
            machine = block - timedelta(hours=6)

            clock = ChainClock(node.url, lambda: machine)

            assert clock() == block
            machine += timedelta(minutes=1)
            assert clock() == block + timedelta(minutes=1)

    def test_is_the_machines_where_blocks_lie_behind(self) -> None:
        with serving(ScriptedNode()) as node:
            node.mine()
            later = datetime.fromtimestamp(node.blocks[-1].timestamp, UTC) + timedelta(hours=1)

            assert ChainClock(node.url, lambda: later)() == later

    def test_a_silent_node_changes_nothing(self) -> None:
        with serving(ScriptedNode()) as node:
            node.fault("eth_getBlockByNumber", cut)

            assert ChainClock(node.url, lambda: NOON)() == NOON
