"""
Evidence bundles: drawn by the worker, pinned beside the art, and handed out.

A bundle is drawn when a certificate is issued, again when a later version is, when the work changed
hands for good, when its day has been anchored, and whenever its status changes or somebody says
something of it (`api.forms.due` has the queue). Each time the new one takes the old one's place in
the pin ledger. Until the first is kept, one is drawn for whoever asks.
"""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.certificates import versions
from api.certificates.versions import Certificate
from api.forms import due
from api.forms.due import Claimed
from api.forms.gathering import Bundle, draw
from api.forms.tables import BundleRow
from api.parts import Parts
from api.queue import enqueue
from media import ledger
from media.store import BlockStore
from nft.content.cid import Cid
from nft.errors import ExchangeError
from nft.types import TokenRef

log = structlog.get_logger()

BUNDLES = SQLModel.metadata.tables["book_bundles"]
SECONDS_PER_ROUND = 10.0
"""After so long a round takes no more: the next one begins, and other jobs have waited."""
_DRAWING = CapacityLimiter(2)
"""Bundles that are drawn for readers at once: each asks a node."""


def holder_of(token: TokenRef) -> str:
    """Who wants a bundle kept: the work, apart from its files."""
    return f"bundle:{token.path}"


async def find_kept(session: AsyncSession, token: TokenRef) -> BundleRow | None:
    """The bundle that stands for a work."""
    return await session.get(BundleRow, (token.chain_id, token.contract, token.token_id))


def read_kept(parts: Parts, row: BundleRow) -> bytes | None:
    """The bytes of a kept bundle, None until it is public or when they are not what they were."""
    cid = Cid.parse(row.cid)
    record = parts.public.find_record(cid)
    file = parts.public.find_file(bytes.fromhex(record.file)) if record else None
    return file.read_bytes() if file is not None else None


async def served(
    session: AsyncSession, parts: Parts, certificate: Certificate, *, now: datetime
) -> tuple[bytes, str | None]:
    """
    The bundle of a certificate in force and the CID under which it is pinned.

    Drawn now where none is kept yet; of a work that is not minted none ever is.
    """
    row = await find_kept(session, certificate.token)
    if row is not None and row.version == certificate.version:
        body = await to_thread.run_sync(read_kept, parts, row)
        if body is not None:
            return body, row.cid
    await session.close()  # Who waits for their turn needs no connection, and there are few.
    async with _DRAWING, parts.reading() as drawing:
        return (await draw(drawing, parts, certificate, now=now)).body, None


async def bundles_round(parts: Parts, store: BlockStore) -> int:
    """What the worker does every half minute; how many bundles were kept."""
    for chain_id in sorted(parts.chains):
        is_going = True
        while is_going:
            async with parts.sessions.begin() as session:
                is_going = await due.put_moved(session, chain_id)
    kept, until = 0, time.monotonic() + SECONDS_PER_ROUND
    while time.monotonic() < until:
        async with parts.sessions.begin() as session:
            claimed = await due.claim(session, now=parts.clock())
        if claimed is None:
            break
        kept += await _keep_claimed(parts, store, claimed)
    return kept


async def _keep_claimed(parts: Parts, store: BlockStore, claimed: Claimed) -> bool:
    try:
        return await keep(parts, store, claimed)
    except ExchangeError as error:
        log.warning("no bundle was kept", token=claimed.token.caip19, why=str(error))
        async with parts.sessions.begin() as session:
            await due.settle(session, claimed, str(error), now=parts.clock())
    return False


async def keep(parts: Parts, store: BlockStore, claimed: Claimed) -> bool:
    """
    Draw a work's bundle, keep its bytes and have them pinned; false without a certificate.

    One from before the mint is not kept: what issues the next one puts the work down again.

    The bytes lie in the store before any row names them; whoever is killed in between leaves
    a file that nobody wants, and the work in the queue.
    """
    now, token = parts.clock(), claimed.token
    async with parts.sessions() as session:
        row = await versions.newest(session, token)
        certificate = None if row is None else versions.served(row)
        if certificate is None or not certificate.is_minted:
            await due.settle(session, claimed, None, now=now)
            await session.commit()
            return False
        bundle = await draw(session, parts, certificate, now=now)
    await to_thread.run_sync(store.add_bytes, bundle.body)
    async with parts.sessions.begin() as session:
        await _write(session, parts, certificate, bundle, now=now)
        lacks = bundle.lacks
        if await due.is_behind(session, token, bundle.block_number):
            lacks = "the node that was asked lags behind"
        await due.settle(session, claimed, lacks, now=now)
    return True


async def _write(
    session: AsyncSession, parts: Parts, certificate: Certificate, bundle: Bundle, *, now: datetime
) -> None:
    token = certificate.token
    values = {
        "version": certificate.version,
        "block_number": bundle.block_number,
        "cid": str(bundle.cid),
        "size": len(bundle.body),
        "parts": bundle.parts,
        "drawn_at": now,
    }
    key = {"chain_id": token.chain_id, "contract": token.contract, "token_id": token.token_id}
    before = await find_kept(session, token)
    is_same = before is not None and before.cid == str(bundle.cid)
    row = insert(BUNDLES).values(**key, **values)
    # Whoever was slow, and lost the work to another, does not take a newer one's place.
    row = row.on_conflict_do_update(
        index_elements=list(key), set_=values, where=BUNDLES.c.drawn_at <= now
    )
    is_newest = (await session.execute(row.returning(BUNDLES.c.cid))).first() is not None
    if is_same or not is_newest:
        return
    # The old one is let go by the transaction that wants the new one.
    let_go = partial(ledger.let_go, holder=holder_of(token), now=now)
    jobs = await session.run_sync(let_go)
    want = partial(
        ledger.want,
        cids=[str(bundle.cid)],
        stores=parts.pin_stores,
        replicas=parts.replicas,
        holder=holder_of(token),
        now=now,
    )
    jobs += await session.run_sync(want)
    await enqueue(session, parts.jobs, jobs)
