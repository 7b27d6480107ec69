"""
`/api/auctions`: how they stand, and the steps to bid, settle, unwind, reclaim and cancel.

An auction is prepared by `POST /api/orders/prepare` and posted to `/api/orders` like any order.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.auctions import queries, service
from api.auctions.queries import AuctionFilters
from api.auctions.schemas import (
    ActIn,
    AuctionDetailOut,
    AuctionList,
    AuctionOut,
    AuctionState,
    BidIn,
)
from api.chains import mirror
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.intents.schemas import IntentOut
from api.orders.schemas import CancelIn, HideIn
from api.orders.writing import WritingDep
from api.pagination import DEFAULT_LIMIT, CursorQuery, LimitQuery, link_header
from api.tokens.deps import MAX_CHAIN_ID, read_address, read_hash, read_uint

router = APIRouter(prefix="/api/auctions", tags=["auctions"])

Text = Annotated[str | None, Query(max_length=100)]


@router.get("", response_model=AuctionList, operation_id="list_auctions")
async def list_auctions(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    chain_id: Text = None,
    maker: Text = None,
    contract: Text = None,
    token_id: Text = None,
    state: AuctionState | None = None,
    bidder: Text = None,
    limit: LimitQuery = DEFAULT_LIMIT,
    cursor: CursorQuery = None,
) -> Response:
    """The book's auctions, newest first. Hidden ones are listed to those who name the seller."""
    number = None if chain_id is None else read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    filters = AuctionFilters(
        chain_id=number,
        maker=None if maker is None else read_address("maker", maker),
        contract=None if contract is None else read_address("contract", contract),
        token_id=None if token_id is None else read_uint("token_id", token_id),
        state=state,
        bidder=None if bidder is None else read_address("bidder", bidder),
    )
    found = await queries.list_auctions(session, parts, filters, limit, cursor)
    head = mirror.head_header(await mirror.heads(session), number)
    return public_json(request, found, headers={**head, **link_header(request, found.next)})


@router.get("/{auction_hash}", response_model=AuctionDetailOut, operation_id="get_auction")
async def get_auction(
    auction_hash: str, request: Request, session: ReadSessionDep, parts: PartsDep
) -> Response:
    """One auction as it stands now, with its bids."""
    found = await queries.get_auction(session, parts, read_hash(auction_hash))
    head = mirror.head_header(await mirror.heads(session), int(found.chain_id))
    return public_json(request, found, headers=head)


@router.post("/{auction_hash}/bid", status_code=201, response_model=IntentOut, operation_id="bid")
async def bid(auction_hash: str, body: BidIn, writing: WritingDep) -> Response:
    """The transaction of a bid; the first one opens the auction."""
    bidder, name = read_address("bidder", body.bidder), read_hash(auction_hash)
    return await writing.prepare(bidder, partial(service.prepare_bid, name=name, body=body))


@router.post(
    "/{auction_hash}/settle",
    status_code=201,
    response_model=IntentOut,
    operation_id="settle_auction",
)
async def settle(auction_hash: str, body: ActIn, writing: WritingDep) -> Response:
    """After the end: work and money to whom they belong; anybody may send it."""
    account, name = read_address("account", body.account), read_hash(auction_hash)
    return await writing.prepare(account, partial(service.prepare_settle, name=name, body=body))


@router.post(
    "/{auction_hash}/unwind",
    status_code=201,
    response_model=IntentOut,
    operation_id="unwind_auction",
)
async def unwind(auction_hash: str, body: ActIn, writing: WritingDep) -> Response:
    """Seven days after the end of an auction whose work cannot be delivered."""
    account, name = read_address("account", body.account), read_hash(auction_hash)
    return await writing.prepare(account, partial(service.prepare_unwind, name=name, body=body))


@router.post(
    "/{auction_hash}/reclaim",
    status_code=201,
    response_model=IntentOut,
    operation_id="reclaim_work",
)
async def reclaim(auction_hash: str, body: ActIn, writing: WritingDep) -> Response:
    """The work of an unwound auction to its seller; anybody may send it."""
    account, name = read_address("account", body.account), read_hash(auction_hash)
    return await writing.prepare(account, partial(service.prepare_reclaim, name=name, body=body))


@router.post(
    "/{auction_hash}/cancel",
    status_code=201,
    response_model=IntentOut,
    operation_id="cancel_auction",
)
async def cancel(auction_hash: str, body: CancelIn, writing: WritingDep) -> Response:
    """Before the first bid: hide it, or void it for everybody."""
    maker, name = read_address("maker", body.maker), read_hash(auction_hash)
    return await writing.prepare(maker, partial(service.prepare_cancel, name=name, body=body))


@router.post("/{auction_hash}/hide", operation_id="hide_auction")
async def hide(auction_hash: str, body: HideIn, writing: WritingDep) -> AuctionOut:
    """Stop handing the auction out: takes the signature that `cancel` with `hide` prepared."""
    name = read_hash(auction_hash)
    await service.hide(writing.session, writing.parts, name, body.signature, writing.now)
    return await queries.get_auction(writing.session, writing.parts, name)
