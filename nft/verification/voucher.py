"""
The signed lazy mint of a work that is not minted yet, held against the certificate's facts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nft.integrity import Document
from nft.types import Address, Digest, TokenRef
from nft.verification.claims import Claims
from nft.verification.reading import Malformed, address, digest, member, text, uint
from nft.verification.report import Check, Finding, failed, passed, unchecked

if TYPE_CHECKING:
    from nft.vouchers import Voucher

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_MEMBERS = {"signer", "signature", "message"}


@dataclass(frozen=True, slots=True)
class SignedVoucher:
    """A voucher as it travels in a certificate."""

    voucher: Voucher
    signer: Address
    signature: bytes
    by_contract: bool

    @property
    def is_wallets(self) -> bool:
        """A contract wallet signed (ERC-1271): only its chain can say so."""
        return self.by_contract or len(self.signature) != 65

    def digest(self, token: TokenRef) -> Digest:
        """What was signed, for the collection of this token."""
        from nft.signing import voucher_hash

        return voucher_hash(self.voucher, chain_id=token.chain_id, collection=token.contract)


def check_voucher(document: Document, claims: Claims) -> list[Check]:
    """Before the mint: the creator signed exactly the mint of this work. After it, no line."""
    if claims.mint is not None:
        return []
    found = _voucher(document["credentialSubject"]["voucher"], claims)
    return [found.as_check("voucher", required=True)]


def _voucher(value: Any, claims: Claims) -> Finding:
    try:
        signed = read_voucher(value)
    except Malformed:
        return failed("voucher.malformed")
    signer, voucher = str(signed.signer), signed.voucher
    if claims.token.token_id not in voucher.ids:
        return failed("voucher.token", signer)
    if voucher.metadata_digest != claims.metadata_digest:
        return failed("voucher.other", signer)
    if signed.is_wallets:
        return unchecked("voucher.contract", signer)
    if _recovered(signed, claims) != signed.signer:
        return failed("voucher.stranger", signer)
    if signed.signer != claims.creator:
        return unchecked("voucher.minter", signer, signer=signer)
    return passed("voucher.pass", signer, signer=signer)


def read_voucher(value: Any) -> SignedVoucher:
    """Exactly what a certificate writes as `voucher` of its subject. Raises `Malformed`."""
    signature = text(member(value, "signature"))
    if value.keys() - {"wallet"} != _MEMBERS or value.get("wallet", "contract") != "contract":
        raise Malformed("other members than a signed voucher has")
    if not _HEX.fullmatch(signature):
        raise Malformed("a signature that is no hex")
    return SignedVoucher(
        voucher=_message(value["message"]),
        signer=address(value["signer"]),
        signature=bytes.fromhex(signature[2:]),
        by_contract="wallet" in value,
    )


def _message(value: Any) -> Voucher:
    """Every member of the EIP-712 type and no other, each within the range of its type."""
    # Signing takes libraries that are slow to import: only where there is a voucher.
    from nft.signing import VOUCHER_TYPE
    from nft.vouchers import Voucher

    kinds = {field["name"]: field["type"] for field in VOUCHER_TYPE}
    if not isinstance(value, dict) or value.keys() != kinds.keys():
        raise Malformed("other members than a voucher has")
    read = {name: _member(kind, value[name]) for name, kind in kinds.items()}
    return Voucher(
        token_id=read["tokenId"],
        metadata_digest=read["metadataDigest"],
        price=read["price"],
        currency=read["currency"],
        royalty_bps=read["royaltyBps"],
        royalty_receiver=read["royaltyReceiver"],
        recipient=read["recipient"],
        fee_receiver=read["feeReceiver"],
        max_fee_bps=read["maxFeeBps"],
        edition_size=read["editionSize"],
        max_per_recipient=read["maxPerRecipient"],
        start=read["start"],
        end=read["end"],
        nonce=read["nonce"],
        counter=read["counter"],
    )


def _member(kind: str, value: Any) -> Any:
    if kind == "address":
        return address(value)
    if kind == "bytes32":
        return digest(value)
    return uint(value, maximum=2 ** int(kind.removeprefix("uint")) - 1)


def _recovered(signed: SignedVoucher, claims: Claims) -> Address | None:
    """Whose key signed; None where the bytes are not in their one form, or of no key."""
    from nft.errors import NotASignature
    from nft.signing import recover_canonical

    try:
        return recover_canonical(signed.digest(claims.token), signed.signature)
    except NotASignature:
        return None
