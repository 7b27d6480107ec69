"""
Whether a maker stands behind a signature: its key first, then its contract (ERC-1271).

Accounts with code of their own (EIP-7702, multi-signature wallets) are asked on the chain, as our
contracts will ask them. A wallet that does not exist yet signs in a wrapping (ERC-6492) that says
how it is made; the wrapping is checked and taken off, for on the chain only the bare signature
counts, once the wallet is there.
"""

from __future__ import annotations

from dataclasses import dataclass

from anyio import to_thread
from eth_abi.exceptions import DecodingError

from api.parts import ChainParts
from nft.chain.abi import decode
from nft.chain.contracts import ERC1271_MAGIC, signature_question
from nft.chain.protocol import Call
from nft.errors import Conflict, Missing, NotASignature
from nft.signing import canonical_signature, recover
from nft.types import Address, Digest

WRAPPED_SUFFIX = bytes.fromhex("6492" * 16)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A signature in the form to keep."""

    signature: bytes
    is_awaited: bool = False
    """It is a wallet's that does not exist yet: nobody can check it before."""


@dataclass(frozen=True, slots=True)
class _Wrapping:
    factory: Address
    calldata: bytes
    signature: bytes


async def accepted(
    part: ChainParts, maker: Address, digest: Digest, signature: bytes
) -> Accepted | None:
    """
    The signature in the form to keep, or None when it is not the maker's.

    A key's signature has one canonical form (65 bytes, low s), so that it has one identity; a
    contract's is kept as it came, since only the contract can read it. Raises `ChainUnreachable`.
    """
    wrapping = _unwrapped(signature)
    if wrapping is not None:
        return await to_thread.run_sync(_wrapped, part, maker, digest, wrapping)
    try:
        if recover(digest, signature) == maker:
            return Accepted(canonical_signature(signature))
    except NotASignature:
        pass  # A contract wallet's signature may look like anything.
    vouched = await to_thread.run_sync(contract_vouches, part, maker, digest, signature)
    return Accepted(signature) if vouched else None


def is_keys(digest: Digest, signature: bytes, signer: Address) -> bool:
    """Whether a key of the signer's made it: then nobody needs a node to check it."""
    try:
        return recover(digest, signature) == signer
    except NotASignature:
        return False


def _unwrapped(signature: bytes) -> _Wrapping | None:
    """What an ERC-6492 signature holds, or None. Raises `NotASignature` for half of one."""
    if not signature.endswith(WRAPPED_SUFFIX):
        return None
    try:
        factory, calldata, inner = decode(["address", "bytes", "bytes"], signature[:-32])
    except (DecodingError, OverflowError) as error:
        raise NotASignature("it ends as ERC-6492 says, and does not hold what that says") from error
    return _Wrapping(factory, calldata, inner)


def _wrapped(
    part: ChainParts, maker: Address, digest: Digest, wrapping: _Wrapping
) -> Accepted | None:
    """Of a wallet that is there by now, as any; else that the factory would make it there."""
    if part.chain.code(maker):
        if contract_vouches(part, maker, digest, wrapping.signature):
            return Accepted(wrapping.signature)
        return None
    try:
        answer = part.chain.call(Call(to=wrapping.factory, data=wrapping.calldata))
    except (Conflict, Missing):
        return None
    if len(answer) != 32 or answer[12:] != maker:
        return None
    return Accepted(wrapping.signature, is_awaited=True)


def contract_vouches(part: ChainParts, wallet: Address, digest: Digest, signature: bytes) -> bool:
    """Whether the wallet says by ERC-1271 that it signed. Raises `ChainUnreachable`."""
    if not part.chain.code(wallet):
        return False
    try:
        answer = signature_question(wallet, digest, signature).ask(part.chain)
    except (Conflict, Missing):
        return False  # It reverts, or has no such function: either way it does not vouch.
    return answer == ERC1271_MAGIC
