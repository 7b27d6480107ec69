"""
Whether a maker stands behind a signature: its key first, then its contract (ERC-1271).

Accounts with code of their own (EIP-7702, multi-signature wallets) are asked on the chain, as the
exchange contract will ask them.
"""

from __future__ import annotations

from anyio import to_thread

from api.parts import ChainParts
from nft.chain.contracts import ERC1271_MAGIC, signature_question
from nft.errors import Conflict, Missing, NotASignature
from nft.signing import canonical_signature, recover
from nft.types import Address, Digest


async def accepted(
    part: ChainParts, maker: Address, digest: Digest, signature: bytes
) -> bytes | None:
    """
    The signature in the form to keep, or None when it is not the maker's.

    A key's signature has one canonical form (65 bytes, low s), so that it has one identity; a
    contract's is kept as it came, since only the contract can read it. Raises `ChainUnreachable`.
    """
    try:
        if recover(digest, signature) == maker:
            return canonical_signature(signature)
    except NotASignature:
        pass  # A contract wallet's signature may look like anything.
    vouched = await to_thread.run_sync(_contract_vouches, part, maker, digest, signature)
    return signature if vouched else None


def _contract_vouches(part: ChainParts, wallet: Address, digest: Digest, signature: bytes) -> bool:
    if not part.chain.code(wallet):
        return False
    try:
        answer = signature_question(wallet, digest, signature).ask(part.chain)
    except (Conflict, Missing):
        return False  # It reverts, or has no such function: either way it does not vouch.
    return answer == ERC1271_MAGIC
