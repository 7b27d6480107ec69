"""
Whoever waits for their turn at something slow holds no connection of the few that there are.
"""

import asyncio
from typing import Any

import pytest
from anyio import CapacityLimiter, sleep

from api.forms import bundling, prints
from api.tokens import cards
from tests.support.exchange import Exchange

pytestmark = pytest.mark.chain

READERS = 20


@pytest.mark.parametrize(
    ("limiter", "path"),
    [
        (cards._LIMITER, "/works/{}/card.jpg"),
        (prints._LIMITER, "/api/certificates/{}.pdf"),
        (bundling._DRAWING, "/api/certificates/{}.zip"),
    ],
    ids=["card", "pdf", "zip"],
)
async def test_waiting_takes_no_connection(exchange: Exchange, limiter: Any, path: str) -> None:
    works = [exchange.mint(exchange.person("artist"), serial) for serial in range(1, READERS + 1)]
    exchange.contracts.node.mine(3)
    exchange.catch_up()
    turns = [object() for _ in range(int(limiter.total_tokens))]
    for one in turns:
        await limiter.acquire_on_behalf_of(one)

    asked = [asyncio.create_task(exchange.client.get(path.format(work.path))) for work in works]
    try:
        await all_wait(limiter, READERS)
        held = exchange.parts.engine.pool.checkedout()
        page = await exchange.client.get(f"/works/{works[0].path}")
    finally:
        for one in turns:
            limiter.release_on_behalf_of(one)
    answers = await asyncio.gather(*asked)

    assert (held, page.status_code) == (0, 200)
    assert {answer.status_code for answer in answers} == {200}


async def all_wait(limiter: CapacityLimiter, many: int) -> None:
    async with asyncio.timeout(60):
        while limiter.statistics().tasks_waiting < many:
            await sleep(0.01)
