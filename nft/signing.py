"""
EIP-712 typed data of everything that is signed here, digests, and who signed a digest.

Typed data is built in the shape that wallets take (`eth_signTypedData_v4`): `types` includes
`EIP712Domain`, unsigned integers are decimal strings, `chainId` is a number. An order's hash is
the EIP-712 signing digest, domain included; that of orders signed together names the signature,
while each order keeps the hash it has alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from coincurve import PublicKey
from eth_hash.auto import keccak

from nft import recursion
from nft.auctions import Auction
from nft.errors import NotASignature
from nft.merkle import BulkTree, bulk_height, bulk_node
from nft.orders import Bulk, Item, Kind, Order
from nft.types import ZERO_ADDRESS, Address, Digest
from nft.vouchers import Voucher

TypedData = dict[str, Any]

EXCHANGE_NAME = "Vernissage Exchange"
AUCTIONS_NAME = "Vernissage Auctions"
COLLECTION_NAME = "Vernissage Collection"
DOMAIN_VERSION = "1"

_SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

_DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def fields(text: str) -> list[dict[str, str]]:
    """An EIP-712 struct's members, from the text between its parentheses."""
    pairs = (part.split() for part in text.split(","))
    return [{"name": name, "type": kind} for kind, name in pairs]


_ITEM = "address collection,uint256 tokenId,uint256 transferCount"
_ORDER = (
    "uint8 kind,address maker,address taker,address collection,uint256 tokenId,"
    "uint256 transferCount,Item[] more,bytes32 criteria,bytes32 metadataDigest,address currency,"
    "uint256 price,uint256 endPrice,uint64 start,uint64 end,uint16 maxRoyaltyBps,"
    "uint16 maxFeeBps,uint256 nonce,uint256 counter"
)
_AUCTION = (
    "address seller,address collection,uint256 tokenId,uint256 transferCount,uint256 reserve,"
    "uint64 start,uint64 openUntil,uint64 duration,uint64 end,uint16 minStepBps,"
    "uint16 maxRoyaltyBps,uint16 maxFeeBps,uint256 nonce,uint256 counter"
)
_VOUCHER = (
    "uint256 tokenId,bytes32 metadataDigest,uint256 price,address currency,uint16 royaltyBps,"
    "address royaltyReceiver,address recipient,address feeReceiver,uint16 maxFeeBps,"
    "uint32 editionSize,uint32 maxPerRecipient,uint64 start,uint64 end,uint256 nonce,"
    "uint256 counter"
)

ITEM_TYPE, ORDER_TYPE = fields(_ITEM), fields(_ORDER)
AUCTION_TYPE, VOUCHER_TYPE = fields(_AUCTION), fields(_VOUCHER)

_ITEM_TYPEHASH = keccak(f"Item({_ITEM})".encode())
_ORDER_TYPEHASH = keccak(f"Order({_ORDER})Item({_ITEM})".encode())
_VOUCHER_TYPEHASH = keccak(f"Voucher({_VOUCHER})".encode())

PADDING = Order(
    kind=Kind.LISTING,
    maker=ZERO_ADDRESS,
    collection=ZERO_ADDRESS,
    token_id=0,
    transfer_count=0,
    price=0,
    end_price=0,
    start=0,
    end=0,
    max_royalty_bps=0,
    max_fee_bps=0,
    nonce=0,
    counter=0,
)
"""What fills up a tree of orders: nobody's order, which no exchange settles."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a signature holds: one contract on one chain."""

    name: str
    chain_id: int
    contract: Address
    version: str = DOMAIN_VERSION

    def typed_data(
        self, types: Mapping[str, list[dict[str, str]]], message: dict[str, Any]
    ) -> TypedData:
        """What a wallet is asked to sign; the first of the types is the one signed."""
        return {
            "domain": {
                "name": self.name,
                "version": self.version,
                "chainId": self.chain_id,
                "verifyingContract": str(self.contract),
            },
            "types": {"EIP712Domain": _DOMAIN_TYPE, **types},
            "primaryType": next(iter(types)),
            "message": message,
        }

    def digest(self, struct_hash: bytes) -> Digest:
        """What is signed: keccak(0x1901 ‖ domain ‖ struct)."""
        return Digest(keccak(b"\x19\x01" + _separator(self) + struct_hash))


@lru_cache
def _separator(domain: Domain) -> bytes:
    kinds = ",".join(f"{field['type']} {field['name']}" for field in _DOMAIN_TYPE)
    texts = (f"EIP712Domain({kinds})", domain.name, domain.version)
    hashes = (keccak(text.encode()) for text in texts)
    return keccak(_words(*hashes, domain.chain_id, domain.contract))


def exchange_domain(chain_id: int, exchange: Address) -> Domain:
    """Of orders, alone or together."""
    return Domain(EXCHANGE_NAME, chain_id, exchange)


def _item(item: Item) -> dict[str, str]:
    return {
        "collection": str(item.collection),
        "tokenId": str(item.token_id),
        "transferCount": str(item.transfer_count),
    }


