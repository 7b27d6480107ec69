"""
The artist's statement: what a creator signs about the works before they are minted (EIP-712).

The words and files of a work, its ids and the digest of its description; one signature for all
works of a sitting. `CERTIFICATES.md` has the types and the form that travels in a certificate.
Texts are hashed as they stand in the metadata: nothing is trimmed or normalised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nft.errors import NotAnAddress, NotAnAmount, NotASignature, Unacceptable
from nft.proofs.keccak import keccak
from nft.signing import Domain, TypedData, fields, recover_canonical
from nft.types import UINT256_MAX, Address, Digest, parse_uint

NAME = "Vernissage Statement"

MAX_WORKS = 4_096
"""Entries that one signature may cover; no sitting comes near."""

_ASSET = "string role,bytes32 sha256,string type,uint256 size"
_WORK = (
    "uint256 tokenId,uint256 copies,string title,string artist,string date,string medium,"
    "string dimensions,string description,Asset[] assets,bytes32 metadataDigest"
)
_WORKS = "WorkStatement[] works"

TYPES = {
    "WorkStatements": fields(_WORKS),
    "WorkStatement": fields(_WORK),
    "Asset": fields(_ASSET),
}

_ASSET_TYPEHASH = keccak(f"Asset({_ASSET})".encode())
_WORK_TYPEHASH = keccak(f"WorkStatement({_WORK})Asset({_ASSET})".encode())
_WORKS_TYPEHASH = keccak(f"WorkStatements({_WORKS})Asset({_ASSET})WorkStatement({_WORK})".encode())

_TEXTS = ("title", "artist", "date", "medium", "dimensions", "description")


class StatementInvalid(Unacceptable):
    """Facts that cannot be stated, or a statement that is not of our form."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the artist's statement cannot be read: {why}")


@dataclass(frozen=True, slots=True)
class StatedAsset:
    """One file, by content."""

    role: str
    sha256: Digest
    type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkStatement:
    """What is stated of one work, or of all copies of an edition."""

    token_id: int
    copies: int
    title: str
    artist: str
    date: str
    medium: str
    dimensions: str
    description: str
    assets: tuple[StatedAsset, ...]
    metadata_digest: Digest

    @property
    def ids(self) -> range:
        """The token ids that the entry is of."""
        return range(self.token_id, self.token_id + self.copies)


def stated(
    described: Mapping[str, Any], *, token_id: int, copies: int, metadata_digest: Digest
) -> WorkStatement:
    """
    The entry of a work, from the facts of `certificates.described` or a certificate's subject.

    Raises `StatementInvalid` where a fact has another shape than our own descriptions give it.
    """
    if not (copies > 0 and token_id >= 0 and token_id + copies - 1 <= UINT256_MAX):
        raise StatementInvalid("the ids are none that a token can have")
    media = described.get("media")
    if not isinstance(media, list):
        raise StatementInvalid("media is no list")
    return WorkStatement(
        token_id=token_id,
        copies=copies,
        **{name: _text(name, described.get(name)) for name in _TEXTS},
        assets=tuple(_asset(position, one) for position, one in enumerate(media)),
        metadata_digest=metadata_digest,
    )


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise StatementInvalid(f"{name} is no text")
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in value):
        raise StatementInvalid(f"{name} has half of a surrogate pair")
    return value


def _asset(position: int, value: Any) -> StatedAsset:
    at = f"media/{position}"
    if not isinstance(value, dict):
        raise StatementInvalid(f"{at} is no object")
    size = value.get("size")
    if type(size) is not int or not 0 <= size < 2**53:
        raise StatementInvalid(f"{at}/size is no whole number")
    return StatedAsset(
        role=_text(f"{at}/role", value.get("role")),
        sha256=_digest(f"{at}/sha256", value.get("sha256")),
        type=_text(f"{at}/type", value.get("type")),
        size=size,
    )


def _digest(name: str, value: Any) -> Digest:
    if not isinstance(value, str) or re.fullmatch("0x[0-9a-f]{64}", value) is None:
        raise StatementInvalid(f"{name} is no digest")
    return Digest(bytes.fromhex(value[2:]))


def typed_data(works: Sequence[WorkStatement], *, chain_id: int, contract: Address) -> TypedData:
    """What the creator's wallet is asked to sign for all works of a sitting."""
    message = {"works": [_message(work) for work in works]}
    return Domain(NAME, chain_id, contract).typed_data(TYPES, message)


def _message(work: WorkStatement) -> dict[str, Any]:
    return {
        "tokenId": str(work.token_id),
        "copies": str(work.copies),
        **{name: getattr(work, name) for name in _TEXTS},
        "assets": [
            {
                "role": asset.role,
                "sha256": str(asset.sha256),
                "type": asset.type,
                "size": str(asset.size),
            }
            for asset in work.assets
        ],
        "metadataDigest": str(work.metadata_digest),
    }


def work_hash(work: WorkStatement) -> Digest:
    """`hashStruct(work)`: what stands in `works` of a certificate."""
    assets = b"".join(_asset_hash(asset) for asset in work.assets)
    words = (
        _word(work.token_id),
        _word(work.copies),
        *(keccak(getattr(work, name).encode()) for name in _TEXTS),
        keccak(assets),
        work.metadata_digest,
    )
    return Digest(keccak(_WORK_TYPEHASH + b"".join(words)))


