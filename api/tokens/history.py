"""
Where a work has been: one line per `Transfer` log, a sale in place of its transfer.

Lines come in the chain's order, oldest first, and between the transfers stands what else happened
to the work. A sale stands at the log of the transfer that it paid for, so that the number of
mints, sales, transfers and burns is the number of `Transfer` logs; a range of ERC-2309 is a
transfer of each work in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.chains import mirror
from api.chains.mirror import MirroredBlock
from api.orders.facts import SALES, TOKENS, TRANSFERS
from api.pagination import CursorInvalid, decode_cursor, encode_cursor
from api.parts import Parts
from api.sales import elsewhere
from api.tokens.missing import missing
from api.tokens.schemas import ProvenanceItem, ProvenanceList
from nft.content import cid_of_digest
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef

CHANGES = SQLModel.metadata.tables["chain_token_changes"]
RANGES = SQLModel.metadata.tables["chain_ranges"]

Place = tuple[int, int]
"""Block number and log index: where a log stands."""


@dataclass(frozen=True, slots=True)
class _Line:
    place: Place
    item: dict[str, Any]
    transaction_hash: Digest


async def page(
    session: AsyncSession, parts: Parts, ref: TokenRef, *, limit: int | None, cursor: str | None
) -> ProvenanceList:
    """A part of a work's history, or with `limit` None all of it. Raises `NoSuchToken`."""
    await _require(session, ref)
    behind = _position(parts.secret_key, cursor) if cursor is not None else (-1, -1)
    wanted = None if limit is None else limit + 1
    moves = await _moves(session, ref, behind, wanted)
    moves += await _moves_of_ranges(session, ref, behind, wanted)
    # One more, since the log that a mint leaves besides its transfer makes no line of its own.
    changes = await _changes(session, ref, behind, None if wanted is None else wanted + 1)
    minted = {change.place[0]: change for change in changes if change.item["event"] == "minted"}
    lines = [_with_mint(line, minted) for line in moves]
    lines += [line for line in changes if line.item["event"] != "minted"]
    lines.sort(key=lambda line: line.place)
    shown = lines if limit is None else lines[:limit]

    heads = await mirror.heads(session)
    keys = {(ref.chain_id, line.place[0]) for line in shown}
    blocks = await mirror.blocks_at(session, heads, keys)
    items = [_item(line, blocks[ref.chain_id, line.place[0]]) for line in shown]
    following = None
    if len(lines) > len(shown):
        place = list(shown[-1].place)
        following = encode_cursor(parts.secret_key, ["provenance", ref.caip19, *place])
    newest = max((block for block in blocks.values()), key=lambda b: b.number, default=None)
    return ProvenanceList(items=items, next=following, as_of=newest.as_of() if newest else None)


async def _require(session: AsyncSession, ref: TokenRef) -> None:
    found = await session.scalar(
        select(TOKENS.c.minted_block).where(
            TOKENS.c.chain_id == ref.chain_id,
            TOKENS.c.contract == ref.contract,
            TOKENS.c.token_id == ref.token_id,
        )
    )
    if found is None:
        raise await missing(session, ref)


def _position(secret: bytes, cursor: str) -> Place:
    key = decode_cursor(secret, cursor)
    if len(key) != 4 or key[0] != "provenance":
        raise CursorInvalid
    return key[2], key[3]


def moves(ref: TokenRef, behind: Place, limit: int | None) -> Select[Any]:
    """Transfers, each with the sale that it settled."""
    return (
        select(
            TRANSFERS.c.block_number,
            TRANSFERS.c.log_index,
            TRANSFERS.c.sender,
            TRANSFERS.c.receiver,
            TRANSFERS.c.transaction_hash,
            SALES.c.price,
            SALES.c.currency,
            SALES.c.royalty,
            SALES.c.royalty_receiver,
            SALES.c.fee,
            SALES.c.order_hash,
            SALES.c.kind,
            SALES.c.seller,
            SALES.c.exchange,
            SALES.c.payments,
            SALES.c.works,
            elsewhere.NAMED.c.royalty_receiver.label("named"),
        )
        .select_from(
            TRANSFERS.outerjoin(
                SALES,
                and_(
                    SALES.c.chain_id == TRANSFERS.c.chain_id,
                    SALES.c.contract == TRANSFERS.c.contract,
                    SALES.c.token_id == TRANSFERS.c.token_id,
                    SALES.c.block_number == TRANSFERS.c.block_number,
                    SALES.c.transfer_log_index == TRANSFERS.c.log_index,
                ),
            ).outerjoin(elsewhere.NAMED, true())
        )
        .where(
            TRANSFERS.c.chain_id == ref.chain_id,
            TRANSFERS.c.contract == ref.contract,
            TRANSFERS.c.token_id == ref.token_id,
            tuple_(TRANSFERS.c.block_number, TRANSFERS.c.log_index) > tuple_(*behind),
        )
        .order_by(TRANSFERS.c.block_number, TRANSFERS.c.log_index)
        .limit(limit)
    )


