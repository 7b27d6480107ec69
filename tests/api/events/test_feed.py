"""
The feed: one order, nothing twice, retractions told.
"""

import re
from typing import Any

import pytest
from sqlalchemy import create_engine, insert

from api.events import sequencer
from api.events.sequencer import OUTBOX
from nft.types import Digest
from tests.support.exchange import Exchange

BLOCK = Digest(b"\x0b" * 32)


def write(exchange: Exchange, *kinds: str, log_index: int = 0, retracts: str = "sold") -> None:
    """Outbox entries of one place, as the indexer would leave them."""
    rows: list[dict[str, Any]] = [
        {
            "chain_id": 31337,
            "block_number": 7,
            "block_hash": BLOCK,
            "log_index": log_index,
            "kind": kind,
            "payload": {"retracts": retracts} if kind == "retracted" else {},
        }
        for kind in kinds
    ]
    engine = create_engine(exchange.database_url)
    with engine.begin() as connection:
        connection.execute(insert(OUTBOX), rows)
    engine.dispose()


async def feed(exchange: Exchange) -> list[str]:
    await sequencer.advance(exchange.parts.sessions)
    return [item["kind"] for item in (await exchange.get("/api/events"))["items"]]


@pytest.mark.chain
class TestFeed:
    async def test_tells_what_happened_in_order(self, exchange):
        artist, buyer = exchange.person("artist"), exchange.person("buyer")
        order = await exchange.list(artist, exchange.mint(artist, 1))
        await exchange.buy(buyer, order)

        kinds = await feed(exchange)

        mine = [kind for kind in kinds if kind != "approval_changed"][-3:]
        assert sorted(mine) == ["minted", "sold", "transferred"]
        assert mine[0] == "minted"

    async def test_writes_times_as_everywhere(self, exchange):
        exchange.mint(exchange.person("artist"), 1)
        await feed(exchange)

        told = (await exchange.get("/api/events"))["items"][-1]

        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["payload"]["timestamp"])

    async def test_goes_on_where_a_subscriber_stopped(self, exchange):
        write(exchange, "minted")
        await feed(exchange)
        first = await exchange.get("/api/events")
        write(exchange, "sold", log_index=1)
        await feed(exchange)

        rest = await exchange.get("/api/events", cursor=first["resume"])

        assert first["next"] is None
        assert [item["kind"] for item in rest["items"]] == ["sold"]
        assert rest["items"][0]["id"] == f"31337:{BLOCK}:1:sold"

    async def test_tells_a_fact_once_after_a_rebuild(self, exchange):
        write(exchange, "sold", "sold")

        assert await feed(exchange) == ["sold"]

    async def test_tells_a_block_left_and_come_back_to(self, exchange):
        write(exchange, "sold", "retracted", "sold", "retracted", "retracted")
        kinds = await feed(exchange)
        page = await exchange.get("/api/events")

        assert kinds == ["sold", "retracted", "sold", "retracted"]
        assert len({item["id"] for item in page["items"]}) == 4

    async def test_tells_a_transfer_and_its_sale_elsewhere_apart(self, exchange):
        write(exchange, "transferred", "sold_elsewhere")
        told = await feed(exchange)
        write(exchange, "retracted", retracts="sold_elsewhere")
        kinds = await feed(exchange)
        page = await exchange.get("/api/events")

        assert told == ["transferred", "sold_elsewhere"]
        assert kinds == [*told, "retracted"]
        assert page["items"][-1]["payload"]["retracts"] == "sold_elsewhere"

    async def test_does_not_retract_what_was_never_told(self, exchange):
        write(exchange, "retracted")

        assert await feed(exchange) == []
