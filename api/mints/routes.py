"""
Minting: one call; the answer tells what to sign once everything is pinned.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api import idempotency
from api.accounts.deps import AccountDep
from api.deps import NowDep, PartsDep, SessionDep
from api.idempotency import Made
from api.intents import queries
from api.intents.schemas import IntentOut
from api.mints import service
from api.mints.schemas import MintIn

router = APIRouter(tags=["mints"])


@router.post("/api/mints", status_code=201, operation_id="mint", response_model=IntentOut)
async def mint(
    body: MintIn,
    request: Request,
    account: AccountDep,
    session: SessionDep,
    parts: PartsDep,
    now: NowDep,
) -> Response:
    """
    Consent to publish and ask for the steps of a mint.

    From here on the files are public: they are pinned and read back, and then the intent is
    `prepared`. Poll `GET /api/intents/{id}` or listen to its `/events`.
    """

    async def make() -> Made:
        row = await service.begin(session, parts, body, account=account, now=now)
        found = await queries.describe(session, parts, row, now=now)
        return Made(found, {"Location": f"/api/intents/{row.id}", "Cache-Control": "no-store"})

    return await idempotency.once(request, session, parts, account=account, now=now, make=make)
