"""
EIP-712 typed data of orders and vouchers, and who signed a digest.

Typed data is built in the shape that wallets take (`eth_signTypedData_v4`): `types` includes
`EIP712Domain`, unsigned integers are decimal strings, `chainId` is a number. An order's hash is
the EIP-712 signing digest, domain included.
"""

from __future__ import annotations

from typing import Any

from coincurve import PublicKey
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak

from nft import recursion
from nft.errors import NotASignature
from nft.orders import Item, Order, Voucher
from nft.types import Address, Digest

recursion.restore()

TypedData = dict[str, Any]

EXCHANGE_NAME = "Vernissage Exchange"
COLLECTION_NAME = "Vernissage Collection"
DOMAIN_VERSION = "1"

_SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

_DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def _fields(text: str) -> list[dict[str, str]]:
    pairs = (part.split() for part in text.split(","))
    return [{"name": name, "type": kind} for kind, name in pairs]


ITEM_TYPE = _fields("address collection,uint256 tokenId,uint256 transferCount")
ORDER_TYPE = _fields(
    "uint8 kind,address maker,address taker,address collection,uint256 tokenId,"
    "uint256 transferCount,Item[] more,bytes32 criteria,bytes32 metadataDigest,address currency,"
    "uint256 price,uint256 endPrice,uint64 start,uint64 end,uint16 maxRoyaltyBps,"
    "uint16 maxFeeBps,uint256 nonce,uint256 counter"
)
VOUCHER_TYPE = _fields(
    "uint256 tokenId,bytes32 metadataDigest,uint256 price,address currency,uint16 royaltyBps,"
    "address royaltyReceiver,address recipient,address feeReceiver,uint16 maxFeeBps,"
    "uint32 editionSize,uint32 maxPerRecipient,uint64 start,uint64 end,uint256 nonce,"
    "uint256 counter"
)


def _domain(name: str, chain_id: int, contract: Address) -> dict[str, Any]:
    return {
        "name": name,
        "version": DOMAIN_VERSION,
        "chainId": chain_id,
        "verifyingContract": str(contract),
    }


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
    return {
        "domain": _domain(EXCHANGE_NAME, chain_id, exchange),
        "types": {"EIP712Domain": _DOMAIN_TYPE, "Order": ORDER_TYPE, "Item": ITEM_TYPE},
        "primaryType": "Order",
        "message": order_message(order),
    }


def voucher_typed_data(voucher: Voucher, *, chain_id: int, collection: Address) -> TypedData:
    """What the artist's wallet is asked to sign for a lazy mint."""
    return {
        "domain": _domain(COLLECTION_NAME, chain_id, collection),
        "types": {"EIP712Domain": _DOMAIN_TYPE, "Voucher": VOUCHER_TYPE},
        "primaryType": "Voucher",
        "message": {
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
        },
    }


def typed_data_digest(typed_data: TypedData) -> Digest:
    """The 32 bytes that `eth_signTypedData_v4` signs: keccak(0x1901 ‖ domain ‖ struct)."""
    signable = encode_typed_data(full_message=typed_data)
    return Digest(keccak(b"\x19" + signable.version + signable.header + signable.body))


def order_hash(order: Order, *, chain_id: int, exchange: Address) -> Digest:
    """The order's one name."""
    return typed_data_digest(order_typed_data(order, chain_id=chain_id, exchange=exchange))


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
