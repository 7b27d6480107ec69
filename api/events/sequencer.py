"""
One order for everything that happened: outboxes in, `book_events` out.

Two writers on one numbering lose events for whoever reads behind the larger number while the
smaller one is not yet committed. So there is one writer at a time, held by an advisory lock for
the length of a transaction, and the place in each outbox moves with the events it gave.

An entry of the mirror's outbox may come again: after a rebuild of the mirror, or when the chain
turns away from a block and back to it. The newest event of the place (chain, block hash, log index)
decides: a fact is told when none stands, a retraction when one does.

What media tells is never told again and has its entry's number as its key. Its place is the
content, so that a content's turns follow each other. So it is with what becomes of certificates,
whose place is the work.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import SQLModel

import api.certificates.tables_issuer
import api.standing.tables
import api.tables  # noqa: F401
import indexer.tables  # noqa: F401
import media.tables_pins  # noqa: F401
from api.locks import try_hold
from nft.anchors import Status
from nft.certificates import rfc3339
from nft.types import TokenRef

OUTBOX = SQLModel.metadata.tables["chain_outbox"]
EVENTS = SQLModel.metadata.tables["book_events"]
CURSORS = SQLModel.metadata.tables["book_outbox_cursors"]

BOOK_OUTBOX = SQLModel.metadata.tables["book_outbox"]
MEDIA_OUTBOX = SQLModel.metadata.tables["media_outbox"]
STATUS = SQLModel.metadata.tables["book_status_changes"]
CHANGED = {
    Status.VALID: "reinstated",
    Status.SUSPENDED: "suspended",
    Status.REVOKED: "revoked",
}

OF_MEDIA = 0
"""The line of media's outbox among the cursors; no chain has that number."""
OF_STATUS = -1
"""That of the changes of certificates' status, which are their own outbox."""
BATCH = 500
CHANNEL = "vernissage_events"


async def advance(sessions: async_sessionmaker[AsyncSession]) -> int:
    """Give the next entries their place in the feed; how many were read. Nobody else: 0."""
    async with sessions.begin() as session:
        if not await _is_ours(session):
            return 0
        chains = (await session.scalars(select(OUTBOX.c.chain_id).distinct())).all()
        of_chains = [await _advance_chain(session, chain_id) for chain_id in sorted(chains)]
        of_others = await _advance_media(session) + await _advance_status(session)
        return sum(of_chains) + of_others + await _advance_book(session)


async def _is_ours(session: AsyncSession) -> bool:
    """Whether this transaction is the one writer; the lock ends with it."""
    return await try_hold(session, "vernissage sequencer")


async def _advance_chain(session: AsyncSession, chain_id: int) -> int:
    last = await _read_to(session, chain_id)
    found = await session.execute(
        select(OUTBOX)
        .where(OUTBOX.c.chain_id == chain_id, OUTBOX.c.id > last)
        .order_by(OUTBOX.c.id)
        .limit(BATCH)
    )
    entries = found.all()
    if not entries:
        return 0
    standing = await _standing(session, {_place(entry) for entry in entries})
    told = [event for entry in entries if (event := _event(entry, standing)) is not None]
    await _write(session, told)
    await _move(session, chain_id, entries[-1].id)
    return len(entries)


async def _advance_media(session: AsyncSession) -> int:
    last = await _read_to(session, OF_MEDIA)
    query = select(MEDIA_OUTBOX).where(MEDIA_OUTBOX.c.id > last).order_by(MEDIA_OUTBOX.c.id)
    entries = (await session.execute(query.limit(BATCH))).all()
    if not entries:
        return 0
    told = [
        {
            "natural_key": f"media:{entry.cid}:{entry.id}:{entry.kind}",
            "place": f"media:{entry.cid}",
            "kind": entry.kind,
            "payload": entry.payload,
        }
        for entry in entries
    ]
    await _write(session, told)
    await _move(session, OF_MEDIA, entries[-1].id)
    return len(entries)


async def _advance_status(session: AsyncSession) -> int:
    last = await _read_to(session, OF_STATUS)
    query = select(STATUS).where(STATUS.c.id > last).order_by(STATUS.c.id)
    entries = (await session.execute(query.limit(BATCH))).all()
    if not entries:
        return 0
    await _write(session, [_told_of_status(entry) for entry in entries])
    await _move(session, OF_STATUS, entries[-1].id)
    return len(entries)


