"""
Issuing certificates and gathering what a check of them rests on.

A certificate is a pure function of the token, its mint and its metadata, so drawing it twice
gives the same bytes; the first one drawn after the mint's block is safe is kept for ever.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.deps import chain_of
from api.parts import ChainParts, Parts
from api.tables import CertificateRow
from indexer.tables import BlockRow, CursorRow, TokenChangeRow, TokenRow
from media.tables import ContentRow, MetadataRow, PinRow
from nft.certificates import Issuer, Mint, Statement, certificate_code, issue
from nft.chain.evidence import gather
from nft.errors import Missing, NoSuchToken, Unreachable
from nft.integrity import Document, multikey
from nft.types import Digest, TokenRef
from nft.verification import ChainEvidence, Evidence, NotACertificate, Report, read_claims, verify


class CertificateNotReady(Missing):
    """The work is minted, but the document that its digest names has not reached us."""

    def __init__(self, token: TokenRef) -> None:
        super().__init__(
            f"the metadata of {token.caip19} is not known here, so nothing is certified"
        )


class NoSuchCertificate(Missing):
    """No certificate has this short code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no certificate has the code {code[:40]!r}")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it is served."""

    token: TokenRef
    version: int
    code: str
    body: bytes
    is_provisional: bool

    @property
    def document(self) -> Document:
        """The credential, parsed."""
        found: Document = json.loads(self.body)
        return found


def issuer_of(parts: Parts) -> Issuer:
    """`did:web` under a public https URL, the key itself on a local stack."""
    host = parts.public_url.removeprefix("https://")
    if host != parts.public_url:
        return Issuer(parts.issuer_key, "did:web:" + host.replace(":", "%3A").replace("/", ":"))
    return Issuer.local(parts.issuer_key)


async def find_statement(session: AsyncSession, parts: Parts, token: TokenRef) -> Statement:
    """
    What a certificate would say today, from the mirror and the stored metadata.

    Raises `NoSuchToken`, `CertificateNotReady`.
    """
    chain = chain_of(parts, token.chain_id)
    row = (await session.execute(_facts_of(token))).one_or_none()
    if row is None:
        raise NoSuchToken(token.caip19)
    if row.document is None or row.metadata_digest is None or row.royalty_receiver is None:
        raise CertificateNotReady(token)
    return Statement(
        token=token,
        metadata_digest=row.metadata_digest,
        metadata=row.document,
        mint=Mint(
            transaction_hash=row.mint_transaction,
            block_number=row.minted_block,
            block_hash=row.block_hash,
            timestamp=row.timestamp,
            log_index=row.minted_log_index,
            royalty_bps=row.royalty_bps,
            royalty_receiver=row.royalty_receiver,
        ),
        is_test=chain.is_test,
        is_provisional=row.minted_block > row.safe_number,
    )


def _facts_of(token: TokenRef) -> Select[Any]:
    """Token, mint, cursor and document in one row."""
    minted, royalty = TokenRow, TokenChangeRow
    return (
        select(
            col(minted.metadata_digest),
            col(minted.minted_block),
            col(minted.minted_log_index),
            col(minted.mint_transaction),
            col(royalty.royalty_bps),
            col(royalty.royalty_receiver),
            col(BlockRow.block_hash),
            col(BlockRow.timestamp),
            col(CursorRow.safe_number),
            col(MetadataRow.document),
        )
        .select_from(minted)
        .join(
            BlockRow,
            (col(BlockRow.chain_id) == col(minted.chain_id))
            & (col(BlockRow.number) == col(minted.minted_block)),
        )
        .join(CursorRow, col(CursorRow.chain_id) == col(minted.chain_id))
        .outerjoin(
            royalty,
            (col(royalty.chain_id) == col(minted.chain_id))
            & (col(royalty.contract) == col(minted.contract))
            & (col(royalty.token_id) == col(minted.token_id))
            & (col(royalty.event) == "minted"),
        )
        .outerjoin(MetadataRow, col(MetadataRow.digest) == col(minted.metadata_digest))
        .where(
            col(minted.chain_id) == token.chain_id,
            col(minted.contract) == token.contract,
            col(minted.token_id) == token.token_id,
        )
    )


async def get_certificate(
    session: AsyncSession, parts: Parts, token: TokenRef, *, now: datetime
) -> Certificate:
    """
    The certificate in force, issued now if it is the first time that it can be.

    Commits by itself when it issues: the bytes handed out must be the bytes kept. Raises
    `NoSuchToken`, `CertificateNotReady`.
    """
    statement = await find_statement(session, parts, token)
    code = certificate_code(token)
    kept = await _find_kept(session, statement)
    if kept is not None:
        return Certificate(token, kept.version, code, kept.body, is_provisional=False)
    body = json.dumps(
        issue(statement, issuer_of(parts)), ensure_ascii=False, separators=(",", ":")
    ).encode()
    if statement.is_provisional:
        return Certificate(token, 0, code, body, is_provisional=True)
    version = await _keep(session, statement, body, code, now)
    await session.commit()
    kept = await _find_kept(session, statement)
    assert kept is not None, f"certificate {code} version {version} was just kept"
    return Certificate(token, kept.version, code, kept.body, is_provisional=False)


