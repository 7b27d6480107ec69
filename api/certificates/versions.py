"""
Versions of certificates as they are kept: the newest is in force, the others stay readable.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from api.columns import of_work
from api.locks import hold
from api.tables import CertificateRow
from nft.errors import Missing
from nft.integrity import Document
from nft.types import Digest, TokenRef

CHANNEL = "vernissage_certificates"
"""Notified in the transaction that keeps a version: `chain/contract/token`."""


class NoSuchCertificate(Missing):
    """No certificate has this short code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no certificate has the code {code[:40]!r}")


class NoSuchVersion(Missing):
    """The work has certificates, but none of this number."""

    def __init__(self, token: TokenRef, version: int) -> None:
        super().__init__(f"{token.caip19} has no certificate of version {version}")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it is served."""

    token: TokenRef
    version: int
    """0 while it is provisional."""
    code: str
    body: bytes
    is_provisional: bool
    newest_version: int = 0
    voucher: Digest | None = None
    """Of a work that was not minted when this was issued: the voucher that offers it."""

    @property
    def document(self) -> Document:
        """The credential, parsed."""
        found: Document = json.loads(self.body)
        return found

    @property
    def is_minted(self) -> bool:
        """Whether it is of a mint, and not of an offer alone."""
        return self.voucher is None

    @property
    def is_superseded(self) -> bool:
        """Whether a later version is in force."""
        return self.version < self.newest_version


async def hold_work(session: AsyncSession, token: TokenRef) -> None:
    """Until the transaction ends nobody else issues for the work, so that the newest stays it."""
    await hold(session, f"vernissage certificate {token.caip19}")


async def newest(session: AsyncSession, token: TokenRef) -> CertificateRow | None:
    """The version in force, None before any was issued."""
    query = _of(token).order_by(col(CertificateRow.version).desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def newest_offered(session: AsyncSession, token: TokenRef) -> CertificateRow | None:
    """The last version that was issued before a mint, None where there is none."""
    query = _of(token).where(col(CertificateRow.voucher_hash).is_not(None))
    query = query.order_by(col(CertificateRow.version).desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def every(session: AsyncSession, token: TokenRef) -> list[CertificateRow]:
    """All versions, the oldest first."""
    return list(await session.scalars(_of(token).order_by(col(CertificateRow.version))))


async def get_version(session: AsyncSession, token: TokenRef, version: int) -> Certificate:
    """One version's bytes, in force or not. Raises `NoSuchVersion`."""
    last = await newest(session, token)
    found = last
    if last is None or last.version != version:
        query = _of(token).where(col(CertificateRow.version) == version)
        found = (await session.execute(query)).scalar_one_or_none()
    if found is None or last is None:
        raise NoSuchVersion(token, version)
    return served(found, newest_version=last.version)


def served(row: CertificateRow, *, newest_version: int | None = None) -> Certificate:
    """A row as it is answered; without a newer version it is the one in force."""
    token = TokenRef(row.chain_id, row.contract, row.token_id)
    return Certificate(
        token,
        row.version,
        row.code,
        row.body,
        is_provisional=False,
        newest_version=newest_version or row.version,
        voucher=row.voucher_hash,
    )


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


def blocks_of(document: Document) -> set[int]:
    """
    The blocks that a certificate rests on: of its mint, and of the state in its evidence.

    None before the mint.
    """
    mint = document["credentialSubject"].get("mint")
    blocks = set() if mint is None else {int(mint["block_number"])}
    for told in document.get("evidence", []):
        blocks.add(int(told["state"]["block"]))
    return blocks


def _of(token: TokenRef) -> SelectOfScalar[CertificateRow]:
    return select(CertificateRow).where(
        *of_work(CertificateRow, token),
    )
