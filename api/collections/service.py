"""
An artist's own collection: deploying it, and what only the artist decides there.

Each is one transaction. In the house collection the same calls are every creator's, about the own
works alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.collections.errors import (
    CollectionNotOurs,
    CollectionTextInvalid,
    NotTheArtist,
)
from api.collections.ours import Ours, find_ours
from api.collections.schemas import (
    CollectionIn,
    ContractMetadataIn,
    DefaultRoyaltyIn,
    FreezeAllIn,
    MinterIn,
)
from api.deps import chain_of
from api.intents.service import Subject
from api.parts import ChainParts, Parts
from api.sales import acts
from api.sales.acts import Act, NotPossible
from api.tables import IntentRow
from api.tokens.deps import read_address
from media.tables import MetadataRow
from nft.chain.contracts import Collection, CollectionFactory
from nft.chain.protocol import Call
from nft.errors import OrderInvalid
from nft.explain import percent
from nft.tokens import check_royalty
from nft.types import ZERO_ADDRESS, ZERO_DIGEST, Address, Digest

MAX_NAME_BYTES = 64
MAX_SYMBOL_BYTES = 16
CREATE_GAS = 400_000
SETTING_GAS = 80_000


async def prepare_collection(
    session: AsyncSession, parts: Parts, now: datetime, *, body: CollectionIn
) -> IntentRow:
    """
    An intent that deploys an artist's collection; its address is told beforehand.

    Raises `CollectionTextInvalid`, or `NotPossible` when the very same was deployed before.
    """
    part = chain_of(parts, body.chain_id)
    artist = read_address("artist", body.artist)
    _check_text("name", body.name, MAX_NAME_BYTES, least=1)
    _check_text("symbol", body.symbol, MAX_SYMBOL_BYTES, least=0)
    digest = body.metadata_digest or ZERO_DIGEST
    if digest != ZERO_DIGEST:
        await _check_described(session, digest)
    salt = body.salt or ZERO_DIGEST
    factory = CollectionFactory(part.deployment.collection_factory.address)
    terms = {"contract_digest": digest, "salt": salt}

    def ask() -> tuple[Address, bool]:
        found = factory.predict(artist, body.name, body.symbol, **terms).ask(part.chain)
        return found, bool(part.chain.code(found))

    address, is_there = await to_thread.run_sync(ask)
    title = f"Deploy the collection “{body.name}”"
    if is_there:
        because = f"you deployed it before, at {address}; another salt makes another one"
        raise NotPossible(title, [("CollectionExists", because)])
    act = Act(
        kind="collection",
        account=artist,
        part=part,
        call=factory.create(body.name, body.symbol, **terms),
        title=title,
        explain=(
            f"Creates the collection {address} on {part.name}, named “{body.name}” "
            f"({body.symbol}), for your works alone. Name and symbol stay for ever. Nobody else, "
            "this exchange included, has any power in it."
        ),
        request=body.model_dump(mode="json"),
        fallback_gas=CREATE_GAS,
        subject=Subject(contract=address),
        facts={"address": str(address)},
    )
    return await acts.prepare(session, act, now)


def _check_text(field_name: str, text: str, maximum: int, *, least: int) -> None:
    size = len(text.encode())
    if not least <= size <= maximum:
        raise CollectionTextInvalid(field_name, f"{size} bytes of UTF-8, not {least} to {maximum}")
    if not text.isprintable():
        raise CollectionTextInvalid(field_name, "it holds a sign that cannot be shown")


async def _check_described(session: AsyncSession, digest: Digest) -> None:
    if await session.get(MetadataRow, digest) is None:
        raise OrderInvalid("metadata_digest", "no description of that digest is kept here")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """One decision about an own collection, or about the own works in the house's."""

    kind: str
    account: Address
    call: Call
    title: str
    explain: str
    request: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)


async def _ours(
    session: AsyncSession, part: ChainParts, contract: Address, account: Address
) -> Ours:
    """The collection, if the account decides there. Raises `CollectionNotOurs`, `NotTheArtist`."""
    found = await find_ours(session, part, contract)
    if found is None:
        raise CollectionNotOurs(str(contract))
    if found.artist not in (None, account):
        raise NotTheArtist(str(account), str(found.artist))
    return found


