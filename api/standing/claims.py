"""
Claims against a work: made, answered, decided, withdrawn; each step dated, none erased.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.columns import of_work
from api.locks import hold
from api.parts import Parts
from api.standing import showing
from api.standing.errors import (
    ClaimTwice,
    NoSuchClaim,
    NotAParty,
    NotYours,
    OwnWork,
    TooMuchSaid,
)
from api.standing.tables import AnswerRow, ClaimRow
from api.standing.telling import tell
from api.tokens.queries import get_token
from api.tokens.schemas import TokenOut
from nft.claims import MOST_ANSWERS, Basis, Course, Decision, Role
from nft.marks import check_plain
from nft.types import Address, TokenRef

DAY = timedelta(days=1)
CLAIMS_A_DAY = 5
ANSWERS_A_DAY = 40


@dataclass(frozen=True, slots=True)
class Told:
    """A claim, what was answered, and how it stands."""

    row: ClaimRow
    answers: tuple[AnswerRow, ...]

    @property
    def course(self) -> Course:
        """What has happened to it."""
        roles: list[Role] = [_role(one.role) for one in self.answers]
        decision: Decision | None = None
        if self.row.decision is not None:
            decision = "upheld" if self.row.decision == "upheld" else "rejected"
        return Course(
            answers=tuple(roles),
            decision=decision,
            is_withdrawn=self.row.withdrawn_at is not None,
        )


def _role(text: str) -> Role:
    known: dict[str, Role] = {
        "artist": "artist",
        "owner": "owner",
        "issuer": "issuer",
        "claimant": "claimant",
    }
    return known[text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody claims."""

    token: TokenRef
    claimant: Address
    basis: Basis
    shown: str
    """The CAIP-19 name of the earlier work, or the name of the binding."""
    reason: str


