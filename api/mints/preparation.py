"""
Making a mint ready to sign: only when every file and the metadata were read back (U11).

Run by a job after each pin, and again every minute for what a crash left behind. Doing it twice
changes nothing: an intent that has its plan keeps it.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.deps import chain_of
from api.intents.abandon import holder_of
from api.intents.service import Warning_, plan_of
from api.likenesses import service as likenesses
from api.mints.steps import lazy_steps, mint_steps
from api.parts import Parts
from api.tables import IntentRow
from api.tokens import corrections
from api.uploads.service import notices
from media import ledger
from media.pinning import FAILED, PinState, are_kept
from media.tables import ReferenceRow
from nft.errors import Conflict
from nft.types import Address, Digest, TokenRef

PINNING = ("mint", "lazy_mint", "metadata")
"""The kinds of intent that publish something before there is anything to sign."""


async def prepare(session: AsyncSession, parts: Parts, intent_id: str, *, now: datetime) -> bool:
    """
    Give an intent its steps if everything is kept; says whether it has them now.

    Raises `Unreachable` when the chain does not answer: the job tries again.
    """
    query = select(IntentRow).where(col(IntentRow.id) == intent_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None or row.plan is not None:
        return row is not None
    if row.abandoned_at is not None or row.expires_at <= now:
        return False
    cids = row.facts["cids"]
    pins = await session.run_sync(lambda sync: ledger.states(sync, cids))
    row.problem = _problem(pins)
    session.add(row)
    if not are_kept(pins, cids=cids, stores=parts.pin_stores, replicas=parts.replicas):
        return False
    if row.kind == "metadata":
        return await _prepare_correction(session, parts, row)
    part = chain_of(parts, row.chain_id)
    made = await (lazy_steps if row.kind == "lazy_mint" else mint_steps)(session, part, row, now)
    row.plan = await plan_of(
        session,
        chain_id=row.chain_id,
        steps=made.steps,
        cost=made.cost,
        main=made.main,
        watch=made.watch,
        warnings=await _warnings(session, parts, row),
    )
    row.facts = {**row.facts, "names": [str(name) for name in made.names]}
    return True


async def _prepare_correction(session: AsyncSession, parts: Parts, row: IntentRow) -> bool:
    """A corrected description waits for its pin as a mint does; the node may refuse it now."""
    try:
        row.plan = await corrections.plan(session, parts, row)
    except Conflict as error:
        row.problem = {"code": type(error).__name__, "detail": str(error)}
        return False
    return True


def _problem(pins: list[PinState]) -> dict[str, Any] | None:
    failed = next((pin for pin in pins if pin.state == FAILED), None)
    if failed is None:
        return None
    detail = f"{failed.store} does not keep {failed.cid}: {failed.problem}"
    return {"code": "PinFailed", "detail": f"{detail}; it is tried again by itself"}


async def _warnings(session: AsyncSession, parts: Parts, row: IntentRow) -> list[Warning_]:
    """
    Works that were minted with the very same file before (U18), and what resembles this one.

    Asked once more, because two artists may have sent the same picture at the same moment.
    """
    found = []
    for text in row.facts["sha256s"]:
        sha256 = Digest.parse(text)
        for notice in await notices(session, parts, sha256):
            found.append(Warning_(notice.code, notice.detail, notice.url))
        await likenesses.compare(session, parts, sha256, now=parts.clock())
        creator = Address.parse(row.facts["creator"])
        for one in await likenesses.findings_of(session, parts, sha256, creator):
            is_told = one["code"] == "SameFile" and found
            if not is_told:
                found.append(Warning_(one["code"], one["detail"], one["matches"][0]["work_url"]))
    return found


async def waiting_for(session: AsyncSession, cid: str) -> list[str]:
    """Intents that hold a content and have no steps yet."""
    prefix = "intent:"
    held = select(col(ReferenceRow.holder)).where(
        col(ReferenceRow.cid) == cid, col(ReferenceRow.holder).startswith(prefix)
    )
    ids = [holder.removeprefix(prefix) for holder in (await session.execute(held)).scalars()]
    query = select(col(IntentRow.id)).where(
        col(IntentRow.id).in_(ids), col(IntentRow.plan).is_(None)
    )
    return list((await session.execute(query)).scalars())


async def unprepared(session: AsyncSession, *, now: datetime) -> list[str]:
    """Mints and corrections that still wait for their steps."""
    query = select(col(IntentRow.id)).where(
        col(IntentRow.kind).in_(PINNING),
        col(IntentRow.plan).is_(None),
        col(IntentRow.abandoned_at).is_(None),
        col(IntentRow.expires_at) > now,
    )
    return list((await session.execute(query.limit(500))).scalars())


def token_holder(row: IntentRow) -> str:
    """The name under which a token holds its contents."""
    assert row.contract is not None
    assert row.token_id is not None
    return f"token:{TokenRef(row.chain_id, row.contract, row.token_id).caip19}"


async def hand_on(session: AsyncSession, row: IntentRow, *, now: datetime) -> None:
    """Once minted, the contents are the token's: the intent's end no longer unpins them."""
    give = partial(ledger.hand_on, holder=holder_of(row), to=token_holder(row), now=now)
    await session.run_sync(give)
