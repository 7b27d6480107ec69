"""
A stranger's contract before it is mirrored: is it an ERC-721, and which block created it?

The creation is found by halving: whether there is code at a height takes one request, so that
twenty million blocks take twenty-five. Code alone is not the whole story, hence:

* A contract of the chain's first state (a predeploy) has its history from block 0.
* One that destroyed itself and was created again has logs from before its present code: they are
  asked for, and its history begins at the oldest.
* A node that forgets old state cannot say; then the history begins at the floor, which is slower
  and never wrong. Whatever is uncertain is said in the note.

That a contract calls itself an ERC-721 proves nothing about it: it is mirrored by its logs alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from indexer.registry import fit
from nft.chain.abi import topic
from nft.chain.contracts import INTERFACE_ERC721, Erc721, Question
from nft.chain.errors import (
    MethodUnknown,
    NodeRefused,
    RangeRefused,
    RateLimited,
    StateNotAvailable,
)
from nft.chain.protocol import BlockId, Chain, LogFilter
from nft.errors import ChainUnreachable, ExchangeError, Unacceptable, Unreachable
from nft.types import Address

INTERFACE_INVALID = bytes.fromhex("ffffffff")
"""ERC-165: a contract that claims this one too answers yes to everything."""

INTERFACE_GAS = 200_000
"""ERC-165 allows 30,000; a proxy and the transaction itself come on top."""

NAME_GAS = 1_000_000
"""Enough for a long name; a bomb is over within milliseconds and its answer stays small."""

MOVES = (
    topic("Transfer(address,address,uint256)"),
    topic("ConsecutiveTransfer(uint256,uint256,address,address)"),
)
"""What a history consists of."""

MOST_QUESTIONS = 100
"""How many parts a long past is asked in, before it is said that nobody looked."""

_UNSAID = (StateNotAvailable, RangeRefused, NodeRefused)
"""How nodes say that they do not know the state of so old a block."""


class NoContractThere(Unacceptable):
    """No code stands at the address."""

    field = "contract"

    def __init__(self, contract: Address) -> None:
        super().__init__(f"there is no contract at {contract}")


class NotErc721(Unacceptable):
    """The contract does not say, by ERC-165, that it is an ERC-721."""

    field = "contract"

    def __init__(self, contract: Address, why: str) -> None:
        super().__init__(f"{contract} is not an ERC-721 contract: {why}")


@dataclass(frozen=True, slots=True)
class Names:
    """What a contract calls itself; empty where it does not say, or not in words."""

    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Birth:
    """The block from which a contract's history is read."""

    block: int
    note: str | None = None
    """What is uncertain about it."""


def inspect(chain: Chain, contract: Address, block: BlockId = "latest") -> Names:
    """
    Look at a contract that somebody wants mirrored. It may be hostile: gas is bounded.

    Raises `NoContractThere`, `NotErc721`, or `Unreachable` when the node did not answer.
    """
    if not chain.code(contract, block):
        raise NoContractThere(contract)
    named = Erc721(contract)
    asked: list[Question[Any]] = [
        named.supports_interface(INTERFACE_ERC721).within(INTERFACE_GAS),
        named.supports_interface(INTERFACE_INVALID).within(INTERFACE_GAS),
        named.name().within(NAME_GAS),
        named.symbol().within(NAME_GAS),
    ]
    works, everything, name, symbol = _answers(chain, asked, block)
    if isinstance(works, ExchangeError):
        raise NotErc721(contract, "it does not answer supportsInterface")
    if works is not True:
        raise NotErc721(contract, "it says itself that it does not support 0x80ac58cd")
    if everything is not False:
        raise NotErc721(contract, "it claims to support everything, 0xffffffff too")
    return Names(_words(name), _words(symbol))


def _answers(chain: Chain, asked: Sequence[Question[Any]], block: BlockId) -> list[object]:
    """Answers or refusals of the contract; what the node could not do is raised."""
    answers = chain.call_many([question.call for question in asked], block)
    found: list[object] = []
    for question, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Unreachable) and not isinstance(answer, NodeRefused):
            raise answer
        try:
            found.append(answer if isinstance(answer, ExchangeError) else question.read(answer))
        except ExchangeError as error:
            found.append(error)
    return found


def _words(answer: object) -> str:
    return fit(answer) if isinstance(answer, str) else ""


def find_birth(chain: Chain, contract: Address, head: int, *, floor: int = 0) -> Birth:
    """
    The block from which the contract's history is to be read, not after `head`.

    `floor` is the oldest block that counts. Raises `NoContractThere` or `Unreachable`.
    """
    if not chain.code(contract, head):
        raise NoContractThere(contract)
    low, high, forgotten = floor, head, None
    while low < high:
        middle = (low + high) // 2
        try:
            stands = bool(chain.code(contract, middle))
        except _UNSAID as error:
            if isinstance(error, MethodUnknown):
                raise
            forgotten, low = middle, middle + 1
            continue
        low, high = (low, middle) if stands else (middle + 1, high)
    if forgotten is not None and high == forgotten + 1:
        return Birth(floor, f"the node keeps no state before block {high}, where it stood already")
    return _with_former_life(chain, contract, Birth(high), floor)


def _with_former_life(chain: Chain, contract: Address, birth: Birth, floor: int) -> Birth:
    """The same, or the oldest move of a contract that stood at this address before."""
    if birth.block <= floor:
        return birth
    try:
        oldest = _oldest_move(chain, contract, floor, birth.block - 1)
    except (RangeRefused, NodeRefused, StateNotAvailable):
        return replace(birth, note="whether a contract stood here before was not looked for")
    if oldest is None:
        return birth
    return Birth(oldest, f"it was destroyed and created again at block {birth.block}")


def _oldest_move(chain: Chain, contract: Address, first: int, last: int) -> int | None:
    """
    The first block of a range in which the contract moved anything; None where it moved nothing.

    What is too much for a node is asked in halves, a hundred questions at most. Raises
    `RangeRefused` after that, or what the node refuses or fails in altogether.
    """
    pieces = [(first, last)]
    for _ in range(MOST_QUESTIONS):
        low, high = pieces.pop()
        try:
            moves = chain.logs(low, high, LogFilter((contract,), MOVES))
        except (RangeRefused, ChainUnreachable) as error:
            if low == high or isinstance(error, RateLimited):
                raise
            if isinstance(error, ChainUnreachable):
                chain.head()  # Where nothing else is answered either, it is not for the range.
            middle = (low + high) // 2
            pieces += [(middle + 1, high), (low, middle)]
            continue
        if moves or not pieces:
            return min((move.block_number for move in moves), default=None)
    raise RangeRefused(f"blocks {first} to {last} take more than {MOST_QUESTIONS} questions")
