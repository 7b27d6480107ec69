"""
The receipts of a block: encoded as the protocol does, their root, the logs that they prove.

Receipts come as a node's JSON and stay hex until their whole encoding is known, which is many
times faster than encoding log by log. Lengths are checked, so that one text has one meaning. A
log's index, block and block hash are not in its receipt: they follow from where it stands.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from nft.chain.protocol import Log
from nft.proofs.errors import FormUnknown, ReceiptsDisproved
from nft.proofs.headers import Header
from nft.proofs.keccak import keccak
from nft.proofs.rlp import encode_int, unhex
from nft.proofs.trie import ordered_root
from nft.types import Address, Digest

DEPOSIT = 0x7E
"""The type of what an OP chain carries over from the chain below it."""

TYPES = frozenset({0, 1, 2, 3, 4, DEPOSIT})
"""Plain, access list, dynamic fee, blobs, set code (EIP-2930, 1559, 4844, 7702), deposit."""


class LogIn(msgspec.Struct, gc=False):
    """A log as a node tells it, but for where it stands."""

    address: str
    topics: list[str]
    data: str


class ReceiptIn(msgspec.Struct, rename="camel"):
    """What the root covers of a receipt, and the hash of its transaction, which it does not."""

    cumulative_gas_used: str
    logs_bloom: str
    logs: list[LogIn]
    transaction_hash: str
    type: str | None = None
    status: str | None = None
    root: str | None = None
    """Before Byzantium a receipt had the state's root instead of a status."""
    block_hash: str | None = None
    deposit_nonce: str | None = None
    deposit_receipt_version: str | None = None


def read_receipts(answer: object) -> list[ReceiptIn]:
    """The receipts of a parsed answer. Raises `ReceiptsDisproved` where it is of another form."""
    try:
        return msgspec.convert(answer, list[ReceiptIn])
    except msgspec.ValidationError as error:
        raise ReceiptsDisproved(f"malformed: {error}") from error


def encode_receipt(receipt: ReceiptIn) -> bytes:
    """The encoding that the trie holds (EIP-2718). Raises `ReceiptsDisproved` for no receipt."""
    try:
        return unhex(_encoded(receipt))
    except (ValueError, TypeError, OverflowError) as error:
        raise ReceiptsDisproved(f"malformed: {error}") from error


def receipts_root(receipts: Sequence[ReceiptIn]) -> bytes:
    """The root that the header of these receipts' block names."""
    return ordered_root([encode_receipt(receipt) for receipt in receipts])


def check_receipts(receipts: Sequence[ReceiptIn], header: Header) -> None:
    """
    Hold the receipts against a proven header.

    Raises `ReceiptsDisproved`, or `FormUnknown` where a receipt of an unknown type may be why.
    """
    if receipts_root(receipts) == header.receipts_root:
        return
    unknown = {_type(receipt) for receipt in receipts} - TYPES
    if unknown:
        raise FormUnknown(f"receipts of type {min(unknown):#x}")
    raise ReceiptsDisproved(f"block {header.number} has another receipts root")


Wanted = Mapping[str, Container[str]]
"""First topics by contract, both as lower-case hex with `0x`."""


def wanted_of(forms: Mapping[Address, Iterable[bytes]]) -> Wanted:
    """Contracts and first topics in the form that receipts are searched in."""
    return {
        f"0x{contract.hex()}": frozenset(f"0x{topic.hex()}" for topic in topics)
        for contract, topics in forms.items()
    }


def proven_logs(receipts: Sequence[ReceiptIn], header: Header, wanted: Wanted) -> list[Log]:
    """The logs of these contracts and topics, in order, of receipts that were checked."""
    found: list[Log] = []
    index = 0
    number, block_hash = header.number, header.block_hash
    for receipt in receipts:
        transaction: Digest | None = None
        for log in receipt.logs:
            topics = wanted.get(log.address) or wanted.get(log.address.lower())
            if topics and log.topics and log.topics[0].lower() in topics:
                if transaction is None:
                    transaction = Digest(unhex(receipt.transaction_hash[2:]))
                found.append(
                    Log(
                        _address(log.address),
                        tuple([unhexlify(topic[2:]) for topic in log.topics]),
                        unhexlify(log.data[2:]),
                        number,
                        block_hash,
                        transaction,
                        index,
                    )
                )
            index += 1
    return found


def bloom_of(logs: Iterable[LogIn]) -> int:
    """The bloom that these logs make."""
    bloom = 0
    for log in logs:
        for text in (log.address, *log.topics):
            bloom |= bloom_bits(unhex(text[2:]))
    return bloom


@lru_cache(maxsize=65536)
def bloom_bits(value: bytes) -> int:
    """The three bits of an address or topic."""
    hashed = keccak(value)
    bits = (int.from_bytes(hashed[at : at + 2], "big") & 2047 for at in (0, 2, 4))
    return sum(1 << bit for bit in set(bits))


@lru_cache(maxsize=4096)
def _address(text: str) -> Address:
    return Address(unhexlify(text[2:]))


# Encoding, in hex digits


def _type(receipt: ReceiptIn) -> int:
    return int(receipt.type, 16) if receipt.type else 0


def _encoded(receipt: ReceiptIn) -> str:
    kind = _type(receipt)
    bloom = receipt.logs_bloom
    if len(bloom) != 514:
        raise ValueError("a bloom of another size")
    body = [
        _outcome(receipt),
        _quantity(receipt.cumulative_gas_used),
        "b90100",
        bloom[2:],
        _list("".join(map(_encoded_log, receipt.logs))),
    ]
    if kind == DEPOSIT and receipt.deposit_receipt_version is not None:
        # Since Canyon; before it the nonce was told, and not hashed.
        body += [_quantity(receipt.deposit_nonce), _quantity(receipt.deposit_receipt_version)]
    if not 0 <= kind < 0x80:
        raise FormUnknown(f"receipts of type {kind:#x}")
    return (f"{kind:02x}" if kind else "") + _list("".join(body))


def _outcome(receipt: ReceiptIn) -> str:
    if receipt.status is not None:
        return _quantity(receipt.status)
    if receipt.root is None or len(receipt.root) != 66:
        raise ValueError("neither a status nor a state root")
    return "a0" + receipt.root[2:]


def _encoded_log(log: LogIn) -> str:
    topics, data = log.topics, log.data
    if len(log.address) != 42 or log.address[:2] != "0x":
        raise ValueError("an address of another form")
    if len(data) % 2 or data[:2] != "0x":
        raise ValueError("data of another form")
    for topic in topics:
        if len(topic) != 66 or topic[:2] != "0x":
            raise ValueError("a topic of another form")
    joined = "".join(["a0" + topic[2:] for topic in topics])
    return _list(f"94{log.address[2:]}{_list(joined)}{_data(data[2:])}")


def _data(digits: str) -> str:
    size = len(digits) // 2
    if size == 1 and digits < "8":
        return digits
    return _head(size, 0x80) + digits


def _list(payload: str) -> str:
    return _head(len(payload) // 2, 0xC0) + payload


@lru_cache(maxsize=65536)
def _head(size: int, offset: int) -> str:
    if size < 56:
        return f"{offset + size:02x}"
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return f"{offset + 55 + len(length):02x}{length.hex()}"


def _quantity(text: str | None) -> str:
    if text is None:
        raise ValueError("a number is missing")
    return encode_int(int(text, 16)).hex()
