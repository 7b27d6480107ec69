"""
`/api/orders`: the book, and the steps to list, fill and cancel.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.auctions.schemas import AuctionDetailOut
from api.chains import mirror
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.intents.schemas import IntentOut
from api.orders import accepting, carts, filling, hiding, posting, preparing, queries
from api.orders.queries import OrderFilters
from api.orders.schemas import (
    AcceptIn,
    AcceptManyIn,
    CancelAllIn,
    CancelIn,
    CartIn,
    FillIn,
    HideIn,
    OrderDetailOut,
    OrderKind,
    OrderList,
    OrderOut,
    OrderState,
    PlacedOrders,
    PlaceIn,
    PrepareOrderIn,
)
from api.orders.writing import WritingDep
from api.pagination import DEFAULT_LIMIT, CursorQuery, LimitQuery, link_header
from api.sales import cancelling
from api.tokens.deps import MAX_CHAIN_ID, read_address, read_hash, read_uint
from api.vouchers.schemas import VoucherDetailOut

router = APIRouter(prefix="/api/orders", tags=["orders"])

Text = Annotated[str | None, Query(max_length=100)]


@router.post("/prepare", status_code=201, response_model=IntentOut, operation_id="prepare_order")
async def prepare_order(body: PrepareOrderIn, writing: WritingDep) -> Response:
    """What to do and to sign for a sale of any kind, or (`listings`) for many at once."""
    maker = preparing.maker_of(body)
    return await writing.prepare(maker, partial(preparing.prepare, body=body))


@router.post(
    "",
    status_code=201,
    response_model=OrderDetailOut | PlacedOrders | AuctionDetailOut | VoucherDetailOut,
    operation_id="place_order",
    responses={200: {"description": "The book has it already."}},
)
async def place_order(body: PlaceIn, writing: WritingDep) -> Response:
    """Put something signed on the book; the signature is all the authority it needs."""
    return await writing.once(None, partial(posting.post, writing, body))


@router.get("", response_model=OrderList, operation_id="list_orders")
async def list_orders(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    chain_id: Text = None,
    maker: Text = None,
    contract: Text = None,
    token_id: Text = None,
    kind: OrderKind | None = None,
    state: OrderState | None = None,
    currency: Text = None,
    taker: Text = None,
    limit: LimitQuery = DEFAULT_LIMIT,
    cursor: CursorQuery = None,
) -> Response:
    """The book, newest first. Hidden orders are listed only to those who name the maker."""
    number = None if chain_id is None else read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    filters = OrderFilters(
        chain_id=number,
        maker=None if maker is None else read_address("maker", maker),
        contract=None if contract is None else read_address("contract", contract),
        token_id=None if token_id is None else read_uint("token_id", token_id),
        kind=kind,
        state=state,
        currency=None if currency is None else read_address("currency", currency),
        taker=None if taker is None else read_address("taker", taker),
    )
    found = await queries.list_orders(session, parts, filters, limit, cursor)
    head = mirror.head_header(await mirror.heads(session), number)
    return public_json(request, found, headers={**head, **link_header(request, found.next)})


@router.get("/{order_hash}", response_model=OrderDetailOut, operation_id="get_order")
async def get_order(
    order_hash: str, request: Request, session: ReadSessionDep, parts: PartsDep
) -> Response:
    """One order as it stands now, with its signature unless the maker hid it."""
    found = await queries.get_order(session, parts, read_hash(order_hash))
    head = mirror.head_header(await mirror.heads(session), int(found.chain_id))
    return public_json(request, found, headers=head)


@router.post(
    "/{order_hash}/fill", status_code=201, response_model=IntentOut, operation_id="fill_order"
)
async def fill_order(order_hash: str, body: FillIn, writing: WritingDep) -> Response:
    """The transaction that buys the work; refused with every reason when it would fail."""
    taker, name = read_address("taker", body.taker), read_hash(order_hash)
    return await writing.prepare(taker, partial(filling.prepare_fill, order_name=name, body=body))


@router.post("/fill", status_code=201, response_model=IntentOut, operation_id="fill_orders")
async def fill_orders(body: CartIn, writing: WritingDep) -> Response:
    """One transaction that buys several listings: all or none, or those that can be had."""
    taker = read_address("taker", body.taker)
    return await writing.prepare(taker, partial(carts.prepare_cart, body=body))


@router.post("/accept", status_code=201, response_model=IntentOut, operation_id="accept_offers")
async def accept_offers(body: AcceptManyIn, writing: WritingDep) -> Response:
    """One transaction that accepts several offers, all or none."""
    seller = read_address("seller", body.seller)
    return await writing.prepare(seller, partial(accepting.prepare_accept_many, body=body))


@router.post("/cancel-all", status_code=201, response_model=IntentOut, operation_id="cancel_all")
async def cancel_all(body: CancelAllIn, writing: WritingDep) -> Response:
    """One transaction that voids all that a maker signed so far, auctions and vouchers too."""
    maker = read_address("maker", body.maker)
    preparing_all = partial(cancelling.prepare_cancel_all, maker=body.maker, chain_id=body.chain_id)
    return await writing.prepare(maker, preparing_all)


@router.post(
    "/{order_hash}/accept", status_code=201, response_model=IntentOut, operation_id="accept_offer"
)
async def accept_offer(order_hash: str, body: AcceptIn, writing: WritingDep) -> Response:
    """The steps by which a seller takes an offer; refused with every reason when it would fail."""
    seller, name = read_address("seller", body.seller), read_hash(order_hash)
    prepare = partial(accepting.prepare_accept, order_name=name, body=body)
    return await writing.prepare(seller, prepare)


@router.post(
    "/{order_hash}/cancel", status_code=201, response_model=IntentOut, operation_id="cancel_order"
)
async def cancel_order(order_hash: str, body: CancelIn, writing: WritingDep) -> Response:
    """`hide`: one free signature that binds us; `transaction`: binds everybody."""
    maker, name = read_address("maker", body.maker), read_hash(order_hash)
    return await writing.prepare(maker, partial(hiding.prepare_cancel, name=name, body=body))


@router.post("/{order_hash}/hide", operation_id="hide_order")
async def hide_order(order_hash: str, body: HideIn, writing: WritingDep) -> OrderOut:
    """Stop handing the order out: takes the signature that `cancel` with `hide` prepared."""
    name = read_hash(order_hash)
    await hiding.hide(writing.session, writing.parts, name, body.signature, writing.now)
    return await queries.get_order(writing.session, writing.parts, name)
