"""
Issuing: one work's certificate, or its next version, from facts, proofs and a signature.

A node is asked outside any transaction. What it proved is then signed and kept in one short
transaction, behind a lock of the work and after a second look at the facts: whoever is killed
leaves nothing half done, and of two who issue at once one finds the other's version in force.
A sale never makes a version; what does, says `Reason`. A work that is only offered has one, too
(`offers`): it is of a voucher in place of a mint, and there is nothing for a node to prove.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.certificates import issuers, proofs, status, versions
from api.certificates.facts import Facts
from api.certificates.offers import find_any
from api.certificates.versions import Certificate, served
from api.forms import due
from api.parts import Parts
from api.statements import queries as statements
from api.tables import CertificateRow
from nft.certificates import Issuer, certificate_code, issue
from nft.errors import Unreachable
from nft.integrity import Document
from nft.types import TokenRef

log = structlog.get_logger(__name__)

Reason = Literal[
    "issued", "mint", "metadata", "issuer", "statement", "evidence", "voucher", "minted"
]
"""
Why there is a version: the first, another mint after a reorganisation, a corrected description,
another key or name of the issuer, a statement that arrived later, proofs that could be drawn later;
another voucher before the mint (or again a voucher, where the mint was undone); the mint itself.
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of an attempt."""

    certificate: Certificate
    is_new: bool
    lacks: str | None = None
    """Why the evidence is missing that a later version may have."""


@dataclass(frozen=True, slots=True)
class _Next:
    """A version that is to be kept."""

    facts: Facts
    version: int
    reason: Reason


def is_of(row: CertificateRow, facts: Facts) -> bool:
    """
    Whether a version certifies this mint, or this offer.

    A reorganisation of the mint makes it void, and so do another voucher and the mint.
    """
    of_mint = bool(row.mint_block_hash == facts.statement.mint_block_hash)
    return of_mint and bool(row.voucher_hash == facts.voucher_hash)


def reason_for(
    row: CertificateRow | None, facts: Facts, *, method: str, has_proofs: bool
) -> Reason | None:
    """Why the next version is due, None while the newest says all of it."""
    statement = facts.statement
    if row is None:
        return "issued"
    if not is_of(row, facts):
        if statement.mint is None:
            return "voucher"
        return "mint" if row.voucher_hash is None else "minted"
    if row.metadata_digest != statement.metadata_digest:
        return "metadata"
    if row.method != method:
        return "issuer"
    stated = json.loads(row.body)["credentialSubject"].get("statement")
    if statement.artist_statement is not None and stated != statement.artist_statement:
        return "statement"
    return "evidence" if has_proofs and not row.has_evidence else None


async def issue_certificate(parts: Parts, token: TokenRef, *, now: datetime) -> Issued | None:
    """
    Issue what is due for a work, and answer the version in force; None while it is provisional.

    Raises `NoSuchToken`, `CertificateNotReady`, `IssuerKeyMissing`.
    """
    async with parts.sessions() as session:
        issuer = await issuers.current(session, parts)
        facts, kept = await _look(session, parts, token, now)
    if not facts.is_settled:
        return None
    can_prove = facts.statement.mint is not None
    if reason_for(kept, facts, method=issuer.method, has_proofs=can_prove) is None:
        assert kept is not None, "a version that is in force"
        return Issued(served(kept), is_new=False)
    evidence, lacks = await _drawn(parts, facts)
    async with parts.sessions.begin() as session:
        await versions.hold_work(session, token)
        issuer = await issuers.current(session, parts)
        again, kept = await _look(session, parts, token, now)
        # Proofs are of a block of their own: they stay good while the safe one moves on.
        if replace(again, safe_number=facts.safe_number) != facts:
            evidence, lacks = None, "the work changed meanwhile"
        if not again.is_settled:
            return None
        why = reason_for(kept, again, method=issuer.method, has_proofs=evidence is not None)
        if why is None:
            assert kept is not None, "a version that is in force"
            return Issued(served(kept), False, None if kept.has_evidence else lacks)
        proven = replace(again, statement=replace(again.statement, evidence=evidence))
        following = _Next(proven, 1 if kept is None else kept.version + 1, why)
        row = await _keep(session, parts, issuer, following, now)
    return Issued(served(row), is_new=True, lacks=lacks)


async def draft(session: AsyncSession, parts: Parts, facts: Facts) -> Certificate:
    """What would be certified if the mint stays: marked, kept nowhere, without proofs."""
    body = _bytes(issue(facts.statement, await issuers.current(session, parts)))
    code = certificate_code(facts.statement.token)
    return Certificate(facts.statement.token, 0, code, body, is_provisional=True)


async def _look(
    session: AsyncSession, parts: Parts, token: TokenRef, now: datetime
) -> tuple[Facts, CertificateRow | None]:
    facts = await find_any(session, parts, token, now=now)
    stated = await statements.find(session, token, facts.statement.metadata_digest)
    statement = replace(facts.statement, artist_statement=stated)
    return replace(facts, statement=statement), await versions.newest(session, token)


async def _drawn(parts: Parts, facts: Facts) -> tuple[Document | None, str | None]:
    """
    Proofs by a node, or why there are none; a silent node never keeps a certificate back.

    Of a work that is not minted there is nothing to prove, and so nothing is lacking.
    """
    if facts.statement.mint is None:
        return None, None
    chain = parts.chains[facts.statement.token.chain_id]
    try:
        return await asyncio.to_thread(proofs.of_certificate, chain.chain, facts), None
    except (proofs.NotProvable, Unreachable) as error:
        return None, str(error)


async def _keep(
    session: AsyncSession, parts: Parts, issuer: Issuer, following: _Next, now: datetime
) -> CertificateRow:
    """Sign, and keep the bytes as the next version."""
    facts, version = following.facts, following.version
    statement, token = facts.statement, facts.statement.token
    entries = await status.allocate(session, parts, token, version)
    body = _bytes(issue(replace(statement, status=tuple(entries)), issuer))
    values: dict[str, Any] = {
        "chain_id": token.chain_id,
        "contract": token.contract,
        "token_id": token.token_id,
        "version": version,
        "code": certificate_code(token),
        "body": body,
        "mint_block_hash": statement.mint_block_hash,
        "voucher_hash": facts.voucher_hash,
        "metadata_digest": statement.metadata_digest,
        "method": issuer.method,
        "has_evidence": statement.evidence is not None,
        "reason": following.reason,
        "issued_at": now,
    }
    await session.execute(insert(CertificateRow).values(values))
    await status.carry_over(session, token, version, now)
    await due.put(session, token)
    await session.execute(select(func.pg_notify(versions.CHANNEL, token.path)))
    log.info("certificate issued", work=token.caip19, version=version, reason=following.reason)
    return CertificateRow(**values)


def _bytes(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
