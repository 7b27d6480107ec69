"""
What an owner or creator may do with a work without a sale: give it away, burn it, freeze it.

Each is one transaction. The node tries it first, so that a wallet is never handed one that fails:
a receiver that cannot hold works, say, is known before anybody pays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.collections.errors import CollectionNotOurs
from api.collections.ours import find_ours
from api.deps import chain_of
from api.intents import service as intents
from api.intents.costs import MARGIN_PERCENT
from api.parts import ChainParts, Parts
from api.tables import IntentRow
from api.tokens.deps import read_address
from api.tokens.queries import get_token
from api.tokens.schemas import BurnIn, FreezeIn, TokenOut, TransferIn
from nft.chain.contracts import Collection, Erc721
from nft.chain.protocol import Call
from nft.errors import Conflict, Refused, TokenLocked, Unacceptable
from nft.steps import TransactionStep
from nft.types import ZERO_ADDRESS, Address, TokenRef


class NotTheOwner(Conflict):
    """The work is in other hands."""

    field = "owner"

    def __init__(self, account: str, owner: str) -> None:
        super().__init__(f"the work belongs to {owner}, not to {account}")


class NotTheCreator(Refused):
    """Only its creator may describe a work or make the description final."""

    field = "creator"

    def __init__(self, account: str, creator: str) -> None:
        super().__init__(f"the work was made by {creator}, not by {account}")


class AlreadyFrozen(Conflict):
    """The description is final."""

    def __init__(self) -> None:
        super().__init__("the work's description is frozen and can never change")


class TokenBurned(Conflict):
    """The work was destroyed."""

    def __init__(self, token: str) -> None:
        super().__init__(f"{token} was burned")


class ReceiverInvalid(Unacceptable):
    """Nobody can receive a work there."""

    field = "to"

    def __init__(self, why: str) -> None:
        super().__init__(f"to: {why}")


@dataclass(frozen=True, slots=True)
class Action:
    """One transaction and how it is said."""

    kind: str
    account: Address
    call: Call
    title: str
    explain: str
    request: dict[str, Any]
    facts: dict[str, Any]


async def prepare_transfer(
    session: AsyncSession, parts: Parts, now: datetime, *, ref: TokenRef, body: TransferIn
) -> IntentRow:
    """Give a work to somebody. Raises `NotTheOwner`, `ReceiverInvalid` or `TokenLocked`."""
    work = await _living(session, parts, ref)
    owner, to = read_address("owner", body.owner), read_address("to", body.to)
    _check_owner(work, owner)
    if to in (ZERO_ADDRESS, ref.contract):
        raise ReceiverInvalid("what is sent there is lost; burn the work if that is meant")
    if to == owner:
        raise ReceiverInvalid("the work is there already")
    if work.locked:
        raise TokenLocked(ref.caip19)
    action = Action(
        kind="transfer",
        account=owner,
        call=Erc721(ref.contract).transfer(owner, to, ref.token_id),
        title="Hand the work over",
        explain=f"Gives {_named(work)} to {to}, without payment. Listings of it end by themselves.",
        request=body.model_dump(mode="json"),
        facts={"to": str(to)},
    )
    return await _prepare(session, parts, ref, action, now)


async def prepare_burn(
    session: AsyncSession, parts: Parts, now: datetime, *, ref: TokenRef, body: BurnIn
) -> IntentRow:
    """Destroy a work. Raises `NotTheOwner`."""
    work = await _living(session, parts, ref)
    owner = read_address("owner", body.owner)
    _check_owner(work, owner)
    action = Action(
        kind="burn",
        account=owner,
        call=(await collection_of(session, parts, ref)).burn(ref.token_id),
        title="Burn the work",
        explain=f"Destroys {_named(work)} for good. Nobody can bring it back, nor mint it again.",
        request=body.model_dump(mode="json"),
        facts={},
    )
    return await _prepare(session, parts, ref, action, now)


async def prepare_freeze(
    session: AsyncSession, parts: Parts, now: datetime, *, ref: TokenRef, body: FreezeIn
) -> IntentRow:
    """Make the description final. Raises `NotTheCreator` or `AlreadyFrozen`."""
    work = await _living(session, parts, ref)
    creator = read_address("creator", body.creator)
    check_creator(work, creator)
    action = Action(
        kind="freeze",
        account=creator,
        call=(await collection_of(session, parts, ref)).freeze(ref.token_id),
        title="Freeze the description",
        explain=f"From then on nobody, you included, can change what is said of {_named(work)}.",
        request=body.model_dump(mode="json"),
        facts={},
    )
    return await _prepare(session, parts, ref, action, now)


async def _living(session: AsyncSession, parts: Parts, ref: TokenRef) -> TokenOut:
    work = await get_token(session, parts, ref)
    if work.burned:
        raise TokenBurned(ref.caip19)
    return work


def _check_owner(work: TokenOut, account: Address) -> None:
    if work.owner != str(account):
        raise NotTheOwner(str(account), work.owner)


def check_creator(work: TokenOut, account: Address) -> None:
    """May this account still describe the work? Raises `NotTheCreator` or `AlreadyFrozen`."""
    if work.creator != str(account):
        raise NotTheCreator(str(account), work.creator)
    if work.frozen:
        raise AlreadyFrozen


async def collection_of(session: AsyncSession, parts: Parts, ref: TokenRef) -> Collection:
    """The contract, if it is of our kind. Raises `CollectionNotOurs`."""
    part = chain_of(parts, ref.chain_id)
    if await find_ours(session, part, ref.contract) is None:
        raise CollectionNotOurs(str(ref.contract))
    return Collection(ref.contract)


def _named(work: TokenOut) -> str:
    return f"“{work.title}”" if work.title else f"token {work.token_id}"


async def _prepare(
    session: AsyncSession, parts: Parts, ref: TokenRef, action: Action, now: datetime
) -> IntentRow:
    part = chain_of(parts, ref.chain_id)
    step, network_max = await to_thread.run_sync(tried_step, part, action)
    return await intents.prepare(
        session,
        kind=action.kind,
        account=action.account,
        chain_id=ref.chain_id,
        request=action.request,
        steps=[step],
        cost=intents.Cost(network_max=network_max, prompts=1),
        subject=intents.Subject(contract=ref.contract, token_id=ref.token_id),
        main=step.id,
        facts=action.facts,
        now=now,
    )


def tried_step(part: ChainParts, action: Action) -> tuple[TransactionStep, int]:
    """
    The transaction and its greatest cost; synchronous, so call it in a thread.

    Raises `Reverted` with the contract's own reason, or `InsufficientFunds`.
    """
    call = replace(action.call, sender=action.account)
    gas = part.chain.estimate_gas(call) * (100 + MARGIN_PERCENT) // 100
    step = TransactionStep(
        id=action.kind,
        title=action.title,
        explain=action.explain,
        chain_id=part.deployment.chain_id,
        sender=action.account,
        to=call.to,
        data=call.data,
        value=call.value,
        gas=gas,
    )
    return step, gas * part.chain.fees().max_fee
