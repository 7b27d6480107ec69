"""
Bindings: taken when both sides say so, read again every day, lost with a date and never erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.deps import chain_of
from api.forms import due
from api.forms.tables import BundleRow
from api.intents import service as intents
from api.locks import hold
from api.parts import Parts
from api.sales import signers
from api.standing.asking import Answer, Says, ask, ask_again
from api.standing.errors import (
    AlreadyTakenBack,
    NoSuchBinding,
    NotYours,
    SignatureNotTheAccounts,
    SignatureTooOld,
    TooMuchSaid,
)
from api.standing.freshness import check_fresh
from api.standing.tables import BindingRow, ReadingRow
from api.standing.telling import tell
from api.tables import IntentRow
from indexer.tables import TokenRow
from nft.bindings import FRESH_SECONDS, Binding, check_published
from nft.signing import typed_data_digest
from nft.steps import SignatureStep
from nft.types import Address, Digest

DAY = timedelta(days=1)
OF_AN_ACCOUNT = 20
"""Bindings that one account may make in a day."""
STALE_AFTER = timedelta(days=14)
"""A domain that has been silent for so long no longer speaks for anybody."""
AT_ONCE, OF_A_DOMAIN_AT_ONCE = 40, 3
"""So many are read again in one run of the job, every ten minutes: no more than a host is asked."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a domain began or ceased to say so."""

    outcome: Says
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Held:
    """A binding and how it has fared."""

    row: BindingRow
    turns: tuple[Turn, ...]
    read_at: datetime | None
    """When the domain last answered, whatever it said."""

    def state(self, now: datetime) -> str:
        """`held`, `lost`, `silent` for too long, or `withdrawn` by the account."""
        if self.row.withdrawn_at is not None:
            return "withdrawn"
        if not self.turns or self.turns[-1].outcome == "lost":
            return "lost"
        return "held" if self.read_at and now - self.read_at <= STALE_AFTER else "silent"

    @property
    def since(self) -> datetime:
        """Since when both sides say so, without a break; of a lost one, since when it is lost."""
        return self.turns[-1].at if self.turns else self.row.created_at


def binding_of(row: BindingRow) -> Binding:
    """What the account signed."""
    return Binding(
        chain_id=row.chain_id,
        account=row.account,
        domain=row.domain,
        method="did:web" if row.method == "did:web" else "well-known",
        issued_at=int(row.issued_at.timestamp()),
    )


async def prepare(
    session: AsyncSession, parts: Parts, now: datetime, *, binding: Binding
) -> IntentRow:
    """An intent of one signature: the account's side of it."""
    chain_of(parts, binding.chain_id)
    body = {
        "chain_id": str(binding.chain_id),
        "account": str(binding.account),
        "domain": binding.domain,
        "method": binding.method,
        "issued_at": str(binding.issued_at),
    }
    step = SignatureStep(
        id="bind",
        title="Say that the domain is yours",
        explain=(
            f"Signs that this account and {binding.name} belong to the same person or house. It "
            f"counts once {binding.url} lists the account, and is shown on your certificates."
        ),
        typed_data=binding.typed_data(),
        href="/api/bindings",
        body=body,
    )
    return await intents.prepare(
        session,
        kind="binding",
        account=binding.account,
        chain_id=binding.chain_id,
        request=body,
        steps=[step],
        cost=intents.Cost(network_max=0, prompts=1),
        now=now,
    )