async def _find_kept(session: AsyncSession, statement: Statement) -> CertificateRow | None:
    token = statement.token
    query = (
        select(CertificateRow)
        .where(
            col(CertificateRow.chain_id) == token.chain_id,
            col(CertificateRow.contract) == token.contract,
            col(CertificateRow.token_id) == token.token_id,
            col(CertificateRow.metadata_digest) == statement.metadata_digest,
            col(CertificateRow.mint_block_hash) == statement.mint.block_hash,
        )
        .order_by(col(CertificateRow.version).desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def _keep(
    session: AsyncSession, statement: Statement, body: bytes, code: str, now: datetime
) -> int:
    """Keep the bytes as the next version; when two do it at once, one row stands."""
    token = statement.token
    newest = (
        select(col(CertificateRow.version))
        .where(
            col(CertificateRow.chain_id) == token.chain_id,
            col(CertificateRow.contract) == token.contract,
            col(CertificateRow.token_id) == token.token_id,
        )
        .order_by(col(CertificateRow.version).desc())
        .limit(1)
    )
    version = ((await session.execute(newest)).scalar_one_or_none() or 0) + 1
    await session.execute(
        insert(CertificateRow)
        .values(
            chain_id=token.chain_id,
            contract=token.contract,
            token_id=token.token_id,
            version=version,
            code=code,
            body=body,
            mint_block_hash=statement.mint.block_hash,
            metadata_digest=statement.metadata_digest,
            issued_at=now,
        )
        .on_conflict_do_nothing()
    )
    return version


async def find_by_code(session: AsyncSession, code: str) -> TokenRef:
    """The token behind a short link. Raises `NoSuchCertificate`."""
    query = (
        select(
            col(CertificateRow.chain_id), col(CertificateRow.contract), col(CertificateRow.token_id)
        )
        .where(col(CertificateRow.code) == code.lower())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NoSuchCertificate(code)
    return TokenRef(row.chain_id, row.contract, row.token_id)


async def report_on(
    parts: Parts,
    document: Document,
    *,
    block_hashes: dict[int, Digest] | None = None,
    media: dict[Digest, str] | None = None,
) -> Report:
    """
    Check a document with a node of ours and the files in our store.

    Every file is read and hashed, unless the caller brings what was read before (`media`). A
    node that does not answer leaves its checks `not_checked`; it never makes them pass.
    """
    known = {multikey(parts.issuer_key.public_key()): "this exchange"}
    try:
        claims = read_claims(document)
    except NotACertificate:
        return verify(document, Evidence())
    chain = parts.chains.get(claims.token.chain_id)
    evidence: ChainEvidence | None = None
    if chain is not None:
        evidence = await asyncio.to_thread(_gather, chain, document)
    held = {} if media is None else media
    if media is None:
        for digest in {digest for _, digest in claims.media}:
            if await asyncio.to_thread(_is_intact, parts, digest):
                held[digest] = "read from the store of this exchange just now"
    return verify(
        document,
        Evidence(
            chain=evidence,
            block_hashes=block_hashes or {},
            media=held,
            known_issuers=known,
        ),
    )


async def media_read_back(session: AsyncSession, document: Document) -> dict[Digest, str]:
    """What the pin ledger last read back of a certificate's files: cheap enough for a page."""
    claims = read_claims(document)
    query = (
        select(col(ContentRow.sha256), col(PinRow.store), col(PinRow.read_at))
        .join(PinRow, col(PinRow.cid) == col(ContentRow.cid))
        .where(
            col(ContentRow.sha256).in_([digest for _, digest in claims.media]),
            col(PinRow.state) == "read_back",
            col(PinRow.read_at).is_not(None),
        )
        .order_by(col(PinRow.read_at))
    )
    found: dict[Digest, str] = {}
    for row in await session.execute(query):
        found[row.sha256] = f"read back from {row.store} at {row.read_at:%Y-%m-%d %H:%M} UTC"
    return found


def _is_intact(parts: Parts, digest: Digest) -> bool:
    path = parts.public.find_file(digest)
    if path is None:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest() == digest


def _gather(chain: ChainParts, document: Document) -> ChainEvidence | None:
    try:
        return gather(chain.chain, read_claims(document), source="a node of this exchange")
    except Unreachable:
        return None
