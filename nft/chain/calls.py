"""
What is asked of a contract, and what is told to it.

What changes state is a `Call`: its `to` and `data` go into a transaction step. What only reads
is a `Question`: ask it alone, or several in one request with `ask_many`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

from eth_abi.exceptions import DecodingError

from nft.chain.abi import Function, load
from nft.chain.errors import ContractSilent
from nft.chain.protocol import BlockId, Call, Chain
from nft.errors import ExchangeError
from nft.types import ZERO_ADDRESS, Address, Digest

T = TypeVar("T")

ERC1271_MAGIC = bytes.fromhex("1626ba7e")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A read-only call and how to understand its answer."""

    call: Call
    function: Function

    def within(self, gas: int) -> Question[T]:
        """The same, so that a stranger's contract can use up so much gas at most."""
        return replace(self, call=replace(self.call, gas=gas))

    def ask(self, chain: Chain, block: BlockId = "latest") -> T:
        """The answer. Raises `Reverted`, or `ContractSilent` where no such function answers."""
        return self.read(chain.call(self.call, block))

    def read(self, answer: bytes) -> T:
        """Understand an answer's bytes."""
        try:
            value: T = self.function.decode(answer)
        except (DecodingError, OverflowError, UnicodeDecodeError) as error:
            raise ContractSilent(str(self.call.to), self.function.name) from error
        return value


def ask_many(
    chain: Chain, questions: Sequence[Question[Any]], block: BlockId = "latest"
) -> list[Any]:
    """
    All answers in one request, in order; a question that fails is answered by its error.

    Ask at one block's hash or number when the answers must fit together.
    """
    found = chain.call_many([question.call for question in questions], block)
    return [_read(question, answer) for question, answer in zip(questions, found, strict=True)]


def _read(question: Question[Any], answer: bytes | ExchangeError) -> Any:
    if isinstance(answer, ExchangeError):
        return answer
    try:
        return question.read(answer)
    except ContractSilent as error:
        return error


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract at an address, whose interface is that of one of our artifacts."""

    artifact: ClassVar[str]

    address: Address

    def _do(self, name: str, *values: Any, coin: int = 0) -> Call:
        function = load(self.artifact)[name]
        return Call(to=self.address, data=function.encode(*values), value=coin)

    def _ask(self, name: str, *values: Any) -> Question[Any]:
        function = load(self.artifact)[name]
        return Question(Call(to=self.address, data=function.encode(*values)), function)


class Credits(Contract):
    """What every contract that pays out shares; a currency of zero is the chain's own coin."""

    __slots__ = ()

    def withdraw(self, to: Address, currency: Address = ZERO_ADDRESS) -> Call:
        """Take out what could not be paid to the sender."""
        return self._do("withdraw", currency, to)

    def withdraw_for(self, account: Address, currency: Address = ZERO_ADDRESS) -> Call:
        """Send an account what could not be paid to it; anybody may."""
        return self._do("withdrawFor", account, currency)

    def credit(self, account: Address, currency: Address = ZERO_ADDRESS) -> Question[int]:
        """What waits for an account to be withdrawn."""
        return self._ask("credit", account, currency)

    def total_credit(self, currency: Address = ZERO_ADDRESS) -> Question[int]:
        """What waits for all accounts together."""
        return self._ask("totalCredit", currency)


class Governed(Credits):
    """What the platform can do and has done, in exchange and auctions alike."""

    __slots__ = ()

    def set_fee(self, bps: int) -> Call:
        """Owner: at most 500; a rise holds 7 days later."""
        return self._do("setFee", bps)

    def set_fee_receiver(self, receiver: Address) -> Call:
        """Owner: who receives the fees."""
        return self._do("setFeeReceiver", receiver)

    def set_guardian(self, guardian: Address) -> Call:
        """Owner: who may pause; zero means nobody."""
        return self._do("setGuardian", guardian)

    def pause(self) -> Call:
        """Guardian: no new sales for 7 days, once in 30."""
        return self._do("pause")

    def unpause(self) -> Call:
        """Guardian: end a pause early."""
        return self._do("unpause")

    def retire(self) -> Call:
        """Owner: no new sales here any more, for good."""
        return self._do("retire")

    def transfer_ownership(self, to: Address) -> Call:
        """Owner: name the next one, who must accept."""
        return self._do("transferOwnership", to)

    def accept_ownership(self) -> Call:
        """The one named: become owner."""
        return self._do("acceptOwnership")

    def withdraw_fees(self, currency: Address = ZERO_ADDRESS) -> Call:
        """Send the platform's fees to their receiver; anybody may."""
        return self._do("withdrawFees", currency)

    def owner(self) -> Question[Address]:
        """Who governs."""
        return self._ask("owner")

    def guardian(self) -> Question[Address]:
        """Who may pause."""
        return self._ask("guardian")

    def fees(self, currency: Address = ZERO_ADDRESS) -> Question[int]:
        """Fees kept and not withdrawn yet."""
        return self._ask("fees", currency)

    def fee_bps(self) -> Question[int]:
        """The platform's share now."""
        return self._ask("feeBps")

    def next_fee(self) -> Question[tuple[int, int]]:
        """The share that is set, and the second from which it holds."""
        return self._ask("nextFee")

    def fee_receiver(self) -> Question[Address]:
        """Who gets the platform's share."""
        return self._ask("feeReceiver")

    def paused_until(self) -> Question[int]:
        """The second until which sales are stopped; past or 0: they are not."""
        return self._ask("pausedUntil")

    def is_retired(self) -> Question[bool]:
        """Whether there are no new sales any more, for good."""
        return self._ask("isRetired")

    def is_open(self) -> Question[bool]:
        """Whether new sales are possible now."""
        return self._ask("isOpen")


_IS_VALID = Function("isValidSignature", ("bytes32", "bytes"), ("bytes4",))


def signature_question(wallet: Address, digest: Digest, signature: bytes) -> Question[bytes]:
    """ERC-1271: the answer is `ERC1271_MAGIC` when a contract wallet vouches for the digest."""
    return Question(Call(to=wallet, data=_IS_VALID.encode(digest, signature)), _IS_VALID)
