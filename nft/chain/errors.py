"""
What a node's refusals mean: texts, codes and revert data, translated once, in one table.

* ExchangeError
  + Missing: StateNotAvailable, ContractSilent
  + Conflict: Reverted, InsufficientFunds, NonceTooLow, Underpriced, AlreadyKnown
  + Unreachable: ChainUnreachable (RateLimited), RangeRefused (AnswerTooLarge),
    AnswerInconsistent, NodeRefused (MethodUnknown, CodeFailed)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from eth_abi.exceptions import DecodingError

from nft.chain.abi import decode, known_failures
from nft.chain.refusals import in_words
from nft.errors import ChainUnreachable, Conflict, ExchangeError, Missing, Unreachable
from nft.types import Address

LONGEST_TEXT = 300
"""Bytes of a stranger's text or data that we repeat."""

LONGEST_BACKOFF_SECONDS = 600

_ERROR_STRING = bytes.fromhex("08c379a0")
_PANIC = bytes.fromhex("4e487b71")
_PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "value outside its enumeration",
    0x32: "index out of range",
    0x41: "out of memory",
}


class Reverted(Conflict):
    """A contract refused; `name` and `arguments` are its custom error, if we know it."""

    def __init__(self, name: str, arguments: Mapping[str, Any], data: bytes, said: str) -> None:
        self.name = name
        self.arguments = arguments
        self.data = data
        super().__init__(f"the contract refused: {said}")

    @property
    def code(self) -> str:
        """The one word: what follows the contract's name in that of the error, if it has that."""
        return self.name.partition("_")[2] or self.name or "Reverted"


class StateNotAvailable(Missing):
    """The node no longer keeps the state of that block, or never had the block."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the node has no state for that block: {shortened(detail)}")


class ContractSilent(Missing):
    """There is no contract, or it has no such function."""

    def __init__(self, contract: str, function: str) -> None:
        super().__init__(f"the contract {contract} does not answer {function}")


class InsufficientFunds(Conflict):
    """The account cannot pay value and gas."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the account cannot pay for this: {shortened(detail)}")


class NonceTooLow(Conflict):
    """Another transaction of the account has taken that nonce."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the transaction's nonce is taken: {shortened(detail)}")


class Underpriced(Conflict):
    """The transaction offers too little for gas."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the transaction offers too little for gas: {shortened(detail)}")


class AlreadyKnown(Conflict):
    """The node has this very transaction; for the sender that is success."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the node has this transaction already: {shortened(detail)}")


class RateLimited(ChainUnreachable):
    """The node asks us to wait."""

    def __init__(self, detail: str, retry_after_seconds: int | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds or 1
        self.has_said_how_long = retry_after_seconds is not None
        super().__init__(f"too many requests ({shortened(detail)})")


class RangeRefused(Unreachable):
    """A range of logs was too large for the node; half of it may not be."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the node refused the range: {shortened(detail)}")


class AnswerTooLarge(RangeRefused):
    """The answer goes on beyond what we take; half of the range may not."""

    def __init__(self, node: str) -> None:
        super().__init__(f"the answer of {node} is too large")


class AnswerInconsistent(Unreachable):
    """A node's answer contradicts itself or the chain; nothing was taken from it."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"the node's answer does not fit together: {detail}")


class NodeRefused(Unreachable):
    """A node answered with an error that we know no better word for."""

    def __init__(self, code: int, detail: str) -> None:
        self.code_number = code
        super().__init__(f"the node refused ({code}): {shortened(detail)}")


class MethodUnknown(NodeRefused):
    """The node does not offer this method."""


class CodeFailed(NodeRefused):
    """A contract's code broke off: its gas ran out, or it came to what is no instruction."""


def shortened(text: str) -> str:
    """A stranger's text on one line, cut where it goes on too long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else line[:LONGEST_TEXT] + "…"


_BROKE_OFF = re.compile(
    r"out ?of ?gas|OOG\b|invalid ?(fe)?opcode|opcode ?not ?found|invalid ?jump|"
    r"stack ?(under|over)flow|stack limit|gas uint64 overflow|write protection|"
    r"state ?change ?during ?static ?call|return data out of bounds|out ?of ?offset|"
    r"execution aborted",
    re.IGNORECASE,
)
"""How geth and anvil say that a call's code broke off, without a revert."""

