"""
Collections and what the mirror counts in them.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, cast

from anyio import to_thread
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.chains import mirror
from api.chains.mirror import MirroredBlock
from api.collections.ours import find_ours
from api.collections.registering import find_registered, list_registered
from api.collections.schemas import CollectionList, CollectionOut, MirrorOut
from api.orders import facts
from api.orders.facts import ORDERS, TOKENS
from api.pagination import DEFAULT_LIMIT, CursorInvalid, decode_cursor, encode_cursor
from api.parts import ChainParts, Parts
from api.sales.house import house_rules
from indexer.contract_tables import CollectionRow
from indexer.registry import Registered
from nft.chain.contracts import Erc721, ask_many
from nft.chain.deployments import Placed
from nft.chain.protocol import Chain
from nft.errors import Missing, Unreachable
from nft.types import ZERO_ADDRESS, Address


class NoSuchCollection(Missing):
    """The mirror does not follow that contract."""

    def __init__(self, contract: str) -> None:
        super().__init__(f"no collection {contract} is known here")


async def list_collections(
    session: AsyncSession, parts: Parts, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> CollectionList:
    """
    All collections: the house's first, in the order of the deployment, then artists' own ones,
    then those of others in the order of their registration.

    Raises `CursorInvalid` for a cursor that this list did not hand out.
    """
    placed = [
        (part, one)
        for _, part in sorted(parts.chains.items())
        for one in [
            *_collections(part),
            *await _deployed(session, part),
            *await _registered(session, part),
        ]
    ]
    names = [["collections", part.deployment.chain_id, str(one.address)] for part, one in placed]
    start = 0
    if cursor is not None:
        last = decode_cursor(parts.secret_key, cursor)
        if last not in names:
            raise CursorInvalid
        start = names.index(last) + 1
    stop = start + limit
    items = [await _collection(session, parts, *one) for one in placed[start:stop]]
    following = encode_cursor(parts.secret_key, names[stop - 1]) if stop < len(placed) else None
    return CollectionList(
        items=items, next=following, as_of=mirror.newest(item.as_of for item in items)
    )


async def get_collection(
    session: AsyncSession, parts: Parts, chain_id: int, contract: Address
) -> CollectionOut:
    """One collection. Raises `NoSuchCollection`."""
    part = parts.chains.get(chain_id)
    if part is None:
        raise NoSuchCollection(str(contract))
    known = [*_collections(part), *await _deployed(session, part, contract)]
    placed = next((one for one in known if one.address == contract), None)
    if placed is None:
        row = await find_registered(session, chain_id, contract)
        placed = _place_of(row) if row is not None else None
    if placed is None:
        raise NoSuchCollection(str(contract))
    return await _collection(session, parts, part, placed)


async def _registered(session: AsyncSession, part: ChainParts) -> list[Placed]:
    """Those of others that were registered, unless they turned out to be ours."""
    ours = {one.address for one in [*_collections(part), *await _deployed(session, part)]}
    rows = await list_registered(session, part.deployment.chain_id)
    return [_place_of(row) for row in rows if row.contract not in ours]


def _place_of(row: Registered) -> Placed:
    return Placed(row.contract, row.first_block or 0)


def _mirror_of(row: Registered | None, placed: Placed) -> MirrorOut:
    """Without a row: a contract that the deployment names, read with ours from the start."""
    if row is None:
        return MirrorOut(state="complete", first_block=str(placed.block), progress=1.0)
    return MirrorOut(
        state=row.state,
        first_block=_text(row.first_block),
        read_to=_text(row.read_to),
        target_block=_text(row.joined_block),
        progress=row.progress,
        refused=row.refused,
        left_block=_text(row.left_block),
        note=row.note,
    )


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


async def _deployed(
    session: AsyncSession, part: ChainParts, contract: Address | None = None
) -> list[Placed]:
    """Artists' own collections, oldest first."""
    query = (
        select(col(CollectionRow.contract), col(CollectionRow.block_number))
        .where(col(CollectionRow.chain_id) == part.deployment.chain_id)
        .order_by(col(CollectionRow.block_number), col(CollectionRow.log_index))
    )
    if contract is not None:
        query = query.where(col(CollectionRow.contract) == contract)
    return [Placed(address, block) for address, block in await session.execute(query)]


