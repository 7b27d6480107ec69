"""
Data Integrity proofs with the cryptosuite `eddsa-jcs-2022` (W3C, Recommendation of May 2025).

The hashed text is canonical JSON (RFC 8785), so neither JSON-LD processing nor any fetched
context is needed. Keys are Ed25519, written as Multikey (`z6Mk…`) or `did:key`.
"""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nft.errors import Unacceptable

Document = dict[str, Any]

CRYPTOSUITE = "eddsa-jcs-2022"

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_MULTICODEC = b"\xed\x01"


class ProofInvalid(Unacceptable):
    """A document's proof does not hold, or is not one that this suite can read."""


def encode_base58(data: bytes) -> str:
    """Base58 in Bitcoin's alphabet; leading zero bytes become leading ones."""
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def decode_base58(text: str, *, maximum: int = 200) -> bytes:
    """Inverse of `encode_base58`; longer texts are refused, since the work is quadratic."""
    if len(text) > maximum:
        raise ProofInvalid(f"{len(text)} characters of base58 are too many")
    number = 0
    for character in text:
        place = _ALPHABET.find(character)
        if place < 0:
            raise ProofInvalid(f"{character!r} is not base58")
        number = number * 58 + place
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multikey(key: Ed25519PublicKey) -> str:
    """The public key as Multikey text, `z6Mk…`."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "z" + encode_base58(_ED25519_MULTICODEC + raw)


def did_key(key: Ed25519PublicKey) -> str:
    """The key as a DID that needs no registry."""
    return f"did:key:{multikey(key)}"


def parse_multikey(text: str) -> Ed25519PublicKey:
    """Inverse of `multikey`. Raises `ProofInvalid`."""
    raw = decode_base58(text[1:]) if text[:1] == "z" else b""
    if len(raw) != 34 or raw[:2] != _ED25519_MULTICODEC:
        raise ProofInvalid("the verification method is not an Ed25519 Multikey")
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def _hash_data(document: Document, options: Document) -> bytes:
    """SHA-256 of the proof options, then SHA-256 of the document, both canonical."""
    try:
        parts = (rfc8785.dumps(options), rfc8785.dumps(document))
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError) as error:
        raise ProofInvalid(f"the document has no canonical form: {error}") from error
    return b"".join(hashlib.sha256(part).digest() for part in parts)


def secure(document: Document, *, key: Ed25519PrivateKey, method: str, created: str) -> Document:
    """
    The document with its proof. Deterministic: the same input gives the same bytes.

    `method` is the verification method's URL, `created` an RFC 3339 time.
    """
    options: Document = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = key.sign(_hash_data(document, options))
    return {**document, "proof": {**options, "proofValue": "z" + encode_base58(signature)}}


_OPTIONS = {
    *("@context", "id", "type", "cryptosuite", "created"),
    *("verificationMethod", "proofPurpose", "proofValue"),
}
"""What a proof may say. `expires`, `domain`, `challenge` or `previousProof` would ask for more
than a signature, and nobody here would ask."""


def check_proof(document: Document, *, key: Ed25519PublicKey | None = None) -> str:
    """
    Verify the one proof of a document; return the verification method it names.

    Without `key`, the key is read from the method's fragment, as `did:key` and our `did:web`
    write it; whose key that is, the caller must know. Raises `ProofInvalid`.
    """
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise ProofInvalid("the document carries no proof")
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != CRYPTOSUITE:
        raise ProofInvalid(f"the proof is not of the suite {CRYPTOSUITE}")
    if proof.get("proofPurpose") != "assertionMethod":
        raise ProofInvalid("the proof was not made as an assertion")
    method, value = proof.get("verificationMethod"), proof.get("proofValue")
    if not isinstance(method, str) or not isinstance(value, str) or value[:1] != "z":
        raise ProofInvalid("the proof names no method or has no value")
    if not _OPTIONS.issuperset(proof):
        more = ", ".join(sorted(set(proof) - _OPTIONS))
        raise ProofInvalid(f"the proof says more than is checked: {more[:200]}")
    unsecured = {name: part for name, part in document.items() if name != "proof"}
    options = {name: part for name, part in proof.items() if name != "proofValue"}
    if "@context" in options and not _begins_with(unsecured.get("@context"), options["@context"]):
        raise ProofInvalid("the proof was made for another @context")
    used = key or parse_multikey(method.rpartition("#")[2])
    try:
        used.verify(decode_base58(value[1:]), _hash_data(unsecured, options))
    except InvalidSignature as error:
        raise ProofInvalid("the signature does not fit the document") from error
    return method


def _begins_with(whole: Any, start: Any) -> bool:
    """By canonical text: Python takes 1 and true for equal, which no other reader does."""
    whole_list = whole if isinstance(whole, list) else [whole]
    start_list = start if isinstance(start, list) else [start]
    try:
        return rfc8785.dumps(whole_list[: len(start_list)]) == rfc8785.dumps(start_list)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError):
        return False
