"""
Taking a signed statement: checked, kept for ever, told to whoever keeps certificates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates.waiting import look_again, look_again_at_offered
from api.collections.errors import CollectionNotOurs
from api.collections.ours import find_ours
from api.deps import chain_of
from api.intents import service as intents
from api.orders import wire
from api.parts import ChainParts, Parts
from api.sales import signers
from api.sales.signers import Accepted
from api.statements import queries
from api.statements.errors import AlreadyStated, StatementNotSigners
from api.statements.schemas import StateIn, StatementIn
from api.statements.steps import step_for
from api.statements.tables import StatedWorkRow, StatementRow
from api.statements.works import Wanted, entries
from api.tables import IntentRow
from api.tokens.actions import NotTheCreator
from api.tokens.corrections import MetadataUnknown
from api.tokens.deps import read_uint
from api.tokens.queries import get_token
from indexer.tables import TokenRow
from nft.signing import typed_data_digest
from nft.statements import WorkStatement, signing_digest, work_hash
from nft.types import Address, Digest, TokenRef


@dataclass(frozen=True, slots=True)
class _Read:
    """A statement as it came, understood and not yet believed."""

    part: ChainParts
    contract: Address
    signer: Address
    works: Sequence[WorkStatement]
    hashes: tuple[Digest, ...]

    @property
    def chain_id(self) -> int:
        return self.part.deployment.chain_id

    @property
    def digest(self) -> Digest:
        return signing_digest(self.hashes, chain_id=self.chain_id, contract=self.contract)


async def place(
    session: AsyncSession, parts: Parts, body: StatementIn, now: datetime
) -> tuple[Digest, bool]:
    """
    Keep a signed statement; say its digest and whether it is new.

    It can come before the mint, after it, and twice. Raises `CollectionNotOurs`,
    `DescriptionUnknown`, `NotTheSigners`, `StatementInvalid` or `StatementNotSigners`.
    """
    read = await _read(session, parts, body)
    digest = read.digest
    if await session.get(StatementRow, digest) is not None:
        return digest, False
    signature = wire.read_signature(body.signature)
    kept = await signers.accepted(read.part, read.signer, digest, signature)
    if kept is None:
        raise StatementNotSigners(digest, read.signer)
    return digest, await _keep(session, read, kept, now)


async def _read(session: AsyncSession, parts: Parts, body: StatementIn) -> _Read:
    part = chain_of(parts, body.chain_id)
    if await find_ours(session, part, body.contract) is None:
        raise CollectionNotOurs(str(body.contract))
    wanted = [
        Wanted(
            read_uint(f"works/{position}/token_id", one.token_id), one.copies, one.metadata_digest
        )
        for position, one in enumerate(body.works)
    ]
    works = await entries(session, wanted, signer=body.signer)
    hashes = tuple(work_hash(one) for one in works)
    return _Read(part, body.contract, body.signer, works, hashes)


async def _keep(session: AsyncSession, read: _Read, kept: Accepted, now: datetime) -> bool:
    """Both rows or neither; of two that come at once, one is new."""
    stored = await session.execute(
        insert(StatementRow)
        .values(
            digest=read.digest,
            chain_id=read.chain_id,
            contract=read.contract,
            signer=read.signer,
            signature=kept.signature,
            by_contract=not signers.is_keys(read.digest, kept.signature, read.signer),
            is_awaited=kept.is_awaited,
            works=b"".join(read.hashes),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(col(StatementRow.digest))
    )
    if stored.first() is None:
        return False
    rows = [
        {
            "digest": read.digest,
            "place": place,
            "chain_id": read.chain_id,
            "contract": read.contract,
            "token_id": one.token_id,
            "last_token_id": one.ids[-1],
            "copies": one.copies,
            "metadata_digest": one.metadata_digest,
        }
        for place, one in enumerate(read.works)
    ]
    await session.execute(insert(StatedWorkRow).values(rows))
    await _look_again(session, read, now)
    return True


async def _look_again(session: AsyncSession, read: _Read, now: datetime) -> None:
    """Certificates that were issued without it get a version that has it."""
    for one in read.works:
        query = select(col(TokenRow.token_id)).where(
            col(TokenRow.chain_id) == read.chain_id,
            col(TokenRow.contract) == read.contract,
            col(TokenRow.token_id).between(one.ids[0], one.ids[-1]),
            col(TokenRow.metadata_digest) == one.metadata_digest,
        )
        for token_id in (await session.execute(query)).scalars().all():
            await look_again(session, TokenRef(read.chain_id, read.contract, token_id), now=now)
        await look_again_at_offered(session, read.chain_id, read.contract, one.ids, now=now)


async def prepare(
    session: AsyncSession, parts: Parts, now: datetime, *, ref: TokenRef, body: StateIn
) -> IntentRow:
    """
    A signature for a work that is minted already, as it describes itself now.

    Raises `NotTheCreator`, `CollectionNotOurs`, `MetadataUnknown` or `AlreadyStated`.
    """
    work = await get_token(session, parts, ref)
    if work.creator != str(body.creator):
        raise NotTheCreator(str(body.creator), work.creator)
    if await find_ours(session, chain_of(parts, ref.chain_id), ref.contract) is None:
        raise CollectionNotOurs(str(ref.contract))
    if work.metadata_digest is None or not work.metadata_known:
        raise MetadataUnknown(ref.caip19)
    digest = Digest.parse(work.metadata_digest)
    if await queries.find_kept(session, ref, digest) is not None:
        raise AlreadyStated(ref.caip19)
    step = await step_for(
        session,
        [Wanted(ref.token_id, 1, digest)],
        chain_id=ref.chain_id,
        contract=ref.contract,
        signer=body.creator,
    )
    return await intents.prepare(
        session,
        kind="statement",
        account=body.creator,
        chain_id=ref.chain_id,
        request=body.model_dump(mode="json"),
        steps=[step],
        cost=intents.Cost(network_max=0, prompts=1),
        subject=intents.Subject(contract=ref.contract, token_id=ref.token_id),
        facts={"names": [str(typed_data_digest(step.typed_data))]},
        now=now,
    )
