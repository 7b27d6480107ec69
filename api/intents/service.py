"""
Writing intents: preparing them, noting what a wallet sent, giving them up.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.tables import IntentRow, IntentTransactionRow
from indexer.tables import CursorRow
from nft.errors import Conflict, Missing, Unacceptable
from nft.signing import typed_data_digest
from nft.steps import SignatureStep, Step
from nft.types import ZERO_ADDRESS, Address, Digest

LIFE = timedelta(hours=24)
MAX_REPORTS = 20


class NoSuchIntent(Missing):
    """Nobody prepared such an intent."""

    def __init__(self, intent_id: str) -> None:
        super().__init__(f"there is no intent {intent_id[:64]!r}")


class NoSuchStep(Unacceptable):
    """The intent has no transaction step of that name."""

    field = "step"

    def __init__(self, step: str) -> None:
        super().__init__(f"the intent has no transaction step {step[:64]!r}")


class TransactionNotTheSteps(Unacceptable):
    """The transaction is another one: sender, target, value or calldata differ from the step's."""

    field = "hash"

    def __init__(self, found: Digest, what: str) -> None:
        super().__init__(f"transaction {found} is not this step's: its {what} differs")


class TooManyReports(Conflict):
    """So many hashes for one intent are no wallet's doing."""

    def __init__(self) -> None:
        super().__init__(f"an intent takes at most {MAX_REPORTS} reported transactions")


class AlreadyHappened(Conflict):
    """What was prepared stands on the chain; it cannot be given up any more."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the intent is {state}: what is on the chain cannot be abandoned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What it costs at most; `prompts` counts how often the wallet will ask."""

    network_max: int
    platform_fee: int = 0
    currency: Address = ZERO_ADDRESS
    prompts: int

    def as_json(self) -> dict[str, Any]:
        """As the API says it."""
        return {
            "network_max": str(self.network_max),
            "platform_fee": str(self.platform_fee),
            "currency": str(self.currency),
            "prompts": self.prompts,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an intent is about; whichever applies."""

    contract: Address | None = None
    token_id: int | None = None
    order_hash: Digest | None = None


@dataclass(frozen=True, slots=True)
class Warning_:
    """Something to know before signing; it stops nothing."""

    code: str
    detail: str
    url: str | None = None


async def prepare(
    session: AsyncSession,
    *,
    kind: str,
    account: Address,
    chain_id: int,
    request: dict[str, Any],
    steps: Sequence[Step] | Callable[[str], Sequence[Step]],
    cost: Cost,
    subject: Subject | None = None,
    main: str | None = None,
    facts: Mapping[str, Any] | None = None,
    warnings: Sequence[Warning_] = (),
    watch: Mapping[str, Mapping[str, str]] | None = None,
    now: datetime,
) -> IntentRow:
    """
    Keep an intent whose steps are ready to be handed out.

    `main` is the step whose outcome is the intent's; the last one unless named. `facts` are
    further values that `api.intents.evidence` recognises the outcome by (say `metadata_digest`).
    `watch` says for a step what the chain or the mirror shows once it is done
    (`api.sales.needs.Need.watch`). Steps that name the intent itself are made from its id.
    """
    row = new_row(
        kind=kind,
        account=account,
        chain_id=chain_id,
        request=request,
        subject=subject or Subject(),
        facts=facts,
        now=now,
    )
    row.plan = await plan_of(
        session,
        chain_id=chain_id,
        steps=steps(row.id) if callable(steps) else steps,
        cost=cost,
        main=main,
        warnings=warnings,
        watch=watch,
    )
    session.add(row)
    await session.flush()
    return row


def new_row(
    *,
    kind: str,
    account: Address,
    chain_id: int,
    request: dict[str, Any],
    subject: Subject,
    facts: Mapping[str, Any] | None = None,
    now: datetime,
) -> IntentRow:
    """An intent without a plan yet."""
    return IntentRow(
        id=secrets.token_hex(16),
        kind=kind,
        account=account,
        chain_id=chain_id,
        request=request,
        facts=dict(facts or {}),
        contract=subject.contract,
        token_id=subject.token_id,
        order_hash=subject.order_hash,
        created_at=now,
        expires_at=now + LIFE,
    )


async def plan_of(
    session: AsyncSession,
    *,
    chain_id: int,
    steps: Sequence[Step],
    cost: Cost,
    main: str | None,
    warnings: Sequence[Warning_] = (),
    watch: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """
    What is kept of a prepared intent: steps as handed out, cost, and how to know the outcome.

    `since` is the newest mirrored block: an outcome is looked for above it. A signature's EIP-712
    digest is kept, because it names the order that will appear on the book.
    """
    head = select(col(CursorRow.number)).where(col(CursorRow.chain_id) == chain_id)
    since = (await session.execute(head)).scalar_one_or_none()
    return {
        "steps": [step.as_json() for step in steps],
        "cost": cost.as_json(),
        "main": main or steps[-1].id,
        "since": -1 if since is None else since,
        "digests": {
            step.id: str(typed_data_digest(step.typed_data))
            for step in steps
            if isinstance(step, SignatureStep)
        },
        "warnings": [asdict(warning) for warning in warnings],
        "watch": {step: dict(what) for step, what in (watch or {}).items()},
    }


async def find(session: AsyncSession, intent_id: str, *, for_update: bool = False) -> IntentRow:
    """The intent of that id. Raises `NoSuchIntent`."""
    is_ours = re.fullmatch(r"[0-9a-f]{32}", intent_id)
    row = await session.get(IntentRow, intent_id, with_for_update=for_update) if is_ours else None
    if row is None:
        raise NoSuchIntent(intent_id)
    return row


def transaction_of(row: IntentRow, step_id: str) -> dict[str, Any]:
    """The transaction of a step as it was handed out. Raises `NoSuchStep`."""
    for step in (row.plan or {}).get("steps", []):
        if step["id"] == step_id and step["kind"] == "transaction":
            found: dict[str, Any] = step["transaction"]
            return found
    raise NoSuchStep(step_id)


async def report(
    session: AsyncSession,
    row: IntentRow,
    *,
    step: str,
    transaction_hash: Digest,
    nonce: int | None,
    now: datetime,
) -> None:
    """Note a transaction that a wallet says it sent; the same one twice is one report."""
    transaction_of(row, step)
    count = select(func.count()).where(col(IntentTransactionRow.intent_id) == row.id)
    if (await session.execute(count)).scalar_one() >= MAX_REPORTS:
        raise TooManyReports
    values = {
        "intent_id": row.id,
        "step": step,
        "hash": transaction_hash,
        "nonce": nonce,
        "reported_at": now,
    }
    await session.execute(insert(IntentTransactionRow).values(values).on_conflict_do_nothing())
