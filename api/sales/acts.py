"""
One transaction that somebody may send now, with what it needs first, as an intent.

The node tries the very transaction, so that no wallet is handed one that fails. Only where a step
before it is missing (an approval, say) is a measured figure of gas used instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.intents import service as intents
from api.intents.costs import MARGIN_PERCENT
from api.intents.service import Subject, Warning_
from api.parts import ChainParts
from api.sales.needs import Met, Need, steps_for
from api.tables import IntentRow
from nft import explain
from nft.chain.contracts import Erc20, Question
from nft.chain.errors import InsufficientFunds, Reverted
from nft.chain.markets import Numbers
from nft.chain.protocol import Call
from nft.errors import Conflict, ExchangeError, OrderNotFillable
from nft.reasons import from_numbers
from nft.steps import TransactionStep
from nft.types import ZERO_ADDRESS, Address

_NAMES = ("Exchange_", "Auctions_", "Collection_", "Credits_", "Governed_", "Splitter_")


class TakerCannotPay(Conflict):
    """The account does not hold the price and the gas."""

    field = "taker"

    def __init__(self, taker: str, held: int, needed: int) -> None:
        self.held = held
        self.needed = needed
        super().__init__(
            f"{taker} holds {explain.COIN.text(held)} and needs {explain.COIN.text(needed)}, "
            "network cost included"
        )


class TakerLacksTokens(Conflict):
    """The account does not hold the price in the token that is asked."""

    field = "taker"

    def __init__(self, taker: str, held: str, needed: str) -> None:
        super().__init__(f"{taker} holds {held} and needs {needed}")


class NotPossible(Conflict):
    """A contract refuses the transaction; `reasons` say why."""

    def __init__(self, title: str, reasons: list[tuple[str, str]]) -> None:
        self.reasons = reasons
        super().__init__(f"{title}: {'; '.join(detail for _, detail in reasons)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A transaction and all that is said and kept of it."""

    kind: str
    """Of the intent, and the step's id."""
    account: Address
    part: ChainParts
    call: Call
    title: str
    explain: str
    request: dict[str, Any]
    fallback_gas: int
    least_gas: int = 0
    """What must be allowed even if the node needs less (best effort gives each item its share)."""
    needs: Sequence[Need] = ()
    subject: Subject = field(default_factory=Subject)
    facts: Mapping[str, Any] = field(default_factory=dict)
    platform_fee: int = 0
    currency: Address = ZERO_ADDRESS
    warnings: Sequence[Warning_] = ()
    order_name: str | None = None
    """Of what is taken: a refusal is then an `OrderNotFillable`."""
    why: Question[Numbers] | None = None
    """Asked of the validator when the node refuses: its words are the same for everybody."""

    def step(self, gas: int) -> TransactionStep:
        """As a wallet gets it."""
        return TransactionStep(
            id=self.kind,
            title=self.title,
            explain=self.explain,
            chain_id=self.part.deployment.chain_id,
            sender=self.account,
            to=self.call.to,
            data=self.call.data,
            value=self.call.value,
            gas=gas,
        )


@dataclass(frozen=True, slots=True)
class Tried:
    """The steps of an act, and what they cost."""

    met: Met
    step: TransactionStep
    fee: int

    @property
    def network_max(self) -> int:
        """Wei at most, for gas."""
        return (self.met.gas + self.step.gas) * self.fee


def try_out(act: Act) -> Tried:
    """Ask the node; synchronous, so call it in a thread. Raises what would stop the act."""
    part = act.part
    met = steps_for(part, act.account, act.needs)
    fee = part.chain.fees().max_fee
    spent = act.call.value + sum(step.value for step in met.steps if step.state == "incomplete")
    held = part.chain.balance(act.account)
    if held < spent:
        raise TakerCannotPay(str(act.account), held, spent)
    if met.prompts:
        step = act.step(max(act.fallback_gas, act.least_gas))
        return Tried(met, step, fee)
    estimate = _estimate(act, held)
    if held < spent + estimate * fee:
        raise TakerCannotPay(str(act.account), held, spent + estimate * fee)
    gas = max(estimate * (100 + MARGIN_PERCENT) // 100, act.least_gas)
    return Tried(met, act.step(gas), fee)


def _estimate(act: Act, held: int) -> int:
    try:
        return act.part.chain.estimate_gas(replace(act.call, sender=act.account))
    except InsufficientFunds as error:
        raise TakerCannotPay(str(act.account), held, act.call.value) from error
    except Reverted as error:
        reasons = _reasons(act, error)
        if act.order_name is None:
            raise NotPossible(act.title, reasons) from error
        raise OrderNotFillable(act.order_name, reasons) from error


def _reasons(act: Act, error: Reverted) -> list[tuple[str, str]]:
    """Every reason by the validator; where it knows none, the contract's own error."""
    if act.why is not None:
        try:
            numbers, _ = act.why.ask(act.part.chain)
        except ExchangeError:
            numbers = ()
        if numbers:
            return [(one.code, one.detail) for one in from_numbers(numbers)]
    return [(short_name(error.name), str(error))]


def short_name(name: str) -> str:
    """A custom error's name without its contract's."""
    for prefix in _NAMES:
        name = name.removeprefix(prefix)
    return name or "Reverted"


async def prepare(session: AsyncSession, act: Act, now: datetime) -> IntentRow:
    """An intent of the needs and the transaction. Raises what would stop it."""
    tried = await to_thread.run_sync(try_out, act)
    return await intents.prepare(
        session,
        kind=act.kind,
        account=act.account,
        chain_id=act.part.deployment.chain_id,
        request=act.request,
        steps=[*tried.met.steps, tried.step],
        cost=intents.Cost(
            network_max=tried.network_max,
            platform_fee=act.platform_fee,
            currency=act.currency,
            prompts=tried.met.prompts + 1,
        ),
        subject=act.subject,
        main=tried.step.id,
        facts=act.facts,
        warnings=act.warnings,
        watch=tried.met.watch,
        now=now,
    )


def balance_in(part: ChainParts, account: Address, currency: Address) -> int:
    """What an account holds of a token; synchronous."""
    return Erc20(currency).balance_of(account).ask(part.chain)
