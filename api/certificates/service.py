"""
The certificate in force, and what was read of its files.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates import issuing, offers, versions
from api.certificates.facts import find_facts
from api.certificates.versions import Certificate, served
from api.parts import Parts
from media.tables import ContentRow, PinRow
from nft.errors import NoSuchToken
from nft.integrity import Document
from nft.types import Digest, TokenRef
from nft.verification import read_claims

READ_BACK = "read back from {store} at {time}"
"""Of a file; pages say it in their reader's language (`nft.verification.words.VALUES`)."""


async def get_certificate(
    session: AsyncSession, parts: Parts, token: TokenRef, *, now: datetime
) -> Certificate:
    """
    The certificate in force, issued now if it is the first time that it can be.

    Issuing has transactions of its own: the bytes handed out are the bytes kept. While a mint is
    not safe there is a draft; while a correction is not, the version before it is in force. Of a
    work that is not minted it is that of its offer. Raises `NoSuchToken`, `CertificateNotReady`,
    `CertificateHidden`.
    """
    try:
        facts = await find_facts(session, parts, token)
    except NoSuchToken:
        found = await _before_the_mint(session, parts, token, now=now)
        await offers.check_shown(session, parts, found, now=now)
        return found
    kept = await versions.newest(session, token)
    if (
        kept is not None
        and issuing.is_of(kept, facts)
        and (not facts.is_settled or kept.metadata_digest == facts.statement.metadata_digest)
    ):
        return served(kept)
    if facts.is_settled:
        await session.close()  # Issuing takes a connection of its own.
        issued = await issuing.issue_certificate(parts, token, now=now)
        if issued is not None:
            return issued.certificate
    return await issuing.draft(session, parts, facts)


async def _before_the_mint(
    session: AsyncSession, parts: Parts, token: TokenRef, *, now: datetime
) -> Certificate:
    """By the voucher in force; where none is, the last that was issued by one stays what it was."""
    try:
        facts = await offers.find_offer(session, parts, token, now=now)
    except NoSuchToken:
        last = await versions.newest_offered(session, token)
        if last is None:
            raise
        return served(last)
    kept = await versions.newest(session, token)
    if kept is not None and issuing.is_of(kept, facts):
        return served(kept)
    await session.close()  # Issuing takes a connection of its own.
    issued = await issuing.issue_certificate(parts, token, now=now)
    if issued is None:  # Minted this very moment: whoever asks again has the draft.
        raise NoSuchToken(token.caip19)
    return issued.certificate


async def media_read_back(session: AsyncSession, document: Document) -> dict[Digest, str]:
    """What the pin ledger last read back of a certificate's files: cheap enough for a page."""
    files = {digest for _, digest in read_claims(document).media}
    return {
        sha256: READ_BACK.format(store=store, time=f"{at:%Y-%m-%d %H:%M} UTC")
        for sha256, (store, at) in (await last_read_back(session, files)).items()
    }


async def last_read_back(
    session: AsyncSession, files: Collection[Digest]
) -> dict[Digest, tuple[str, datetime]]:
    """From which store each of these files was last read back whole, and when."""
    query = (
        select(col(ContentRow.sha256), col(PinRow.store), col(PinRow.read_at))
        .join(PinRow, col(PinRow.cid) == col(ContentRow.cid))
        .where(
            col(ContentRow.sha256).in_(files),
            col(PinRow.state) == "read_back",
            col(PinRow.read_at).is_not(None),
        )
        .order_by(col(PinRow.read_at))
    )
    return {row.sha256: (row.store, row.read_at) for row in await session.execute(query)}
