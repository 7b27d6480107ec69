"""
An intent as it stands now: plan, reports, mirror and node put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anyio import to_thread
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.chains.mirror import heads
from api.deps import chain_of
from api.intents import evidence, service
from api.intents.fates import Report, learn, until_mirrored
from api.intents.schemas import (
    BoughtOut,
    CostOut,
    IntentList,
    IntentOut,
    ProblemOut,
    ReportOut,
    ResultOut,
    TokenLinks,
    WarningOut,
)
from api.intents.states import Fate, Seen, finality, state_of
from api.intents.watching import watched
from api.pagination import decode_cursor, encode_cursor
from api.parts import Parts
from api.statements.steps import STEP
from api.tables import IntentRow, IntentTransactionRow
from nft.types import Address, Digest, TokenRef

_HAPPENED = ("in_block", "confirmed", "final")


@dataclass(frozen=True, slots=True)
class Outcome:
    """That it has happened: how firmly, and by which transaction if by one."""

    fate: Fate
    transaction_hash: Digest | None


async def get_intent(
    session: AsyncSession, parts: Parts, intent_id: str, *, now: datetime
) -> IntentOut:
    """The intent of that id as it stands. Raises `NoSuchIntent`."""
    return await describe(session, parts, await service.find(session, intent_id), now=now)


SIGNED_IN_KINDS = ("mint", "lazy_mint", "metadata")
"""Intents that only the account's own session can prepare."""


async def list_intents(
    session: AsyncSession,
    parts: Parts,
    account: Address,
    *,
    now: datetime,
    limit: int = 24,
    cursor: str | None = None,
) -> IntentList:
    """
    What an account began while signed in, newest first.

    Other kinds are prepared for whoever asks, in any account's name: a stranger's transfer must
    not stand among somebody's own open business. Their ids are known to those who made them.
    """
    query = select(IntentRow).where(
        col(IntentRow.account) == account, col(IntentRow.kind).in_(SIGNED_IN_KINDS)
    )
    if cursor is not None:
        created, last = decode_cursor(parts.secret_key, cursor)
        key = (datetime.fromisoformat(created), last)
        query = query.where(tuple_(col(IntentRow.created_at), col(IntentRow.id)) < key)
    order = (col(IntentRow.created_at).desc(), col(IntentRow.id).desc())
    rows = (await session.execute(query.order_by(*order).limit(limit + 1))).scalars().all()
    shown, more = rows[:limit], len(rows) > limit
    following = None
    if more:
        key_of_last = [shown[-1].created_at.astimezone(UTC).isoformat(), shown[-1].id]
        following = encode_cursor(parts.secret_key, key_of_last)
    items = [await describe(session, parts, row, now=now) for row in shown]
    return IntentList(items=items, next=following)


async def describe(
    session: AsyncSession, parts: Parts, row: IntentRow, *, now: datetime
) -> IntentOut:
    """The row with everything that is computed."""
    outcome = await _outcome(session, row)
    reports = await _reports(session, parts, row, outcome, now=now)
    plan = row.plan or {}
    deciding = [one for one in reports if one.step == plan.get("main") and one.is_the_steps]
    state = state_of(
        Seen(
            is_prepared=row.plan is not None,
            is_abandoned=row.abandoned_at is not None,
            is_expired=row.expires_at <= now,
            evidence=outcome.fate if outcome else None,
            fates=[one.fate for one in deciding],
        )
    )
    done = next((one for one in deciding if one.fate in _HAPPENED and one.fate == state), None)
    if outcome is None and done is not None:
        outcome = Outcome(done.fate, done.hash)
    problem = ProblemOut(**row.problem) if row.problem else None
    failed = next((one for one in deciding if one.fate == "failed"), None)
    if state == "failed" and failed:
        problem = ProblemOut(code="TransactionFailed", detail=failed.detail or "it was reverted")
    return IntentOut(
        intent=row.kind,
        id=row.id,
        state=state,
        account=str(row.account),
        chain_id=str(row.chain_id),
        created_at=row.created_at,
        expires_at=row.expires_at,
        cost=CostOut(**plan["cost"]) if plan else None,
        problem=problem,
        warnings=[WarningOut(**warning) for warning in plan.get("warnings", [])],
        result=await _result(session, parts, row, outcome) if outcome else None,
        steps=await _steps(session, parts, row, outcome, reports),
        transactions=[
            ReportOut(step=one.step, hash=str(one.hash), state=one.fate, detail=one.detail)
            for one in reports
        ],
        request=row.request,
    )


async def _outcome(session: AsyncSession, row: IntentRow) -> Outcome | None:
    fact = await evidence.outcome_of(session, row)
    if fact is None:
        return None
    if fact.block_number is None:
        return Outcome("final", None)
    head = (await heads(session)).get(row.chain_id)
    safe, final = (head.safe_number, head.final_number) if head else (-1, -1)
    return Outcome(finality(fact.block_number, safe=safe, final=final), fact.transaction_hash)


