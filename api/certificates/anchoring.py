"""
Anchoring: each day's tree over all certificates, its root in the contract, and the proof of it.

A day's tree is a function of the rows from before the day's end, prepared after midnight UTC; a
day on which nothing changed has none. On a local chain today's tree is prepared early, once there
are new certificates and a minute of quiet, so that newcomers see one; what is issued after it
waits for tomorrow's. Every step looks first and acts only where something is missing: whoever is
killed anywhere goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates.tables_issuer import AnchoredRow, AnchorRow, StatusChangeRow
from api.forms import due
from api.key_site import KeySite
from api.local.errors import CannotStart, WrongInput
from api.local.processes import wait_until
from api.parts import ChainParts, Parts
from api.tables import CertificateRow
from nft.anchors import SECONDS_OF_DAY, DayTree, Status, day_of
from nft.chain.contracts import Anchors
from nft.errors import ExchangeError
from nft.types import ZERO_DIGEST, Address, Digest

LEAF_BYTES = 33
LATE = timedelta(minutes=2)
QUIET = timedelta(minutes=1)
"""Without a new certificate, before today's tree of a local chain is prepared."""

Say = Callable[[str], None]
Leaves = tuple[tuple[Digest, Status], ...]


class AnotherRoot(CannotStart):
    """The contract holds another root for a day, and it holds one for good."""

    def __init__(self, day: int, sender: Address, found: Digest, root: Digest) -> None:
        self.found = found
        super().__init__(
            f"day {day} of {sender} holds {found}, and not {root}; what its tree has is in the "
            "next one"
        )


@dataclass(frozen=True, slots=True)
class Mined:
    """Where a root came to stand."""

    block: int
    timestamp: int


# Trees


async def prepare_due(parts: Parts, *, now: datetime, early: frozenset[int] = frozenset()) -> int:
    """
    Prepare yesterday's tree of every chain, and today's of the chains in `early`; how many.
    """
    today = day_of(int(now.timestamp()))
    prepared = 0
    for chain_id in parts.chains:
        end = datetime.fromtimestamp(today * SECONDS_OF_DAY, UTC)
        prepared += await _prepare(parts, chain_id, today - 1, before=end, now=now)
        if chain_id in early and await _is_quiet(parts, chain_id, now=now):
            prepared += await _prepare(parts, chain_id, today, before=now, now=now)
    return prepared


async def _prepare(
    parts: Parts, chain_id: int, day: int, *, before: datetime, now: datetime
) -> bool:
    """Keep a day's tree, unless it is kept, nothing was certified, or nothing changed since."""
    async with parts.sessions.begin() as session:
        if await session.get(AnchorRow, (chain_id, day)) is not None:
            return False
        last = await _newest(session, chain_id, before=day)
        if last is not None and not await _has_news(session, chain_id, _seen(last), before):
            return False
        leaves = await _leaves(session, chain_id, before=before)
        packed = pack(leaves)
        if not leaves or (last is not None and packed == last.leaves):
            return False
        root = (await asyncio.to_thread(tree_of, packed)).root
        values = {"chain_id": chain_id, "day": day, "root": root, "leaves": packed}
        kept = await session.execute(
            insert(AnchorRow)
            .values(**values, prepared_at=now)
            .on_conflict_do_nothing()
            .returning(col(AnchorRow.day))
        )
        if kept.first() is None:
            return False  # Another's tree stands, and may lack leaves of this one.
        firsts = [
            {"certificate": certificate, "chain_id": chain_id, "day": day}
            for certificate, _ in leaves
        ]
        await session.execute(insert(AnchoredRow).on_conflict_do_nothing(), firsts)
    return True


