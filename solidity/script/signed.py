"""
What makers, sellers and artists sign, as vectors: `tests/vectors/{orders,trees}.json`.

Hashes come from eth-account alone; places in trees are worked out here by their definitions, so
that neither our contracts nor our Python packages check themselves.
"""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak

UINT256_MAX = 2**256 - 1
KEY = "0x" + keccak(b"vernissage: a key of the test vectors").hex()
CHAIN_ID = 31337
DEPLOYER = "0x" + keccak(b"vernissage: deployer")[12:].hex()

DOMAIN = "string name,string version,uint256 chainId,address verifyingContract"
ITEM = "address collection,uint256 tokenId,uint256 transferCount"
ORDER = (
    "uint8 kind,address maker,address taker,address collection,uint256 tokenId,"
    "uint256 transferCount,Item[] more,bytes32 criteria,bytes32 metadataDigest,address currency,"
    "uint256 price,uint256 endPrice,uint64 start,uint64 end,uint16 maxRoyaltyBps,"
    "uint16 maxFeeBps,uint256 nonce,uint256 counter"
)
AUCTION = (
    "address seller,address collection,uint256 tokenId,uint256 transferCount,uint256 reserve,"
    "uint64 start,uint64 openUntil,uint64 duration,uint64 end,uint16 minStepBps,"
    "uint16 maxRoyaltyBps,uint16 maxFeeBps,uint256 nonce,uint256 counter"
)
VOUCHER = (
    "uint256 tokenId,bytes32 metadataDigest,uint256 price,address currency,uint16 royaltyBps,"
    "address royaltyReceiver,address recipient,address feeReceiver,uint16 maxFeeBps,"
    "uint32 editionSize,uint32 maxPerRecipient,uint64 start,uint64 end,uint256 nonce,"
    "uint256 counter"
)
ZERO_ADDRESS = "0x" + "00" * 20
ZERO = "0x" + "00" * 32
MAX_ADDRESS = "0x" + "ff" * 20
MAX_BYTES32 = "0x" + "ff" * 32


def _fields(text: str) -> list[dict[str, str]]:
    return [dict(zip(("type", "name"), part.split(), strict=True)) for part in text.split(",")]


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _typehash(text: str) -> str:
    return _hex(keccak(text.encode()))


def _created(deployer: str, nonce: int) -> str:
    """The address of a contract made by an account that has sent fewer than 128 transactions."""
    body = b"\x94" + bytes.fromhex(deployer[2:]) + (bytes([nonce]) if nonce else b"\x80")
    return _hex(keccak(bytes([0xC0 + len(body)]) + body)[12:])


NAMES = {
    "Order": "Vernissage Exchange",
    "BulkOrder": "Vernissage Exchange",
    "Auction": "Vernissage Auctions",
    "Voucher": "Vernissage Collection",
}
"""The domain that each is signed for."""

TYPES = {
    "Order": {"Order": _fields(ORDER), "Item": _fields(ITEM)},
    "Auction": {"Auction": _fields(AUCTION)},
    "Voucher": {"Voucher": _fields(VOUCHER)},
}


def _bulk_types(height: int) -> dict[str, Any]:
    member = {"name": "tree", "type": "Order" + "[2]" * height}
    return {"BulkOrder": [member], **TYPES["Order"]}


def _signed(
    kind: str, contract: str, message: dict[str, Any], types: dict[str, Any] | None = None
) -> dict[str, Any]:
    typed = {
        "domain": {
            "name": NAMES[kind],
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": contract,
        },
        "types": {"EIP712Domain": _fields(DOMAIN), **(types or TYPES[kind])},
        "primaryType": kind,
        "message": message,
    }
    signable = encode_typed_data(full_message=typed)
    signed = Account.sign_message(signable, KEY)
    folded = signed.s | (signed.v - 27) << 255
    return {
        "domainSeparator": _hex(signable.header),
        "structHash": _hex(signable.body),
        "digest": _hex(signed.message_hash),
        "signature": _hex(signed.signature),
        "compactSignature": _hex(signed.r.to_bytes(32, "big") + folded.to_bytes(32, "big")),
    }


