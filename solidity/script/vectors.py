"""
Writes the vectors that pytest and forge both read: `tests/vectors/{orders,words,metadata}.json`.

    python solidity/script/vectors.py

Hashes come from eth-account alone, storage slots and CIDs from their definitions, so that neither
our contracts nor our Python packages check themselves.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak

VECTORS = Path(__file__).resolve().parents[2] / "tests" / "vectors"

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


def _signed(kind: str, name: str, contract: str, message: dict[str, Any]) -> dict[str, Any]:
    types = {"EIP712Domain": _fields(DOMAIN), "Order": _fields(ORDER), "Item": _fields(ITEM)}
    if kind == "Voucher":
        types = {"EIP712Domain": _fields(DOMAIN), "Voucher": _fields(VOUCHER)}
    typed = {
        "domain": {
            "name": name,
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": contract,
        },
        "types": types,
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


def orders() -> dict[str, Any]:
    """What makers and artists sign, its hashes, and one key's signature."""
    exchange, collection = _created(DEPLOYER, 0), _created(DEPLOYER, 1)
    return {
        "typehashes": {
            "EIP712Domain": _typehash(f"EIP712Domain({DOMAIN})"),
            "Item": _typehash(f"Item({ITEM})"),
            "Order": _typehash(f"Order({ORDER})Item({ITEM})"),
            "Voucher": _typehash(f"Voucher({VOUCHER})"),
        },
        "signer": {"key": KEY, "address": Account.from_key(KEY).address},
        "chainId": str(CHAIN_ID),
        "deployer": DEPLOYER,
        "exchange": exchange,
        "collection": collection,
        "orders": [
            {"name": name, "items": str(len(order["more"])), "order": order}
            | _signed("Order", "Vernissage Exchange", exchange, order)
            for name, order in _orders().items()
        ],
        "vouchers": [
            {"name": name, "voucher": voucher}
            | _signed("Voucher", "Vernissage Collection", collection, voucher)
            for name, voucher in _vouchers().items()
        ],
    }


def _slot(token: int) -> int:
    """Where Solady keeps the owner: its seed lies over the low 32 bits of the hashed id."""
    seeded = token.to_bytes(32, "big")[:28] + bytes.fromhex("7d882553")
    return (2 * token + int.from_bytes(keccak(seeded), "big")) % 2**256


def _word(
    name: str, creator: int, serial: int, parts: tuple[int, int, int, int, int]
) -> dict[str, Any]:
    owner, royalty_bps, frozen, payee, transfer_count = parts
    token = creator << 96 | serial
    packed = owner | royalty_bps << 160 | frozen << 174 | payee << 176 | transfer_count << 208
    digest_slot = keccak(token.to_bytes(32, "big") + (2).to_bytes(32, "big"))
    payee_slot = keccak(payee.to_bytes(32, "big") + (3).to_bytes(32, "big"))
    return {
        "name": name,
        "creator": f"0x{creator:040x}",
        "serial": str(serial),
        "tokenId": str(token),
        "owner": f"0x{owner:040x}",
        "royaltyBps": royalty_bps,
        "frozen": frozen,
        "payee": payee,
        "transferCount": str(transfer_count),
        "word": f"0x{packed:064x}",
        "wordSlot": f"0x{_slot(token):064x}",
        "digestSlot": _hex(digest_slot),
        "payeeSlot": _hex(payee_slot),
    }


def words() -> dict[str, Any]:
    """Token ids, the ownership word, and the slots where word, digest and payee lie."""
    artist, collector = int("a1" * 20, 16), int("c2" * 20, 16)
    full = 2**160 - 1
    return {
        "words": [
            _word("just minted", artist, 1, (artist, 500, 0, 0, 0)),
            _word("sold twice, frozen, paid to a studio", artist, 2, (collector, 1000, 1, 7, 2)),
            _word("burned after three transfers", artist, 3, (0, 0, 0, 0, 4)),
            _word("never minted", artist, 2**96 - 1, (0, 0, 0, 0, 0)),
            _word(
                "every part at its greatest",
                full,
                2**96 - 1,
                (full, 2**14 - 1, 1, 2**32 - 1, 2**48 - 1),
            ),
            _word("a number above 32 bits", collector, 2**32 + 5, (collector, 2500, 0, 1, 1)),
        ]
    }


def metadata() -> dict[str, Any]:
    """Metadata bytes, their SHA-256 digest, and the address of that one raw block."""
    bodies = {
        "smallest": b"{}",
        "a work": '{"description":"","name":"Morgenröte, 墨"}'.encode(),
        "as large as a block may be": b'"' + b"a" * 262_142 + b'"',
    }
    found = []
    for name, body in bodies.items():
        digest = hashlib.sha256(body).digest()
        cid = base64.b32encode(b"\x01\x55\x12\x20" + digest).decode().rstrip("=").lower()
        found.append(
            {
                "name": name,
                "body": body.decode() if len(body) < 100 else "",
                "size": len(body),
                "digest": _hex(digest),
                "cid": f"b{cid}",
            }
        )
    for name, digest in {"lowest": bytes(31) + b"\x01", "highest": b"\xff" * 32}.items():
        cid = base64.b32encode(b"\x01\x55\x12\x20" + digest).decode().rstrip("=").lower()
        found.append({"name": name, "size": 0, "digest": _hex(digest), "cid": f"b{cid}"})
    return {"metadata": found}


def main() -> None:
    """Write the three files."""
    for name, found in {"orders": orders(), "words": words(), "metadata": metadata()}.items():
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        (VECTORS / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