async def _leaves(session: AsyncSession, chain_id: int, *, before: datetime) -> Leaves:
    """Every certificate of a chain and its status as of a moment, ascending."""
    turn, row = StatusChangeRow, CertificateRow
    key = (col(turn.chain_id), col(turn.contract), col(turn.token_id), col(turn.version))
    turned = (
        select(*key, col(turn.status))
        .ext(distinct_on(*key))
        .where(col(turn.chain_id) == chain_id, col(turn.changed_at) < before)
        .order_by(*key, col(turn.id).desc())
        .subquery()
    )
    found = await session.execute(
        select(func.sha256(col(row.body)).label("certificate"), turned.c.status)
        .outerjoin(
            turned,
            (turned.c.contract == col(row.contract))
            & (turned.c.token_id == col(row.token_id))
            & (turned.c.version == col(row.version)),
        )
        .where(col(row.chain_id) == chain_id, col(row.issued_at) < before)
    )
    named = {bytes(one.certificate): Status(one.status or 0) for one in found}
    return tuple((Digest(one), named[one]) for one in sorted(named))


async def _newest(session: AsyncSession, chain_id: int, *, before: int) -> AnchorRow | None:
    query = (
        select(AnchorRow)
        .where(
            col(AnchorRow.chain_id) == chain_id,
            col(AnchorRow.day) < before,
            col(AnchorRow.other_root).is_(None),
        )
        .order_by(col(AnchorRow.day).desc())
        .limit(1)
    )
    return await session.scalar(query)


def _seen(last: AnchorRow) -> datetime:
    """Up to when a tree has everything, less what a slow transaction may have been late by."""
    end = datetime.fromtimestamp((last.day + 1) * SECONDS_OF_DAY, UTC)
    return min(end, last.prepared_at) - LATE


async def _has_news(
    session: AsyncSession, chain_id: int, since: datetime, before: datetime
) -> bool:
    """Whether anything was issued or changed in between: the cheap look before the long one."""
    for row, at in ((CertificateRow, "issued_at"), (StatusChangeRow, "changed_at")):
        moment = col(getattr(row, at))
        query = select(moment).where(
            col(row.chain_id) == chain_id, moment >= since, moment < before
        )
        if await session.scalar(query.limit(1)) is not None:
            return True
    return False


async def _is_quiet(parts: Parts, chain_id: int, *, now: datetime) -> bool:
    """Whether the newest certificate is a minute old."""
    async with parts.sessions() as session:
        newest = await session.scalar(
            select(func.max(CertificateRow.issued_at)).where(
                col(CertificateRow.chain_id) == chain_id
            )
        )
    return newest is not None and newest + QUIET <= now


def pack(leaves: Leaves) -> bytes:
    """The leaves as they are kept."""
    return b"".join(certificate + bytes([status]) for certificate, status in leaves)


def unpack(packed: bytes) -> dict[Digest, Status]:
    """Inverse of `pack`."""
    starts = range(0, len(packed), LEAF_BYTES)
    return {Digest(packed[i : i + 32]): Status(packed[i + 32]) for i in starts}


@lru_cache(maxsize=4)
def tree_of(packed: bytes) -> DayTree:
    """The tree of packed leaves; the last few stay, since neighbours are asked for together."""
    return DayTree(unpack(packed).items())


# Sending


async def send_due(
    parts: Parts, chain_id: int, site: KeySite, *, key: Digest | None, say: Say = lambda _: None
) -> list[int]:
    """
    Write every prepared day that nobody anchored; the days that now stand.

    `key` is the issuer's, published in the sender's name first unless it is. A day that holds
    another root (as where a backup was put back) is told at the end, once, and keeps no other day
    and no certificate waiting.
    Raises `WrongInput` where the chain has no such contract, `CannotStart` where a transaction
    comes to nothing.
    """
    contract = contract_of(parts.chains[chain_id])
    async with parts.sessions() as session:
        rows = (
            await session.execute(
                select(col(AnchorRow.day), col(AnchorRow.root))
                .where(
                    col(AnchorRow.chain_id) == chain_id,
                    col(AnchorRow.anchorer).is_(None),
                    col(AnchorRow.other_root).is_(None),
                )
                .order_by(col(AnchorRow.day))
            )
        ).all()
    if rows and key is not None:
        await asyncio.to_thread(_publish, site, contract, key, say)
    sent: list[int] = []
    others: list[AnotherRoot] = []
    for row in rows:
        try:
            mined = await asyncio.to_thread(_send, site, contract, row.day, row.root, say)
        except AnotherRoot as error:
            await _pass_over(parts, chain_id, row.day, error.found)
            others.append(error)
            continue
        async with parts.sessions.begin() as session:
            await session.execute(
                _of_day(chain_id, row.day).values(
                    contract=contract.address,
                    anchorer=site.sender,
                    block_number=mined.block,
                    timestamp=mined.timestamp,
                )
            )
        sent.append(row.day)
    if others:
        raise others[0]
    return sent


