"""
Bidding, settling, unwinding, reclaiming: one transaction each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.auctions.facts import Known
from api.auctions.queries import get_known
from api.auctions.reading import BIDDABLE, split_of, standing
from api.auctions.schemas import ActIn, BidIn
from api.deps import chain_of
from api.intents.service import Subject, Warning_
from api.orders.schemas import CancelIn
from api.parts import ChainParts, Parts
from api.sales import acts, cancelling, money
from api.sales.acts import Act, NotPossible
from api.sales.cancelling import Cancellable
from api.sales.hiding import check_hiding
from api.standing.disputes import warnings_of
from api.tables import AuctionRow, IntentRow
from api.tokens.deps import read_address, read_uint
from nft import explain
from nft.auctions import GWEI, least_bid
from nft.chain.contracts import Auctions, Validator
from nft.chain.protocol import Call
from nft.errors import Conflict, OrderExpired, OrderInvalid, OrderNotFillable
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef

OPEN_GAS = 220_000
BID_GAS = 90_000
SETTLE_GAS = 250_000
UNWIND_GAS = 1_300_000
"""The delivery alone is given a million."""


class BidTooLow(Conflict):
    """Another bid stands, or the reserve is higher."""

    field = "amount"

    def __init__(self, amount: str, least: str, least_wei: int) -> None:
        self.extra = {"least_bid": str(least_wei)}
        super().__init__(f"{amount} is below the least bid of {least}")


async def prepare_bid(
    session: AsyncSession, parts: Parts, now: datetime, *, name: Digest, body: BidIn
) -> IntentRow:
    """
    An intent of one transaction: the first bid opens the auction, every other one raises it.

    Raises `OrderNotFillable` with every reason, `BidTooLow`, or `TakerCannotPay`.
    """
    known = await get_known(session, parts, name)
    part = chain_of(parts, known.chain_id)
    bidder = read_address("bidder", body.bidder)
    state, reasons = standing(known, now, bidder=bidder)
    if state == "expired":
        raise OrderExpired(str(name))
    found = [(one.code, one.detail) for one in reasons]
    if known.is_hidden and known.facts.bid is None:
        found.append(("OrderHidden", "its seller asked us not to hand it out"))
    if found or state not in BIDDABLE:
        raise OrderNotFillable(str(name), found)
    least = least_bid(known.auction, known.facts.bid)
    amount = least if body.amount is None else read_uint("amount", body.amount)
    if amount % GWEI:
        raise OrderInvalid("amount", "a bid is counted in whole gwei (1,000,000,000 wei)")
    if amount < least:
        said, needed = money.amount(part, amount), money.amount(part, least)
        raise BidTooLow(str(said), str(needed), least)
    work = TokenRef(known.chain_id, known.auction.collection, known.auction.token_id)
    warnings = await warnings_of(session, [work])
    return await acts.prepare(session, _bid(part, known, bidder, amount, warnings), now)


def _bid(
    part: ChainParts, known: Known, bidder: Address, amount: int, warnings: Sequence[Warning_]
) -> Act:
    auction, contract = known.auction, Auctions(known.auctions)
    is_first = known.facts.bid is None
    what = explain.work(auction.collection, auction.token_id, known.title)
    price = money.amount(part, amount)
    said = (
        f"You bid {price} for {what}. It leaves you now and returns by itself when somebody bids "
        "more. "
    )
    if is_first:
        said += "Yours is the first bid: it brings the work into custody and starts the clock. "
    said += "If yours is the last one, the work is yours; a bid cannot be taken back."
    return Act(
        kind="bid",
        account=bidder,
        part=part,
        call=contract.open(auction, known.signature, amount)
        if is_first
        else contract.bid(auction, amount),
        title=f"Bid {price}",
        explain=said,
        request={"auction": str(known.name), "bidder": str(bidder), "amount": str(amount)},
        fallback_gas=OPEN_GAS if is_first else BID_GAS,
        subject=_subject(known),
        order_name=str(known.name),
        warnings=warnings,
        why=Validator(part.deployment.validator.address).check_auction(
            auction, known.signature, bidder=bidder
        ),
    )


def _subject(known: Known) -> Subject:
    return Subject(
        contract=known.auction.collection,
        token_id=known.auction.token_id,
        order_hash=known.name,
    )


async def prepare_settle(
    session: AsyncSession, parts: Parts, now: datetime, *, name: Digest, body: ActIn
) -> IntentRow:
    """After the end: the work to the winner, the money to all. Anybody may send it."""
    known = await get_known(session, parts, name)
    part = chain_of(parts, known.chain_id)
    _check_state(known, now, "ended", "undelivered", title="Settle the auction")
    divided = money.divided(part, split_of(known), ZERO_ADDRESS)
    bid = known.facts.bid
    assert bid is not None
    said = (
        f"Gives the work to {bid.bidder} for {money.amount(part, bid.amount)}: {divided}. "
        "Anybody may send this; it moves nothing of yours."
    )
    call = Auctions(known.auctions).settle(known.auction)
    return await _act(
        session,
        part,
        known,
        body,
        now,
        kind="settle",
        call=call,
        title="Settle the auction",
        said=said,
    )


async def prepare_unwind(
    session: AsyncSession, parts: Parts, now: datetime, *, name: Digest, body: ActIn
) -> IntentRow:
    """Seven days after the end of an auction that cannot deliver."""
    known = await get_known(session, parts, name)
    part = chain_of(parts, known.chain_id)
    _check_state(known, now, "undelivered", title="Unwind the auction")
    said = (
        "Tries once more to hand the work over. If its collection refuses, the bid becomes credit "
        "of the bidder and the work can be sent back to its seller."
    )
    call = Auctions(known.auctions).unwind(known.auction)
    return await _act(
        session,
        part,
        known,
        body,
        now,
        kind="unwind",
        call=call,
        title="Unwind the auction",
        said=said,
    )


async def prepare_reclaim(
    session: AsyncSession, parts: Parts, now: datetime, *, name: Digest, body: ActIn
) -> IntentRow:
    """The work of an unwound auction to its seller."""
    known = await get_known(session, parts, name)
    part = chain_of(parts, known.chain_id)
    _check_state(known, now, "unwound", title="Send the work back")
    if known.is_reclaimed:
        raise NotPossible("Send the work back", [("WorkReclaimed", "its seller has it again")])
    said = f"Sends the work of the unwound auction back to its seller {known.auction.seller}."
    call = Auctions(known.auctions).reclaim(known.auction)
    return await _act(
        session,
        part,
        known,
        body,
        now,
        kind="reclaim",
        call=call,
        title="Send the work back",
        said=said,
    )


def _check_state(known: Known, now: datetime, *wanted: str, title: str) -> None:
    state, _ = standing(known, now)
    if state not in wanted:
        because = f"the auction is {state}, which is not {' or '.join(wanted)}"
        raise NotPossible(title, [("AuctionState", because)])


async def _act(
    session: AsyncSession,
    part: ChainParts,
    known: Known,
    body: ActIn,
    now: datetime,
    *,
    kind: str,
    call: Call,
    title: str,
    said: str,
) -> IntentRow:
    request: dict[str, Any] = {"auction": str(known.name), **body.model_dump(mode="json")}
    act = Act(
        kind=kind,
        account=read_address("account", body.account),
        part=part,
        call=call,
        title=title,
        explain=said,
        request=request,
        fallback_gas=UNWIND_GAS if kind == "unwind" else SETTLE_GAS,
        subject=_subject(known),
    )
    return await acts.prepare(session, act, now)


async def prepare_cancel(
    session: AsyncSession, parts: Parts, now: datetime, *, name: Digest, body: CancelIn
) -> IntentRow:
    """Take an auction back before its first bid. Raises `NotTheMaker` or `OrderIsOver`."""
    known = await get_known(session, parts, name)
    what = Cancellable(
        name=name,
        maker=known.auction.seller,
        exchange=known.exchange,
        nonce=known.auction.nonce,
        counter=known.auction.counter,
        path=f"/api/auctions/{name}/hide",
        subject=_subject(known),
        state=standing(known, now)[0],
    )
    part = chain_of(parts, known.chain_id)
    return await cancelling.prepare_cancel(
        session, part, now, what=what, maker=body.maker, how=body.how
    )


async def hide(
    session: AsyncSession, parts: Parts, name: Digest, signature: str, now: datetime
) -> None:
    """Stop handing an auction out, because its seller asks. Raises `SignatureNotMakers`."""
    known = await get_known(session, parts, name)
    await check_hiding(chain_of(parts, known.chain_id), name, known.auction.seller, signature)
    await session.execute(
        update(AuctionRow)
        .where(col(AuctionRow.auction_hash) == name, col(AuctionRow.hidden_at).is_(None))
        .values(hidden_at=now)
    )
