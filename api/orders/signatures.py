"""
`POST /api/intents/{id}/signatures`: a signature that goes into a later step of the same intent.
"""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import NowDep, PartsDep, SessionDep
from api.intents.queries import describe
from api.intents.schemas import IntentOut
from api.orders import permits
from api.orders.permits import StepSignatureIn

router = APIRouter(prefix="/api/intents", tags=["intents"])


@router.post("/{intent_id}/signatures", status_code=201, operation_id="sign_step")
async def sign_step(
    intent_id: str, body: StepSignatureIn, session: SessionDep, parts: PartsDep, now: NowDep
) -> IntentOut:
    """Take a permit's signature: the intent then has its transaction, ready to send."""
    row = await permits.sign(session, parts, intent_id, body, now)
    return await describe(session, parts, row, now=now)
