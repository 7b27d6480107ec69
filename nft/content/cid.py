"""
The name of a block: a CID, version 0 or 1, of SHA-256 and nothing weaker.

Two codecs are known: `raw` (the block is the content) and `dag-pb` (the block is a UnixFS node).
Texts are read in the bases that Kubo writes on request (base32, base58btc, base36, hexadecimal) and
written in the form that it prints by itself. What makes two CIDs name the same bytes is the
`digest` alone, whatever version, codec or base they are written in.
"""

from __future__ import annotations

import hashlib
from base64 import b32decode, b32encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from nft.errors import NotACid

RAW = 0x55
DAG_PB = 0x70
SHA2_256 = 0x12
DIGEST_BYTES = 32

_V0_PREFIX = bytes([SHA2_256, DIGEST_BYTES])
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Cid:
    """A block's name; `version` 0 is always dag-pb."""

    version: int
    codec: int
    digest: bytes

    @classmethod
    def raw(cls, digest: bytes) -> Cid:
        """The CIDv1 of a raw block with this SHA-256."""
        return cls(version=1, codec=RAW, digest=digest)

    @classmethod
    def of_block(cls, block: bytes, *, version: int = 1, codec: int = RAW) -> Cid:
        """Hash a block and name it."""
        return cls(version=version, codec=codec, digest=hashlib.sha256(block).digest())

    @classmethod
    def parse(cls, text: str) -> Cid:
        """
        Read a CID as people write it: `Qm…`, `b…` (base32), `z…` (base58btc), `k…` (base36, for
        host names), `f…` (hexadecimal), the last two and base32 in capitals too.

        Only the one canonical spelling of each base is taken. Raises `NotACid`.
        """
        if not text or len(text) > _LONGEST_TEXT or not text.isascii():
            raise NotACid(text, "not of the length or letters of a CID")
        if len(text) == 46 and text.startswith("Qm"):
            return cls.from_bytes(_from_base(_BASE58, text, text))
        base, letters = text[0], text[1:]
        if base in "BFK":
            if letters != letters.upper():
                raise NotACid(text, "small letters in a base of capitals")
            base, letters = base.lower(), letters.lower()
        if base not in _READERS:
            raise NotACid(text, "neither base32 (b…), base58 (z…, Qm…), base36 (k…) nor hex (f…)")
        return cls._versioned(_READERS[base](letters, text), text)

    @classmethod
    def _versioned(cls, data: bytes, text: str) -> Cid:
        if data.startswith(_V0_PREFIX):
            raise NotACid(text, "version 0 takes no base prefix")
        return cls.from_bytes(data)

    @classmethod
    def from_bytes(cls, data: bytes) -> Cid:
        """Read the binary form, whole. Raises `NotACid`."""
        cid, end = cls.read(data, 0)
        if end != len(data):
            raise NotACid(data.hex(), "bytes follow the hash")
        return cid

    @classmethod
    def read(cls, data: bytes | memoryview, at: int) -> tuple[Cid, int]:
        """Read a binary CID that starts at `at`; return it and where it ends. Raises `NotACid`."""
        head = bytes(data[at : at + 4])
        if head[:2] == _V0_PREFIX:
            version, codec, start = 0, DAG_PB, at + 2
        else:
            if len(head) < 4 or head[0] != 1 or head[1] not in (RAW, DAG_PB):
                raise NotACid(head.hex(), "version or codec is not known here")
            if head[2:] != _V0_PREFIX:
                raise NotACid(head.hex(), "its hash is not SHA-256, the only one accepted")
            version, codec, start = 1, head[1], at + 4
        digest = bytes(data[start : start + DIGEST_BYTES])
        if len(digest) != DIGEST_BYTES:
            raise NotACid(head.hex(), "its hash is cut short")
        return cls(version=version, codec=codec, digest=digest), start + DIGEST_BYTES

    def __bytes__(self) -> bytes:
        multihash = _V0_PREFIX + self.digest
        return multihash if self.version == 0 else bytes([1, self.codec]) + multihash

    def __str__(self) -> str:
        data = bytes(self)
        return _to_base(_BASE58, data) if self.version == 0 else _to_base32(data)

    def v1(self) -> Cid:
        """The same block, named by version 1."""
        return Cid(version=1, codec=self.codec, digest=self.digest)


def cid_of_digest(digest: bytes) -> str:
    """The `bafkrei…` text of the raw block with this SHA-256: how a metadata digest is shown."""
    if len(digest) != DIGEST_BYTES:
        raise NotACid(digest.hex(), "a SHA-256 has 32 bytes")
    return str(Cid.raw(bytes(digest)))


def _to_base32(data: bytes) -> str:
    return "b" + b32encode(data).decode("ascii").rstrip("=").lower()


def _from_base32(letters: str, text: str) -> bytes:
    try:
        data = b32decode(letters.upper() + "=" * (-len(letters) % 8))
    except ValueError as error:
        raise NotACid(text, "not base32") from error
    if _to_base32(data) != "b" + letters:
        raise NotACid(text, "not the canonical base32 spelling")
    return data


def _from_hex(letters: str, text: str) -> bytes:
    try:
        data = bytes.fromhex(letters)
    except ValueError as error:
        raise NotACid(text, "not hexadecimal") from error
    if data.hex() != letters:
        raise NotACid(text, "not the canonical hexadecimal spelling")
    return data


def _to_base(alphabet: str, data: bytes) -> str:
    number = int.from_bytes(data, "big")
    letters = []
    while number:
        number, value = divmod(number, len(alphabet))
        letters.append(alphabet[value])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return alphabet[0] * zeros + "".join(reversed(letters))


def _from_base(alphabet: str, letters: str, text: str) -> bytes:
    number = 0
    for letter in letters:
        value = alphabet.find(letter)
        if value < 0:
            raise NotACid(text, f"not base{len(alphabet)}")
        number = number * len(alphabet) + value
    zeros = len(letters) - len(letters.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


_READERS: dict[str, Callable[[str, str], bytes]] = {
    "b": _from_base32,
    "z": partial(_from_base, _BASE58),
    "k": partial(_from_base, _BASE36),
    "f": _from_hex,
}
"""Multibase prefix → letters to bytes; the second argument is named in refusals."""