def _asset_hash(asset: StatedAsset) -> bytes:
    role, kind = keccak(asset.role.encode()), keccak(asset.type.encode())
    return keccak(_ASSET_TYPEHASH + role + asset.sha256 + kind + _word(asset.size))


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def signing_digest(hashes: Sequence[Digest], *, chain_id: int, contract: Address) -> Digest:
    """What was signed, from the hashes of the works alone: enough for a wallet's ERC-1271 too."""
    struct = keccak(_WORKS_TYPEHASH + keccak(b"".join(hashes)))
    return Domain(NAME, chain_id, contract).digest(struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement as it travels in a certificate: one entry's place among what was signed."""

    signer: Address
    signature: bytes
    copies: int
    token_id: int
    place: int
    works: tuple[Digest, ...]
    by_contract: bool = False
    """A contract wallet signed (ERC-1271): only its chain can say so."""

    def as_json(self) -> dict[str, Any]:
        """The member `statement` of a certificate's subject."""
        found: dict[str, Any] = {
            "signer": str(self.signer),
            "signature": "0x" + self.signature.hex(),
            "copies": str(self.copies),
            "token_id": str(self.token_id),
            "place": self.place,
            "works": [str(one) for one in self.works],
        }
        return found | ({"wallet": "contract"} if self.by_contract else {})


def read(value: Any) -> Signed:
    """Read what `as_json` writes, and nothing else. Raises `StatementInvalid`."""
    if not isinstance(value, dict):
        raise StatementInvalid("statement is no object")
    names = {"signer", "signature", "copies", "token_id", "place", "works"}
    if value.keys() - {"wallet"} != names or value.get("wallet", "contract") != "contract":
        raise StatementInvalid("other members than a statement has")
    works = value["works"]
    if not isinstance(works, list) or not 0 < len(works) <= MAX_WORKS:
        raise StatementInvalid(f"works is no list of 1 to {MAX_WORKS}")
    place = value["place"]
    if type(place) is not int or not 0 <= place < len(works):
        raise StatementInvalid("place is none of the works")
    return Signed(
        signer=_address(value["signer"]),
        signature=_signature(value["signature"]),
        copies=_whole("copies", value["copies"]),
        token_id=_whole("token_id", value["token_id"]),
        place=place,
        works=tuple(_digest(f"works/{at}", one) for at, one in enumerate(works)),
        by_contract="wallet" in value,
    )


def _address(value: Any) -> Address:
    try:
        found = Address.parse(value if isinstance(value, str) else "")
    except NotAnAddress as error:
        raise StatementInvalid("signer is no address") from error
    if str(found) != value:
        raise StatementInvalid("signer is not written with its checksum")
    return found


def _signature(value: Any) -> bytes:
    if not isinstance(value, str) or re.fullmatch("0x(?:[0-9a-f]{2})*", value) is None:
        raise StatementInvalid("signature is no hex")
    return bytes.fromhex(value[2:])


def _whole(name: str, value: Any) -> int:
    try:
        return parse_uint(value if isinstance(value, str) else "")
    except NotAnAmount as error:
        raise StatementInvalid(f"{name} is no whole number") from error


@dataclass(frozen=True, slots=True)
class Finding:
    """What a statement is worth: whose it is, or why it is not known, or what is wrong."""

    signer: Address | None
    why: str
    """Empty where a key of the signer made the signature."""
    digest: Digest | None = None
    """Set where a contract wallet signed: ask `isValidSignature` of the signer about it."""
    signature: bytes = b""

    @property
    def is_proven(self) -> bool:
        """The signature was recovered, and nothing else is needed."""
        return self.signer is not None and not self.why

    @property
    def needs_node(self) -> bool:
        """Only a node can tell, since a contract wallet signed."""
        return self.digest is not None


ANOTHER = "another key signed than the one named"
OTHER_FACTS = "it is of other facts than the certificate's"
OTHER_TOKEN = "its ids do not contain the token's"
OF_CONTRACT = "a contract wallet signed it, which only a node can check"


def check(
    statement: Any,
    described: Mapping[str, Any],
    *,
    chain_id: int,
    contract: Address,
    token_id: int,
    metadata_digest: Digest,
) -> Finding:
    """
    Hold a certificate's `statement` against the certificate's own facts; never raises.

    Whether the signer is the creator is the caller's comparison.
    """
    try:
        signed = read(statement)
        work = stated(
            described,
            token_id=signed.token_id,
            copies=signed.copies,
            metadata_digest=metadata_digest,
        )
    except StatementInvalid as error:
        return Finding(None, error.why)
    if token_id not in work.ids:
        return Finding(None, OTHER_TOKEN)
    if work_hash(work) != signed.works[signed.place]:
        return Finding(None, OTHER_FACTS)
    digest = signing_digest(signed.works, chain_id=chain_id, contract=contract)
    if signed.by_contract or len(signed.signature) != 65:
        return Finding(signed.signer, OF_CONTRACT, digest, signed.signature)
    return _recovered(signed, digest)


def _recovered(signed: Signed, digest: Digest) -> Finding:
    try:
        signer = recover_canonical(digest, signed.signature)
    except NotASignature as error:
        return Finding(None, str(error))
    return Finding(signer, "") if signer == signed.signer else Finding(None, ANOTHER)
