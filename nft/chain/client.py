"""
A chain reached by JSON-RPC: `Web3Chain`, the one real `Chain`.

Deadlines and failover are the transport's; reading answers is `answers`; words for refusals are
`errors`. What is left here is which method answers which question.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nft.chain import answers, quorum, rpc, wire
from nft.chain.errors import AlreadyKnown, NodeRefused, StateNotAvailable, translate
from nft.chain.heads import Heads
from nft.chain.protocol import (
    Block,
    BlockId,
    Call,
    Fees,
    Log,
    LogFilter,
    Moved,
    Receipt,
    Span,
    Transaction,
)
from nft.chain.transport import Endpoint, Request, Transport
from nft.chain.wire_log import WireLog
from nft.errors import ChainUnreachable, ExchangeError
from nft.types import Address, Digest

DEFAULT_TIP = 10**9


def ask_chain_id(url: str, *, seconds: float = 10.0) -> int:
    """The chain that a node speaks for. Raises `ChainUnreachable`."""
    return Endpoint(url).chain_id(seconds=seconds)


class Web3Chain:
    """A chain behind one node's URL or several; every call ends by its deadline."""

    def __init__(
        self,
        chain_id: int,
        urls: Sequence[str],
        *,
        deadline_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = Transport(chain_id, urls, deadline_seconds=deadline_seconds, clock=clock)
        self._tellers: deque[tuple[tuple[int, int] | Digest, Endpoint]] = deque(maxlen=4096)

    @property
    def chain_id(self) -> int:
        """The chain's EIP-155 id."""
        return self._transport.chain_id

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The nodes and how they do."""
        return self._transport.endpoints

    @property
    def transport(self) -> Transport:
        """The nodes themselves, for who reads raw answers."""
        return self._transport

    def heads(self, *, poll_seconds: float = 0.1) -> Heads:
        """Hints of new heads, to be closed."""
        return Heads(self._transport, poll_seconds=poll_seconds)

    @property
    def is_alone(self) -> bool:
        """See `Chain.is_alone`."""
        return len(self._transport.endpoints) == 1

    def agrees(self, number: int, block_hash: Digest) -> bool:
        """See `Chain.agrees`."""
        verdict = self._transport.quorum(number)
        if verdict.is_decided:
            return verdict.block_hash == block_hash
        return len(self._transport.endpoints) - len(verdict.silent) < quorum.FEWEST

    def doubt(self, why: str) -> None:
        """See `Chain.doubt`."""
        self._transport.doubt(why)

    # Blocks and logs

    def head(self) -> Block:
        """The newest block."""
        found = self.find_block("latest")
        if found is None:
            raise ChainUnreachable("the node has no newest block")
        return found

    def find_block(self, block: BlockId) -> Block | None:
        """A header, or None."""
        return self.blocks([block])[0]

    def blocks(self, ids: Sequence[BlockId]) -> list[Block | None]:
        """Headers in one request."""
        if not ids:
            return []
        return [_block(answer) for answer in self._transport.ask(*map(wire.header_query, ids))]

    def transactions(self, block_hash: Digest) -> list[Mapping[str, Any]]:
        """The whole transactions of a block as the node words them; none where it has no block."""
        answer = self._ask("eth_getBlockByHash", str(block_hash), True)
        return list((answer or {}).get("transactions") or [])

    def logs(self, first: int, last: int, wanted: LogFilter) -> list[Log]:
        """Logs of a range."""
        query = wire.log_query(wanted, (first, last))
        return answers.reading(answers.logs, self._ask("eth_getLogs", query))

    def span(
        self, wanted: LogFilter, where: tuple[int, int] | Digest, ids: Sequence[BlockId]
    ) -> Span:
        """Logs and headers of one node in one request."""
        query: Request = ("eth_getLogs", [wire.log_query(wanted, where)])
        told = self._read([query, *map(wire.header_query, ids)], wire.SPAN)
        self._tellers.append((where, self._transport.answered_last))
        return Span(told.logs(0), [told.header(number) for number in range(1, len(ids) + 1)])

    def teller(self, number: int, block_hash: Digest) -> Endpoint | None:
        """The node that told a block's logs last, if that is not long ago."""
        for where, endpoint in reversed(self._tellers.copy()):
            if where == block_hash if isinstance(where, bytes) else where[0] <= number <= where[1]:
                return endpoint
        return None

    def logs_of(self, wanted: LogFilter, hashes: Sequence[Digest]) -> list[Sequence[WireLog]]:
        """Logs of several blocks, each by its hash."""
        told = self._read(
            [("eth_getLogs", [wire.log_query(wanted, one)]) for one in hashes], wire.SPAN
        )
        return [told.logs(number) for number in range(len(hashes))]

    def receipt_logs(self, block_hash: Digest) -> Sequence[WireLog]:
        """All logs of a block, by way of its receipts."""
        return self._read([("eth_getBlockReceipts", [str(block_hash)])]).receipt_logs(0)

    def reread(self, contract: Address, block_hash: Digest) -> list[Moved]:
        """Transfers as web3.py reads them, which takes its time to import."""
        from nft.chain import second

        url, seconds = self._transport.answered_last.url, self._transport.deadline_seconds
        return second.transfers(url, contract, block_hash, seconds=seconds)

    # Contracts and accounts

    def call(self, call: Call, block: BlockId = "latest") -> bytes:
        """A contract's answer."""
        return answers.reading(answers.data, self._ask("eth_call", _call(call), _at(block)))

    def call_many(
        self, calls: Sequence[Call], block: BlockId = "latest"
    ) -> list[bytes | ExchangeError]:
        """Several calls in one request."""
        if not calls:
            return []
        asked: list[Request] = [("eth_call", [_call(call), _at(block)]) for call in calls]
        return [_outcome(answer) for answer in self._transport.ask(*asked)]

    def estimate_gas(self, call: Call) -> int:
        """Gas needed now."""
        return answers.reading(answers.quantity, self._ask("eth_estimateGas", _call(call)))

    def fees(self) -> Fees:
        """Base fee of the newest block and the tip the node proposes."""
        head, tip = self._transport.ask(
            ("eth_getBlockByNumber", ["latest", False]), ("eth_maxPriorityFeePerGas", [])
        )
        newest = _block(head)
        if newest is None:
            raise ChainUnreachable("the node has no newest block")
        proposed = answers.quantity(tip["result"]) if tip.get("result") else DEFAULT_TIP
        return Fees(base_fee=newest.base_fee, tip=proposed)

    def balance(self, address: Address, block: BlockId = "latest") -> int:
        """Wei of an account."""
        answer = self._ask("eth_getBalance", str(address), _at(block))
        return answers.reading(answers.quantity, answer)

    def transaction_count(self, address: Address, block: BlockId = "latest") -> int:
        """Next nonce."""
        answer = self._ask("eth_getTransactionCount", str(address), _at(block))
        return answers.reading(answers.quantity, answer)

    def code(self, address: Address, block: BlockId = "latest") -> bytes:
        """Code at an address."""
        return answers.reading(answers.data, self._ask("eth_getCode", str(address), _at(block)))

    def storage(self, address: Address, slot: int, block: BlockId = "latest") -> bytes:
        """One storage word."""
        answer = self._ask("eth_getStorageAt", str(address), f"{slot:#066x}", _at(block))
        return answers.reading(answers.data, answer).rjust(32, b"\0")

    def proof(self, address: Address, slots: Sequence[int], block: BlockId) -> Mapping[str, Any]:
        """EIP-1186 proof."""
        keys = [f"{slot:#066x}" for slot in slots]
        answer: Mapping[str, Any] = self._ask("eth_getProof", str(address), keys, _at(block))
        return answer

    # Transactions

    def find_transaction(self, transaction_hash: Digest) -> Transaction | None:
        """A transaction or None."""
        answer = self._ask("eth_getTransactionByHash", str(transaction_hash))
        return None if answer is None else answers.reading(answers.transaction, answer)

    def find_receipt(self, transaction_hash: Digest) -> Receipt | None:
        """A receipt or None."""
        answer = self._ask("eth_getTransactionReceipt", str(transaction_hash))
        return None if answer is None else answers.reading(answers.receipt, answer)

    def send_raw(self, signed: bytes) -> Digest:
        """Hand in a signed transaction."""
        from eth_hash.auto import keccak

        try:
            answer = self._ask("eth_sendRawTransaction", "0x" + signed.hex())
        except AlreadyKnown:
            return Digest(keccak(signed))
        return answers.reading(answers.digest, answer)

    def _read(self, asked: Sequence[Request], form: wire.Form | None = None) -> wire.Answers:
        body, _ = self._transport.ask_bytes(rpc.body(asked), weight=len(asked))
        return wire.Answers(body, len(asked), form)

    def _ask(self, method: str, *params: Any) -> Any:
        return _result(self._transport.ask((method, list(params)))[0])


def _result(answer: Any) -> Any:
    """The answer's result; its error is raised in our words."""
    if not isinstance(answer, Mapping):
        raise NodeRefused(0, "not a JSON-RPC answer")
    if isinstance(answer.get("error"), Mapping):
        raise translate(answer["error"])
    if "result" not in answer:
        raise NodeRefused(0, "an answer without a result")
    return answer["result"]


def _outcome(answer: Any) -> bytes | ExchangeError:
    try:
        return answers.reading(answers.data, _result(answer))
    except ExchangeError as error:
        return error


def _block(answer: Any) -> Block | None:
    """A header; a node that says it has no such block (geth, for tags) has none."""
    try:
        return answers.reading(answers.optional_block, _result(answer))
    except StateNotAvailable:
        return None


def _id(block: BlockId) -> str:
    if isinstance(block, int):
        return hex(block)
    return str(block)


def _at(block: BlockId) -> Any:
    """State by hash (EIP-1898) must be of the canonical chain."""
    if isinstance(block, Digest):
        return {"blockHash": str(block), "requireCanonical": True}
    return _id(block)


def _call(call: Call) -> dict[str, str]:
    asked = {"to": str(call.to), "data": "0x" + call.data.hex()}
    if call.sender is not None:
        asked["from"] = str(call.sender)
    if call.value:
        asked["value"] = hex(call.value)
    if call.gas is not None:
        asked["gas"] = hex(call.gas)
    return asked
