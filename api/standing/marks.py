"""
Marks: lost or stolen, by the chain's owner of this moment or by the issuer; taken back by the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anyio import to_thread
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.columns import of_work
from api.deps import chain_of
from api.intents import service as intents
from api.intents.service import Subject
from api.locks import hold
from api.parts import ChainParts, Parts
from api.sales import signers
from api.standing.errors import (
    AlreadyMarked,
    AlreadyTakenBack,
    NoSuchMark,
    NotYours,
    SignatureNotTheAccounts,
    TooMuchSaid,
)
from api.standing.freshness import check_fresh
from api.standing.tables import MarkRow
from api.standing.telling import tell
from api.tables import IntentRow
from api.tokens.actions import NotTheOwner
from api.tokens.queries import get_token
from nft.chain.contracts import Collection, Erc721
from nft.chain.protocol import Block
from nft.errors import Conflict, Missing, NoSuchToken
from nft.marks import FRESH_SECONDS, UNCOUNTED, Kind, Mark, TakenBack, check_plain
from nft.signing import typed_data_digest
from nft.steps import SignatureStep
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef

DAY = timedelta(days=1)
OF_AN_ACCOUNT = 10


class OwnershipMoved(Conflict):
    """The work has changed hands since the signature was prepared."""

    def __init__(self) -> None:
        super().__init__("the work has changed hands since this was prepared")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose the work is, as a node says of one block."""

    owner: Address
    transfer_count: int
    block: Block


def holder_of(part: ChainParts, token: TokenRef) -> Holder:
    """Ask the chain, not the mirror. Raises `NoSuchToken`, `ChainUnreachable`; synchronous."""
    head = part.chain.head()
    try:
        owner = Erc721(token.contract).owner_of(token.token_id).ask(part.chain, head.block_hash)
    except (Conflict, Missing) as error:
        raise NoSuchToken(token.caip19) from error
    if owner == ZERO_ADDRESS:
        raise NoSuchToken(token.caip19)
    count = Collection(token.contract).transfer_count(token.token_id)
    try:
        transfers = count.ask(part.chain, head.block_hash)
    except (Conflict, Missing):
        transfers = UNCOUNTED
    return Holder(owner, transfers, head)


async def prepare(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    token: TokenRef,
    owner: Address,
    kind: Kind,
    reason: str,
) -> IntentRow:
    """An intent of one signature. Raises `NotTheOwner`, `TextInvalid`."""
    await get_token(session, parts, token)
    words = check_plain("reason", reason)
    holder = await to_thread.run_sync(holder_of, chain_of(parts, token.chain_id), token)
    if holder.owner != owner:
        raise NotTheOwner(str(owner), str(holder.owner))
    mark = Mark(
        token=token,
        kind=kind,
        reason=words,
        transfer_count=holder.transfer_count,
        issued_at=int(now.timestamp()),
    )
    body = {
        "owner": str(owner),
        "kind": kind,
        "reason": words,
        "transfer_count": str(mark.transfer_count),
        "issued_at": str(mark.issued_at),
    }
    step = SignatureStep(
        id="mark",
        title="Mark the work",
        explain=(
            "Says in public, with your name as owner and today's date, that the work is "
            f"{kind}. It is shown wherever the work is offered, and stays to be read for ever, "
            "also after you have taken it back."
        ),
        typed_data=mark.typed_data(),
        href=f"/api/certificates/{token.path}/marks",
        body=body,
    )
    return await _prepared(session, owner, token, step, now)


async def _prepared(
    session: AsyncSession,
    account: Address,
    token: TokenRef,
    step: SignatureStep,
    now: datetime,
    *,
    facts: dict[str, str] | None = None,
) -> IntentRow:
    return await intents.prepare(
        session,
        kind=step.id.replace("-", "_"),
        account=account,
        chain_id=token.chain_id,
        request={**step.body, "contract": str(token.contract), "token_id": str(token.token_id)},
        facts=facts,
        steps=[step],
        cost=intents.Cost(network_max=0, prompts=1),
        subject=Subject(contract=token.contract, token_id=token.token_id),
        now=now,
    )


async def place(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    mark: Mark,
    owner: Address,
    signature: bytes,
) -> MarkRow:
    """
    Take an owner's mark. The same signature twice is one mark.

    Raises `NotTheOwner`, `OwnershipMoved`, `SignatureNotTheAccounts`, `SignatureTooOld`.
    """
    digest = typed_data_digest(mark.typed_data())
    known = await session.get(MarkRow, digest)
    if known is not None:
        return known
    check_plain("reason", mark.reason)
    issued_at = _fresh(mark.issued_at, now)
    part = chain_of(parts, mark.token.chain_id)
    await get_token(session, parts, mark.token)
    holder = await to_thread.run_sync(holder_of, part, mark.token)
    if holder.owner != owner:
        raise NotTheOwner(str(owner), str(holder.owner))
    if holder.transfer_count != mark.transfer_count:
        raise OwnershipMoved
    accepted = await signers.accepted(part, owner, digest, signature)
    if accepted is None or accepted.is_awaited:
        raise SignatureNotTheAccounts(str(owner))
    await hold(session, f"vernissage marks of {owner}")
    known = await session.get(MarkRow, digest)
    if known is not None:  # Posted twice at once.
        return known
    await _check_allowance(session, mark, owner, now)
    row = MarkRow(
        mark_hash=digest,
        **_token(mark.token),
        kind=mark.kind,
        by="owner",
        account=owner,
        reason=mark.reason,
        transfer_count=mark.transfer_count,
        block_number=holder.block.number,
        block_hash=holder.block.block_hash,
        signature=accepted.signature,
        issued_at=issued_at,
        created_at=now,
    )
    return await _keep(session, row)