async def _pass_over(parts: Parts, chain_id: int, day: int, found: Digest) -> None:
    """Note that a day has another root; what its tree has first, the next tree has first now."""
    first = AnchoredRow
    of_day = (col(first.chain_id) == chain_id, col(first.day) == day)
    later = (
        col(AnchorRow.chain_id) == chain_id,
        col(AnchorRow.day) > day,
        col(AnchorRow.other_root).is_(None),
    )
    async with parts.sessions.begin() as session:
        await session.execute(_of_day(chain_id, day).values(other_root=found))
        following = await session.scalar(select(func.min(AnchorRow.day)).where(*later))
        if following is None:  # The next one to be made takes them in.
            await session.execute(delete(first).where(*of_day))
            return
        await due.put_all(session, works_first_in(chain_id, day))
        await session.execute(update(first).where(*of_day).values(day=following))


def works_first_in(chain_id: int, day: int) -> Any:
    """Works with a certificate that no tree before this one has: their bundles get an anchor."""
    kept, first = CertificateRow, AnchoredRow
    return (
        select(col(kept.chain_id), col(kept.contract), col(kept.token_id))
        .distinct()
        .join(first, col(first.certificate) == func.sha256(col(kept.body)))
        .where(
            col(kept.chain_id) == chain_id,
            col(first.chain_id) == chain_id,
            col(first.day) == day,
        )
    )


def contract_of(chain: ChainParts) -> Anchors:
    """The contract of a chain. Raises `WrongInput` for a deployment from before there was one."""
    placed = chain.deployment.anchors
    if placed is None:
        raise WrongInput(
            f"chain {chain.deployment.chain_id} has no contract for anchors yet: run "
            "`vernissage contracts deploy` again with the owner, fee and folder of before; it "
            "places what is missing and changes nothing else"
        )
    return Anchors(placed.address)


def _of_day(chain_id: int, day: int) -> Any:
    return update(AnchorRow).where(col(AnchorRow.chain_id) == chain_id, col(AnchorRow.day) == day)


def _send(site: KeySite, contract: Anchors, day: int, root: Digest, say: Say) -> Mined:
    """Write one root, unless an earlier try did; what the chain then says is what counts."""
    _settle(site)
    question = contract.anchor_of(site.sender, day)
    found = question.ask(site.chain)
    if found[0] == ZERO_DIGEST:
        mined = site.send(contract.anchor(day, root))
        say(f"day {day}: sent, in block {mined.block}")
        found = question.ask(site.chain)
    if found[0] != root:
        raise AnotherRoot(day, site.sender, found[0], root)
    return Mined(found[1], found[2])


def _publish(site: KeySite, contract: Anchors, key: Digest, say: Say) -> None:
    _settle(site)
    if find_key(site, contract, site.sender, key) is None:
        mined = site.send(contract.publish_key(key))
        if find_key(site, contract, site.sender, key) is None:
            raise CannotStart(f"the issuer's key was not published in block {mined.block}")
        say(f"the issuer's key published in block {mined.block}")


def find_key(site: Any, contract: Anchors, anchorer: Address, key: Digest) -> int | None:
    """The place of a key among those of an account, newest first."""
    count = contract.key_count_of(anchorer).ask(site.chain)
    places = range(count - 1, -1, -1)
    return next((i for i in places if contract.key_of(anchorer, i).ask(site.chain)[0] == key), None)


def _settle(site: KeySite) -> None:
    """Wait for what an earlier try left in the pool: it may be this very transaction."""

    def is_settled() -> bool:
        try:
            waiting, mined = (
                site.chain.transaction_count(site.sender, block) for block in ("pending", "latest")
            )
        except ExchangeError:
            return False
        return waiting <= mined

    if not wait_until(is_settled, patience=site.patience, pause=site.pause):
        raise CannotStart(f"a transaction of {site.sender} waits in the pool and is not mined")