def _order(**changed: Any) -> dict[str, Any]:
    maker = Account.from_key(KEY).address
    return {
        "kind": "0",
        "maker": maker,
        "taker": ZERO_ADDRESS,
        "collection": "0x" + "c0" * 20,
        "tokenId": str(int(maker, 16) << 96 | 1),
        "transferCount": "0",
        "more": [],
        "criteria": ZERO,
        "metadataDigest": ZERO,
        "currency": ZERO_ADDRESS,
        "price": str(10**18),
        "endPrice": str(10**18),
        "start": "1800000000",
        "end": "1802592000",
        "maxRoyaltyBps": "500",
        "maxFeeBps": "200",
        "nonce": "0",
        "counter": "0",
    } | changed


def _items(count: int) -> list[dict[str, str]]:
    return [
        {"collection": "0x" + f"{i + 1:02x}" * 20, "tokenId": str(i), "transferCount": str(i)}
        for i in range(count)
    ]


def _orders() -> dict[str, dict[str, Any]]:
    return {
        "listing": _order(),
        "private listing, unbound": _order(
            taker="0x" + "7a" * 20, transferCount=str(UINT256_MAX), nonce="255"
        ),
        "falling price": _order(price=str(2 * 10**18), endPrice="1", nonce="256"),
        "bundle of two": _order(more=_items(1), nonce="1"),
        "bundle of four": _order(more=_items(3), nonce="2", counter="1048576"),
        "token offer for given metadata": _order(
            kind="1", metadataDigest="0x" + "5a" * 32, currency="0x" + "e2" * 20
        ),
        "set offer": _order(kind="2", tokenId="0", criteria="0x" + "ab" * 32),
        "collection offer": _order(
            kind="3", tokenId="0", transferCount=str(UINT256_MAX), currency="0x" + "e2" * 20
        ),
        "nothing but zeros": _order(
            maker=ZERO_ADDRESS,
            collection=ZERO_ADDRESS,
            **dict.fromkeys(
                ("tokenId", "price", "endPrice", "start", "end", "maxRoyaltyBps", "maxFeeBps"),
                "0",
            ),
        ),
        "every field at its greatest": _order(
            kind="255",
            **dict.fromkeys(("maker", "taker", "collection", "currency"), MAX_ADDRESS),
            **dict.fromkeys(
                ("tokenId", "transferCount", "price", "endPrice", "nonce", "counter"),
                str(UINT256_MAX),
            ),
            **dict.fromkeys(("criteria", "metadataDigest"), MAX_BYTES32),
            **dict.fromkeys(("start", "end"), str(2**64 - 1)),
            **dict.fromkeys(("maxRoyaltyBps", "maxFeeBps"), str(2**16 - 1)),
            more=[
                {
                    "collection": MAX_ADDRESS,
                    "tokenId": str(UINT256_MAX),
                    "transferCount": str(UINT256_MAX),
                }
            ],
        ),
    }


def _voucher(**changed: Any) -> dict[str, Any]:
    maker = Account.from_key(KEY).address
    return {
        "tokenId": str(int(maker, 16) << 96 | 9),
        "metadataDigest": "0x" + "5a" * 32,
        "price": str(10**17),
        "currency": ZERO_ADDRESS,
        "royaltyBps": "1000",
        "royaltyReceiver": ZERO_ADDRESS,
        "recipient": ZERO_ADDRESS,
        "feeReceiver": "0x" + "fe" * 20,
        "maxFeeBps": "200",
        "editionSize": "1",
        "maxPerRecipient": "0",
        "start": "1800000000",
        "end": "1802592000",
        "nonce": "0",
        "counter": "0",
    } | changed