def _fresh(issued_at: int, now: datetime) -> datetime:
    otherwise = "this is signed within the hour in which it is posted"
    return check_fresh(issued_at, now, seconds=FRESH_SECONDS, otherwise=otherwise)


async def _check_allowance(
    session: AsyncSession, mark: Mark, owner: Address, now: datetime
) -> None:
    """While the account's marks are held, so that two at once do not both pass."""
    standing = select(col(MarkRow.mark_hash)).where(
        *of_work(MarkRow, mark.token),
        col(MarkRow.kind) == mark.kind,
        col(MarkRow.account) == owner,
        col(MarkRow.taken_back_at).is_(None),
    )
    if (await session.execute(standing.limit(1))).first() is not None:
        raise AlreadyMarked(mark.kind)
    made = select(func.count()).where(
        col(MarkRow.account) == owner, col(MarkRow.created_at) > now - DAY
    )
    if (await session.execute(made)).scalar_one() >= OF_AN_ACCOUNT:
        raise TooMuchSaid(f"an account sets at most {OF_AN_ACCOUNT} marks a day", 86_400)


async def place_issuers(
    session: AsyncSession, parts: Parts, now: datetime, *, token: TokenRef, kind: Kind, reason: str
) -> MarkRow:
    """The issuer's own mark; whoever calls this runs the house."""
    await get_token(session, parts, token)
    row = MarkRow(
        mark_hash=Digest(secrets.token_bytes(32)),
        **_token(token),
        kind=kind,
        by="issuer",
        reason=check_plain("reason", reason),
        issued_at=now,
        created_at=now,
    )
    return await _keep(session, row)


async def _keep(session: AsyncSession, row: MarkRow) -> MarkRow:
    session.add(row)
    await session.flush()
    place_ = f"mark:{row.mark_hash}"
    await tell(session, "work.marked", place=place_, token=token_of(row), mark=row.kind, by=row.by)
    return row


async def prepare_taking_back(
    session: AsyncSession, now: datetime, *, token: TokenRef, name: Digest, reason: str
) -> IntentRow:
    """An intent of one signature, by whoever set the mark. Raises `NoSuchMark`, `NotYours`."""
    row = await _standing(session, token, name)
    if row.account is None:
        raise NotYours("mark")
    words = check_plain("reason", reason)
    back = TakenBack(token=token, mark=name, reason=words, issued_at=int(now.timestamp()))
    step = SignatureStep(
        id="mark-back",
        title="Take the mark back",
        explain=(
            "Says that the mark no longer holds, from today. That it was set, and why, stays "
            "to be read."
        ),
        typed_data=back.typed_data(),
        href=f"/api/certificates/{token.path}/marks/{name}/take-back",
        body={"reason": words, "issued_at": str(back.issued_at)},
    )
    return await _prepared(session, row.account, token, step, now, facts={"mark": str(name)})


async def take_back(
    session: AsyncSession, parts: Parts, now: datetime, *, back: TakenBack, signature: bytes
) -> MarkRow:
    """By the same account, whoever owns the work now. Raises as `prepare_taking_back`."""
    row = await _standing(session, back.token, back.mark)
    if row.account is None:
        raise NotYours("mark")
    check_plain("reason", back.reason)
    _fresh(back.issued_at, now)
    digest = typed_data_digest(back.typed_data())
    part = chain_of(parts, back.token.chain_id)
    accepted = await signers.accepted(part, row.account, digest, signature)
    if accepted is None or accepted.is_awaited:
        raise SignatureNotTheAccounts(str(row.account))
    return await _end(session, row, "owner", back.reason, now, accepted.signature)


async def take_back_as_issuer(
    session: AsyncSession, now: datetime, *, token: TokenRef, name: Digest, reason: str
) -> MarkRow:
    """
    The issuer takes back its own mark. An owner's it does not touch: it can say so in public.

    Raises `NoSuchMark`, `NotYours`, `AlreadyTakenBack`.
    """
    row = await _standing(session, token, name)
    if row.by != "issuer":
        raise NotYours("mark")
    return await _end(session, row, "issuer", check_plain("reason", reason), now, None)


async def _standing(session: AsyncSession, token: TokenRef, name: Digest) -> MarkRow:
    query = (
        select(MarkRow)
        .where(*of_work(MarkRow, token), col(MarkRow.mark_hash) == name)
        .with_for_update()
    )
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NoSuchMark(str(name))
    if row.taken_back_at is not None:
        raise AlreadyTakenBack("mark")
    return row


async def _end(
    session: AsyncSession,
    row: MarkRow,
    by: str,
    reason: str,
    now: datetime,
    signature: bytes | None,
) -> MarkRow:
    row.taken_back_at, row.taken_back_by = now, by
    row.taken_back_reason, row.taken_back_signature = reason, signature
    await session.flush()
    place_ = f"mark:{row.mark_hash}"
    await tell(session, "work.mark_taken_back", place=place_, token=token_of(row), mark=row.kind)
    return row


def token_of(row: MarkRow) -> TokenRef:
    """The work that a mark is of."""
    return TokenRef(row.chain_id, row.contract, row.token_id)


def _token(token: TokenRef) -> dict[str, Any]:
    return {"chain_id": token.chain_id, "contract": token.contract, "token_id": token.token_id}


async def of_token(session: AsyncSession, token: TokenRef) -> Sequence[MarkRow]:
    """All marks that ever were, oldest first; of very many those that stand, and the newest."""
    is_over, at = col(MarkRow.taken_back_at).is_not(None), col(MarkRow.created_at)
    query = select(MarkRow).where(*of_work(MarkRow, token)).order_by(is_over, at.desc()).limit(200)
    found = (await session.execute(query)).scalars()
    return sorted(found, key=lambda one: one.created_at)
