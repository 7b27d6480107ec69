"""
`/api/accounts/{address}/credits` and `/api/splitters/…`: money that waits for its owner.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Response

from api.credits import service
from api.credits.schemas import CreditsOut, ReleaseIn, SplitterOut, WithdrawIn
from api.deps import PartsDep, ReadSessionDep
from api.intents.schemas import IntentOut
from api.orders.writing import WritingDep
from api.tokens.deps import MAX_CHAIN_ID, AddressPath, ChainPath, read_address, read_uint

router = APIRouter(tags=["credits"])


@router.get("/api/accounts/{address}/credits", operation_id="get_credits")
async def get_credits(
    address: AddressPath, session: ReadSessionDep, parts: PartsDep, response: Response
) -> CreditsOut:
    """Refused payouts and parts of royalties that wait for an account."""
    response.headers["Cache-Control"] = "no-store"
    return await service.credits_of(session, parts, read_address("address", address))


@router.post(
    "/api/accounts/{address}/credits/withdraw",
    status_code=201,
    response_model=IntentOut,
    operation_id="withdraw_credit",
)
async def withdraw(address: AddressPath, body: WithdrawIn, writing: WritingDep) -> Response:
    """The transaction that draws a credit; somebody else may push it to its owner."""
    account = read_address("address", address)
    preparing = partial(service.prepare_withdraw, account=account, body=body)
    return await writing.prepare(account, preparing)


@router.get("/api/splitters/{chain_id}/{splitter}", operation_id="get_splitter")
async def get_splitter(
    chain_id: ChainPath,
    splitter: AddressPath,
    session: ReadSessionDep,
    parts: PartsDep,
    response: Response,
) -> SplitterOut:
    """A splitter's shares, and what each receiver is owed."""
    response.headers["Cache-Control"] = "no-store"
    number = read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    return await service.get_splitter(session, parts, number, read_address("splitter", splitter))


@router.post(
    "/api/splitters/{chain_id}/{splitter}/release",
    status_code=201,
    response_model=IntentOut,
    operation_id="release_royalties",
)
async def release(
    chain_id: ChainPath, splitter: AddressPath, body: ReleaseIn, writing: WritingDep
) -> Response:
    """The transaction that sends a receiver its part; anybody may send it."""
    number = read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    address = read_address("splitter", splitter)
    preparing = partial(service.prepare_release, chain_id=number, splitter=address, body=body)
    return await writing.prepare(read_address("account", body.account), preparing)
