"""
`/api/orders`: the book, and the steps to list, fill and cancel.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.chains import mirror
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.idempotency import Made
from api.intents.schemas import IntentOut
from api.orders import filling, queries, service
from api.orders.queries import OrderFilters
from api.orders.schemas import (
    CancelIn,
    FillIn,
    HideIn,
    OrderDetailOut,
    OrderIn,
    OrderKind,
    OrderList,
    OrderOut,
    OrderState,
    PrepareOrderIn,
)
from api.orders.writing import WritingDep
from api.pagination import DEFAULT_LIMIT, CursorQuery, LimitQuery, link_header
from api.tokens.deps import MAX_CHAIN_ID, read_address, read_uint
from nft.errors import NotADigest
from nft.types import Digest

router = APIRouter(prefix="/api/orders", tags=["orders"])

Text = Annotated[str | None, Query(max_length=100)]


def read_hash(text: str) -> Digest:
    """The order's name in a path. Raises `NotADigest`."""
    if len(text) > 66:
        raise NotADigest(text)
    return Digest.parse(text.lower())


@router.post("/prepare", status_code=201, response_model=IntentOut, operation_id="prepare_order")
async def prepare_order(body: PrepareOrderIn, writing: WritingDep) -> Response:
    """What to sign to put a work up for sale: an approval, given once, and the listing."""
    maker = read_address("maker", body.maker)
    return await writing.prepare(maker, partial(service.prepare_listing, body=body))


@router.post(
    "",
    status_code=201,
    response_model=OrderDetailOut,
    operation_id="place_order",
    responses={200: {"model": OrderDetailOut, "description": "The book has it already."}},
)
async def place_order(body: OrderIn, writing: WritingDep) -> Response:
    """Put a signed order on the book; the signature is all the authority it needs."""

    async def make() -> Made:
        name, is_new = await service.place(writing.session, writing.parts, body, writing.now)
        placed = await queries.get_order(writing.session, writing.parts, name)
        return Made(placed, {"Location": f"/api/orders/{name}"}, 201 if is_new else 200)

    return await writing.once(None, make)


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


@router.post(
    "/{order_hash}/cancel", status_code=201, response_model=IntentOut, operation_id="cancel_order"
)
async def cancel_order(order_hash: str, body: CancelIn, writing: WritingDep) -> Response:
    """`hide`: one free signature that binds us; `transaction`: binds everybody."""
    maker, name = read_address("maker", body.maker), read_hash(order_hash)
    return await writing.prepare(maker, partial(filling.prepare_cancel, order_name=name, body=body))


@router.post("/{order_hash}/hide", operation_id="hide_order")
async def hide_order(order_hash: str, body: HideIn, writing: WritingDep) -> OrderOut:
    """Stop handing the order out: takes the signature that `cancel` with `hide` prepared."""
    name = read_hash(order_hash)
    await service.hide(writing.session, writing.parts, name, body.signature, writing.now)
    return await queries.get_order(writing.session, writing.parts, name)
