"""
`/api/collections`: the contracts that are mirrored, deploying an own one, and deciding there.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from api.accounts.deps import AccountDep
from api.chains import mirror
from api.collections import queries, registering, service
from api.collections.schemas import (
    CollectionIn,
    CollectionList,
    CollectionOut,
    ContractMetadataIn,
    DefaultRoyaltyIn,
    FreezeAllIn,
    MinterIn,
)
from api.deps import PartsDep, ReadSessionDep
from api.etags import public_json
from api.idempotency import Made
from api.intents.schemas import IntentOut
from api.orders.writing import Preparing, Writing, WritingDep
from api.pagination import DEFAULT_LIMIT, CursorQuery, LimitQuery, link_header
from api.tokens.deps import MAX_CHAIN_ID, AddressPath, ChainPath, read_address, read_uint
from nft.types import Address

router = APIRouter(tags=["collections"])


@router.get("/api/collections", response_model=CollectionList)
async def list_collections(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    limit: LimitQuery = DEFAULT_LIMIT,
    cursor: CursorQuery = None,
) -> Response:
    """The collections that are mirrored here."""
    found = await queries.list_collections(session, parts, limit, cursor)
    head = mirror.head_header(await mirror.heads(session))
    return public_json(request, found, headers={**head, **link_header(request, found.next)})


@router.get("/api/collections/{chain_id}/{contract}", response_model=CollectionOut)
async def get_collection(
    request: Request,
    session: ReadSessionDep,
    parts: PartsDep,
    chain_id: ChainPath,
    contract: AddressPath,
) -> Response:
    """One collection."""
    number = read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    found = await queries.get_collection(session, parts, number, read_address("contract", contract))
    head = mirror.head_header(await mirror.heads(session), number)
    return public_json(request, found, headers=head)


@router.post(
    "/api/collections/{chain_id}/{contract}",
    status_code=201,
    response_model=CollectionOut,
    operation_id="register_contract",
    responses={200: {"model": CollectionOut, "description": "It was registered before."}},
)
async def register_contract(
    chain_id: ChainPath, contract: AddressPath, writing: WritingDep, account: AccountDep
) -> Response:
    """Have any ERC-721 contract mirrored: 201 the first time, 200 from then on."""
    number, address = _place(chain_id, contract)

    async def make() -> Made:
        is_new = await registering.register(
            writing.session,
            writing.parts,
            account,
            chain_id=number,
            contract=address,
            now=writing.now,
        )
        found = await queries.get_collection(writing.session, writing.parts, number, address)
        place = f"/api/collections/{number}/{address}"
        return Made(found, {"Location": place}, status=201 if is_new else 200)

    return await writing.once(account, make)


@router.post(
    "/api/collections",
    status_code=201,
    response_model=IntentOut,
    operation_id="deploy_collection",
)
async def deploy_collection(body: CollectionIn, writing: WritingDep) -> Response:
    """The transaction by which an artist deploys an own collection; it tells the address."""
    artist = read_address("artist", body.artist)
    return await writing.prepare(artist, partial(service.prepare_collection, body=body))


def _place(chain_id: str, contract: str) -> tuple[int, Address]:
    number = read_uint("chain_id", chain_id, maximum=MAX_CHAIN_ID)
    return number, read_address("contract", contract)


async def _decide(writing: Writing, account: str, preparing: Preparing) -> Response:
    return await writing.prepare(read_address("account", account), preparing)


@router.post(
    "/api/collections/{chain_id}/{contract}/minters",
    status_code=201,
    response_model=IntentOut,
    operation_id="set_minter",
)
async def set_minter(
    chain_id: ChainPath, contract: AddressPath, body: MinterIn, writing: WritingDep
) -> Response:
    """Name somebody who may mint in the account's name, or take the name back."""
    number, address = _place(chain_id, contract)
    asked = partial(service.prepare_minter, chain_id=number, contract=address, body=body)
    return await _decide(writing, body.account, asked)


@router.post(
    "/api/collections/{chain_id}/{contract}/default-royalty",
    status_code=201,
    response_model=IntentOut,
    operation_id="set_default_royalty",
)
async def set_default_royalty(
    chain_id: ChainPath, contract: AddressPath, body: DefaultRoyaltyIn, writing: WritingDep
) -> Response:
    """The royalty of works minted from now on without one of their own."""
    number, address = _place(chain_id, contract)
    asked = partial(service.prepare_default_royalty, chain_id=number, contract=address, body=body)
    return await _decide(writing, body.account, asked)


@router.post(
    "/api/collections/{chain_id}/{contract}/freeze",
    status_code=201,
    response_model=IntentOut,
    operation_id="freeze_all",
)
async def freeze_all(
    chain_id: ChainPath, contract: AddressPath, body: FreezeAllIn, writing: WritingDep
) -> Response:
    """Give up, for good, changing any of the account's works there."""
    number, address = _place(chain_id, contract)
    asked = partial(service.prepare_freeze_all, chain_id=number, contract=address, body=body)
    return await _decide(writing, body.account, asked)


@router.post(
    "/api/collections/{chain_id}/{contract}/metadata",
    status_code=201,
    response_model=IntentOut,
    operation_id="describe_collection",
)
async def describe_collection(
    chain_id: ChainPath, contract: AddressPath, body: ContractMetadataIn, writing: WritingDep
) -> Response:
    """Point an artist's collection to another description of itself."""
    number, address = _place(chain_id, contract)
    asked = partial(service.prepare_contract_metadata, chain_id=number, contract=address, body=body)
    return await _decide(writing, body.account, asked)
