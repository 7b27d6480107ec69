"""
Works of others that their contract says are locked (ERC-5192) or lent (ERC-4907).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak

from api.tokens.changes import since
from api.tokens.filters import TokenFilters
from api.tokens.queries import Place, works_page
from nft.chain.protocol import Call
from nft.types import ZERO_ADDRESS, Address, TokenRef
from tests.api.sales.test_strange_collections import mint
from tests.support.exchange import CHAIN_ID, ETHER
from tests.support.trader import Trader, work_of

pytestmark = pytest.mark.chain

LOCKED, UNLOCKED, LENT = (
    "Locked(uint256)",
    "Unlocked(uint256)",
    "UpdateUser(uint256,address,uint64)",
)
WORK = 7
WORD = "TokenLocked"


def saying(signature: str, data: bytes, *indexed: bytes) -> str:
    """The code of a contract that says one thing, whatever it is asked."""
    topics = [keccak(text=signature), *indexed]
    pushed = "".join(f"7f{topic.hex()}" for topic in reversed(topics))
    return f"0x7f{data.hex()}600052{pushed}60206000a{len(topics)}00"


def let_say(trader: Trader, work: TokenRef, signature: str, data: bytes, *indexed: bytes) -> None:
    """The work's own contract says it, in a block of a real node."""
    place = str(work.contract)
    code = trader.contracts.node.call("eth_getCode", place, "latest")
    trader.contracts.node.call("anvil_setCode", place, saying(signature, data, *indexed))
    said = trader.send(trader.person("anybody"), Call(to=work.contract, data=b""))
    trader.contracts.node.call("anvil_setCode", place, code)
    assert (said["status"], len(said["logs"])) == ("0x1", 1)
    trader.catch_up()


def lock(trader: Trader, work: TokenRef, signature: str = LOCKED) -> None:
    let_say(trader, work, signature, encode(["uint256"], [work.token_id]))


def lend(trader: Trader, work: TokenRef, user: Address, expires: int) -> None:
    names = encode(["uint256", "address"], [work.token_id, str(user)])
    let_say(trader, work, LENT, encode(["uint64"], [expires]), names[:32], names[32:])


async def why_not(trader: Trader, order: dict[str, Any]) -> tuple[str, list[str]]:
    found = await trader.order(order)
    return found["state"], [one["code"] for one in found["reasons"]]


async def refusal(trader: Trader, path: str, body: dict[str, Any]) -> tuple[int, str]:
    answer = await trader.post(path, body)
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def looked_for(trader: Trader, contract: Address, moment: str) -> list[str]:
    """What changed since, as it is found where too much did for its keys to be listed."""
    async with trader.parts.sessions() as session:
        after = await since(session, datetime.fromisoformat(moment))
        filters = TokenFilters(contract=contract)
        first = Place(limit=10, behind=None)
        query, _ = works_page(filters, {}, 0, first, replace(after, are_many=True))
        return sorted(str(row.token_id) for row in await session.execute(query))