def _told_of_status(entry: Row[Any]) -> dict[str, Any]:
    """The event of a certificate that was revoked, suspended or reinstated."""
    token = TokenRef(entry.chain_id, entry.contract, entry.token_id)
    word = CHANGED[Status(entry.status)]
    return {
        "natural_key": f"certificate:{token.path}:{entry.id}:{word}",
        "place": f"certificate:{token.path}",
        "kind": f"certificate.{word}",
        "payload": {
            "chain_id": str(token.chain_id),
            "contract": str(token.contract),
            "token_id": str(token.token_id),
            "version": entry.version,
            "reason": entry.reason,
            "note": entry.note,
            "changed_at": rfc3339(entry.changed_at),
        },
    }


async def _advance_book(session: AsyncSession) -> int:
    """
    What people said of works: several requests write it, and one that began first may end last.

    So entries are ticked off rather than counted up to.
    """
    query = select(BOOK_OUTBOX).where(~BOOK_OUTBOX.c.is_told).order_by(BOOK_OUTBOX.c.id)
    entries = (await session.execute(query.limit(BATCH))).all()
    told = [
        {
            "natural_key": f"book:{entry.natural_key}",
            "place": f"book:{entry.place}",
            "kind": entry.kind,
            "payload": entry.payload,
        }
        for entry in entries
    ]
    await _write(session, told)
    these = BOOK_OUTBOX.c.id.in_([entry.id for entry in entries])
    await session.execute(update(BOOK_OUTBOX).where(these).values(is_told=True))
    return len(entries)


async def _read_to(session: AsyncSession, outbox: int) -> int:
    query = select(CURSORS.c.last_id).where(CURSORS.c.chain_id == outbox)
    return await session.scalar(query) or 0


async def _write(session: AsyncSession, told: list[dict[str, Any]]) -> None:
    """Give events the next places in the feed, and say so."""
    if not told:
        return
    first = await session.scalar(select(func.coalesce(func.max(EVENTS.c.sequence), 0) + 1)) or 1
    await session.execute(
        insert(EVENTS), [{"sequence": first + index, **event} for index, event in enumerate(told)]
    )
    newest = str(first + len(told) - 1)
    await session.execute(select(func.pg_notify(CHANNEL, newest)))


async def _move(session: AsyncSession, outbox: int, last_id: int) -> None:
    moved = upsert(CURSORS).values(chain_id=outbox, last_id=last_id)
    await session.execute(
        moved.on_conflict_do_update(
            index_elements=[CURSORS.c.chain_id], set_={"last_id": moved.excluded.last_id}
        )
    )


def _place(entry: Row[Any]) -> str:
    """Of a sale elsewhere it is not only the log, which is that of the work's transfer too."""
    place = f"{entry.chain_id}:{entry.block_hash}:{entry.log_index}"
    fact = entry.payload.get("retracts", entry.kind)
    return f"{place}:elsewhere" if fact == "sold_elsewhere" else place


async def _standing(session: AsyncSession, places: set[str]) -> dict[str, tuple[str, int]]:
    """The newest event's kind and the number of events, for each place that has any."""
    rows = await session.execute(
        select(
            EVENTS.c.place,
            EVENTS.c.kind,
            func.count().over(partition_by=EVENTS.c.place).label("told"),
        )
        .where(EVENTS.c.place.in_(places))
        .ext(distinct_on(EVENTS.c.place))
        .order_by(EVENTS.c.place, EVENTS.c.sequence.desc())
    )
    return {row.place: (row.kind, row.told) for row in rows}


def _event(entry: Row[Any], standing: dict[str, tuple[str, int]]) -> dict[str, Any] | None:
    """The event that an entry makes, or None when it was told; notes it in `standing`."""
    place = _place(entry)
    newest, told = standing.get(place, ("retracted", 0))
    if (entry.kind == "retracted") == (newest == "retracted"):
        return None
    standing[place] = (entry.kind, told + 1)
    # A fact and its retraction are the first two; the third is the same fact come back.
    again = told // 2
    return {
        "natural_key": f"{place}:{entry.kind}" + (f":{again + 1}" if again else ""),
        "place": place,
        "kind": entry.kind,
        "payload": {**entry.payload, "block_hash": str(entry.block_hash)},
    }
