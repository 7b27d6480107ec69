"""
Evidence bundles: drawn by the worker, pinned beside the art, and handed out.

A bundle is drawn when a certificate is issued, again when a later version is, when the work changed
hands for good, and once more when its day has been anchored. Each time the new one takes the old
one's place in the pin ledger. Until the first is kept, one is drawn for whoever asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from api.certificates import service, versions
from api.certificates.versions import Certificate
from api.forms.gathering import Bundle, draw
from api.forms.tables import BundleRow
from api.parts import Parts
from api.queue import enqueue
from api.tables import CertificateRow
from indexer.tables import CursorRow, TokenRow
from media import ledger
from media.store import BlockStore
from nft.content.cid import Cid
from nft.errors import ExchangeError
from nft.types import TokenRef

log = structlog.get_logger()

BUNDLES = SQLModel.metadata.tables["book_bundles"]
AT_ONCE = 4
"""Works that one round of the worker draws bundles for."""
_DRAWING = CapacityLimiter(2)
"""Bundles that are drawn for readers at once: each asks a node."""
ANCHORED_AFTER = timedelta(days=2)
"""A certificate's day is then on the chain, and the bundle is drawn once more."""


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
    session: AsyncSession, parts: Parts, token: TokenRef, *, now: datetime
) -> tuple[bytes, str | None]:
    """A bundle and the CID under which it is pinned; drawn now where none is kept yet."""
    certificate = await service.get_certificate(session, parts, token, now=now)
    row = await find_kept(session, token)
    if row is not None and row.version == certificate.version:
        body = await to_thread.run_sync(read_kept, parts, row)
        if body is not None:
            return body, row.cid
    async with _DRAWING:
        return (await draw(session, parts, certificate, now=now)).body, None


async def due(session: AsyncSession, *, now: datetime, most: int = AT_ONCE) -> list[TokenRef]:
    """Works without a bundle, or whose bundle no longer says all of it; the newest first."""
    certificate, bundle, token, cursor = CertificateRow, BundleRow, TokenRow, CursorRow
    key = ("chain_id", "contract", "token_id")
    in_force = (
        select(
            *(col(getattr(certificate, name)) for name in key),
            func.max(col(certificate.version)).label("version"),
            func.max(col(certificate.issued_at)).label("issued_at"),
        )
        .group_by(*(col(getattr(certificate, name)) for name in key))
        .subquery()
    )
    has_moved = and_(
        col(token.updated_block) > col(bundle.block_number),
        col(token.updated_block) <= col(cursor.final_number),
    )
    may_be_anchored = and_(
        in_force.c.issued_at < now - ANCHORED_AFTER,
        col(bundle.drawn_at) < in_force.c.issued_at + ANCHORED_AFTER,
    )
    query = (
        select(in_force.c.chain_id, in_force.c.contract, in_force.c.token_id)
        .join(token, and_(*(col(getattr(token, name)) == in_force.c[name] for name in key)))
        .join(cursor, col(cursor.chain_id) == in_force.c.chain_id)
        .outerjoin(bundle, and_(*(col(getattr(bundle, name)) == in_force.c[name] for name in key)))
        .where(
            or_(
                col(bundle.cid).is_(None),
                col(bundle.version) < in_force.c.version,
                has_moved,
                may_be_anchored,
            )
        )
        .order_by(in_force.c.issued_at.desc())
        .limit(most)
    )
    return [TokenRef(*row) for row in await session.execute(query)]


async def keep_what_is_due(parts: Parts, store: BlockStore) -> int:
    """One round of the worker: draw and pin some bundles; returns how many."""
    async with parts.sessions() as session:
        tokens = await due(session, now=parts.clock())
    kept = 0
    for token in tokens:
        try:
            kept += await keep(parts, store, token)
        except ExchangeError as error:
            log.warning("no bundle was kept", token=token.caip19, why=str(error))
    return kept


async def keep(parts: Parts, store: BlockStore, token: TokenRef) -> bool:
    """
    Draw a work's bundle, keep its bytes and have them pinned; false without a certificate.

    The bytes lie in the store before any row names them; whoever is killed in between leaves
    a file that nobody wants.
    """
    now = parts.clock()
    async with parts.sessions() as session:
        row = await versions.newest(session, token)
        if row is None:
            return False
        certificate = versions.served(row)
        bundle = await draw(session, parts, certificate, now=now)
    await to_thread.run_sync(store.add_bytes, bundle.body)
    async with parts.sessions.begin() as session:
        await _write(session, parts, certificate, bundle, now=now)
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
    await session.execute(row.on_conflict_do_update(index_elements=list(key), set_=values))
    if is_same:
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
