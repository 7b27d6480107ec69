"""
ERC-2612: an allowance that is signed instead of sent, so that a purchase is one step.

The typed data is the token's, not ours: its name, version and nonce are asked of the token
(`eip712Domain`, `nonces`). The exchange tries the permit and ignores its outcome: the allowance
decides.
"""

from __future__ import annotations

from nft.orders import Permit
from nft.signing import Domain, TypedData, canonical_signature, fields
from nft.types import Address, Digest

PERMIT_TYPE = fields("address owner,address spender,uint256 value,uint256 nonce,uint256 deadline")


def permit_typed_data(
    *,
    token: Address,
    token_name: str,
    token_version: str,
    chain_id: int,
    owner: Address,
    spender: Address,
    value: int,
    nonce: int,
    deadline: int,
) -> TypedData:
    """What the payer's wallet is asked to sign; `deadline` in Unix seconds, inclusive."""
    found = Domain(token_name, chain_id, token, token_version)
    return found.typed_data(
        {"Permit": PERMIT_TYPE},
        {
            "owner": str(owner),
            "spender": str(spender),
            "value": str(value),
            "nonce": str(nonce),
            "deadline": str(deadline),
        },
    )


def permit_of(signature: bytes, *, value: int, deadline: int) -> Permit:
    """The permit as contracts take it. Raises `NotASignature`."""
    signed = canonical_signature(signature)
    return Permit(value, deadline, signed[64], Digest(signed[:32]), Digest(signed[32:64]))
