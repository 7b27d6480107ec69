"""
Receiving bytes: to disk in a thread, counted in short transactions, checked by a job.

No transaction is open while bytes come in: a phone on a train may take an hour.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Any

from anyio import CancelScope, to_thread
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.requests import ClientDisconnect

from api.likenesses import service as likenesses
from api.parts import Parts
from api.queue import enqueue
from api.uploads.receivers import Turn
from api.uploads.schemas import FindingOut, NoticeOut, UploadOut
from indexer.tables import TokenRow
from media import uploads
from media.errors import UploadDiscarded
from media.receiving import Checksum, Receiving
from media.tables import MetadataRow, UploadRow
from nft.errors import NoSuchUpload, NotYourUpload
from nft.types import Address, Digest, TokenRef


async def find(
    session: AsyncSession, upload_id: str, *, owner: Address, now: datetime
) -> UploadRow:
    """The caller's own upload; somebody else's is answered as if it did not exist."""
    if not re.fullmatch(r"[0-9a-f]{32}", upload_id):
        raise NoSuchUpload(upload_id)
    try:
        return await session.run_sync(
            partial(uploads.find, upload_id=upload_id, owner=owner, now=now)
        )
    except NotYourUpload as error:
        raise NoSuchUpload(upload_id) from error


def check_whole(row: UploadRow) -> None:
    """Raises `UploadDiscarded` where the bytes were not those announced."""
    if row.problem is not None and row.problem["code"] == "ChecksumMismatch":
        raise UploadDiscarded(row.id, row.problem["detail"])


async def receive(
    parts: Parts,
    row: UploadRow,
    pieces: AsyncIterator[bytes],
    *,
    offset: int,
    checksum: Checksum | None,
) -> int:
    """
    Take the bytes of one request; returns the new offset.

    What came in before a connection broke, fell silent or was overtaken by its owner's next
    request counts, unless a checksum was to cover it. Raises `ChecksumMismatch` besides when the
    whole file is not the one announced; nothing of it is kept then.
    """
    async with parts.receivers.turn(row.id) as turn:
        receiving = await _open(parts, row, offset=offset, checksum=checksum)
        is_whole = False
        try:
            with turn.scope:
                is_whole = await _take(parts, receiving, pieces, turn)
        finally:
            with CancelScope(shield=True):
                try:
                    await _settle(parts, receiving, is_whole=is_whole)
                finally:
                    receiving.close()
    if receiving.refusal is not None:
        await to_thread.run_sync(parts.uploads.drop, row.id)
        raise receiving.refusal
    return receiving.offset


async def _take(
    parts: Parts, receiving: Receiving, pieces: AsyncIterator[bytes], turn: Turn
) -> bool:
    """Write what comes in; whether the request ended as announced."""
    turn.listen()
    try:
        async for piece in pieces:
            turn.hear()
            if piece:
                await to_thread.run_sync(receiving.write, piece)
            if receiving.is_due:
                with CancelScope(shield=True):
                    await _settle(parts, receiving, is_whole=False)
                parts.uploads.check_space()
            turn.listen()
    except ClientDisconnect:
        return False  # what came in is settled all the same; nobody is left to be told
    turn.hear()
    return True


async def _open(
    parts: Parts, row: UploadRow, *, offset: int, checksum: Checksum | None
) -> Receiving:
    """
    Open the file at the row's offset of this very moment.

    The row is locked until the file is: another request may have moved it on since it was read,
    and what that one counted would be cut off.
    """
    async with parts.sessions.begin() as session:
        present = await session.get(UploadRow, row.id, with_for_update=True)
        if present is None:
            raise NoSuchUpload(row.id)
        return await to_thread.run_sync(
            partial(uploads.receive, present, parts.uploads, offset=offset, checksum=checksum)
        )


async def _settle(parts: Parts, receiving: Receiving, *, is_whole: bool) -> None:
    """
    Count what is on disk; with the last byte its check is queued in the same transaction.

    Syncing and hashing take their time in a thread, before the transaction begins.
    """
    await to_thread.run_sync(partial(receiving.sync, is_whole=is_whole))
    settle = partial(
        uploads.settle,
        receiving=receiving,
        rules=parts.uploads,
        is_whole=is_whole,
        now=parts.clock(),
    )
    async with parts.sessions.begin() as session:
        jobs = await session.run_sync(settle)
        await enqueue(session, parts.jobs, jobs)


async def describe(session: AsyncSession, parts: Parts, row: UploadRow) -> UploadOut:
    """What `GET` answers."""
    facts: dict[str, Any] = await session.run_sync(lambda sync: uploads.facts(sync, row))
    found = UploadOut.model_validate(facts)
    if row.sha256 is not None:
        found.notices = await notices(session, parts, row.sha256)
        alike = await likenesses.findings_of(session, parts, row.sha256, row.owner)
        found.findings += [FindingOut.model_validate(one) for one in alike]
    return found


async def notices(session: AsyncSession, parts: Parts, sha256: Digest) -> list[NoticeOut]:
    """Works that were minted with the very same file, by anybody."""
    named = {"properties": {"media": [{"sha256": str(sha256)}]}}
    query = (
        select(TokenRow)
        .join(MetadataRow, col(MetadataRow.digest) == col(TokenRow.metadata_digest))
        .where(col(MetadataRow.document).contains(named))
        .order_by(col(TokenRow.minted_block), col(TokenRow.minted_log_index))
        .limit(5)
    )
    return [
        _notice(parts, TokenRef(row.chain_id, row.contract, row.token_id))
        for row in (await session.execute(query)).scalars()
    ]


def _notice(parts: Parts, token: TokenRef) -> NoticeOut:
    return NoticeOut(
        code="AlreadyMinted",
        detail=f"a work with exactly this file was minted before: {token.caip19}",
        url=f"{parts.public_url}/works/{token.path}",
    )
