"""
The facts behind a work's levels of assurance, gathered from certificate, mirror and readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates.service import last_read_back
from api.certificates.versions import Certificate
from api.collections.ours import find_ours
from api.columns import of_work
from api.deps import chain_of
from api.parts import Parts
from api.standing import bindings
from api.standing.bindings import Held
from api.standing.countersignatures import Shown
from api.statements.queries import find_kept
from api.tables import CertificateRow
from api.tokens.schemas import TokenOut
from indexer.contract_tables import AllFrozenRow, CollectionRow
from indexer.tables import BlockRow, CursorRow, TokenChangeRow, TokenRow
from nft import statements
from nft.assurance import Assurance, Facts, Named, Vouched, assess
from nft.types import Address, Digest, TokenRef


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a work before the chain and the store are asked."""

    token: TokenRef
    work: TokenOut
    certificate: Certificate | None
    """None where nothing is certified: a foreign work, or one whose description is not known."""
    held: Sequence[Held]
    countersigned: Sequence[Shown]


async def assess_work(session: AsyncSession, parts: Parts, said: Said, now: datetime) -> Assurance:
    """The levels of a work as they stand now."""
    token = said.token
    creator = Address.parse(said.work.creator)
    artist = await find_ours(session, chain_of(parts, token.chain_id), token.contract)
    signer = await _signer(session, said)
    row = await session.get(TokenRow, (token.chain_id, token.contract, token.token_id))
    final = select(col(CursorRow.final_number)).where(col(CursorRow.chain_id) == token.chain_id)
    final_number = (await session.execute(final)).scalar_one()
    read = await _read_back(session, said.work)
    return assess(
        Facts(
            creator=creator,
            issued_at=await _issued_at(session, said, now),
            contract_artist=artist.artist if artist else None,
            contract_since=await _contract_since(session, token),
            is_shared=artist is not None and artist.artist is None,
            is_frozen=said.work.frozen,
            frozen_at=await _frozen_at(session, token, creator) if said.work.frozen else None,
            statement_signer=signer.account,
            stated_at=signer.stated_at,
            statement_by_contract=signer.is_contract,
            named=[_named(one) for one in bindings.standing(said.held, now)],
            vouched=_vouched(said, now),
            minted_at=said.work.minted.timestamp,
            is_final=row is not None and row.minted_block <= final_number,
            files=len({file.sha256 for file in said.work.media}),
            files_read=read[0],
            files_read_at=read[1],
        )
    )


def _named(held: Held) -> Named:
    assert held.read_at is not None, "a binding that is held was read"
    return Named(bindings.binding_of(held.row).name, held.since, held.read_at)


def _vouched(said: Said, now: datetime) -> list[Vouched]:
    """
    Galleries whose word stands for what the token says today.

    One that is the creator's own domain vouches for nobody: that is a binding.
    """
    own = {one.row.domain for one in bindings.standing(said.held, now)}
    digest = said.work.metadata_digest
    return [
        Vouched(one.row.gallery, one.row.created_at, one.reading.read_at)
        for one in said.countersigned
        if one.row.withdrawn_at is None
        and str(one.row.metadata_digest) == digest
        and one.row.gallery.removeprefix("did:web:") not in own
    ]


async def _issued_at(session: AsyncSession, said: Said, now: datetime) -> datetime | None:
    """Issued by this very request, its row is not in the state that we read: then it is now."""
    if said.certificate is None or said.certificate.is_provisional:
        return None
    token = said.token
    query = select(func.min(col(CertificateRow.issued_at))).where(
        *of_work(CertificateRow, token),
        col(CertificateRow.version) == said.certificate.version,
    )
    return (await session.execute(query)).scalar_one_or_none() or now


@dataclass(frozen=True, slots=True)
class _Signer:
    """Who signed the artist's statement, and when it came here."""

    account: Address | None
    is_contract: bool
    stated_at: datetime | None = None


async def _signer(session: AsyncSession, said: Said) -> _Signer:
    """
    Who signed the artist's statement, and whether that is a contract wallet.

    A wallet's word was asked of the chain when it came; a key's signature is recovered here.
    """
    if said.certificate is None:
        return _Signer(None, is_contract=False)
    subject: dict[str, Any] = said.certificate.document["credentialSubject"]
    digest = Digest.parse(subject["metadata"]["sha256"])
    kept = await find_kept(session, said.token, digest)
    carried = subject.get("statement") or (kept.signed.as_json() if kept else None)
    if carried is None:
        return _Signer(None, is_contract=False)
    found = statements.check(
        carried,
        subject,
        chain_id=said.token.chain_id,
        contract=said.token.contract,
        token_id=said.token.token_id,
        metadata_digest=digest,
    )
    is_kept = kept is not None and kept.signed.as_json() == carried
    is_known = is_kept if found.needs_node else found.is_proven
    stated_at = kept.created_at if kept is not None and is_kept else None
    return _Signer(found.signer if is_known else None, found.needs_node, stated_at)


async def _contract_since(session: AsyncSession, token: TokenRef) -> datetime | None:
    query = select(func.min(col(CollectionRow.block_number))).where(
        col(CollectionRow.chain_id) == token.chain_id,
        col(CollectionRow.contract) == token.contract,
    )
    return await _time_of(session, token.chain_id, query)


async def _frozen_at(session: AsyncSession, token: TokenRef, creator: Address) -> datetime | None:
    """By itself, or with all works of its creator: whichever came first."""
    itself = select(func.min(col(TokenChangeRow.block_number))).where(
        *of_work(TokenChangeRow, token),
        col(TokenChangeRow.event) == "frozen",
    )
    together = select(func.min(col(AllFrozenRow.block_number))).where(
        col(AllFrozenRow.chain_id) == token.chain_id,
        col(AllFrozenRow.contract) == token.contract,
        col(AllFrozenRow.creator) == creator,
    )
    times = [await _time_of(session, token.chain_id, one) for one in (itself, together)]
    known: list[datetime] = [one for one in times if one is not None]
    return min(known, default=None)


async def _time_of(session: AsyncSession, chain_id: int, block: Select[Any]) -> datetime | None:
    query = select(col(BlockRow.timestamp)).where(
        col(BlockRow.chain_id) == chain_id, col(BlockRow.number) == block.scalar_subquery()
    )
    seconds = (await session.execute(query)).scalar_one_or_none()
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


async def _read_back(session: AsyncSession, work: TokenOut) -> tuple[int, datetime | None]:
    """How many of the files were read back whole, and when the one that waits longest was."""
    files = {Digest.parse(file.sha256) for file in work.media}
    times = [at for _, at in (await last_read_back(session, files)).values()]
    return len(times), min(times, default=None)