def _collections(part: ChainParts) -> tuple[Placed, ...]:
    return (part.deployment.house_collection, *part.deployment.registered)


@lru_cache(maxsize=256)
def _names(chain: Chain, contract: Address) -> tuple[str, str]:
    """Name and symbol; a collection of ours cannot change them. Asked once per process."""
    questions = [Erc721(contract).name(), Erc721(contract).symbol()]
    name, symbol = ask_many(chain, questions)
    for answer in (name, symbol):
        if isinstance(answer, Unreachable):
            raise answer  # Not remembered: the next request asks again.
    return (
        name if isinstance(name, str) else "",
        symbol if isinstance(symbol, str) else "",
    )


async def _named(part: ChainParts, contract: Address) -> tuple[str, str]:
    """Name and symbol; empty while no node answers, because the rest is the mirror's word."""
    chain = cast("Hashable", part.chain)
    try:
        return await to_thread.run_sync(lambda: _names(chain, contract))
    except Unreachable:
        return "", ""


async def _collection(
    session: AsyncSession, parts: Parts, part: ChainParts, placed: Placed
) -> CollectionOut:
    deployment = part.deployment
    ours = await find_ours(session, part, placed.address)
    row = None
    if ours is None:
        row = await find_registered(session, deployment.chain_id, placed.address)
    name, symbol = (row.name, row.symbol) if row else await _named(part, placed.address)
    counted = await _counted(session, part, placed.address)
    block = await _block(session, deployment.chain_id, counted.last_block)
    return CollectionOut(
        chain_id=str(deployment.chain_id),
        contract=str(placed.address),
        name=name,
        symbol=symbol,
        house=placed.address == deployment.house_collection.address,
        artist=str(ours.artist) if ours and ours.artist else None,
        foreign=ours is None,
        mirror=None if ours else _mirror_of(row, placed),
        test=part.is_test,
        works=counted.works,
        creators=counted.creators,
        owners=counted.owners,
        for_sale=await _for_sale(session, parts, part, placed.address),
        first_block=str(placed.block),
        url=f"{parts.public_url}/collections/{deployment.chain_id}/{placed.address}",
        as_of=block.as_of() if block else None,
    )


async def _counted(session: AsyncSession, part: ChainParts, contract: Address) -> Any:
    held = TOKENS.c.owner != ZERO_ADDRESS
    counted = await session.execute(
        select(
            func.count().filter(held).label("works"),
            func.count(TOKENS.c.creator.distinct()).label("creators"),
            func.count(TOKENS.c.owner.distinct()).filter(held).label("owners"),
            func.max(TOKENS.c.updated_block).label("last_block"),
        ).where(TOKENS.c.chain_id == part.deployment.chain_id, TOKENS.c.contract == contract)
    )
    return counted.one()


async def _for_sale(
    session: AsyncSession, parts: Parts, part: ChainParts, contract: Address
) -> int:
    now = int(parts.clock().timestamp())
    house = await house_rules(session, [part], now)
    found = await session.scalar(
        select(func.count(ORDERS.c.token_id.distinct()))
        .select_from(facts.book())
        .where(
            ORDERS.c.chain_id == part.deployment.chain_id,
            ORDERS.c.contract == contract,
            facts.is_offered(now),
            facts.is_valid(house, now),
        )
    )
    return found or 0


async def _block(session: AsyncSession, chain_id: int, number: int | None) -> MirroredBlock | None:
    if number is None:
        return None
    heads = await mirror.heads(session)
    blocks = await mirror.blocks_at(session, heads, [(chain_id, number)])
    return blocks[chain_id, number]
