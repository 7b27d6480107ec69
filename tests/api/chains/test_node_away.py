"""R1 and R2: the node is away, or says nothing; the database answers, and what needs it says so."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from nft.chain.client import Web3Chain
from tests.support.exchange import CHAIN_ID, Exchange, Person
from tests.support.tcp_proxy import TcpProxy, stalls, wired

pytestmark = pytest.mark.chain


@pytest.fixture
def wire(exchange: Exchange) -> Iterator[TcpProxy]:
    """Between the web process and its node; the indexer's own way stays open."""
    with wired(exchange.contracts.rpc_url) as made:
        chain = Web3Chain(CHAIN_ID, [made.url], deadline_seconds=1)
        exchange.parts.chains[CHAIN_ID] = replace(exchange.parts.chains[CHAIN_ID], chain=chain)
        yield made


@pytest.fixture
async def listed(exchange: Exchange) -> tuple[Person, str]:
    """Somebody who would buy, and the path of a work that is for sale."""
    artist = exchange.person("artist")
    work = exchange.mint(artist, 1)
    exchange.catch_up()
    await exchange.list(artist, work)
    return exchange.person("buyer"), work.path


async def test_r1_pages_stay_up_and_say_which_block_they_are_of(
    exchange: Exchange, listed: tuple[Person, str], wire: TcpProxy
) -> None:
    _, path = listed
    head = exchange.chain.head().number
    wire.refuse()

    token = await exchange.client.get(f"/api/tokens/{path}")
    page = await exchange.client.get(f"/works/{path}", headers={"Accept": "text/html"})
    status = await exchange.get("/status")

    assert (token.status_code, page.status_code) == (200, 200)
    assert token.headers["mirror-head"].startswith(f"{head} 0x")
    assert token.json()["as_of"]["finality"] in ("pending", "safe", "final")
    assert status["chains"][0]["block_number"] == str(head)


async def test_r1_a_write_that_needs_the_chain_says_when_to_come_again(
    exchange: Exchange, listed: tuple[Person, str], wire: TcpProxy
) -> None:
    buyer, _ = listed
    (order,) = (await exchange.get("/api/orders"))["items"]
    wire.refuse()

    refused = await exchange.fill(buyer, order)
    wire.listen()
    again = await exchange.fill(buyer, order)

    assert (refused.status_code, refused.json()["status"]) == (503, 503)
    assert int(refused.headers["retry-after"]) > 0
    assert again.status_code == 201


async def test_r2_a_node_that_never_answers_holds_nobody_longer_than_the_deadline(
    exchange: Exchange, listed: tuple[Person, str], wire: TcpProxy
) -> None:
    buyer, path = listed
    (order,) = (await exchange.get("/api/orders"))["items"]
    wire.break_with(stalls)

    refused = await exchange.fill(buyer, order)
    token = await exchange.client.get(f"/api/tokens/{path}")

    assert (refused.status_code, token.status_code) == (503, 200)
