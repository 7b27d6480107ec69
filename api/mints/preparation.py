"""
Making a mint ready to sign: only when every file and the metadata were read back (U11).

Run by a job after each pin, and again every minute for what a crash left behind. Doing it twice
changes nothing: an intent that has its plan keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from anyio import to_thread
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.deps import chain_of
from api.intents.abandon import holder_of
from api.intents.costs import gas_of
from api.intents.service import Cost, Warning_, plan_of
from api.mints.schemas import ListAtIn
from api.mints.service import wanted_listing
from api.orders.listing import MakerFacts, Wanted, ask_maker, listing_steps, next_nonce, order_for
from api.parts import ChainParts, Parts
from api.tables import IntentRow
from api.tokens import corrections
from api.uploads.service import notices
from media import ledger
from media.pinning import FAILED, PinState, are_kept
from media.tables import ReferenceRow
from nft.chain.contracts import Collection
from nft.chain.protocol import Call
from nft.errors import Conflict
from nft.steps import Step, TransactionStep
from nft.tokens import token_id
from nft.types import Address, Digest, TokenRef

PINNING = ("mint", "metadata")
"""The kinds of intent that publish something before there is anything to sign."""

MINT_GAS = 130_000
"""Of one mint with a new royalty receiver, measured at 105,000 with the margin left out."""
EACH_FURTHER_GAS = 60_000


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the chain said, all at once."""

    gas: int
    maker: MakerFacts


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
    if not are_kept(pins, cids=cids, stores=parts.pin_stores):
        return False
    if row.kind == "metadata":
        return await _prepare_correction(session, parts, row)
    part = chain_of(parts, row.chain_id)
    asked = await to_thread.run_sync(_ask, part, row)
    steps, cost = await _steps(session, part, row, asked, now=now)
    row.plan = await plan_of(
        session,
        chain_id=row.chain_id,
        steps=steps,
        cost=cost,
        main="mint",
        warnings=await _warnings(session, parts, row),
    )
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


def mint_call(row: IntentRow) -> Call:
    """The mint itself: one work, or neighbours in one transaction."""
    facts = row.facts
    assert row.contract is not None
    collection = Collection(row.contract)
    digests = [Digest.parse(text) for text in facts["digests"]]
    first = token_id(row.account, int(facts["first_serial"]))
    bps, receiver = facts["royalty_bps"], Address.parse(facts["royalty_receiver"])
    if len(digests) == 1:
        call = collection.mint(row.account, first, digests[0], bps, receiver)
    else:
        call = collection.mint_many(row.account, first, digests, bps, receiver)
    return replace(call, sender=row.account)


def _ask(part: ChainParts, row: IntentRow) -> _Asked:
    """Gas, fees, and what a listing needs to know; synchronous, run in a thread."""
    assert row.contract is not None
    count = len(row.facts["digests"])
    fallback = MINT_GAS + (count - 1) * EACH_FURTHER_GAS
    return _Asked(
        gas=gas_of(part.chain, mint_call(row), fallback=fallback),
        maker=ask_maker(part, row.account, row.contract),
    )


async def _steps(
    session: AsyncSession, part: ChainParts, row: IntentRow, asked: _Asked, *, now: datetime
) -> tuple[list[Step], Cost]:
    steps: list[Step] = [_mint_step(part, row, asked)]
    network_max, prompts = asked.gas * asked.maker.max_gas_price, 1
    maker = asked.maker
    for wanted in _wanted(row):
        nonce = await next_nonce(
            session,
            chain_id=row.chain_id,
            exchange=part.deployment.exchange.address,
            maker=row.account,
        )
        order = order_for(wanted, part, nonce=nonce, counter=maker.counter, now=now)
        listed = await to_thread.run_sync(listing_steps, wanted, order, part, maker)
        is_first = len(steps) == 1
        steps += listed.steps if is_first else [_numbered(listed.steps[-1], len(steps) - 1)]
        network_max += listed.network_max if is_first else 0
        prompts += listed.prompts if is_first else 1
    return steps, Cost(network_max=network_max, prompts=prompts)


def _numbered(step: Step, number: int) -> Step:
    """A further listing; step ids are unique within an intent."""
    return replace(step, id=f"{step.id}-{number}")


def _wanted(row: IntentRow) -> list[Wanted]:
    """The listings asked for in the same sitting."""
    assert row.contract is not None
    facts = row.facts
    royalty = (int(facts["royalty_bps"]), Address.parse(facts["royalty_receiver"]))
    parts = zip(facts["list_at"], facts["token_ids"], facts["titles"], strict=True)
    return [
        wanted_listing(
            ListAtIn.model_validate(list_at),
            row.account,
            TokenRef(row.chain_id, row.contract, int(token)),
            royalty=royalty,
            title=title,
        )
        for list_at, token, title in parts
        if list_at is not None
    ]


def _mint_step(part: ChainParts, row: IntentRow, asked: _Asked) -> TransactionStep:
    call, count = mint_call(row), len(row.facts["digests"])
    titles = row.facts["titles"]
    what = f"“{titles[0]}”" if count == 1 else f"{count} works, “{titles[0]}” first"
    percent = row.facts["royalty_bps"] / 100
    return TransactionStep(
        id="mint",
        title=f"Mint {what}",
        explain=(
            f"Creates {what} in the collection {call.to} on {part.name}, in your name and in your "
            f"possession, with a royalty of {percent:g} % to {row.facts['royalty_receiver']}. The "
            "description can be corrected until you freeze it; creator, number and mint stay."
        ),
        chain_id=row.chain_id,
        sender=row.account,
        to=call.to,
        data=call.data,
        value=call.value,
        gas=asked.gas,
    )


async def _warnings(session: AsyncSession, parts: Parts, row: IntentRow) -> list[Warning_]:
    """Works that were minted with the very same file before (U18)."""
    found = []
    for text in row.facts["sha256s"]:
        for notice in await notices(session, parts, Digest.parse(text)):
            found.append(Warning_(notice.code, notice.detail, notice.url))
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
