"""
The hot path's door: ranges of logs and headers, read from a node's bytes in one pass.

The rest of `nft.chain` reads an answer into dictionaries and then into our shapes, which costs
some 40 µs a log. Here a typed decoder reads the fields that are used and skips the others; hex
stays hex until somebody needs the bytes. One JSON-RPC batch holds the log query and every header
of the range, so that a balancer keeps them on one node.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

import msgspec

from nft.chain import answers
from nft.chain.errors import AnswerInconsistent, shortened, translate
from nft.chain.protocol import Block, BlockId, LogFilter
from nft.chain.wire_log import WireLog
from nft.types import Digest


class WireHeader(msgspec.Struct, rename="camel", gc=False):
    """The fields of a header that link blocks, date them and say what they may hold."""

    number: str
    parent_hash: str
    timestamp: str
    hash: str | None = None
    logs_bloom: str | None = None
    base_fee_per_gas: str | None = None


class _Failure(msgspec.Struct, gc=False):
    code: int = 0
    message: str = ""
    data: Any = None


Result = TypeVar("Result")


class _Answer(msgspec.Struct, Generic[Result], gc=False):
    """One member of a batch."""

    result: Result
    id: int | None = None
    error: _Failure | None = None


class _Unread(msgspec.Struct, gc=False):
    """One member whose result is decoded by whoever knows what was asked."""

    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"")
    error: _Failure | None = None


class _Receipt(msgspec.Struct, gc=False):
    logs: list[WireLog]


class Form:
    """What the results of a batch are, so that its bytes are read once and not twice."""

    def __init__(self, result: Any) -> None:
        self._batch = msgspec.json.Decoder(list[_Answer[result]])
        self._one = msgspec.json.Decoder(_Answer[result])

    def members(self, body: bytes) -> list[Any]:
        """Raises `MsgspecError` for an answer of another form, an error among them."""
        return self._batch.decode(body) if _is_batch(body) else [self._one.decode(body)]


_BATCH = msgspec.json.Decoder(list[_Unread])
_ONE = msgspec.json.Decoder(_Unread)
_LOGS = msgspec.json.Decoder(list[WireLog])
_HEADER = msgspec.json.Decoder(WireHeader | None)
_RECEIPTS = msgspec.json.Decoder(list[_Receipt])

SPAN = Form(list[WireLog] | WireHeader | None)
"""Logs and headers."""


def _is_batch(body: bytes) -> bool:
    return body[:64].lstrip()[:1] == b"["


class Answers:
    """The members of a batch in the order they were asked, whatever order they came in."""

    def __init__(self, body: bytes, count: int, form: Form | None = None) -> None:
        found = _members(body, form)
        whole = found[0] if len(found) == 1 else None
        if whole is not None and whole.error is not None and (count > 1 or whole.id is None):
            raise _error(whole.error)  # The batch as a whole was refused.
        by_id = {one.id: one for one in found}
        if len(by_id) != count or any(number not in by_id for number in range(count)):
            raise AnswerInconsistent(f"{len(by_id)} answers to a batch of {count}")
        self._members = [by_id[number] for number in range(count)]

    def read(self, number: int, decoder: msgspec.json.Decoder[Any]) -> Any:
        """A member by a decoder of the caller's. Raises its error in our words."""
        return _read(decoder, self._members[number])

    def logs(self, number: int) -> list[WireLog]:
        """A member that is a list of logs. Raises its error in our words."""
        found = _read(_LOGS, self._members[number])
        if not isinstance(found, list):
            raise AnswerInconsistent("malformed: no list of logs")
        return found

    def receipt_logs(self, number: int) -> list[WireLog]:
        """The logs of all receipts of a block, in order."""
        return [log for receipt in _read(_RECEIPTS, self._members[number]) for log in receipt.logs]

    def header(self, number: int) -> Block | None:
        """A member that is a header; None for null, and for tags that a node does not know."""
        member = self._members[number]
        if member.error is not None:
            return None
        found = _read(_HEADER, member)
        if isinstance(found, list):
            raise AnswerInconsistent("malformed: no header")
        return None if found is None or found.hash is None else block_of(found)


def _members(body: bytes, form: Form | None) -> Sequence[Any]:
    if form is not None:
        with suppress(msgspec.MsgspecError):
            return form.members(body)
    try:
        return _BATCH.decode(body) if _is_batch(body) else [_ONE.decode(body)]
    except msgspec.MsgspecError as error:
        raise AnswerInconsistent(f"malformed: {shortened(repr(bytes(body[:200])))}") from error


def _read(decoder: msgspec.json.Decoder[Any], member: Any) -> Any:
    if member.error is not None:
        raise _error(member.error)
    if not isinstance(member.result, msgspec.Raw):
        return member.result
    try:
        return decoder.decode(member.result)
    except msgspec.MsgspecError as error:
        told = shortened(repr(bytes(member.result)[:200]))
        raise AnswerInconsistent(f"malformed: {told}") from error


def _error(failure: _Failure) -> Exception:
    told = {"code": failure.code, "message": failure.message, "data": failure.data}
    return translate({name: value for name, value in told.items() if value is not None})


def block_of(header: WireHeader) -> Block:
    """The header in our shape."""
    try:
        return Block(
            number=answers.height(header.number),
            block_hash=Digest(bytes.fromhex((header.hash or "")[2:])),
            parent_hash=Digest(bytes.fromhex(header.parent_hash[2:])),
            timestamp=answers.moment(header.timestamp),
            bloom=int(header.logs_bloom or "0x0", 16),
            base_fee=int(header.base_fee_per_gas or "0x0", 16),
        )
    except ValueError as error:
        raise AnswerInconsistent(f"malformed header {header.number}") from error


# What is asked


def log_query(wanted: LogFilter, where: tuple[int, int] | Digest) -> dict[str, Any]:
    """The filter object of `eth_getLogs`; a block's hash instead of a range is EIP-234."""
    query: dict[str, Any] = {"address": [f"0x{address.hex()}" for address in wanted.addresses]}
    if wanted.topics:
        query["topics"] = [[f"0x{topic.hex()}" for topic in wanted.topics]]
    if isinstance(where, Digest):
        query["blockHash"] = str(where)
    else:
        query["fromBlock"], query["toBlock"] = hex(where[0]), hex(where[1])
    return query


def header_query(block: BlockId) -> tuple[str, list[Any]]:
    """A header without its transactions, by height, tag or hash."""
    if isinstance(block, Digest):
        return ("eth_getBlockByHash", [str(block), False])
    return ("eth_getBlockByNumber", [hex(block) if isinstance(block, int) else block, False])