def _vouchers() -> dict[str, dict[str, Any]]:
    return {
        "voucher": _voucher(),
        "edition for one collector": _voucher(
            editionSize="25",
            maxPerRecipient="2",
            recipient="0x" + "7a" * 20,
            royaltyReceiver="0x" + "57" * 20,
            nonce="3",
        ),
        "every field at its greatest": {
            "tokenId": str(UINT256_MAX),
            "metadataDigest": MAX_BYTES32,
            "price": str(UINT256_MAX),
            "currency": MAX_ADDRESS,
            "royaltyBps": str(2**16 - 1),
            "royaltyReceiver": MAX_ADDRESS,
            "recipient": MAX_ADDRESS,
            "feeReceiver": MAX_ADDRESS,
            "maxFeeBps": str(2**16 - 1),
            "editionSize": str(2**32 - 1),
            "maxPerRecipient": str(2**32 - 1),
            "start": str(2**64 - 1),
            "end": str(2**64 - 1),
            "nonce": str(UINT256_MAX),
            "counter": str(UINT256_MAX),
        },
    }


def _auction(**changed: Any) -> dict[str, Any]:
    seller = Account.from_key(KEY).address
    return {
        "seller": seller,
        "collection": "0x" + "c0" * 20,
        "tokenId": str(int(seller, 16) << 96 | 1),
        "transferCount": "3",
        "reserve": str(10**17),
        "start": "1800000000",
        "openUntil": "1800604800",
        "duration": "86400",
        "end": "0",
        "minStepBps": "500",
        "maxRoyaltyBps": "1000",
        "maxFeeBps": "200",
        "nonce": "4",
        "counter": "0",
    } | changed


def _auctions() -> dict[str, dict[str, Any]]:
    greatest = {name: MAX_ADDRESS for name in ("seller", "collection")}
    greatest |= dict.fromkeys(
        ("tokenId", "transferCount", "reserve", "nonce", "counter"), str(UINT256_MAX)
    )
    greatest |= dict.fromkeys(("start", "openUntil", "duration", "end"), str(2**64 - 1))
    greatest |= dict.fromkeys(("minStepBps", "maxRoyaltyBps", "maxFeeBps"), str(2**16 - 1))
    return {
        "reserve": _auction(),
        "scheduled, unbound": _auction(
            transferCount=str(UINT256_MAX), duration="0", end="1800691200", nonce="255"
        ),
        "every field at its greatest": greatest,
    }


def orders() -> dict[str, Any]:
    """What makers, sellers and artists sign, its hashes, and one key's signature."""
    exchange, collection, auctions = (_created(DEPLOYER, nonce) for nonce in range(3))
    return {
        "typehashes": {
            "EIP712Domain": _typehash(f"EIP712Domain({DOMAIN})"),
            "Item": _typehash(f"Item({ITEM})"),
            "Order": _typehash(f"Order({ORDER})Item({ITEM})"),
            "Auction": _typehash(f"Auction({AUCTION})"),
            "Voucher": _typehash(f"Voucher({VOUCHER})"),
        },
        "signer": {"key": KEY, "address": Account.from_key(KEY).address},
        "chainId": str(CHAIN_ID),
        "deployer": DEPLOYER,
        "exchange": exchange,
        "collection": collection,
        "auctions": auctions,
        "orders": [
            {"name": name, "items": str(len(order["more"])), "order": order}
            | _signed("Order", exchange, order)
            for name, order in _orders().items()
        ],
        "auctionsSigned": [
            {"name": name, "auction": auction} | _signed("Auction", auctions, auction)
            for name, auction in _auctions().items()
        ],
        "vouchers": [
            {"name": name, "voucher": voucher} | _signed("Voucher", collection, voucher)
            for name, voucher in _vouchers().items()
        ],
    }


BULKS = [(1, 0), (2, 1), (3, 2), (5, 0), (8, 7), (513, 300)]
"""How many orders are signed together, and which of them is looked at."""

