"""Hops that the worker keeps, and the links that lead over them to old blocks."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.certificates import hops, links
from api.certificates.hopping import draw_hops
from api.parts import Parts
from nft.proofs.evidence import Evidence
from nft.proofs.linked import ProvenChain, Vouched
from tests.support.exchange import CHAIN_ID, Exchange
from tests.support.servers import Contracts, deploy_contracts, running_anvil


@pytest.fixture
async def own(
    fresh_contracts: Contracts, migrated_url: str, tmp_path: Path
) -> AsyncIterator[Exchange]:
    """An exchange on a chain of its own, whose blocks the test counts."""
    made = Exchange(fresh_contracts, migrated_url, tmp_path, seed="hops")
    yield made
    await made.close()


def mine(exchange: Exchange, blocks: int) -> int:
    """So many blocks on top; the newest final one."""
    exchange.contracts.node.mine(blocks)
    exchange.catch_up()
    return exchange.chain.head().number - 2


async def rows(exchange: Exchange, query: str) -> list[tuple[Any, ...]]:
    async with exchange.parts.sessions() as session:
        return [tuple(row) for row in await session.execute(text(query))]


def every(exchange: Exchange, blocks: int) -> Parts:
    return replace(exchange.parts, hop_blocks=blocks)


def hash_of(exchange: Exchange, number: int) -> Vouched:
    block = exchange.chain.find_block(number)
    assert block is not None
    return Vouched(number, block.block_hash)


class TestHops:
    async def test_are_kept_each_with_the_hops_before_it(self, own: Exchange) -> None:
        parts = every(own, 10)
        first = mine(own, 20)

        assert await draw_hops(parts) == 1
        assert await draw_hops(parts) == 0
        second = mine(own, 12)
        assert await draw_hops(parts) == 1
        third = mine(own, 12)
        assert await draw_hops(parts) == 1

        found = await rows(own, "SELECT number, links FROM book_hops ORDER BY number")
        assert [row[0] for row in found] == [first, second, third]
        assert [sorted(map(int, row[1])) for row in found] == [[], [first], [first, second]]
        kept = await rows(own, "SELECT first, octet_length(hashes) FROM book_block_hashes")
        assert sum(row[1] for row in kept) == 32 * third

    async def test_a_chain_without_history_says_so(self, migrated_url: str, tmp_path: Path) -> None:
        with running_anvil("--hardfork", "cancun") as node:
            old = Exchange(deploy_contracts(node), migrated_url, tmp_path, seed="cancun")
            mine(old, 5)

            drawn = await draw_hops(every(old, 1))

            said = await rows(old, "SELECT is_supported, problem FROM book_hop_standings")
            await old.close()
        assert drawn == 0
        assert said == [(False, "the chain has no EIP-2935: old blocks cannot be linked")]

    def test_are_due_by_distance_and_never_beyond_reach(self) -> None:
        assert hops.next_block(None, 7, 4_000) == 7
        assert hops.next_block(None, 0, 4_000) is None
        assert hops.next_block(100, 4_099, 4_000) is None
        assert hops.next_block(100, 4_100, 4_000) == 4_100
        assert hops.next_block(100, 50_000, 4_000) == 100 + 8_191


class TestLinks:
    async def test_lead_over_hops_to_a_block_out_of_reach(self, own: Exchange) -> None:
        ref = own.mint(own.person("artist"))
        target = own.chain.head().number
        mine(own, 4)
        certificate = await own.get(f"/api/certificates/{ref.path}")
        parts = every(own, 10)
        for _ in range(3):
            mine(own, 12)
            await draw_hops(parts)
        top = mine(own, 5)

        async with own.parts.sessions() as session:
            steps = await links.to_blocks(session, own.parts, CHAIN_ID, [target], top)
        found = await own.get(f"/api/certificates/{ref.path}/links", to=str(top))

        assert steps == found
        evidence = [
            Evidence.read(found),
            Evidence.read(certificate["evidence"][0]["proofs"]),
        ]
        proven = ProvenChain(CHAIN_ID, evidence, [hash_of(own, top)])
        block = proven.block(target)
        assert block is not None
        assert block.linked == "by proof"

    async def test_go_through_each_hop_that_is_needed(self, own: Exchange) -> None:
        parts = every(own, 10)
        numbers = []
        for _ in range(3):
            numbers.append(mine(own, 12))
            await draw_hops(parts)
        target = numbers[0] - 3

        ways = {numbers[2]: {numbers[1]}, numbers[1]: {numbers[0]}, numbers[0]: {target}}

        async with own.parts.sessions() as session:
            steps = await links.along(session, parts, CHAIN_ID, ways)

        chain = Evidence.read(steps)
        proven = ProvenChain(CHAIN_ID, [chain], [hash_of(own, numbers[2])])
        assert [one.linked for one in proven.blocks] == ["by proof", "by proof", "given"]
        without = ProvenChain(CHAIN_ID, [chain], [hash_of(own, numbers[2] - 1)])
        assert {one.linked for one in without.blocks} == {"no"}
