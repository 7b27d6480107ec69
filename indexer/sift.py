"""
What a node told, held against itself: headers that link, logs that fit, transfers cut out.

Pure. A log is believed when it carries the hash of its block, is of a contract and event that
were asked for, is not denied by the block's bloom, and stands in its place once. In the same
pass it becomes what the mirror works on: a transfer becomes its row, any other log a `Log`.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Callable, Sequence
from operator import attrgetter

from indexer.facts import Item, Move
from indexer.watch import Part
from nft.chain.errors import AnswerInconsistent
from nft.chain.logs import TRANSFER_TOPIC
from nft.chain.protocol import Block, Log
from nft.chain.wire_log import WireLog
from nft.types import Address, Digest

_TRANSFER = "0x" + TRANSFER_TOPIC.hex()
_tuple = tuple.__new__
"""Makes a `Move` in half the time of its own constructor, which is written in Python."""
_WORD = 66
"""Characters of 32 bytes in hex."""

LAST_INDEX = 2**31 - 1
"""Of a log in its block: no chain comes near it, and the mirror keeps no larger one."""

SUSPICIOUS = 100
"""Answers of so many logs times a whole number, from `SMALLEST_CAP` on, may have been cut."""
SMALLEST_CAP = 500


class ChainTurned(Exception):
    """The first block read does not follow the block we hold: the chain has another branch."""


place: Callable[[Item], tuple[int, int]] = attrgetter("block_number", "log_index")
"""Where a log stands."""


def may_be_cut(logs: Sequence[WireLog]) -> bool:
    """Whether an answer has as many logs as a limit would leave of it."""
    return len(logs) >= SMALLEST_CAP and len(logs) % SUSPICIOUS == 0


def linked(found: Sequence[Block | None], first: int, parent: Digest | None) -> list[Block]:
    """
    The leading headers that the node has, each the parent of the next.

    A node behind a balancer may lack the newest. Raises `AnswerInconsistent` or `ChainTurned`.
    """
    blocks: list[Block] = []
    for number, block in enumerate(found, first):
        if block is None:
            break
        if block.number != number:
            raise AnswerInconsistent(f"asked for block {number}, got {block.number}")
        if blocks and block.parent_hash != blocks[-1].block_hash:
            raise AnswerInconsistent(f"block {number} does not follow the block before it")
        blocks.append(block)
    if not blocks:
        raise AnswerInconsistent(f"block {first} was announced and is null")
    if parent is not None and blocks[0].parent_hash != parent:
        raise ChainTurned(f"block {first} has another parent")
    return blocks


def fitting(
    chain_id: int, blocks: Sequence[Block], logs: Sequence[WireLog], part: Part
) -> list[Item]:
    """
    The logs of these blocks in the order of the chain, each once; what is `removed` is left out.

    Raises `AnswerInconsistent` for a log of another branch, of a block that was not asked for,
    of a contract that is not ours, denied by its block's bloom, or told in two versions.
    """
    try:
        kept, is_ordered = _fitting(chain_id, _Told(blocks, part), logs)
    except (ValueError, IndexError) as error:
        raise AnswerInconsistent(f"a malformed log: {error}") from error
    return kept if is_ordered else _put_in_order(kept)


def _fitting(chain_id: int, told: _Told, logs: Sequence[WireLog]) -> tuple[list[Item], bool]:
    """
    What fits, and whether each stands behind the one before.

    A log of the same transaction, contract and event as the one before asks nothing again.
    """
    block_text = hash_text = transaction_text = address = head = ""
    contract: Address | None = None
    number, last, transaction, is_transfer, is_ordered = -1, -1, b"", False, True
    kept: list[Item] = []
    for log in logs:
        if log.removed:
            continue
        topics = log.topics
        first = topics[0] if topics else ""
        if (
            log.transaction_hash != transaction_text
            or log.block_hash != hash_text
            or log.block_number != block_text
            or log.address != address
            or first != head
        ):
            transaction_text, head, address = log.transaction_hash, first, log.address
            block_text, hash_text = log.block_number, log.block_hash
            before, (number, contract) = number, told.by(log, head)
            if number != before:
                last, is_ordered = -1, is_ordered and number > before
            transaction = Digest(unhexlify(transaction_text[2:]))
            is_transfer = head == _TRANSFER
        if contract is None:
            continue
        index = int(log.log_index, 16)
        if not last < index <= LAST_INDEX:
            if not 0 <= index <= LAST_INDEX:
                raise AnswerInconsistent(f"log {index} of block {number}")
            is_ordered = False
        last = index
        if not is_transfer or len(topics) != 4 or log.data != "0x":
            kept.append(_log(log, told.block(number), contract, index))
            continue
        _, sender, receiver, token = topics
        if not len(sender) == len(receiver) == len(token) == _WORD:
            raise AnswerInconsistent(f"a log of block {number} with topics of another length")
        token_id = unhexlify(token[2:])
        sent_by, sent_to = unhexlify(sender[26:]), unhexlify(receiver[26:])
        row = chain_id, number, index, contract, token_id, sent_by, sent_to, transaction
        kept.append(_tuple(Move, row))
    return kept, is_ordered


class _Told:
    """Whose logs an answer holds, block by block."""

    def __init__(self, blocks: Sequence[Block], part: Part) -> None:
        self._part = part
        self._blocks = {block.number: block for block in blocks}
        self._newest = blocks[-1].number
        self._number_text, self._number = "", -1
        self._hash_text = ""
        self._passed: dict[tuple[str, str], Address | None] = {}

    def block(self, number: int) -> Block:
        """One of the blocks."""
        return self._blocks[number]

    def by(self, log: WireLog, head: str) -> tuple[int, Address | None]:
        """
        The block's number and the contract; None for what is not mirrored, or above the blocks.
        """
        if log.block_number != self._number_text:
            self._number_text, self._number = log.block_number, int(log.block_number, 16)
            block = self._blocks.get(self._number)
            self._hash_text = f"0x{block.block_hash.hex()}" if block else ""
            self._passed = {}
        number = self._number
        if log.block_hash != self._hash_text and log.block_hash.lower() != self._hash_text:
            if number > self._newest:
                return number, None
            raise AnswerInconsistent(f"a log of another block {number}")
        pair = (log.address, head)
        if pair not in self._passed:
            self._passed[pair] = _contract(self._blocks[number], log, head, self._part)
        return number, self._passed[pair]


def _contract(block: Block, log: WireLog, head: str, part: Part) -> Address | None:
    """Whose log it is; None for an event of a contract of ours that is not one of its own."""
    known = part.by_text.get(log.address) or part.by_text.get(log.address.lower())
    if known is None:
        raise AnswerInconsistent(f"a log of {log.address[:42]}, which was not asked for")
    contract, heads = known
    mask = heads.get(head)
    if mask is None:
        return None
    if block.bloom & mask != mask:
        raise AnswerInconsistent(f"block {block.number} denies a log told for it")
    return contract


def _log(log: WireLog, block: Block, contract: Address, index: int) -> Log:
    topics = tuple(unhexlify(topic[2:]) for topic in log.topics)
    if any(len(topic) != 32 for topic in topics):
        raise AnswerInconsistent(f"a log of block {block.number} with topics of another length")
    return Log(
        address=contract,
        topics=topics,
        data=unhexlify(log.data[2:]),
        block_number=block.number,
        block_hash=block.block_hash,
        transaction_hash=Digest(unhexlify(log.transaction_hash[2:])),
        log_index=index,
    )


def _put_in_order(items: Sequence[Item]) -> list[Item]:
    """Shuffled and doubled logs are put right; two logs of one place are not."""
    kept: dict[tuple[int, int], Item] = {}
    for item in items:
        if kept.setdefault(place(item), item) != item:
            number, index = place(item)
            raise AnswerInconsistent(f"two logs {index} in block {number}")
    return [kept[where] for where in sorted(kept)]


def merged(one: list[Item], other: list[Item]) -> list[Item]:
    """Two answers about the same blocks as one; a log that both tell is one log."""
    if not other:
        return one
    return _put_in_order([*one, *other])