PADDING = {name: "0" for name in _order()} | {
    **dict.fromkeys(("maker", "taker", "collection", "currency"), ZERO_ADDRESS),
    **dict.fromkeys(("criteria", "metadataDigest"), ZERO),
    "more": [],
}
"""What fills up a tree: an order of zeros."""


def _bulk(count: int, index: int, exchange: str) -> dict[str, Any]:
    """Orders that differ in their nonce alone, which is their place."""
    height = max(1, (count - 1).bit_length())
    leaves = [_order(nonce=str(nonce)) for nonce in range(count)]
    leaves += [PADDING] * ((1 << height) - count)
    tree: list[Any] = leaves
    while len(tree) > 2:
        tree = [list(pair) for pair in zip(tree[::2], tree[1::2], strict=True)]

    hashes = [_order_hash(leaf) for leaf in leaves]
    proof = []
    for level in range(height):
        proof.append(_hex(hashes[index >> level ^ 1]))
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [keccak(left + right) for left, right in pairs]
    signed = _signed("BulkOrder", exchange, {"tree": tree}, _bulk_types(height))
    return {
        "name": f"number {index} of {count}",
        "count": str(count),
        "height": str(height),
        "index": str(index),
        "items": "0",
        "order": leaves[index],
        "proof": proof,
        "root": _hex(hashes[0]),
        "typehash": _typehash(f"BulkOrder(Order{'[2]' * height} tree)Item({ITEM})Order({ORDER})"),
    } | signed


_HASHES: dict[str, bytes] = {}


def _order_hash(order: dict[str, Any]) -> bytes:
    key = order["maker"] + order["nonce"]
    if key not in _HASHES:
        _HASHES[key] = bytes.fromhex(_signed("Order", ZERO_ADDRESS, order)["structHash"][2:])
    return _HASHES[key]


def _set(name: str, works: list[tuple[int, int]]) -> dict[str, Any]:
    """A set's tree as OpenZeppelin builds it: leaves hashed twice and sorted, pairs sorted."""
    leaves = sorted(
        (keccak(keccak(work.to_bytes(32, "big") + moved.to_bytes(32, "big"))), i)
        for i, (work, moved) in enumerate(works)
    )
    size = 2 * len(works) - 1
    nodes, places = [b""] * size, [0] * len(works)
    for i, (leaf, number) in enumerate(leaves):
        nodes[size - 1 - i] = leaf
        places[number] = size - 1 - i
    for i in range(size - 1 - len(works), -1, -1):
        nodes[i] = keccak(b"".join(sorted(nodes[2 * i + 1 : 2 * i + 3])))
    members = []
    for (work, moved), place in zip(works, places, strict=True):
        leaf, proof = nodes[place], []
        while place:
            proof.append(_hex(nodes[place - 1 if place % 2 == 0 else place + 1]))
            place = (place - 1) // 2
        members.append(
            {"tokenId": str(work), "transferCount": str(moved), "leaf": _hex(leaf), "proof": proof}
        )
    return {"name": name, "size": str(len(works)), "root": _hex(nodes[0]), "works": members}


def trees() -> dict[str, Any]:
    """Orders signed together, and sets that offers are for."""
    exchange = _created(DEPLOYER, 0)
    greatest = (UINT256_MAX, UINT256_MAX)
    return {
        "signer": {"key": KEY, "address": Account.from_key(KEY).address},
        "chainId": str(CHAIN_ID),
        "exchange": exchange,
        "padding": PADDING,
        "bulks": [_bulk(count, index, exchange) for count, index in BULKS],
        "sets": [
            _set("one", [(7, 0)]),
            _set("two", [(1, 0), (2, 5)]),
            _set("five, any movement", [(work, UINT256_MAX) for work in range(5)]),
            _set("eleven", [(10**30 + work, work % 3) for work in range(10)] + [greatest]),
        ],
    }