_TEXTS: list[tuple[re.Pattern[str], type[ExchangeError]]] = [
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"already known|already imported|known transaction", AlreadyKnown),
        (r"insufficient funds|out of funds|not enough funds|overshot", InsufficientFunds),
        (r"nonce too low|nonce is too low|invalid nonce|nonce has already", NonceTooLow),
        (r"underpriced|fee cap|max fee per gas less|gas price too low", Underpriced),
        (
            r"too many requests|rate limit|rate-limit|requests per second|throttl|"
            r"compute units per second|request limit",
            RateLimited,
        ),
        (
            r"block range|range is too|range too|too many (results|logs)|query returned more|"
            r"response size|exceed(s|ed)? max|limit exceeded|limited to|max results|"
            r"query timeout|log response|blocks? distance",
            RangeRefused,
        ),
        (
            r"missing trie node|state (is )?not available|historical state|pruned|"
            r"header not found|unknown block|block not found|BlockOutOfRange|no state|"
            r"resource not found|"
            r"(safe|finalized) block not found|could not find block|requested .*not found",
            StateNotAvailable,
        ),
    )
]


def translate(error: Mapping[str, Any]) -> ExchangeError:
    """A JSON-RPC error object as one of ours."""
    text = str(error.get("message", ""))
    code = error.get("code")
    number = code if isinstance(code, int) else 0
    data = revert_data(error.get("data"))
    if data is not None or number == 3 or "revert" in text.lower():
        return decode_revert(data or b"", text)
    if number == 429:
        return RateLimited(text, _backoff_seconds(error.get("data")))
    if number == -32601:
        return MethodUnknown(number, text)
    for pattern, kind in _TEXTS:
        if pattern.search(text):
            is_limit = kind is RateLimited
            return (
                RateLimited(text, _backoff_seconds(error.get("data"))) if is_limit else kind(text)
            )
    return CodeFailed(number, text) if _BROKE_OFF.search(text) else NodeRefused(number, text)


def _backoff_seconds(data: Any) -> int | None:
    """How long to wait, as some providers say within the error."""
    rate = data.get("rate") if isinstance(data, Mapping) else None
    seconds = rate.get("backoff_seconds") if isinstance(rate, Mapping) else None
    if not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_BACKOFF_SECONDS:
        return None
    return math.ceil(seconds)


def revert_data(data: Any) -> bytes | None:
    """The bytes a contract reverted with; nodes nest them differently."""
    if isinstance(data, Mapping):
        return revert_data(data.get("data") or data.get("result"))
    if not isinstance(data, str):
        return None
    digits = data.removeprefix("Reverted ").removeprefix("0x")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return None


def decode_revert(data: bytes, text: str = "") -> Reverted:
    """
    Revert data in words: our own errors by name and arguments, `require` texts, panics.

    What we do not know is shown as its first bytes; a contract may send 100 KB.
    """
    head, body = data[:4], data[4:]
    try:
        if head == _ERROR_STRING:
            reason = shortened(str(decode(["string"], body)[0]))
            return Reverted("Error", {"reason": reason}, data, reason)
        if head == _PANIC:
            number = int(decode(["uint256"], body)[0])
            said = _PANICS.get(number, f"panic {number:#x}")
            return Reverted("Panic", {"code": number}, data, said)
        failure = known_failures().get(head) if len(head) == 4 else None
        if failure is not None:
            values = decode([kind for _, kind in failure.arguments], body)
            named = dict(zip((name for name, _ in failure.arguments), values, strict=True))
            listed = ", ".join(f"{name}={_shown(value)}" for name, value in named.items())
            said = f"{failure.name}({listed})"
            sentence = in_words(failure.name, named)
            return Reverted(failure.name, named, data, f"{sentence} · {said}" if sentence else said)
    except (DecodingError, UnicodeDecodeError):
        pass  # Not what its selector promised: shown as unknown bytes.
    if not data:
        return Reverted("", {}, data, shortened(text) or "without a reason")
    shown = data[:36].hex() + ("…" if len(data) > 36 else "")
    return Reverted("", {}, data, f"0x{shown} ({len(data)} bytes)")


def _shown(value: Any) -> str:
    if isinstance(value, bytes) and not isinstance(value, Address):
        return "0x" + value.hex()
    return str(value)
