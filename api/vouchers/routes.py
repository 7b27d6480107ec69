"""
`/api/vouchers`: lazy mints, and the steps to redeem and cancel them.

A voucher comes from `POST /api/mints` with `lazy: true`, or from `POST /api/orders/prepare`, and is
posted to `/api/orders` like any order.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.chains import mirror
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.intents.schemas import IntentOut
from api.orders.schemas import CancelIn, HideIn, OrderState
from api.orders.writing import WritingDep
from api.pagination import DEFAULT_LIMIT, CursorQuery, LimitQuery, link_header
from api.tokens.deps import MAX_CHAIN_ID, read_address, read_hash, read_uint
from api.vouchers import queries, service
from api.vouchers.queries import VoucherFilters
from api.vouchers.schemas import RedeemIn, VoucherDetailOut, VoucherList, VoucherOut

router = APIRouter(prefix="/api/vouchers", tags=["vouchers"])

Text = Annotated[str | None, Query(max_length=100)]


@router.get("", response_model=VoucherList, operation_id="list_vouchers")
async def list_vouchers(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    chain_id: Text = None,
    maker: Text = None,
    creator: Text = None,
    contract: Text = None,
    state: OrderState | None = None,
    limit: LimitQuery = DEFAULT_LIMIT,
    cursor: CursorQuery = None,
) -> Response:
    """Lazy mints, newest first. Hidden ones are listed to those who name the signer."""
    number = None if chain_id is None else read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    filters = VoucherFilters(
        chain_id=number,
        maker=None if maker is None else read_address("maker", maker),
        creator=None if creator is None else read_address("creator", creator),
        contract=None if contract is None else read_address("contract", contract),
        state=state,
    )
    found = await queries.list_vouchers(session, parts, filters, limit, cursor)
    head = mirror.head_header(await mirror.heads(session), number)
    return public_json(request, found, headers={**head, **link_header(request, found.next)})


@router.get("/{voucher_hash}", response_model=VoucherDetailOut, operation_id="get_voucher")
async def get_voucher(
    voucher_hash: str, request: Request, session: ReadSessionDep, parts: PartsDep
) -> Response:
    """One lazy mint as it stands now, with its signature unless the signer hid it."""
    found = await queries.get_voucher(session, parts, read_hash(voucher_hash))
    head = mirror.head_header(await mirror.heads(session), int(found.chain_id))
    return public_json(request, found, headers=head)


@router.post(
    "/{voucher_hash}/redeem",
    status_code=201,
    response_model=IntentOut,
    operation_id="redeem_voucher",
)
async def redeem(voucher_hash: str, body: RedeemIn, writing: WritingDep) -> Response:
    """The transaction that buys a work and mints it."""
    taker, name = read_address("taker", body.taker), read_hash(voucher_hash)
    return await writing.prepare(taker, partial(service.prepare_redeem, name=name, body=body))


@router.post(
    "/{voucher_hash}/cancel",
    status_code=201,
    response_model=IntentOut,
    operation_id="cancel_voucher",
)
async def cancel(voucher_hash: str, body: CancelIn, writing: WritingDep) -> Response:
    """Hide what is left of it, or void it for everybody."""
    maker, name = read_address("maker", body.maker), read_hash(voucher_hash)
    return await writing.prepare(maker, partial(service.prepare_cancel, name=name, body=body))


@router.post("/{voucher_hash}/hide", operation_id="hide_voucher")
async def hide(voucher_hash: str, body: HideIn, writing: WritingDep) -> VoucherOut:
    """Stop handing it out: takes the signature that `cancel` with `hide` prepared."""
    name = read_hash(voucher_hash)
    await service.hide(writing.session, writing.parts, name, body.signature, writing.now)
    return await queries.get_voucher(writing.session, writing.parts, name)
