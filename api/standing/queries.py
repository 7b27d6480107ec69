"""
Reading what others say of a work: rows as they are told, and all of it together.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.certificates import service as certificates
from api.certificates.versions import Certificate
from api.likenesses import service as likenesses
from api.parts import Parts
from api.standing import bindings, claims, countersignatures, marks
from api.standing.bindings import Held
from api.standing.claims import Told
from api.standing.countersignatures import Shown
from api.standing.evidence import Said, assess_work
from api.standing.schemas import (
    AnswerOut,
    AssuranceOut,
    BindingOut,
    ClaimOut,
    CountersignatureOut,
    MarkOut,
    ReadDocumentOut,
    StandingOut,
    TurnOut,
)
from api.standing.tables import MarkRow
from api.tokens.schemas import TokenOut
from nft.errors import Missing
from nft.types import Address, Digest, TokenRef


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _maybe(moment: datetime | None) -> datetime | None:
    return None if moment is None else _utc(moment)


def binding_out(held: Held, now: datetime) -> BindingOut:
    """A binding as it is told."""
    binding = bindings.binding_of(held.row)
    return BindingOut(
        id=str(held.row.binding_hash),
        account=str(binding.account),
        chain_id=str(binding.chain_id),
        name=binding.name,
        domain=binding.domain,
        method=binding.method,
        url=binding.url,
        state=held.state(now),
        since=_utc(held.since),
        read_at=_maybe(held.read_at),
        made_at=_utc(held.row.created_at),
        withdrawn_at=_maybe(held.row.withdrawn_at),
        turns=[
            TurnOut(
                says="held" if turn.outcome == "held" else "lost",
                at=_utc(turn.at),
                detail=turn.detail,
            )
            for turn in held.turns
        ],
        typed_data=binding.typed_data(),
        signature="0x" + held.row.signature.hex(),
    )


def countersignature_out(shown: Shown, current: str | None) -> CountersignatureOut:
    """A countersignature as it is told; `current` is the digest that the token carries."""
    row, reading = shown.row, shown.reading
    return CountersignatureOut(
        id=str(row.countersignature_hash),
        gallery=row.gallery,
        key=row.public_key,
        certificate=str(row.certificate),
        metadata_digest=str(row.metadata_digest),
        current=str(row.metadata_digest) == current,
        received_at=_utc(row.created_at),
        withdrawn_at=_maybe(row.withdrawn_at),
        document=row.document,
        did_document=ReadDocumentOut(
            url=reading.url,
            sha256=str(reading.sha256 or Digest(bytes(32))),
            read_at=_utc(reading.read_at),
            document=countersignatures.did_document_of(shown),
        ),
        withdrawal=row.withdrawal,
    )


def mark_out(row: MarkRow) -> MarkOut:
    """A mark as it is told."""
    return MarkOut(
        id=str(row.mark_hash),
        kind="stolen" if row.kind == "stolen" else "lost",
        by="owner" if row.by == "owner" else "issuer",
        account=None if row.account is None else str(row.account),
        reason=row.reason,
        at=_utc(row.created_at),
        block_number=None if row.block_number is None else str(row.block_number),
        block_hash=None if row.block_hash is None else str(row.block_hash),
        transfer_count=None if row.transfer_count is None else str(row.transfer_count),
        signature=None if row.signature is None else "0x" + row.signature.hex(),
        issued_at=str(int(row.issued_at.timestamp())),
        standing=row.taken_back_at is None,
        taken_back_at=_maybe(row.taken_back_at),
        taken_back_reason=row.taken_back_reason,
    )


def claim_out(told: Told) -> ClaimOut:
    """A claim as it is told."""
    row = told.row
    return ClaimOut(
        id=row.id,
        chain_id=str(row.chain_id),
        contract=str(row.contract),
        token_id=str(row.token_id),
        claimant=str(row.claimant),
        basis="bound_domain" if row.basis == "bound_domain" else "earlier_work",
        evidence=row.evidence,
        reason=row.reason,
        at=_utc(row.created_at),
        state=told.course.state,
        answers=[
            AnswerOut(
                role=one.role,
                account=None if one.account is None else str(one.account),
                words=one.words,
                at=_utc(one.created_at),
            )
            for one in told.answers
        ],
        decision_reason=row.decision_reason,
        decided_at=_maybe(row.decided_at),
        withdrawn_reason=row.withdrawn_reason,
        withdrawn_at=_maybe(row.withdrawn_at),
    )


async def standing_of(
    session: AsyncSession, parts: Parts, token: TokenRef, work: TokenOut, now: datetime
) -> StandingOut:
    """Everything, of one work that was read."""
    said = await _said(session, parts, token, work, now)
    certificate = said.certificate
    is_issued = certificate is not None and not certificate.is_provisional
    return StandingOut(
        asset=work.asset,
        chain_id=work.chain_id,
        contract=work.contract,
        token_id=work.token_id,
        creator=work.creator,
        certificate_sha256=str(Digest.sha256(certificate.body))
        if certificate and is_issued
        else None,
        assurance=AssuranceOut.model_validate(
            (await assess_work(session, parts, said, now)).as_json()
        ),
        bindings=[binding_out(one, now) for one in said.held],
        countersignatures=[
            countersignature_out(one, work.metadata_digest) for one in said.countersigned
        ],
        marks=[mark_out(one) for one in await marks.of_token(session, token)],
        claims=[claim_out(one) for one in await claims.of_token(session, token)],
        likenesses=await likenesses.of_token(session, parts, work),
    )


async def _said(
    session: AsyncSession, parts: Parts, token: TokenRef, work: TokenOut, now: datetime
) -> Said:
    certificate: Certificate | None = None
    if not work.foreign:
        try:
            certificate = await certificates.get_certificate(session, parts, token, now=now)
        except Missing:
            certificate = None  # Its description has not reached us: nothing is certified.
    held: list[Held] = []
    if work.creator and not work.foreign:
        held = await bindings.of_account(session, Address.parse(work.creator), token.chain_id)
    shown = await countersignatures.of_token(session, token)
    return Said(token, work, certificate, held, shown)
