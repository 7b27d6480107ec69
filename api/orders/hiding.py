"""
Taking orders back: the steps, and the free signature that only stops us.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.orders.facts import ORDERS
from api.orders.filling import subject_of
from api.orders.queries import get_known
from api.orders.reading import standing
from api.orders.schemas import CancelIn
from api.parts import Parts
from api.sales import cancelling
from api.sales.cancelling import Cancellable
from api.sales.hiding import check_hiding
from api.tables import IntentRow
from nft.types import Digest


async def prepare_cancel(
    session: AsyncSession, parts: Parts, now: datetime, *, name: Digest, body: CancelIn
) -> IntentRow:
    """An intent of one signature (`hide`) or one transaction. Raises `NotTheMaker`."""
    known = await get_known(session, parts, name)
    what = Cancellable(
        name=name,
        maker=known.order.maker,
        exchange=known.exchange,
        nonce=known.order.nonce,
        counter=known.order.counter,
        path=f"/api/orders/{name}/hide",
        subject=subject_of(known),
        state=standing(known, now)[0],
    )
    part = chain_of(parts, known.chain_id)
    return await cancelling.prepare_cancel(
        session, part, now, what=what, maker=body.maker, how=body.how
    )


async def hide(
    session: AsyncSession, parts: Parts, name: Digest, signature: str, now: datetime
) -> None:
    """Stop handing an order out, because its maker asks. Raises `SignatureNotMakers`."""
    known = await get_known(session, parts, name)
    await check_hiding(chain_of(parts, known.chain_id), name, known.order.maker, signature)
    await session.execute(
        update(ORDERS)
        .where(ORDERS.c.order_hash == name, ORDERS.c.hidden_at.is_(None))
        .values(hidden_at=now)
    )