def order_message(order: Order) -> dict[str, Any]:
    """The order as an EIP-712 message: camelCase fields, decimal strings."""
    return {
        "kind": str(int(order.kind)),
        "maker": str(order.maker),
        "taker": str(order.taker),
        "collection": str(order.collection),
        "tokenId": str(order.token_id),
        "transferCount": str(order.transfer_count),
        "more": [_item(item) for item in order.more],
        "criteria": str(order.criteria),
        "metadataDigest": str(order.metadata_digest),
        "currency": str(order.currency),
        "price": str(order.price),
        "endPrice": str(order.end_price),
        "start": str(order.start),
        "end": str(order.end),
        "maxRoyaltyBps": str(order.max_royalty_bps),
        "maxFeeBps": str(order.max_fee_bps),
        "nonce": str(order.nonce),
        "counter": str(order.counter),
    }


def order_typed_data(order: Order, *, chain_id: int, exchange: Address) -> TypedData:
    """What the maker's wallet is asked to sign."""
    types = {"Order": ORDER_TYPE, "Item": ITEM_TYPE}
    return exchange_domain(chain_id, exchange).typed_data(types, order_message(order))


def order_struct_hash(order: Order) -> Digest:
    """`hashStruct(order)`, without the domain; some microseconds, where typed data takes many."""
    items = b"".join(
        keccak(_ITEM_TYPEHASH + _words(item.collection, item.token_id, item.transfer_count))
        for item in order.more
    )
    words = _words(
        *(order.kind, order.maker, order.taker, order.collection),
        *(order.token_id, order.transfer_count, keccak(items)),
        *(order.criteria, order.metadata_digest, order.currency),
        *(order.price, order.end_price, order.start, order.end),
        *(order.max_royalty_bps, order.max_fee_bps, order.nonce, order.counter),
    )
    return Digest(keccak(_ORDER_TYPEHASH + words))


def _words(*values: int | bytes) -> bytes:
    return b"".join(
        value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\0")
        for value in values
    )


def bulk_typed_data(orders: Sequence[Order], *, chain_id: int, exchange: Address) -> TypedData:
    """What the maker's wallet is asked to sign for 1 to 1,024 orders at once."""
    height = bulk_height(len(orders))
    tree: list[Any] = [order_message(order) for order in orders]
    tree += [order_message(PADDING)] * ((1 << height) - len(orders))
    while len(tree) > 2:
        tree = [[left, right] for left, right in zip(tree[::2], tree[1::2], strict=True)]
    member = {"name": "tree", "type": "Order" + "[2]" * height}
    types = {"BulkOrder": [member], "Order": ORDER_TYPE, "Item": ITEM_TYPE}
    return exchange_domain(chain_id, exchange).typed_data(types, {"tree": tree})


def bulk_tree(orders: Sequence[Order]) -> BulkTree:
    """The same tree as hashes: gives each order its place."""
    return BulkTree.of([order_struct_hash(order) for order in orders], _padding_hash())


@lru_cache
def _padding_hash() -> Digest:
    return order_struct_hash(PADDING)


def bulk_digest(order: Order, bulk: Bulk, *, chain_id: int, exchange: Address) -> Digest:
    """
    What the maker signed for this order: alone, or with others where it has a place among them.

    The exchange computes the same from order, index and proof.
    """
    leaf = order_struct_hash(order)
    struct = leaf
    if bulk.height:
        members = f"BulkOrder(Order{'[2]' * bulk.height} tree)Item({_ITEM})Order({_ORDER})"
        struct = Digest(keccak(keccak(members.encode()) + bulk_node(leaf, bulk)))
    return exchange_domain(chain_id, exchange).digest(struct)


def auction_typed_data(auction: Auction, *, chain_id: int, auctions: Address) -> TypedData:
    """What the seller's wallet is asked to sign for an auction."""
    found = Domain(AUCTIONS_NAME, chain_id, auctions)
    return found.typed_data({"Auction": AUCTION_TYPE}, auction_message(auction))


def auction_message(auction: Auction) -> dict[str, Any]:
    """The auction as an EIP-712 message."""
    return {
        "seller": str(auction.seller),
        "collection": str(auction.collection),
        "tokenId": str(auction.token_id),
        "transferCount": str(auction.transfer_count),
        "reserve": str(auction.reserve),
        "start": str(auction.start),
        "openUntil": str(auction.open_until),
        "duration": str(auction.duration),
        "end": str(auction.end),
        "minStepBps": str(auction.min_step_bps),
        "maxRoyaltyBps": str(auction.max_royalty_bps),
        "maxFeeBps": str(auction.max_fee_bps),
        "nonce": str(auction.nonce),
        "counter": str(auction.counter),
    }


def voucher_typed_data(voucher: Voucher, *, chain_id: int, collection: Address) -> TypedData:
    """What the artist's wallet is asked to sign for a lazy mint."""
    found = Domain(COLLECTION_NAME, chain_id, collection)
    return found.typed_data({"Voucher": VOUCHER_TYPE}, voucher_message(voucher))


