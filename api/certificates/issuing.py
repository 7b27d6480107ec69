"""
Issuing: one work's certificate, or its next version, from facts, proofs and a signature.

A node is asked outside any transaction. What it proved is then signed and kept in one short
transaction, behind a lock of the work and after a second look at the facts: whoever is killed
leaves nothing half done, and of two who issue at once one finds the other's version in force.
A sale never makes a version; what does, says `Reason`.
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
from api.certificates.facts import Facts, find_facts
from api.certificates.versions import Certificate, served
from api.locks import hold
from api.parts import Parts
from api.statements import queries as statements
from api.tables import CertificateRow
from nft.certificates import Statement, certificate_code, issue
from nft.errors import Unreachable
from nft.integrity import Document
from nft.types import TokenRef

log = structlog.get_logger(__name__)

Reason = Literal["issued", "mint", "metadata", "issuer", "statement", "evidence"]
"""
Why there is a version: the first, another mint after a reorganisation, a corrected description,
another key or name of the issuer, a statement that arrived later, proofs that could be drawn later.
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of an attempt."""

    certificate: Certificate
    is_new: bool
    lacks: str | None = None
    """Why the evidence is missing that a later version may have."""


def is_of(row: CertificateRow, facts: Facts) -> bool:
    """Whether a version certifies this mint; a reorganisation of the mint makes it void."""
    return bool(row.mint_block_hash == facts.statement.mint.block_hash)


def reason_for(
    row: CertificateRow | None, statement: Statement, *, method: str, has_proofs: bool
) -> Reason | None:
    """Why the next version is due, None while the newest says all of it."""
    if row is None:
        return "issued"
    if row.mint_block_hash != statement.mint.block_hash:
        return "mint"
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
        method = (await issuers.current(session, parts)).method
        facts, kept = await _look(session, parts, token)
    if not facts.is_settled:
        return None
    due = reason_for(kept, facts.statement, method=method, has_proofs=True)
    if due is None:
        assert kept is not None, "a version that is in force"
        return Issued(served(kept), is_new=False)
    evidence, lacks = await _drawn(parts, facts)
    async with parts.sessions.begin() as session:
        # Until this transaction ends nobody else issues for the work.
        await hold(session, f"vernissage certificate {token.caip19}")
        again, kept = await _look(session, parts, token)
        if again != facts:
            evidence, lacks = None, "the work changed meanwhile"
        if not again.is_settled:
            return None
        statement = replace(again.statement, evidence=evidence)
        why = reason_for(kept, statement, method=method, has_proofs=evidence is not None)
        if why is None:
            assert kept is not None, "a version that is in force"
            return Issued(served(kept), False, None if kept.has_evidence else lacks)
        row = await _keep(session, parts, statement, why, kept, now)
    return Issued(served(row), is_new=True, lacks=lacks)


async def draft(session: AsyncSession, parts: Parts, facts: Facts) -> Certificate:
    """What would be certified if the mint stays: marked, kept nowhere, without proofs."""
    body = _bytes(issue(facts.statement, await issuers.current(session, parts)))
    code = certificate_code(facts.statement.token)
    return Certificate(facts.statement.token, 0, code, body, is_provisional=True)


async def _look(
    session: AsyncSession, parts: Parts, token: TokenRef
) -> tuple[Facts, CertificateRow | None]:
    facts = await find_facts(session, parts, token)
    stated = await statements.find(session, token, facts.statement.metadata_digest)
    statement = replace(facts.statement, artist_statement=stated)
    return replace(facts, statement=statement), await versions.newest(session, token)


async def _drawn(parts: Parts, facts: Facts) -> tuple[Document | None, str | None]:
    """Proofs by a node, or why there are none; a silent node never keeps a certificate back."""
    chain = parts.chains[facts.statement.token.chain_id]
    try:
        return await asyncio.to_thread(proofs.of_certificate, chain.chain, facts), None
    except (proofs.NotProvable, Unreachable) as error:
        return None, str(error)


async def _keep(
    session: AsyncSession,
    parts: Parts,
    statement: Statement,
    why: Reason,
    kept: CertificateRow | None,
    now: datetime,
) -> CertificateRow:
    """Sign, and keep the bytes as the next version."""
    token = statement.token
    version = 1 if kept is None else kept.version + 1
    issuer = await issuers.current(session, parts)
    entries = await status.allocate(session, parts, token, version)
    body = _bytes(issue(replace(statement, status=tuple(entries)), issuer))
    values: dict[str, Any] = {
        "chain_id": token.chain_id,
        "contract": token.contract,
        "token_id": token.token_id,
        "version": version,
        "code": certificate_code(token),
        "body": body,
        "mint_block_hash": statement.mint.block_hash,
        "metadata_digest": statement.metadata_digest,
        "method": issuer.method,
        "has_evidence": statement.evidence is not None,
        "reason": why,
        "issued_at": now,
    }
    await session.execute(insert(CertificateRow).values(values))
    await session.execute(select(func.pg_notify(versions.CHANNEL, token.path)))
    log.info("certificate issued", work=token.caip19, version=version, reason=why)
    return CertificateRow(**values)


def _bytes(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
