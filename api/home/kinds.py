"""
The market by kinds of sale: what is at a falling price, at auction, or waits for its first mint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from api.auctions.queries import AuctionFilters, list_auctions
from api.auctions.schemas import AuctionOut, AuctionState
from api.orders.queries import OrderFilters, list_orders
from api.parts import Parts
from api.tokens.filters import TokenFilters
from api.vouchers.queries import VoucherFilters, list_vouchers
from api.vouchers.schemas import VoucherOut
from nft.types import ZERO_ADDRESS, Address, TokenRef

KINDS = ("true", "falling", "auction", "first")
ON: tuple[AuctionState, ...] = ("running", "open", "ended")
SHOWN = 100
"""So many works of a kind are looked at; the newest ones."""

NOTHING = TokenRef(0, ZERO_ADDRESS, 0)
"""Stands for no work at all: an empty choice would mean every one."""


async def narrowed(
    session: AsyncSession, parts: Parts, filters: TokenFilters, kind: str
) -> TokenFilters:
    """The same search, held to the works of one kind of sale."""
    if kind == "auction":
        return replace(filters, for_sale=None, assets=await _at_auction(session, parts))
    if kind == "falling":
        return replace(filters, assets=await _falling(session, parts))
    if kind == "first":
        return replace(filters, assets=(NOTHING,))
    return filters


async def auctions_on(session: AsyncSession, parts: Parts) -> dict[tuple[str, str], AuctionOut]:
    """The auctions that are on, by contract and token id; what a hang says of their works."""
    found = []
    for state in ON:
        page = await list_auctions(session, parts, AuctionFilters(state=state), SHOWN)
        found += page.items
    return {(one.contract, one.token_id): one for one in found}


async def _at_auction(session: AsyncSession, parts: Parts) -> tuple[TokenRef, ...]:
    found = (await auctions_on(session, parts)).values()
    return _refs([(one.chain_id, one.contract, one.token_id) for one in found])


async def _falling(session: AsyncSession, parts: Parts) -> tuple[TokenRef, ...]:
    filters = OrderFilters(kind="listing", state="fillable")
    found = (await list_orders(session, parts, filters, SHOWN)).items
    falling = [one for one in found if one.start_price != one.end_price and not one.taker]
    return _refs([(one.chain_id, one.contract, one.token_id) for one in falling])


def _refs(places: Sequence[tuple[str, str, str]]) -> tuple[TokenRef, ...]:
    refs = [TokenRef(int(chain), Address.parse(at), int(number)) for chain, at, number in places]
    return tuple(dict.fromkeys(refs))[:SHOWN] or (NOTHING,)


async def first_sales(
    session: AsyncSession, parts: Parts, filters: TokenFilters
) -> list[VoucherOut]:
    """Works that their first collector mints, as far as the search asks for them."""
    asked = VoucherFilters(creator=filters.creator, state="fillable")
    found = (await list_vouchers(session, parts, asked, SHOWN)).items
    words = (filters.q or "").casefold()
    dearest = filters.max_price
    return [
        one
        for one in found
        if (not words or words in f"{one.title} {one.artist} {one.description}".casefold())
        and (dearest is None or int(one.price) <= dearest)
    ]