async def _prepare(
    session: AsyncSession, part: ChainParts, contract: Address, asked: _Setting, now: datetime
) -> IntentRow:
    act = Act(
        kind=asked.kind,
        account=asked.account,
        part=part,
        call=asked.call,
        title=asked.title,
        explain=asked.explain,
        request={"contract": str(contract), **asked.request},
        fallback_gas=SETTING_GAS,
        subject=Subject(contract=contract),
        facts=asked.facts,
    )
    return await acts.prepare(session, act, now)


async def prepare_minter(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    chain_id: int,
    contract: Address,
    body: MinterIn,
) -> IntentRow:
    """Name somebody who may mint in the account's name, or take the name back."""
    part = chain_of(parts, chain_id)
    account, minter = read_address("account", body.account), read_address("minter", body.minter)
    await _ours(session, part, contract, account)
    said = (
        f"From then on {minter} can mint works in your name in {contract}, by transaction or by "
        "voucher, until you take it back."
        if body.allowed
        else f"From then on {minter} can mint nothing more in your name in {contract}, and no "
        "voucher of theirs can be redeemed."
    )
    asked = _Setting(
        kind="minter",
        account=account,
        call=Collection(contract).set_minter(minter, body.allowed),
        title="Name a minter" if body.allowed else "Take a minter's name back",
        explain=said,
        request=body.model_dump(mode="json"),
        facts={"minter": str(minter)},
    )
    return await _prepare(session, part, contract, asked, now)


async def prepare_default_royalty(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    chain_id: int,
    contract: Address,
    body: DefaultRoyaltyIn,
) -> IntentRow:
    """The royalty of works minted from now on without one of their own."""
    part = chain_of(parts, chain_id)
    account = read_address("account", body.account)
    await _ours(session, part, contract, account)
    check_royalty(body.bps)
    receiver = read_address("receiver", body.receiver) if body.receiver else ZERO_ADDRESS
    to = account if receiver == ZERO_ADDRESS else receiver
    asked = _Setting(
        kind="default_royalty",
        account=account,
        call=Collection(contract).set_default_royalty(body.bps, receiver),
        title=f"Set the default royalty to {percent(body.bps)}",
        explain=f"Works that you mint in {contract} from then on without a royalty of their own "
        f"owe {percent(body.bps)} of every sale to {to}. Works minted before keep theirs.",
        request=body.model_dump(mode="json"),
    )
    return await _prepare(session, part, contract, asked, now)


async def prepare_freeze_all(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    chain_id: int,
    contract: Address,
    body: FreezeAllIn,
) -> IntentRow:
    """Give up, for good, changing any of the account's works there."""
    part = chain_of(parts, chain_id)
    account = read_address("account", body.account)
    found = await _ours(session, part, contract, account)
    own = " and the collection's own description" if found.artist is not None else ""
    asked = _Setting(
        kind="freeze_all",
        account=account,
        call=Collection(contract).freeze_all(),
        title="Freeze all your works here",
        explain=f"From then on nobody, you included, can change what is said of your works in "
        f"{contract}, minted or not yet{own}. Minting goes on. This cannot be taken back.",
        request=body.model_dump(mode="json"),
    )
    return await _prepare(session, part, contract, asked, now)


async def prepare_contract_metadata(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    chain_id: int,
    contract: Address,
    body: ContractMetadataIn,
) -> IntentRow:
    """Point an artist's collection to another description of itself."""
    part = chain_of(parts, chain_id)
    account = read_address("account", body.account)
    found = await _ours(session, part, contract, account)
    if found.artist is None:
        raise NotTheArtist(str(account), "nobody")
    await _check_described(session, body.metadata_digest)
    asked = _Setting(
        kind="contract_metadata",
        account=account,
        call=Collection(contract).set_contract_metadata(body.metadata_digest),
        title="Describe the collection anew",
        explain=f"Points the collection {contract} to the description {body.metadata_digest}.",
        request=body.model_dump(mode="json"),
    )
    return await _prepare(session, part, contract, asked, now)
