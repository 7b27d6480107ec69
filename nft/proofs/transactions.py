"""
A transaction from a node's JSON, encoded as the trie of its block holds it (EIP-2718).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nft.proofs.errors import FormUnknown, ReceiptsDisproved
from nft.proofs.receipts import DEPOSIT
from nft.proofs.rlp import encode_bytes, encode_int, encode_list, unhex

_NUMBERS = frozenset(
    {
        "chainId",
        "nonce",
        "gasPrice",
        "gas",
        "value",
        "maxFeePerGas",
        "maxPriorityFeePerGas",
        "maxFeePerBlobGas",
        "mint",
        "v",
        "r",
        "s",
        "yParity",
    }
)

_PRICED = ("nonce", "gasPrice", "gas", "to", "value", "input")
_DYNAMIC = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value")
_SIGNED = ("yParity", "r", "s")

FIELDS: Mapping[int, tuple[str, ...]] = {
    0: (*_PRICED, "v", "r", "s"),
    1: ("chainId", *_PRICED, "accessList", *_SIGNED),
    2: (*_DYNAMIC, "input", "accessList", *_SIGNED),
    3: (*_DYNAMIC, "input", "accessList", "maxFeePerBlobGas", "blobVersionedHashes", *_SIGNED),
    4: (*_DYNAMIC, "input", "accessList", "authorizationList", *_SIGNED),
    DEPOSIT: ("sourceHash", "from", "to", "mint", "value", "gas", "isSystemTx", "input"),
}
"""Frontier, EIP-2930, 1559, 4844, 7702, and what an OP chain carries over."""


def encode_transaction(answer: Mapping[str, Any]) -> bytes:
    """
    The bytes whose Keccak-256 is the transaction's hash.

    Raises `FormUnknown` for a type that came later, `ReceiptsDisproved` for no transaction.
    """
    try:
        kind = int(answer.get("type") or "0x0", 16)
        if kind not in FIELDS:
            raise FormUnknown(f"transactions of type {kind:#x}")
        body = encode_list(b"".join(_item(answer, name) for name in FIELDS[kind]))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        why = f"a malformed transaction: {type(error).__name__}: {error}"
        raise ReceiptsDisproved(why) from error
    return bytes([kind]) + body if kind else body


def _item(answer: Mapping[str, Any], name: str) -> bytes:
    special = _SPECIAL.get(name)
    if special is not None:
        return special(answer.get(name))
    if name in _NUMBERS:
        is_old = name == "yParity" and name not in answer
        return encode_int(int(answer["v" if is_old else name], 16))
    return _data(answer[name])


def _data(text: str) -> bytes:
    if text[:2] != "0x":
        raise ValueError("no 0x")
    return encode_bytes(unhex(text[2:]))


def _accesses(told: Sequence[Mapping[str, Any]] | None) -> bytes:
    found = []
    for one in told or []:
        keys = encode_list(b"".join(map(_data, one["storageKeys"])))
        found.append(encode_list(_data(one["address"]) + keys))
    return encode_list(b"".join(found))


def _authorizations(told: Sequence[Mapping[str, Any]] | None) -> bytes:
    names = ("chainId", "address", "nonce", "yParity", "r", "s")
    return encode_list(
        b"".join(encode_list(b"".join(_item(one, name) for name in names)) for one in told or [])
    )


_SPECIAL: Mapping[str, Callable[[Any], bytes]] = {
    "to": lambda told: _data(told or "0x"),
    "accessList": _accesses,
    "authorizationList": _authorizations,
    "blobVersionedHashes": lambda told: encode_list(b"".join(map(_data, told or []))),
    "isSystemTx": lambda told: encode_int(int(bool(told))),
    "mint": lambda told: encode_int(int(told or "0x0", 16)),
}