async def _moves(
    session: AsyncSession, ref: TokenRef, behind: Place, limit: int | None
) -> list[_Line]:
    rows = await session.execute(moves(ref, behind, limit))
    return [
        _Line((row.block_number, row.log_index), _move(row), row.transaction_hash) for row in rows
    ]


async def _moves_of_ranges(
    session: AsyncSession, ref: TokenRef, behind: Place, limit: int | None
) -> list[_Line]:
    """Transfers of ranges that the work was in; its mint, as a rule."""
    token_id = bindparam("token_id", ref.token_id, RANGES.c.first_token_id.type)
    rows = await session.execute(
        select(RANGES)
        .where(
            RANGES.c.chain_id == ref.chain_id,
            RANGES.c.contract == ref.contract,
            token_id.between(RANGES.c.first_token_id, RANGES.c.last_token_id),
            tuple_(RANGES.c.block_number, RANGES.c.log_index) > tuple_(*behind),
        )
        .order_by(RANGES.c.block_number, RANGES.c.log_index)
        .limit(limit)
    )
    return [
        _Line(
            (row.block_number, row.log_index),
            {
                "event": _event(row.sender, row.receiver),
                "from": str(row.sender),
                "to": str(row.receiver),
            },
            row.transaction_hash,
        )
        for row in rows
    ]


def _move(row: Any) -> dict[str, Any]:
    item = {"from": str(row.sender), "to": str(row.receiver)}
    if row.price is None:
        return {"event": _event(row.sender, row.receiver), **item}
    sold = {
        "event": "sale",
        **item,
        "price": str(row.price),
        "currency": str(row.currency),
        "order_hash": str(row.order_hash),
        "sale_kind": row.kind,
        "seller": str(row.seller),
    }
    return {**sold, **(_here(row) if row.payments is None else _elsewhere(row))}


def _here(row: Any) -> dict[str, Any]:
    """Who was paid by our own sale."""
    return {
        "royalty_paid": str(row.royalty),
        "royalty_receiver": str(row.royalty_receiver),
        "platform_fee": str(row.fee),
    }


def _elsewhere(row: Any) -> dict[str, Any]:
    """Who was paid on another venue, and what of it was the royalty."""
    paid = elsewhere.royalty_paid(row.payments, row.seller, row.named)
    return {
        "royalty_paid": None if paid is None else str(paid),
        "royalty_receiver": str(row.named) if row.named else None,
        "venue": elsewhere.venue_out(row.exchange),
        "payments": row.payments,
        "works": row.works,
    }


def _event(sender: Address, receiver: Address) -> str:
    if sender == ZERO_ADDRESS:
        return "mint"
    return "burn" if receiver == ZERO_ADDRESS else "transfer"


async def _changes(
    session: AsyncSession, ref: TokenRef, behind: Place, limit: int | None
) -> list[_Line]:
    """What happened to the work besides transfers."""
    rows = await session.execute(
        select(CHANGES)
        .where(
            CHANGES.c.chain_id == ref.chain_id,
            CHANGES.c.contract == ref.contract,
            CHANGES.c.token_id == ref.token_id,
            tuple_(CHANGES.c.block_number, CHANGES.c.log_index) > tuple_(*behind),
        )
        .order_by(CHANGES.c.block_number, CHANGES.c.log_index)
        .limit(limit)
    )
    return [
        _Line((row.block_number, row.log_index), _change(row), row.transaction_hash) for row in rows
    ]


def _change(row: Row[Any]) -> dict[str, Any]:
    digest = row.metadata_digest
    return {
        "event": row.event,
        "from": None,
        "to": None,
        "metadata_cid": str(cid_of_digest(digest)) if digest else None,
        "royalty_bps": row.royalty_bps,
        "royalty_receiver": str(row.royalty_receiver) if row.royalty_receiver else None,
    }


def _with_mint(line: _Line, minted: dict[int, _Line]) -> _Line:
    """A mint says what was minted: the collection tells that in a log of its own."""
    found = minted.get(line.place[0])
    if line.item["event"] != "mint" or found is None:
        return line
    told = {
        "metadata_cid": found.item["metadata_cid"],
        "royalty_bps": found.item["royalty_bps"],
    }
    return _Line(line.place, {**line.item, **told}, line.transaction_hash)


def _item(line: _Line, block: MirroredBlock) -> ProvenanceItem:
    return ProvenanceItem.model_validate(
        {
            **line.item,
            "transaction_hash": str(line.transaction_hash),
            "log_index": line.place[1],
            "block_number": str(block.number),
            "block_hash": str(block.block_hash),
            "timestamp": block.time,
            "finality": block.finality,
        }
    )