class TestLock:
    async def test_is_told_and_ends_what_was_offered(self, stranger: Trader):
        seller, buyer = stranger.person("seller"), stranger.person("buyer")
        work = mint(stranger, seller, WORK)
        order = await stranger.sell(seller, **work_of(work), price=str(ETHER))
        before = await stranger.token(work)
        lock(stranger, work)

        locked = await stranger.token(work)
        for_sale = await stranger.get("/api/tokens", contract=str(work.contract), for_sale="true")
        refused = await stranger.fill(buyer, order)
        path = f"/works/{CHAIN_ID}/{work.contract}/{WORK}"
        page = (await stranger.client.get(path)).text
        selling = (await stranger.client.get(f"{path}/sell")).text

        assert "Locked. The contract" in page
        assert "Not for sale" in page
        assert not any(f'data-action="{act}"' in page for act in ("buy", "offer", "transfer"))
        assert 'data-action="prepare"' not in selling
        assert (before["locked"], before["listing"]["hash"]) == (None, order["hash"])
        assert (locked["locked"], locked["listing"]) == (True, None)
        assert int(locked["as_of"]["block_number"]) > int(before["as_of"]["block_number"])
        assert for_sale["items"] == []
        assert await why_not(stranger, order) == ("not_fillable", [WORD])
        assert (refused.status_code, refused.json()["code"]) == (409, "OrderNotFillable")
        assert [one["code"] for one in refused.json()["reasons"]] == [WORD]

    async def test_stops_bids_while_an_auction_keeps_the_work(self, stranger: Trader):
        seller, first, second = (stranger.person(name) for name in ("seller", "first", "second"))
        work = mint(stranger, seller, WORK)
        auction = await stranger.sell(
            seller, kind="auction", **work_of(work), reserve=str(ETHER), duration=3_600
        )
        path = f"/api/auctions/{auction['hash']}"
        await stranger.take(first, f"{path}/bid", bidder=str(first))
        lock(stranger, work)

        found = await stranger.get(path)
        refused = await refusal(stranger, f"{path}/bid", {"bidder": str(second)})
        lock(stranger, work, UNLOCKED)

        assert (found["state"], [one["code"] for one in found["reasons"]]) == ("running", [WORD])
        assert refused == (409, "OrderNotFillable")
        assert (await stranger.get(path))["reasons"] == []

    async def test_is_a_change_of_the_work(self, later_stranger: Trader):
        node = later_stranger.contracts.node
        work = mint(later_stranger, later_stranger.person("seller"), WORK)
        other = mint(later_stranger, later_stranger.person("seller"), WORK + 1)

        async def changed_since(moment: str) -> list[str]:
            query = {"updated_since": moment, "contract": str(work.contract)}
            found = await later_stranger.get("/api/tokens", **query)
            ids = sorted(one["token_id"] for one in found["items"])
            assert await looked_for(later_stranger, work.contract, moment) == ids
            return ids

        minted = (await later_stranger.token(work))["as_of"]["timestamp"]
        node.call("evm_increaseTime", hex(10))
        lock(later_stranger, work)
        locked = (await later_stranger.token(work))["as_of"]["timestamp"]
        node.call("evm_increaseTime", hex(10))
        lend(later_stranger, other, Address(b"\x55" * 20), 2**64 - 1)
        lent = (await later_stranger.token(other))["as_of"]["timestamp"]

        assert await changed_since(minted) == [str(WORK), str(WORK + 1)]
        assert await changed_since(locked) == [str(WORK), str(WORK + 1)]
        assert await changed_since(lent) == [str(WORK + 1)]

    async def test_ends_with_the_word_that_ends_it(self, stranger: Trader):
        seller, buyer = stranger.person("seller"), stranger.person("buyer")
        work = mint(stranger, seller, WORK)
        order = await stranger.sell(seller, **work_of(work), price=str(ETHER))
        lock(stranger, work)
        lock(stranger, work, UNLOCKED)

        free = await stranger.token(work)
        await stranger.buy(buyer, order)

        assert (free["locked"], free["listing"]["hash"]) == (False, order["hash"])
        assert (await stranger.token(work))["owner"] == str(buyer)

    async def test_falls_with_its_block(self, stranger: Trader):
        seller = stranger.person("seller")
        work = mint(stranger, seller, WORK)
        order = await stranger.sell(seller, **work_of(work), price=str(ETHER))
        snapshot = stranger.contracts.node.call("evm_snapshot")
        lock(stranger, work)
        lend(stranger, work, seller.address, 2**64 - 1)
        told = await stranger.token(work)

        stranger.contracts.node.call("evm_revert", snapshot)
        for _ in range(3):
            stranger.contracts.node.call("evm_mine")
        stranger.catch_up()
        fallen = await stranger.token(work)

        assert (told["locked"], told["user"]["account"]) == (True, str(seller))
        assert (fallen["locked"], fallen["user"]) == (None, None)
        assert fallen["listing"]["hash"] == order["hash"]
        assert await why_not(stranger, order) == ("fillable", [])

    async def test_stops_every_way_of_a_sale_before_anybody_signs(self, stranger: Trader):
        seller, buyer = stranger.person("seller"), stranger.person("buyer")
        work = mint(stranger, seller, WORK)
        free = mint(stranger, seller, WORK + 1)
        lock(stranger, work)
        named = {"chain_id": str(CHAIN_ID), **work_of(work)}
        mine = {"maker": str(seller), **named}
        ask = {"maker": str(buyer), **named, "kind": "offer", "price": "5"}
        bundle = {**mine, **work_of(free), "price": "5", "more": [work_of(work)]}
        path = f"/api/tokens/{CHAIN_ID}/{work.contract}/{WORK}/transfer"

        refused = [
            await refusal(stranger, "/api/orders/prepare", {**mine, "price": "5"}),
            await refusal(stranger, "/api/orders/prepare", bundle),
            await refusal(
                stranger, "/api/orders/prepare", {**mine, "kind": "auction", "reserve": str(ETHER)}
            ),
            await refusal(stranger, "/api/orders/prepare", ask),
            await refusal(stranger, path, {"owner": str(seller), "to": str(buyer)}),
        ]

        assert refused == [(409, WORD)] * len(refused)

    async def test_stops_auctions_offers_and_bundles_that_were_signed_before(
        self, stranger: Trader
    ):
        seller, buyer = stranger.person("seller"), stranger.person("buyer")
        work, free = mint(stranger, seller, WORK), mint(stranger, seller, WORK + 1)
        auction = await stranger.sell(
            seller, kind="auction", **work_of(work), reserve=str(ETHER), duration=3_600
        )
        bundle = await stranger.sell(
            seller, **work_of(free), more=[work_of(work)], price=str(ETHER)
        )
        offer = await stranger.sell(buyer, kind="offer", **work_of(work), price=str(ETHER))
        wide = await stranger.sell(
            buyer, kind="offer", contract=str(work.contract), price=str(ETHER)
        )
        lock(stranger, work)

        path = f"/api/auctions/{auction['hash']}"
        codes = [one["code"] for one in (await stranger.get(path))["reasons"]]
        selling = {"seller": str(seller), "token_id": str(WORK)}

        assert codes == [WORD]
        assert await refusal(stranger, f"{path}/bid", {"bidder": str(buyer)}) == (
            409,
            "OrderNotFillable",
        )
        assert await why_not(stranger, bundle) == ("not_fillable", [WORD])
        assert await why_not(stranger, offer) == ("not_fillable", [WORD])
        assert await why_not(stranger, wide) == ("fillable", [])
        for one in (offer, wide):
            accept = f"/api/orders/{one['hash']}/accept"
            assert await refusal(stranger, accept, selling) == (409, WORD)


class TestUser:
    async def test_is_told_until_the_time_is_over(self, stranger: Trader):
        seller, user = stranger.person("seller"), stranger.person("user")
        work = mint(stranger, seller, WORK)
        now = int(stranger.clock().timestamp())

        lend(stranger, work, user.address, now + 3_600)
        lent = await stranger.token(work)
        lend(stranger, work, user.address, now - 1)
        over = await stranger.token(work)
        lend(stranger, work, user.address, 2**64 - 1)
        for_ever = await stranger.token(work)
        lend(stranger, work, ZERO_ADDRESS, 2**64 - 1)
        nobody = await stranger.token(work)

        assert lent["user"]["account"] == str(user)
        assert lent["locked"] is None
        assert over["user"] is None
        assert for_ever["user"] == {"account": str(user), "expires_at": "9999-12-31T23:59:59Z"}
        assert nobody["user"] is None