async def place(
    session: AsyncSession, parts: Parts, now: datetime, *, binding: Binding, signature: bytes
) -> BindingRow:
    """
    Take a binding that both sides state. The same one twice is one.

    Raises `SignatureNotTheAccounts`, `SignatureTooOld`, `TooMuchSaid`, `DomainDoesNotSaySo`,
    `DomainSilent`.
    """
    part = chain_of(parts, binding.chain_id)
    digest = typed_data_digest(binding.typed_data())
    async with parts.sessions() as reading:
        known = await reading.get(BindingRow, digest)
        if known is not None and known.withdrawn_at is None:
            return known
        await _check_time(reading, binding, now)
        await _check_allowance(reading, binding.account, now)
    accepted = await signers.accepted(part, binding.account, digest, signature)
    if accepted is None or accepted.is_awaited:
        raise SignatureNotTheAccounts(str(binding.account))
    check = partial(check_published, binding)
    answer = await ask(parts, binding.url, check=check, binding=digest, now=now)
    answer.check()
    await hold(session, f"vernissage binding {digest}")
    known = await session.get(BindingRow, digest)
    if known is not None:  # Posted twice at once.
        return known
    row = BindingRow(
        binding_hash=digest,
        chain_id=binding.chain_id,
        account=binding.account,
        domain=binding.domain,
        method=binding.method,
        issued_at=datetime.fromtimestamp(binding.issued_at, UTC),
        signature=accepted.signature,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await _tell(session, row, "held", number=answer.reading_id)
    return row


async def _check_time(session: AsyncSession, binding: Binding, now: datetime) -> None:
    """Fresh, and newer than what the account withdrew: an old signature revives nothing."""
    otherwise = "a binding is signed within the day in which it is posted"
    issued = check_fresh(binding.issued_at, now, seconds=FRESH_SECONDS, otherwise=otherwise)
    withdrawn = select(func.max(col(BindingRow.withdrawn_at))).where(
        col(BindingRow.account) == binding.account,
        col(BindingRow.chain_id) == binding.chain_id,
        col(BindingRow.domain) == binding.domain,
    )
    last = (await session.execute(withdrawn)).scalar_one_or_none()
    if last is not None and issued <= last:
        raise SignatureTooOld("the account has withdrawn this binding since")


async def _check_allowance(session: AsyncSession, account: Address, now: datetime) -> None:
    made = select(func.count()).where(
        col(BindingRow.account) == account, col(BindingRow.created_at) > now - DAY
    )
    if (await session.execute(made)).scalar_one() >= OF_AN_ACCOUNT:
        raise TooMuchSaid(f"an account makes at most {OF_AN_ACCOUNT} bindings a day", 86_400)


async def withdraw(
    session: AsyncSession, name: Digest, account: Address, now: datetime
) -> BindingRow:
    """The account no longer says so. Raises `NoSuchBinding`, `NotYours`, `AlreadyTakenBack`."""
    row = await session.get(BindingRow, name, with_for_update=True)
    if row is None:
        raise NoSuchBinding(str(name))
    if row.account != account:
        raise NotYours("binding")
    if row.withdrawn_at is not None:
        raise AlreadyTakenBack("binding")
    row.withdrawn_at = now
    await _tell(session, row, "withdrawn")
    return row


async def _tell(
    session: AsyncSession, row: BindingRow, what: str, *, number: int | None = None
) -> None:
    """Tell it in the feed, and have the bundles of the account's works say it."""
    await tell(
        session,
        f"binding.{what}",
        place=f"binding:{row.binding_hash}",
        token=None,
        number=number,
        account=str(row.account),
        chain_id=str(row.chain_id),
        name=binding_of(row).name,
    )
    await due.put_all(session, _bundled(row))


def _bundled(row: BindingRow) -> Select[Any]:
    """Works of the account that have a bundle; a first one will say it anyway."""
    key = [(col(getattr(TokenRow, name)), col(getattr(BundleRow, name))) for name in due.KEY]
    return (
        select(*(of_token for of_token, _ in key))
        .join(BundleRow, and_(*(of_token == of_bundle for of_token, of_bundle in key)))
        .where(col(TokenRow.creator) == row.account, col(TokenRow.chain_id) == row.chain_id)
    )


async def of_account(session: AsyncSession, account: Address, chain_id: int | None) -> list[Held]:
    """All bindings of an account that ever were, oldest first; of one chain, or of all."""
    query = select(BindingRow).where(col(BindingRow.account) == account)
    if chain_id is not None:
        query = query.where(col(BindingRow.chain_id) == chain_id)
    return await _held(session, query.order_by(col(BindingRow.created_at)).limit(200))


async def find(session: AsyncSession, name: Digest) -> Held:
    """One binding. Raises `NoSuchBinding`."""
    found = await _held(session, select(BindingRow).where(col(BindingRow.binding_hash) == name))
    if not found:
        raise NoSuchBinding(str(name))
    return found[0]


async def _held(session: AsyncSession, query: Select[BindingRow]) -> list[Held]:
    rows = list((await session.execute(query)).scalars())
    readings = (
        select(
            col(ReadingRow.binding_hash),
            col(ReadingRow.outcome),
            col(ReadingRow.read_at),
            col(ReadingRow.detail),
        )
        .where(
            col(ReadingRow.binding_hash).in_([row.binding_hash for row in rows]),
            col(ReadingRow.outcome) != "silent",
        )
        .order_by(col(ReadingRow.read_at), col(ReadingRow.id))
    )
    answers: dict[Digest, list[Turn]] = {}
    for name, outcome, at, detail in await session.execute(readings):
        says: Says = "held" if outcome == "held" else "lost"
        assert name is not None, "asked for by name"
        answers.setdefault(name, []).append(Turn(says, at, detail))
    return [_fared(row, answers.get(row.binding_hash, [])) for row in rows]


def _fared(row: BindingRow, answers: Sequence[Turn]) -> Held:
    """The turns among many readings that say the same; what came before it held is not its own."""
    turns: list[Turn] = []
    for answer in answers:
        changed = not turns or turns[-1].outcome != answer.outcome
        if changed and (turns or answer.outcome == "held"):
            turns.append(answer)
    return Held(row, tuple(turns), answers[-1].at if answers else None)


def standing(found: Iterable[Held], now: datetime) -> list[Held]:
    """Those that hold now."""
    return [one for one in found if one.state(now) == "held"]


async def read_again(parts: Parts, now: datetime) -> int:
    """Ask the domains whose last reading is a day old; how many were asked."""
    async with parts.sessions() as session:
        last = (
            select(col(ReadingRow.binding_hash), func.max(col(ReadingRow.read_at)).label("at"))
            .group_by(col(ReadingRow.binding_hash))
            .subquery()
        )
        turn = func.row_number().over(
            partition_by=col(BindingRow.domain), order_by=(last.c.at, col(BindingRow.binding_hash))
        )
        waiting = (
            select(col(BindingRow.binding_hash), last.c.at, turn.label("turn"))
            .outerjoin(last, last.c.binding_hash == col(BindingRow.binding_hash))
            .where(
                col(BindingRow.withdrawn_at).is_(None),
                or_(last.c.at.is_(None), last.c.at <= now - DAY),
            )
            .subquery()
        )
        query = (
            select(BindingRow)
            .join(waiting, waiting.c.binding_hash == col(BindingRow.binding_hash))
            .where(waiting.c.turn <= OF_A_DOMAIN_AT_ONCE)
            .order_by(waiting.c.at)
            .limit(AT_ONCE)
        )
        due = await _held(session, query)
    for one in due:
        await _read_once_more(parts, one, now)
    return len(due)


async def _read_once_more(parts: Parts, before: Held, now: datetime) -> None:
    binding = binding_of(before.row)
    was = before.turns[-1].outcome if before.turns else "lost"

    async def then(session: AsyncSession, answer: Answer) -> None:
        if answer.outcome not in ("silent", was):
            await _tell(session, before.row, answer.outcome, number=answer.reading_id)

    name, check = before.row.binding_hash, partial(check_published, binding)
    try:
        await ask_again(parts, binding.url, check=check, binding=name, then=then, now=now)
    except TooMuchSaid:
        return  # The host is asked for others; another run comes.
