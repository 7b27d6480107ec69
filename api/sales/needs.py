"""
What must be so before a signature or a payment is worth anything: each need is one transaction.

A need asks the chain whether it is met already, and tells the step that meets it. Steps of needs
that were met before are handed out as `complete`, so that everybody sees what was allowed to whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from api.intents.costs import gas_of
from api.parts import ChainParts
from api.sales.money import Amount, amount
from nft.chain.contracts import Erc20, Erc721, Question, Weth, ask_many
from nft.chain.protocol import Call
from nft.errors import ChainUnreachable, ExchangeError
from nft.steps import TransactionStep
from nft.types import Address

APPROVAL_GAS = 60_000
"""Of `setApprovalForAll` or `approve`, measured at 46,000; stands in when the node cannot say."""
WRAP_GAS = 60_000
"""Of a deposit, measured at 45,000."""


class Need(Protocol):
    """One condition and the transaction that makes it true."""

    @property
    def id(self) -> str:
        """The step's id."""

    def question(self) -> Question[Any]:
        """What the chain is asked."""

    def is_met(self, answer: Any) -> bool:
        """Whether the answer says that nothing is left to do."""

    def call(self, answer: Any) -> Call:
        """The transaction that meets it."""

    def words(self, answer: Any) -> tuple[str, str]:
        """Title and purpose of the step."""

    def watch(self) -> dict[str, str]:
        """What is kept with the plan, so that the step's state can be told later."""

    def renamed(self, id: str) -> Need:
        """The same need as another step; ids are unique within an intent."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A contract of ours may hand over the account's works of one collection."""

    account: Address
    collection: Address
    operator: Address
    what: str = "exchange"
    id: str = "approve"

    def question(self) -> Question[bool]:
        """Whether it may."""
        return Erc721(self.collection).is_approved_for_all(self.account, self.operator)

    def is_met(self, answer: bool) -> bool:
        """The answer is the condition."""
        return answer

    def call(self, answer: bool) -> Call:
        """Once for all works of a collection: it moves one only by its owner's signature."""
        return Erc721(self.collection).set_approval_for_all(self.operator, True)

    def words(self, answer: bool) -> tuple[str, str]:
        """Which contract, which collection, and what it cannot do."""
        return (
            f"Let the {self.what} deliver",
            f"Allows the {self.what} {self.operator} to hand over works of yours in the "
            f"collection {self.collection}. It can do so only by what you signed, at its price. "
            "Needed once; you can revoke it at any time.",
        )

    def watch(self) -> dict[str, str]:
        """Told by the mirror."""
        return {
            "need": "operator",
            "collection": str(self.collection),
            "operator": str(self.operator),
        }

    def renamed(self, id: str) -> Need:
        """The same under another id."""
        return replace(self, id=id)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The account holds so much of the wrapped coin; what is missing is wrapped."""

    account: Address
    part: ChainParts
    money: Amount
    id: str = "wrap"

    def question(self) -> Question[int]:
        """What is held."""
        return Erc20(self.money.currency).balance_of(self.account)

    def is_met(self, answer: int) -> bool:
        """Enough is held."""
        return answer >= self.money.value

    def call(self, answer: int) -> Call:
        """Wrap what is missing, no more."""
        return Weth(self.money.currency).deposit(max(0, self.money.value - answer))

    def words(self, answer: int) -> tuple[str, str]:
        """How much, and that it stays the account's own."""
        missing = amount(self.part, max(0, self.money.value - answer))
        return (
            f"Wrap {missing}",
            f"Turns coin into {missing} of your own, one for one, because an offer can only be "
            "paid from a token. You can turn it back at any time.",
        )

    def watch(self) -> dict[str, str]:
        """Told by the chain."""
        return {
            "need": "balance",
            "currency": str(self.money.currency),
            "amount": str(self.money.value),
        }

    def renamed(self, id: str) -> Need:
        """The same under another id."""
        return replace(self, id=id)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A contract of ours may draw so much of a token from the account."""

    account: Address
    spender: Address
    part: ChainParts
    money: Amount
    id: str = "allow"

    def question(self) -> Question[int]:
        """What it may draw now."""
        return Erc20(self.money.currency).allowance(self.account, self.spender)

    def is_met(self, answer: int) -> bool:
        """It is enough."""
        return answer >= self.money.value

    def call(self, answer: int) -> Call:
        """Exactly what is needed: an allowance without bound is nobody's interest but a thief's."""
        return Erc20(self.money.currency).approve(self.spender, self.money.value)

    def words(self, answer: int) -> tuple[str, str]:
        """How much, to whom, and on what condition."""
        return (
            f"Allow the payment of {self.money}",
            f"Allows {self.spender} to draw {self.money} from you in all, and only for what you "
            "signed or buy yourself. You can revoke it at any time.",
        )

    def watch(self) -> dict[str, str]:
        """Told by the chain."""
        return {
            "need": "allowance",
            "currency": str(self.money.currency),
            "spender": str(self.spender),
            "amount": str(self.money.value),
        }

    def renamed(self, id: str) -> Need:
        """The same under another id."""
        return replace(self, id=id)


@dataclass(frozen=True, slots=True)
class Met:
    """The needs' steps in order, and what they cost in gas at most."""

    steps: tuple[TransactionStep, ...]
    gas: int
    watch: dict[str, dict[str, str]]

    @property
    def prompts(self) -> int:
        """How often the wallet will ask for them."""
        return sum(step.state == "incomplete" for step in self.steps)


def ask_all(part: ChainParts, questions: Sequence[Question[Any]]) -> list[Any]:
    """Answers in one request. Raises `ChainUnreachable` when one of them is missing."""
    answers = ask_many(part.chain, questions) if questions else []
    for answer in answers:
        if isinstance(answer, ExchangeError):
            raise ChainUnreachable(str(answer)) from answer
    return answers


def steps_for(part: ChainParts, account: Address, needs: Sequence[Need]) -> Met:
    """The steps of these needs; synchronous, so call it in a thread."""
    answers = ask_all(part, [need.question() for need in needs])
    steps = [
        _step(part, account, need, answer) for need, answer in zip(needs, answers, strict=True)
    ]
    return Met(
        steps=tuple(steps),
        gas=sum(step.gas for step in steps if step.state == "incomplete"),
        watch={need.id: need.watch() for need in needs},
    )


def _step(part: ChainParts, account: Address, need: Need, answer: Any) -> TransactionStep:
    is_met = need.is_met(answer)
    call = replace(need.call(answer), sender=account)
    fallback = WRAP_GAS if call.value else APPROVAL_GAS
    title, explain = need.words(answer)
    return TransactionStep(
        id=need.id,
        title=title,
        explain=explain,
        chain_id=part.deployment.chain_id,
        sender=account,
        to=call.to,
        data=call.data,
        value=call.value,
        gas=fallback if is_met else gas_of(part.chain, call, fallback=fallback),
        state="complete" if is_met else "incomplete",
    )