async def _reports(
    session: AsyncSession,
    parts: Parts,
    row: IntentRow,
    outcome: Outcome | None,
    *,
    now: datetime,
) -> list[Report]:
    """Reported hashes with their fates; a node is asked only while the mirror does not know."""
    query = (
        select(IntentTransactionRow)
        .where(col(IntentTransactionRow.intent_id) == row.id)
        .order_by(col(IntentTransactionRow.reported_at))
    )
    found = [
        Report(step=one.step, hash=one.hash, nonce=one.nonce, reported_at=one.reported_at)
        for one in (await session.execute(query)).scalars()
    ]
    if not found or (outcome and outcome.fate == "final"):
        return [_settled(one, outcome) for one in found]
    transactions = {one.step: service.transaction_of(row, one.step) for one in found}
    chain = chain_of(parts, row.chain_id).chain
    learned = await to_thread.run_sync(lambda: learn(chain, found, transactions, now=now))
    head = (await heads(session)).get(row.chain_id)
    return [until_mirrored(one, head.number if head else -1) for one in learned]


def _settled(report: Report, outcome: Outcome | None) -> Report:
    """Nothing is left to ask once the outcome is final."""
    is_it = outcome is not None and outcome.transaction_hash == report.hash
    return Report(
        step=report.step,
        hash=report.hash,
        nonce=report.nonce,
        reported_at=report.reported_at,
        fate="final" if is_it else "unknown",
    )


async def _steps(
    session: AsyncSession,
    parts: Parts,
    row: IntentRow,
    outcome: Outcome | None,
    reports: Sequence[Report],
) -> list[dict[str, Any]]:
    """The steps as handed out, each with its state of now."""
    plan = row.plan or {"steps": [], "digests": {}, "main": None}
    digests = {step: Digest.parse(text) for step, text in plan["digests"].items()}
    posted = await evidence.on_the_book(session, list(digests.values())) if digests else set()
    posted_steps = {step for step, digest in digests.items() if digest in posted}
    done = set(posted_steps)
    done |= {one.step for one in reports if one.fate in _HAPPENED and one.is_the_steps}
    if "sign-bulk" in digests and await evidence.posted(session, row):
        done.add("sign-bulk")  # One signature, many orders: its own digest names none of them.
    if outcome is not None:
        unsigned = {STEP} - posted_steps  # A work can be minted without it, and signed later.
        done |= _up_to(plan, plan["main"]) - unsigned
    if plan.get("watch"):
        done |= await watched(session, chain_of(parts, row.chain_id), row, plan, done)
    return [
        {**step, "state": "complete" if step["id"] in done else step["state"]}
        for step in plan["steps"]
    ]


def _up_to(plan: dict[str, Any], main: str | None) -> set[str]:
    """The step that has happened, and what came before it: an allowance, say, is spent by now."""
    names = [step["id"] for step in plan["steps"]]
    return set(names[: names.index(main) + 1]) if main in names else set()


async def _result(
    session: AsyncSession, parts: Parts, row: IntentRow, outcome: Outcome
) -> ResultOut:
    """What came of it, with links."""
    ids = row.facts.get("token_ids")
    token_ids = [int(text) for text in ids] if ids else [row.token_id]
    links = [_links(parts, row, token_id) for token_id in token_ids if token_id is not None]
    found = [one for one in links if one is not None]
    first = found[0] if found else None
    transaction = outcome.transaction_hash
    return ResultOut(
        chain_id=str(row.chain_id),
        contract=first.contract if first else (str(row.contract) if row.contract else None),
        token_id=first.token_id if first else None,
        transaction_hash=str(transaction) if transaction else None,
        work_url=first.work_url if first else None,
        certificate_url=first.certificate_url if first else None,
        order_hash=str(row.order_hash) if row.order_hash else None,
        orders=await _bought(session, row) if row.kind == "cart" else [],
        tokens=found if row.kind in ("mint", "lazy_mint", "accept_many") else [],
    )


async def _bought(session: AsyncSession, row: IntentRow) -> list[BoughtOut]:
    had = await evidence.bought(session, row)
    return [
        BoughtOut(order_hash=text, filled=Digest.parse(text) in had) for text in row.facts["names"]
    ]


def _links(parts: Parts, row: IntentRow, token_id: int) -> TokenLinks | None:
    if row.contract is None:
        return None
    ref = TokenRef(row.chain_id, row.contract, token_id)
    return TokenLinks(
        chain_id=str(ref.chain_id),
        contract=str(ref.contract),
        token_id=str(ref.token_id),
        work_url=f"{parts.public_url}/works/{ref.path}",
        certificate_url=f"{parts.public_url}/c/{ref.path}",
    )
