"""
Taking back what was signed, of whatever kind: hidden by us, or void for everybody.

Orders, auctions and vouchers share nonces and one counter at the exchange.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.intents import service as intents
from api.intents.costs import gas_of
from api.intents.service import Subject
from api.parts import ChainParts, Parts
from api.sales.hiding import hide_step
from api.tables import IntentRow
from api.tokens.deps import read_address
from nft.chain.contracts import Exchange
from nft.chain.protocol import Call
from nft.errors import Conflict, Refused
from nft.steps import SignatureStep, TransactionStep
from nft.types import Address, Digest

CANCEL_GAS = 60_000
"""Of cancelling one nonce, measured at 29,000; of everything, at 45,000."""

How = Literal["hide", "transaction"]


class NotTheMaker(Refused):
    """Only its maker may take something back."""

    field = "maker"

    def __init__(self, name: str, maker: str) -> None:
        super().__init__(f"order {name} was made by another account than {maker}")


class OrderIsOver(Conflict):
    """There is nothing left to cancel."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__(f"order {name} is {state}; there is nothing to cancel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellable:
    """Something signed, as far as taking it back is concerned."""

    name: Digest
    maker: Address
    exchange: Address
    nonce: int
    counter: int
    path: str
    """Where a hiding is posted."""
    subject: Subject
    state: str


async def prepare_cancel(
    session: AsyncSession,
    part: ChainParts,
    now: datetime,
    *,
    what: Cancellable,
    maker: str,
    how: How,
) -> IntentRow:
    """An intent of one signature (`hide`) or one transaction. Raises `NotTheMaker`."""
    account = read_address("maker", maker)
    if account != what.maker:
        raise NotTheMaker(str(what.name), str(account))
    if what.state in (
        "filled",
        "cancelled",
        "running",
        "ended",
        "undelivered",
        "settled",
        "unwound",
    ):
        raise OrderIsOver(str(what.name), what.state)
    step: TransactionStep | SignatureStep
    if how == "hide":
        step, network_max = hide_step(what.name, part.deployment.chain_id, what.path), 0
    else:
        step, network_max = await to_thread.run_sync(_cancel_step, part, what)
    return await intents.prepare(
        session,
        kind="cancel",
        account=account,
        chain_id=part.deployment.chain_id,
        request={"order": str(what.name), "maker": maker, "how": how},
        steps=[step],
        cost=intents.Cost(network_max=network_max, prompts=1),
        subject=what.subject,
        main=step.id,
        facts={
            "exchange": str(what.exchange),
            "nonce": str(what.nonce),
            "counter": str(what.counter),
        },
        now=now,
    )


def _cancel_step(part: ChainParts, what: Cancellable) -> tuple[TransactionStep, int]:
    call = Exchange(what.exchange).cancel([what.nonce])
    return _step(
        part,
        what.maker,
        call,
        id="cancel",
        title="Cancel the offer for good",
        explain=(
            f"Uses up number {what.nonce} of what you signed at the exchange, so that nobody "
            "can fill this one any more, wherever a copy of it lies."
        ),
    )


def _step(
    part: ChainParts, maker: Address, call: Call, *, id: str, title: str, explain: str
) -> tuple[TransactionStep, int]:
    asked = Call(to=call.to, data=call.data, sender=maker)
    gas = gas_of(part.chain, asked, fallback=CANCEL_GAS)
    step = TransactionStep(
        id=id,
        title=title,
        explain=explain,
        chain_id=part.deployment.chain_id,
        sender=maker,
        to=call.to,
        data=call.data,
        gas=gas,
    )
    return step, gas * part.chain.fees().max_fee


async def prepare_cancel_all(
    session: AsyncSession, parts: Parts, now: datetime, *, maker: str, chain_id: str
) -> IntentRow:
    """One transaction that voids everything signed so far: orders, auctions, vouchers."""
    part = chain_of(parts, chain_id)
    account = read_address("maker", maker)
    exchange = part.deployment.exchange.address

    def ask() -> tuple[TransactionStep, int]:
        return _step(
            part,
            account,
            Exchange(exchange).cancel_all(),
            id="cancel-all",
            title="Cancel everything you signed",
            explain=(
                "Voids every listing, offer, auction before its first bid and voucher that you "
                "signed so far, wherever copies lie. What you sign afterwards is good."
            ),
        )

    step, network_max = await to_thread.run_sync(ask)
    return await intents.prepare(
        session,
        kind="cancel_all",
        account=account,
        chain_id=part.deployment.chain_id,
        request={"maker": maker, "chain_id": chain_id},
        steps=[step],
        cost=intents.Cost(network_max=network_max, prompts=1),
        subject=Subject(),
        main=step.id,
        facts={"exchange": str(exchange)},
        now=now,
    )
