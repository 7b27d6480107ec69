"""
Many listings of one maker under one signature: a tree of orders, posted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.orders.kinds import Desk
from api.orders.kinds.listings import (
    Wanted,
    approvals,
    check_new,
    divide,
    order_for,
    royalty_warnings,
    subject_of,
    wanted,
)
from api.orders.schemas import BulkIn
from api.parts import ChainParts
from api.sales import money
from api.sales.proposals import Proposal, Signable, Terms
from nft import explain
from nft.errors import ExchangeError, OrderInvalid
from nft.orders import Order
from nft.signing import bulk_typed_data, order_hash, order_message


async def propose(desk: Desk, body: BulkIn) -> Proposal:
    """All listings, or the first fault among them with its place."""
    found: list[tuple[ChainParts, Wanted]] = []
    for number, listing in enumerate(body.listings):
        try:
            found.append(await wanted(desk, listing))
        except ExchangeError as error:
            error.field = f"listings/{number}/{error.field or ''}".rstrip("/")
            raise
    part = found[0][0]
    asked = [one for _, one in found]
    maker = asked[0].maker
    for number, (where, one) in enumerate(found):
        if where is not part or one.maker != maker:
            raise OrderInvalid(
                f"listings/{number}", "one signature covers orders of one maker on one chain"
            )

    def sign(terms: Terms) -> Signable:
        orders = [
            order_for(one, nonce=nonce, counter=terms.counter, now=desk.seconds)
            for one, nonce in zip(asked, terms.nonces, strict=True)
        ]
        for number, order in enumerate(orders):
            try:
                check_new(order, part, desk.seconds)
                divide(asked[number], order)
            except ExchangeError as error:
                error.field = f"listings/{number}/{error.field or ''}".rstrip("/")
                raise
        return signable(orders, part)

    works = [work for one in asked for work in one.works]
    return Proposal(
        kind="bulk",
        maker=maker,
        part=part,
        sign=sign,
        needs=approvals(part, maker, works),
        nonces=len(asked),
        request=body.model_dump(mode="json"),
        subject=subject_of(works),
        warnings=royalty_warnings(max(one.max_royalty_bps or 0 for one in asked)),
    )


def signable(orders: Sequence[Order], part: ChainParts) -> Signable:
    """All of them under one signature."""
    chain_id, exchange = part.deployment.chain_id, part.deployment.exchange.address
    body: dict[str, Any] = {
        "chain_id": str(chain_id),
        "orders": [order_message(order) for order in orders],
    }
    return Signable(
        id="sign-bulk",
        title=f"Sign {len(orders)} listings at once",
        explain=" ".join(explain.explain_bulk(orders, currencies=money.currencies(part))),
        typed_data=bulk_typed_data(orders, chain_id=chain_id, exchange=exchange),
        names=tuple(order_hash(one, chain_id=chain_id, exchange=exchange) for one in orders),
        href="/api/orders",
        body=body,
    )
