"""
Preparing an auction: the approval, and one signature in place of a transaction.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from anyio import to_thread

from api.deps import chain_of
from api.orders.kinds import Desk
from api.orders.kinds.listings import (
    HEAD_START_SECONDS,
    royalty_maximum,
    royalty_warnings,
    seconds_of,
    subject_of,
)
from api.orders.schemas import AuctionIn
from api.orders.wire import check_life
from api.orders.works import Work, ask_answers, ask_counts, bps_needed, owned_works
from api.parts import ChainParts
from api.sales import money
from api.sales.house import rules_now
from api.sales.needs import Operator
from api.sales.proposals import Proposal, Signable, Terms
from api.tokens.deps import read_address, read_token, read_uint
from nft import explain
from nft.auctions import Auction, check_auction, least_bid
from nft.errors import OrderInvalid
from nft.orders import DAY_SECONDS
from nft.settlement import Answer, split_auction
from nft.signing import auction_message, auction_typed_data, typed_data_digest
from nft.types import WHOLE_BPS, ZERO_ADDRESS

DEFAULT_OPEN_SECONDS = 30 * DAY_SECONDS
DEFAULT_DURATION_SECONDS = DAY_SECONDS


async def propose(desk: Desk, body: AuctionIn) -> Proposal:
    """A reserve auction (`duration`) or a scheduled one (`end`)."""
    part = chain_of(desk.parts, body.chain_id)
    seller = read_address("maker", body.maker)
    ref = read_token(body.chain_id, body.contract, body.token_id)
    reserve = read_uint("reserve", body.reserve)
    owned = await owned_works(desk.session, [ref], seller)

    def ask() -> tuple[Work, Answer]:
        return ask_counts(part, owned)[0], ask_answers(part, owned, [reserve])[0]

    work, answer = await to_thread.run_sync(ask)
    maximum = royalty_maximum(
        body.max_royalty_bps, bps_needed([answer], [reserve]), is_accepted=body.accept_royalty
    )
    auctions = part.deployment.auctions.address
    rules = await rules_now(desk.session, part, auctions, desk.seconds)
    template = _auction(desk, body, work, reserve)
    template = replace(template, seller=seller, max_royalty_bps=maximum, max_fee_bps=rules.fee_bps)

    def sign(terms: Terms) -> Signable:
        auction = replace(template, nonce=terms.nonces[0], counter=terms.counter)
        check_new(auction, desk.seconds)
        return _signable(auction, work, answer, part)

    return Proposal(
        kind="auction",
        maker=seller,
        part=part,
        sign=sign,
        needs=[Operator(seller, ref.contract, auctions, what="auction house")],
        request=body.model_dump(mode="json"),
        subject=subject_of([work]),
        warnings=royalty_warnings(maximum),
    )


def _auction(desk: Desk, body: AuctionIn, work: Work, reserve: int) -> Auction:
    """The times that the body names, the others as most sellers want them."""
    if body.duration is not None and body.end is not None:
        raise OrderInvalid("duration", "an auction has either a duration or a fixed end")
    start = seconds_of(body.start or body.starts_at) or desk.seconds - HEAD_START_SECONDS
    end = seconds_of(body.end) or 0
    open_until = seconds_of(body.open_until or body.expires_at)
    if open_until is None:
        open_until = end or max(start, desk.seconds) + DEFAULT_OPEN_SECONDS
    return Auction(
        seller=work.owner,
        collection=work.ref.contract,
        token_id=work.ref.token_id,
        transfer_count=work.transfer_count,
        reserve=reserve,
        start=start,
        open_until=open_until,
        duration=0 if end else body.duration or DEFAULT_DURATION_SECONDS,
        end=end,
        min_step_bps=body.min_step_bps,
        max_royalty_bps=0,
        max_fee_bps=0,
        nonce=0,
        counter=0,
    )


def check_new(auction: Auction, now: int) -> None:
    """Refuse terms under which nobody could bid. Raises `OrderInvalid`."""
    check_auction(auction, now=now)
    check_life(max(auction.open_until, auction.end), now)
    if auction.max_royalty_bps + auction.max_fee_bps > WHOLE_BPS:
        raise OrderInvalid("max_royalty_bps", "royalty and fee together exceed the price")


def _signable(auction: Auction, work: Work, answer: Answer, part: ChainParts) -> Signable:
    chain_id, auctions = part.deployment.chain_id, part.deployment.auctions.address
    typed = auction_typed_data(auction, chain_id=chain_id, auctions=auctions)
    least = least_bid(auction, None)
    split = split_auction(auction, least, answer, fee_bps=auction.max_fee_bps)
    said = explain.explain_auction(auction, title=work.title)
    divided = money.divided(part, split, ZERO_ADDRESS)
    said.insert(1, f"At the reserve: {divided}; every bid above it is divided alike.")
    body: dict[str, Any] = {"chain_id": str(chain_id), "auction": auction_message(auction)}
    return Signable(
        id="sign-auction",
        title=f"Sign the auction from {money.amount(part, auction.reserve)}",
        explain=" ".join(said),
        typed_data=typed,
        names=(typed_data_digest(typed),),
        href="/api/orders",
        body=body,
    )
