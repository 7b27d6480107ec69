"""
What a node told, held against itself: headers that link, logs that fit, transfers cut out.

Pure. A log is believed when it carries the hash of its block, is of a contract and event that
were asked for, is not denied by the block's bloom, and stands in its place once. In the same
pass it becomes what the mirror works on: a transfer becomes its row, any other log a `Log`.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.facts import Item, Move
from indexer.watch import Part
from nft.chain.errors import AnswerInconsistent
from nft.chain.logs import TRANSFER_TOPIC
from nft.chain.protocol import Block, Log
from nft.chain.wire import WireLog
from nft.types import Address, Digest

_TRANSFER = "0x" + TRANSFER_TOPIC.hex()
_WORD = 66
"""Characters of 32 bytes in hex."""


class ChainTurned(Exception):
    """The first block read does not follow the block we hold: the chain has another branch."""


def place(item: Item) -> tuple[int, int]:
    """Where the log stands."""
    return item.block_number, item.log_index


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
        kept = _fitting(chain_id, blocks, logs, part)
    except (ValueError, IndexError) as error:
        raise AnswerInconsistent(f"a malformed log: {error}") from error
    return kept if _is_ordered(kept) else _put_in_order(kept)


def _fitting(
    chain_id: int, blocks: Sequence[Block], logs: Sequence[WireLog], part: Part
) -> list[Item]:
    by_number = {block.number: block for block in blocks}
    newest = blocks[-1].number
    number_text, number, hash_text = "", -1, ""
    transaction_text, transaction = "", b""
    passed: dict[tuple[str, str], Address | None] = {}
    kept: list[Item] = []
    for log in logs:
        if log.removed:
            continue
        if log.block_number != number_text:
            number_text, number = log.block_number, int(log.block_number, 16)
            block = by_number.get(number)
            hash_text = f"0x{block.block_hash.hex()}" if block else ""
            passed = {}
        if log.block_hash != hash_text and log.block_hash.lower() != hash_text:
            if number > newest:
                continue
            raise AnswerInconsistent(f"a log of another block {number}")
        topics = log.topics
        head = topics[0] if topics else ""
        pair = (log.address, head)
        if pair not in passed:
            passed[pair] = _contract(by_number[number], log, head, part)
        contract = passed[pair]
        if contract is None:
            continue
        if log.transaction_hash != transaction_text:
            transaction_text = log.transaction_hash
            transaction = Digest(bytes.fromhex(transaction_text[2:]))
        if head == _TRANSFER and len(topics) == 4 and log.data == "0x":
            kept.append(_move(log, (chain_id, number), contract, transaction))
        else:
            kept.append(_log(log, number, by_number[number], contract))
    return kept


def _move(log: WireLog, where: tuple[int, int], contract: bytes, transaction: bytes) -> Move:
    _, sender, receiver, token = log.topics
    if not len(sender) == len(receiver) == len(token) == _WORD:
        raise AnswerInconsistent(f"a log of block {where[1]} with topics of another length")
    return Move(
        *where,
        int(log.log_index, 16),
        contract,
        bytes.fromhex(token[2:]),
        bytes.fromhex(sender[26:]),
        bytes.fromhex(receiver[26:]),
        transaction,
    )


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


def _log(log: WireLog, number: int, block: Block, contract: Address) -> Log:
    topics = tuple(bytes.fromhex(topic[2:]) for topic in log.topics)
    if any(len(topic) != 32 for topic in topics):
        raise AnswerInconsistent(f"a log of block {number} with topics of another length")
    return Log(
        address=contract,
        topics=topics,
        data=bytes.fromhex(log.data[2:]),
        block_number=number,
        block_hash=block.block_hash,
        transaction_hash=Digest(bytes.fromhex(log.transaction_hash[2:])),
        log_index=int(log.log_index, 16),
    )


def _is_ordered(items: Sequence[Item]) -> bool:
    last_number, last_index = -1, -1
    for item in items:
        number, index = item.block_number, item.log_index
        if number < last_number or (number == last_number and index <= last_index):
            return False
        last_number, last_index = number, index
    return True


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
