"""
What waits for an account, and the transactions that fetch it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anyio import to_thread
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.credits.schemas import (
    CreditOut,
    CreditsOut,
    ReleasableOut,
    ReleaseIn,
    ShareOut,
    SplitterOut,
    WithdrawIn,
)
from api.deps import chain_of
from api.intents.service import Subject
from api.parts import ChainParts, Parts
from api.sales import acts, money
from api.sales.acts import Act
from api.tables import IntentRow
from api.tokens.deps import read_address
from indexer.contract_tables import SplitterRow
from indexer.tables import CreditRow
from nft.chain.contracts import Exchange, Splitter, ask_many
from nft.errors import Conflict, Missing, Refused, Unreachable
from nft.types import ZERO_ADDRESS, Address

WITHDRAW_GAS = 80_000
RELEASE_GAS = 120_000


class NothingToWithdraw(Conflict):
    """No contract of that address keeps anything for the account in that currency."""

    def __init__(self, account: str, contract: str, currency: str) -> None:
        super().__init__(f"{contract} keeps nothing for {account} in the currency {currency}")


class NotTheCreditor(Refused):
    """Only its owner may send a credit elsewhere."""

    field = "to"

    def __init__(self, sender: str, account: str) -> None:
        super().__init__(f"{sender} can send the credit of {account} to nobody but {account}")


class NoSuchSplitter(Missing):
    """The mirror knows no such splitter."""

    def __init__(self, splitter: str) -> None:
        super().__init__(f"no splitter {splitter} is known here")


async def credits_of(session: AsyncSession, parts: Parts, account: Address) -> CreditsOut:
    """Refused payouts by the mirror; what splitters owe by the chain."""
    rows = await session.execute(
        select(
            col(CreditRow.chain_id),
            col(CreditRow.contract),
            col(CreditRow.currency),
            func.sum(CreditRow.amount),
        )
        .where(col(CreditRow.account) == account, col(CreditRow.chain_id).in_(parts.chains))
        .group_by(col(CreditRow.chain_id), col(CreditRow.contract), col(CreditRow.currency))
        .having(func.sum(CreditRow.amount) > 0)
        .order_by(col(CreditRow.chain_id), col(CreditRow.contract), col(CreditRow.currency))
    )
    found = [
        CreditOut(
            chain_id=str(chain_id),
            contract=str(contract),
            role=_role(parts.chains[chain_id], contract),
            currency=str(currency),
            amount=str(int(amount)),
        )
        for chain_id, contract, currency, amount in rows
    ]
    return CreditsOut(
        account=str(account), credits=found, splitters=await _owed(session, parts, account)
    )


def _role(part: ChainParts, contract: Address) -> str:
    if contract in [one.address for one in part.deployment.exchanges]:
        return "exchange"
    return "auctions" if contract == part.deployment.auctions.address else "collection"


async def _owed(session: AsyncSession, parts: Parts, account: Address) -> list[ReleasableOut]:
    rows = await session.execute(
        select(SplitterRow).where(
            col(SplitterRow.shares).contains([{"receiver": str(account)}]),
            col(SplitterRow.chain_id).in_(parts.chains),
        )
    )
    found: list[ReleasableOut] = []
    for row in rows.scalars():
        part = parts.chains[row.chain_id]
        bps = next(one["bps"] for one in row.shares if one["receiver"] == str(account))
        owed = await to_thread.run_sync(_releasable, part, row.splitter, [account])
        found += [
            ReleasableOut(
                chain_id=str(row.chain_id),
                splitter=str(row.splitter),
                bps=bps,
                currency=str(currency),
                amount=str(amount),
            )
            for currency, amount in owed.get(account, {}).items()
            if amount
        ]
    return found


def _releasable(
    part: ChainParts, splitter: Address, receivers: Sequence[Address]
) -> dict[Address, dict[Address, int]]:
    """By receiver and currency; empty while no node answers."""
    wanted = [
        (receiver, currency.address)
        for receiver in receivers
        for currency in part.deployment.accepted
    ]
    contract = Splitter(splitter)
    try:
        answers = ask_many(part.chain, [contract.releasable(*one) for one in wanted])
    except Unreachable:
        return {}
    found: dict[Address, dict[Address, int]] = {}
    for (receiver, currency), answer in zip(wanted, answers, strict=True):
        if isinstance(answer, int):
            found.setdefault(receiver, {})[currency] = answer
    return found


async def get_splitter(
    session: AsyncSession, parts: Parts, chain_id: int, splitter: Address
) -> SplitterOut:
    """A splitter, its shares and what each is owed. Raises `NoSuchSplitter`."""
    row = await _splitter(session, chain_id, splitter)
    part = chain_of(parts, chain_id)
    receivers = [Address.parse(one["receiver"]) for one in row.shares]
    owed = await to_thread.run_sync(_releasable, part, splitter, receivers)
    return SplitterOut(
        chain_id=str(chain_id),
        splitter=str(splitter),
        shares=[
            ShareOut(
                receiver=one["receiver"],
                bps=one["bps"],
                releasable={
                    str(currency): str(amount)
                    for currency, amount in owed.get(receiver, {}).items()
                },
            )
            for one, receiver in zip(row.shares, receivers, strict=True)
        ],
    )


async def _splitter(session: AsyncSession, chain_id: int, splitter: Address) -> SplitterRow:
    query = select(SplitterRow).where(
        col(SplitterRow.chain_id) == chain_id, col(SplitterRow.splitter) == splitter
    )
    row = (await session.execute(query.limit(1))).scalar_one_or_none()
    if row is None:
        raise NoSuchSplitter(str(splitter))
    return row


async def prepare_withdraw(
    session: AsyncSession, parts: Parts, now: datetime, *, account: Address, body: WithdrawIn
) -> IntentRow:
    """One transaction that draws a credit. Raises `NothingToWithdraw` or `NotTheCreditor`."""
    part = chain_of(parts, body.chain_id)
    contract = read_address("contract", body.contract)
    currency = read_address("currency", body.currency) if body.currency else ZERO_ADDRESS
    sender = read_address("sender", body.sender) if body.sender else account
    to = read_address("to", body.to) if body.to else account
    if sender != account and to != account:
        raise NotTheCreditor(str(sender), str(account))
    kept = await session.scalar(
        select(func.coalesce(func.sum(CreditRow.amount), 0)).where(
            col(CreditRow.chain_id) == part.deployment.chain_id,
            col(CreditRow.contract) == contract,
            col(CreditRow.account) == account,
            col(CreditRow.currency) == currency,
        )
    )
    if not kept:
        raise NothingToWithdraw(str(account), str(contract), str(currency))
    # Every contract that pays out keeps credits in the same way.
    keeper = Exchange(contract)
    is_own = sender == account
    call = keeper.withdraw(to, currency) if is_own else keeper.withdraw_for(account, currency)
    amount = money.amount(part, int(kept), currency)
    act = Act(
        kind="withdraw",
        account=sender,
        part=part,
        call=call,
        title=f"Draw {amount}",
        explain=f"Sends {amount}, which {contract} keeps because its payout was refused, to {to}.",
        request={"account": str(account), **body.model_dump(mode="json")},
        fallback_gas=WITHDRAW_GAS,
        subject=Subject(contract=contract),
        facts={"account": str(account), "currency": str(currency)},
    )
    return await acts.prepare(session, act, now)


async def prepare_release(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    chain_id: int,
    splitter: Address,
    body: ReleaseIn,
) -> IntentRow:
    """One transaction that sends a receiver its part. Raises `NoSuchSplitter`."""
    await _splitter(session, chain_id, splitter)
    part = chain_of(parts, chain_id)
    receiver = read_address("receiver", body.receiver)
    currency = read_address("currency", body.currency) if body.currency else ZERO_ADDRESS
    owed = await to_thread.run_sync(_releasable, part, splitter, [receiver])
    amount = money.amount(part, owed.get(receiver, {}).get(currency, 0), currency)
    act = Act(
        kind="release",
        account=read_address("account", body.account),
        part=part,
        call=Splitter(splitter).release(receiver, currency),
        title=f"Send {amount} of royalties",
        explain=f"Sends {receiver} its part of what the splitter {splitter} was paid: {amount}.",
        request={"splitter": str(splitter), **body.model_dump(mode="json")},
        fallback_gas=RELEASE_GAS,
        subject=Subject(contract=splitter),
        facts={"receiver": str(receiver), "currency": str(currency)},
    )
    return await acts.prepare(session, act, now)
