"""
Whatever was signed arrives at one place; each kind has its own way onto the book.
"""

from __future__ import annotations

from typing import Any

from api.auctions import placing as auctions
from api.auctions.queries import get_auction
from api.idempotency import Made
from api.orders import placing
from api.orders.queries import get_order
from api.orders.schemas import (
    OrderIn,
    OrdersIn,
    PlacedOrders,
    SignedAuctionIn,
    SignedVoucherIn,
)
from api.orders.writing import Writing
from api.vouchers import placing as vouchers
from api.vouchers.queries import get_voucher


async def post(writing: Writing, body: Any) -> Made:
    """Put it on the book and answer with it as it stands: 201, or 200 when it was there."""
    session, parts, now = writing.session, writing.parts, writing.now
    if isinstance(body, SignedAuctionIn):
        name, is_new = await auctions.place(session, parts, body, now)
        return _made(await get_auction(session, parts, name), f"/api/auctions/{name}", is_new)
    if isinstance(body, SignedVoucherIn):
        name, is_new = await vouchers.place(session, parts, body, now)
        return _made(await get_voucher(session, parts, name), f"/api/vouchers/{name}", is_new)
    if isinstance(body, OrdersIn):
        names, is_new = await placing.place_many(session, parts, body, now)
        items = [await get_order(session, parts, name) for name in names]
        return _made(PlacedOrders(items=items), f"/api/orders?maker={items[0].maker}", is_new)
    assert isinstance(body, OrderIn)
    name, is_new = await placing.place(session, parts, body, now)
    return _made(await get_order(session, parts, name), f"/api/orders/{name}", is_new)


def _made(found: Any, place: str, is_new: bool) -> Made:
    return Made(found, {"Location": place}, 201 if is_new else 200)