def voucher_message(voucher: Voucher) -> dict[str, Any]:
    """The voucher as an EIP-712 message."""
    return {
        "tokenId": str(voucher.token_id),
        "metadataDigest": str(voucher.metadata_digest),
        "price": str(voucher.price),
        "currency": str(voucher.currency),
        "royaltyBps": str(voucher.royalty_bps),
        "royaltyReceiver": str(voucher.royalty_receiver),
        "recipient": str(voucher.recipient),
        "feeReceiver": str(voucher.fee_receiver),
        "maxFeeBps": str(voucher.max_fee_bps),
        "editionSize": str(voucher.edition_size),
        "maxPerRecipient": str(voucher.max_per_recipient),
        "start": str(voucher.start),
        "end": str(voucher.end),
        "nonce": str(voucher.nonce),
        "counter": str(voucher.counter),
    }


def typed_data_digest(typed_data: TypedData) -> Digest:
    """The 32 bytes that `eth_signTypedData_v4` signs: keccak(0x1901 ‖ domain ‖ struct)."""
    with recursion.kept():  # Half a second: not for those who merely check a document.
        from eth_account.messages import encode_typed_data

    signable = encode_typed_data(full_message=typed_data)
    return Digest(keccak(b"\x19" + signable.version + signable.header + signable.body))


def order_hash(order: Order, *, chain_id: int, exchange: Address) -> Digest:
    """The order's one name."""
    return exchange_domain(chain_id, exchange).digest(order_struct_hash(order))


def auction_hash(auction: Auction, *, chain_id: int, auctions: Address) -> Digest:
    """The auction's one name."""
    return typed_data_digest(auction_typed_data(auction, chain_id=chain_id, auctions=auctions))


def voucher_hash(voucher: Voucher, *, chain_id: int, collection: Address) -> Digest:
    """The voucher's one name; as an order's, without the detour over typed data."""
    words = _words(
        *(voucher.token_id, voucher.metadata_digest, voucher.price, voucher.currency),
        *(voucher.royalty_bps, voucher.royalty_receiver, voucher.recipient),
        *(voucher.fee_receiver, voucher.max_fee_bps),
        *(voucher.edition_size, voucher.max_per_recipient),
        *(voucher.start, voucher.end, voucher.nonce, voucher.counter),
    )
    struct = keccak(_VOUCHER_TYPEHASH + words)
    return Domain(COLLECTION_NAME, chain_id, collection).digest(struct)


def text_digest(text: str) -> Digest:
    """What `personal_sign` signs (EIP-191 version 0x45)."""
    body = text.encode()
    return Digest(keccak(b"\x19Ethereum Signed Message:\n%d" % len(body) + body))


def canonical_signature(signature: bytes) -> bytes:
    """
    One form for one signature: 65 bytes, low s, v of 27 or 28.

    A 64-byte signature (EIP-2098) is unfolded; v of 0 or 1 is lifted. Raises `NotASignature`.
    """
    if len(signature) == 64:
        folded = int.from_bytes(signature[32:], "big")
        rest = (folded & (2**255 - 1)).to_bytes(32, "big")
        signature = signature[:32] + rest + bytes([27 + (folded >> 255)])
    if len(signature) != 65:
        raise NotASignature(f"{len(signature)} bytes instead of 65")
    v = signature[64] + 27 if signature[64] < 2 else signature[64]
    if v not in (27, 28):
        raise NotASignature(f"v is {signature[64]}")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    if not (0 < r < _SECP256K1_N and 0 < s <= _SECP256K1_N // 2):
        raise NotASignature("r or s is out of range (s must be in its lower half)")
    return signature[:64] + bytes([v])


def recover(digest: Digest, signature: bytes) -> Address:
    """
    The account whose key signed the digest. Raises `NotASignature`.

    Contract wallets sign by ERC-1271, which only the chain can check.
    """
    canonical = canonical_signature(signature)
    recoverable = canonical[:64] + bytes([canonical[64] - 27])
    try:
        key = PublicKey.from_signature_and_message(recoverable, digest, hasher=None)
    except ValueError as error:
        raise NotASignature("no key could have made it") from error
    return Address(keccak(key.format(compressed=False)[1:])[12:])


def recover_canonical(digest: Digest, signature: bytes) -> Address:
    """`recover`, from the one form of a signature alone. Raises `NotASignature`."""
    if canonical_signature(signature) != signature:
        raise NotASignature("v is not 27 or 28")
    return recover(digest, signature)


ERC6492_SUFFIX = bytes.fromhex("6492" * 16)


def unwrapped(signature: bytes) -> bytes:
    """
    The inner signature of one wrapped for a wallet that is not deployed yet (ERC-6492).

    The wrapping is `abi.encode(factory, calldata, signature) ‖ suffix`. Contracts read only the
    inner one, once the wallet is there. Raises `NotASignature`.
    """
    if not signature.endswith(ERC6492_SUFFIX):
        return signature
    from eth_abi.abi import decode  # heavy, and rare
    from eth_abi.exceptions import DecodingError

    try:
        _, _, inner = decode(["address", "bytes", "bytes"], signature[:-32])
    except DecodingError as error:
        raise NotASignature("the wrapping for a wallet to come (ERC-6492) is malformed") from error
    return bytes(inner)
