"""
Vouchers by hash and by filter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.chains import mirror
from api.orders.schemas import OrderState
from api.parts import Parts
from api.sales import paging
from api.sales.paging import Position
from api.tables import VoucherRow
from api.tokens.queries import pictures_of
from api.vouchers.facts import Known, known_of
from api.vouchers.reading import standing, voucher_out
from api.vouchers.schemas import VoucherDetailOut, VoucherList
from nft.errors import Missing
from nft.signing import voucher_typed_data
from nft.tokens import MAX_SERIAL, token_id
from nft.types import Address, Digest


class NoSuchVoucher(Missing):
    """The book holds no such voucher."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no voucher {name} is on the book")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFilters:
    """What a list of vouchers is cut by; hidden ones are shown to those who name the signer."""

    chain_id: int | None = None
    maker: Address | None = None
    creator: Address | None = None
    contract: Address | None = None
    state: OrderState | None = None


async def get_known(session: AsyncSession, parts: Parts, name: Digest) -> Known:
    """A voucher with its facts. Raises `NoSuchVoucher`."""
    row = await session.get(VoucherRow, name)
    found = await known_of(session, parts, [row]) if row is not None else []
    if not found:
        raise NoSuchVoucher(str(name))
    return found[0]


async def get_voucher(session: AsyncSession, parts: Parts, name: Digest) -> VoucherDetailOut:
    """One voucher as it stands now. Raises `NoSuchVoucher`."""
    known = await get_known(session, parts, name)
    heads = await mirror.heads(session)
    keys = {(known.chain_id, known.last_block)} if known.last_block is not None else set()
    blocks = await mirror.blocks_at(session, heads, keys)
    pictures = await pictures_of(session, parts.media_url, [known.document])
    shown = voucher_out(known, parts, blocks, pictures, parts.clock())
    typed = voucher_typed_data(known.voucher, chain_id=known.chain_id, collection=known.contract)
    return VoucherDetailOut(
        **shown.model_dump(),
        typed_data=None if known.is_hidden else typed,
        signature=None if known.is_hidden else "0x" + known.signature.hex(),
    )


async def list_vouchers(
    session: AsyncSession,
    parts: Parts,
    filters: VoucherFilters,
    limit: int,
    cursor: str | None = None,
) -> VoucherList:
    """Vouchers, newest first."""
    now = parts.clock()

    async def read(start: Position | None, count: int) -> Sequence[Known]:
        return await _read(session, parts, filters, start, count)

    shown, following = await paging.page(
        read,
        lambda one: filters.state is None or standing(one, now)[0] == filters.state,
        start=paging.position(parts.secret_key, "vouchers", cursor),
        limit=limit,
    )
    heads = await mirror.heads(session)
    keys = {(one.chain_id, one.last_block) for one in shown if one.last_block is not None}
    blocks = await mirror.blocks_at(session, heads, keys)
    pictures = await pictures_of(session, parts.media_url, [one.document for one in shown])
    items = [voucher_out(one, parts, blocks, pictures, now) for one in shown]
    return VoucherList(
        items=items,
        next=paging.cursor(parts.secret_key, "vouchers", following),
        as_of=mirror.newest(item.as_of for item in items),
    )


async def _read(
    session: AsyncSession,
    parts: Parts,
    filters: VoucherFilters,
    start: Position | None,
    count: int,
) -> list[Known]:
    query = select(VoucherRow)
    for column, value in (
        (VoucherRow.chain_id, filters.chain_id),
        (VoucherRow.signer, filters.maker),
        (VoucherRow.contract, filters.contract),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if filters.creator is not None:
        first, last = token_id(filters.creator, 0), token_id(filters.creator, MAX_SERIAL)
        query = query.where(col(VoucherRow.token_id).between(first, last))
    if filters.maker is None:
        query = query.where(col(VoucherRow.hidden_at).is_(None))
    place = (col(VoucherRow.created_at), col(VoucherRow.voucher_hash))
    if start is not None:
        query = query.where(tuple_(*place) < tuple_(*start))
    query = query.order_by(*(column.desc() for column in place)).limit(count)
    rows = (await session.execute(query)).scalars().all()
    return await known_of(session, parts, rows)