async def place(session: AsyncSession, parts: Parts, now: datetime, *, claim: Claim) -> ClaimRow:
    """
    Take a claim whose evidence carries it so far.

    Raises `OwnWork`, `EvidenceLacking`, `ClaimTwice`, `TooMuchSaid`, `TextInvalid`.
    """
    reason = check_plain("reason", claim.reason)
    disputed = await get_token(session, parts, claim.token)
    if Address.parse(disputed.creator) == claim.claimant:
        raise OwnWork
    await _check_allowance(session, claim, now)
    if claim.basis == "earlier_work":
        evidence = await showing.earlier_work(session, parts, disputed, claim.claimant, claim.shown)
    else:
        evidence = await showing.bound_domain(session, claim.claimant, claim.shown, now)
    row = ClaimRow(
        id=secrets.token_hex(16),
        chain_id=claim.token.chain_id,
        contract=claim.token.contract,
        token_id=claim.token.token_id,
        claimant=claim.claimant,
        basis=claim.basis,
        evidence=evidence,
        reason=reason,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await _tell(session, row, "work.claimed")
    return row


async def _check_allowance(session: AsyncSession, claim: Claim, now: datetime) -> None:
    """One claim of an account at a time is counted, so that a burst does not slip through."""
    await hold(session, f"vernissage claims of {claim.claimant}")
    going = select(col(ClaimRow.id)).where(
        *of_work(ClaimRow, claim.token),
        col(ClaimRow.claimant) == claim.claimant,
        col(ClaimRow.decision).is_(None),
        col(ClaimRow.withdrawn_at).is_(None),
    )
    known = (await session.execute(going.limit(1))).scalar_one_or_none()
    if known is not None:
        raise ClaimTwice(known)
    made = select(func.count()).where(
        col(ClaimRow.claimant) == claim.claimant, col(ClaimRow.created_at) > now - DAY
    )
    if (await session.execute(made)).scalar_one() >= CLAIMS_A_DAY:
        raise TooMuchSaid(f"an account makes at most {CLAIMS_A_DAY} claims a day", 86_400)


async def answer(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    claim_id: str,
    account: Address,
    words: str,
) -> Told:
    """
    What a party says to a claim. Raises `NoSuchClaim`, `NotAParty`, `ClaimIsOver`, `TooMuchSaid`.
    """
    told = await _locked(session, claim_id)
    token = await get_token(session, parts, token_of(told.row))
    role = role_of(told.row, token, account)
    if role is None:
        raise NotAParty
    recent = select(func.count()).where(
        col(AnswerRow.account) == account, col(AnswerRow.created_at) > now - DAY
    )
    if (await session.execute(recent)).scalar_one() >= ANSWERS_A_DAY:
        raise TooMuchSaid(f"an account answers at most {ANSWERS_A_DAY} times a day", 86_400)
    return await _say(session, told, role, account, words, now)


async def answer_as_issuer(
    session: AsyncSession, now: datetime, *, claim_id: str, words: str
) -> Told:
    """The issuer's answer, without a decision."""
    return await _say(session, await _locked(session, claim_id), "issuer", None, words, now)


async def _say(
    session: AsyncSession,
    told: Told,
    role: Role,
    account: Address | None,
    words: str,
    now: datetime,
) -> Told:
    told.course.check_goes_on()
    if len(told.answers) >= MOST_ANSWERS:
        raise TooMuchSaid(f"a claim takes at most {MOST_ANSWERS} answers", 86_400)
    row = AnswerRow(
        claim_id=told.row.id,
        role=role,
        account=account,
        words=check_plain("words", words),
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await _tell(session, told.row, "claim.answered", number=row.id, role=role)
    return Told(told.row, (*told.answers, row))


def role_of(row: ClaimRow, token: TokenOut, account: Address) -> Role | None:
    """As whom an account is heard."""
    who = str(account)
    if row.claimant == account:
        return "claimant"
    if token.creator == who:
        return "artist"
    return "owner" if (token.held_for or token.owner) == who else None


async def decide(
    session: AsyncSession, now: datetime, *, claim_id: str, decision: Decision, reason: str
) -> Told:
    """The issuer's decision, with its reason; there is one. Raises `ClaimIsOver`."""
    told = await _locked(session, claim_id)
    told.course.check_goes_on()
    told.row.decision, told.row.decided_at = decision, now
    told.row.decision_reason = check_plain("reason", reason)
    await session.flush()
    await _tell(session, told.row, "claim.decided", decision=decision)
    return told


async def withdraw(
    session: AsyncSession, now: datetime, *, claim_id: str, account: Address, reason: str
) -> Told:
    """Whoever made it no longer does. Raises `NotYours`, `ClaimIsOver`."""
    told = await _locked(session, claim_id)
    if told.row.claimant != account:
        raise NotYours("claim")
    told.course.check_goes_on()
    told.row.withdrawn_at = now
    told.row.withdrawn_reason = check_plain("reason", reason)
    await session.flush()
    await _tell(session, told.row, "claim.withdrawn")
    return told


async def _tell(session: AsyncSession, row: ClaimRow, kind: str, **more: Any) -> None:
    token = token_of(row)
    await tell(session, kind, place=f"claim:{row.id}", token=token, claim=row.id, **more)


async def _locked(session: AsyncSession, claim_id: str) -> Told:
    row = await session.get(ClaimRow, claim_id, with_for_update=True)
    if row is None:
        raise NoSuchClaim(claim_id)
    return (await _told(session, [row]))[0]


async def find(session: AsyncSession, claim_id: str) -> Told:
    """One claim. Raises `NoSuchClaim`."""
    row = await session.get(ClaimRow, claim_id)
    if row is None:
        raise NoSuchClaim(claim_id)
    return (await _told(session, [row]))[0]


async def of_token(session: AsyncSession, token: TokenRef) -> list[Told]:
    """
    All claims that ever were against a work, oldest first.

    Of very many, those upheld come first and those that are over last, and then the newest.
    """
    is_over = or_(col(ClaimRow.withdrawn_at).is_not(None), col(ClaimRow.decision) == "rejected")
    weight = case((is_over, 2), (col(ClaimRow.decision) == "upheld", 0), else_=1)
    query = (
        select(ClaimRow)
        .where(*of_work(ClaimRow, token))
        .order_by(weight, col(ClaimRow.created_at).desc())
        .limit(200)
    )
    found = (await session.execute(query)).scalars()
    return await _told(session, sorted(found, key=lambda one: one.created_at))


async def _told(session: AsyncSession, rows: Sequence[ClaimRow]) -> list[Told]:
    query = (
        select(AnswerRow)
        .where(col(AnswerRow.claim_id).in_([row.id for row in rows]))
        .order_by(col(AnswerRow.id))
    )
    answers: dict[str, list[AnswerRow]] = {}
    for one in (await session.execute(query)).scalars():
        answers.setdefault(one.claim_id, []).append(one)
    return [Told(row, tuple(answers.get(row.id, []))) for row in rows]


def token_of(row: ClaimRow) -> TokenRef:
    """The work that is claimed against."""
    return TokenRef(row.chain_id, row.contract, row.token_id)
