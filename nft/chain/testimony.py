"""
What a node can prove of blocks: whole headers and all receipts, believed only when they hash.

One batch asks one node. What does not hash to what it must is a proved lie of that node, once any
node has proved something of this chain; until then it may be that the chain hashes otherwise than
this version knows, and proofs are not to be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from nft.chain import rpc, wire
from nft.chain.client import Web3Chain
from nft.chain.errors import AnswerInconsistent, MethodUnknown, RangeRefused
from nft.chain.protocol import LogFilter
from nft.chain.transport import Endpoint, Request
from nft.chain.wire_log import WireLog
from nft.errors import ChainUnreachable, ExchangeError, Unreachable
from nft.proofs.errors import Disproved, FormUnknown
from nft.proofs.headers import Header, proven_header
from nft.proofs.receipts import ReceiptIn, check_receipts
from nft.types import Digest

HEADERS_PER_REQUEST = 128

BATCH = 32
"""Blocks whose receipts are fetched at once; halved where a node refuses, and grown again."""

BATCH_LOGS = 8_000
"""Logs that an answer should hold at most."""

_HEADER = msgspec.json.Decoder(dict[str, Any] | None)
_HEADERS_TOLD = wire.Form(dict[str, Any] | None)
_RECEIPTS = msgspec.json.Decoder(list[ReceiptIn] | None)
_RECEIPTS_TOLD = wire.Form(list[ReceiptIn] | None)
_RECEIPT = msgspec.json.Decoder(ReceiptIn | None)


class ProofsUnavailable(Unreachable):
    """No node of this chain offers what a proof needs, or the chain hashes in another way."""

    retry_after_seconds = 60

    def __init__(self, why: str) -> None:
        super().__init__(f"blocks cannot be proven: {why}")


@dataclass(frozen=True, slots=True)
class Told:
    """A proven header, and the transactions that the node lists (which its hash covers not)."""

    header: Header
    transactions: tuple[str, ...]


class Testimony:
    """Asks the nodes of one chain for proofs."""

    def __init__(self, chain: Web3Chain) -> None:
        self._chain = chain
        self._transport = chain.transport
        self._proven: set[str] = set()
        """Kinds of answers that hash as we know it on this chain."""
        self._failed: dict[str, set[str]] = {}
        """Nodes of which no answer of a kind was ever proven, by that kind."""
        self._one_by_one: set[Endpoint] = set()
        """Nodes that know no receipts of blocks."""
        self._size = BATCH

    def headers(self, ids: Sequence[int | Digest]) -> list[Told | None]:
        """
        Proven headers by height or hash, None where the node has none.

        A header asked for by its hash must have that one; by height, the one that it is told
        under.
        """
        found: list[Told | None] = []
        for start in range(0, len(ids), HEADERS_PER_REQUEST):
            part = ids[start : start + HEADERS_PER_REQUEST]
            told, endpoint = self._ask([wire.header_query(one) for one in part], _HEADERS_TOLD)
            answers = [told.read(number, _HEADER) for number in range(len(part))]
            with self._judging("header", endpoint):
                found += map(_told, part, answers)
        return found

    def receipts(self, blocks: Sequence[Told]) -> list[list[ReceiptIn]]:
        """
        The receipts of these blocks, proven.

        Raises `ProofsUnavailable` where no node has them in any way, `AnswerInconsistent` where
        the one asked lacks the block.
        """
        told, endpoint = self._told_receipts(blocks)
        for block, receipts in zip(blocks, told, strict=True):
            if receipts is None:
                raise AnswerInconsistent(f"no receipts of block {block.header.number}")
        whole = [receipts or [] for receipts in told]
        with self._judging("receipts" if any(whole) else "header", endpoint):
            for block, receipts in zip(blocks, whole, strict=True):
                check_receipts(receipts, block.header)
        return whole

    def all_receipts(
        self, blocks: Sequence[Told]
    ) -> Iterator[tuple[Sequence[Told], list[list[ReceiptIn]]]]:
        """The receipts of many blocks, in batches, the next of which is on its way meanwhile."""
        if len(blocks) <= self._size:
            if blocks:
                yield blocks, self._patient(blocks)
            return
        with ThreadPoolExecutor(1, thread_name_prefix="receipts") as pool:
            at = self._size
            batch = blocks[:at]
            pending = pool.submit(self._patient, batch)
            while batch:
                told, done = pending.result(), batch
                batch = blocks[at : at + self._size]
                at += len(batch)
                if batch:
                    pending = pool.submit(self._patient, batch)
                yield done, told

    def _patient(self, blocks: Sequence[Told]) -> list[list[ReceiptIn]]:
        """In halves where the node refuses so many at once."""
        found: list[list[ReceiptIn]] = []
        size = self._size
        while len(found) < len(blocks):
            part = blocks[len(found) : len(found) + size]
            try:
                found += self.receipts(part)
            except RangeRefused:
                if len(part) == 1:
                    raise
                self._size = size = max(1, len(part) // 2)
            except ChainUnreachable:
                self._size = max(1, len(part) // 2)  # It may have been too slow for so many.
                raise
        self._learn(len(blocks), sum(len(one.logs) for told in found for one in told))
        return found

    def _learn(self, blocks: int, logs: int) -> None:
        if logs > BATCH_LOGS:
            self._size = max(1, blocks * BATCH_LOGS // logs)
        elif blocks >= self._size and logs < BATCH_LOGS // 2:
            self._size = min(BATCH, 2 * self._size)

    def blame(
        self, header: Header, wanted: LogFilter, is_lie: Callable[[Sequence[WireLog]], bool]
    ) -> list[str]:
        """
        Name who told a block's logs wrong: the node they came from, and who tells them so still.

        Where there is but one node, nobody else can have told what was proved false.
        """
        request: Request = ("eth_getLogs", [wire.log_query(wanted, header.block_hash)])
        teller = self._chain.teller(header.number, header.block_hash)
        endpoints = self._transport.endpoints
        caught = [
            one
            for one in endpoints
            if one is teller or len(endpoints) == 1 or self._lies(one, request, is_lie)
        ]
        for endpoint in caught:
            why = f"its logs of block {header.number} were proved false"
            self._transport.prove_lie(endpoint, why)
        return [endpoint.name for endpoint in caught]

    def _lies(
        self, endpoint: Endpoint, request: Request, is_lie: Callable[[Sequence[WireLog]], bool]
    ) -> bool:
        try:
            raw, answered = self._transport.ask_bytes(rpc.body([request]), sticky=endpoint)
            return answered is endpoint and is_lie(wire.Answers(raw, 1).logs(0))
        except ExchangeError:
            return False

    # One request

    def _ask(
        self, asked: Sequence[Request], form: wire.Form | None = None
    ) -> tuple[wire.Answers, Endpoint]:
        raw, endpoint = self._transport.ask_bytes(rpc.body(asked), weight=len(asked))
        return wire.Answers(raw, len(asked), form), endpoint

    def _told_receipts(
        self, blocks: Sequence[Told]
    ) -> tuple[list[list[ReceiptIn] | None], Endpoint]:
        asked: list[Request] = [
            ("eth_getBlockReceipts", [str(block.header.block_hash)]) for block in blocks
        ]
        told, endpoint = self._ask(asked, _RECEIPTS_TOLD)
        if endpoint not in self._one_by_one:
            try:
                return [told.read(number, _RECEIPTS) for number in range(len(blocks))], endpoint
            except MethodUnknown:
                self._one_by_one.add(endpoint)
        return self._single_receipts(blocks)

    def _single_receipts(
        self, blocks: Sequence[Told]
    ) -> tuple[list[list[ReceiptIn] | None], Endpoint]:
        """Transaction by transaction, as a node without `eth_getBlockReceipts` has them."""
        asked: list[Request] = [
            ("eth_getTransactionReceipt", [one]) for block in blocks for one in block.transactions
        ]
        if not asked:
            return [[] for _ in blocks], self._transport.endpoints[0]
        told, endpoint = self._ask(asked)
        try:
            every = iter([told.read(number, _RECEIPT) for number in range(len(asked))])
        except MethodUnknown as error:
            raise ProofsUnavailable("no node offers receipts") from error
        found: list[list[ReceiptIn] | None] = []
        for block in blocks:
            own = [next(every) for _ in block.transactions]
            kept = [one for one in own if one is not None]
            found.append(kept if len(kept) == len(own) else None)
        return found, endpoint

    @contextmanager
    def _judging(self, kind: str, endpoint: Endpoint) -> Iterator[None]:
        """A node whose answer is disproved within has lied."""
        try:
            yield
        except FormUnknown as error:
            raise ProofsUnavailable(str(error)) from error
        except Disproved as error:
            if kind not in self._proven:
                # Either it lies, or the chain hashes in another way: then all of them fail.
                self._transport.doubt(str(error), endpoint)
                self._failed.setdefault(kind, set()).add(endpoint.name)
                if len(self._failed[kind]) < len(self._transport.endpoints):
                    raise AnswerInconsistent(str(error)) from error
                raise ProofsUnavailable(str(error)) from error
            self._transport.prove_lie(endpoint, str(error))
            raise AnswerInconsistent(str(error)) from error
        self._proven.add(kind)


def _told(asked: int | Digest, answer: dict[str, Any] | None) -> Told | None:
    if answer is None or answer.get("hash") is None:
        return None
    name = asked if isinstance(asked, Digest) else bytes.fromhex(str(answer["hash"])[2:])
    transactions = answer.get("transactions") or []
    header = proven_header(answer, name)
    if isinstance(asked, int) and header.number != asked:
        raise AnswerInconsistent(f"asked for block {asked}, got {header.number}")
    return Told(header, tuple(map(_hash_of, transactions)))


def _hash_of(transaction: Any) -> str:
    return transaction if isinstance(transaction, str) else str(transaction["hash"])


def linked(found: Iterable[Told | None], first: int, parent: Digest | None) -> list[Told]:
    """
    Headers of consecutive blocks, each the parent of the next.

    Raises `AnswerInconsistent`: the node lacks one, or has turned to another branch meanwhile.
    """
    blocks: list[Told] = []
    for number, one in enumerate(found, first):
        if one is None:
            raise AnswerInconsistent(f"block {number} is null")
        if parent is not None and one.header.parent_hash != parent:
            raise AnswerInconsistent(f"block {number} does not follow the block before it")
        parent = one.header.block_hash
        blocks.append(one)
    return blocks
