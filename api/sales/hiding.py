"""
Hiding: a maker's free signature that stops us, and nobody else, from handing something out.
"""

from __future__ import annotations

from typing import Any

from api.orders.wire import read_signature
from api.parts import ChainParts
from api.sales import signers
from nft.errors import SignatureNotMakers
from nft.signing import typed_data_digest
from nft.steps import SignatureStep
from nft.types import Address, Digest


def hiding(name: Digest, chain_id: int) -> dict[str, Any]:
    """The typed data by which a maker asks us not to hand out an order, auction or voucher."""
    return {
        "domain": {"name": "Vernissage", "version": "1", "chainId": chain_id},
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
            ],
            "HideOrder": [
                {"name": "statement", "type": "string"},
                {"name": "orderHash", "type": "bytes32"},
            ],
        },
        "primaryType": "HideOrder",
        "message": {
            "statement": "Vernissage may no longer hand out this order. Whoever has a copy of it "
            "can still fill it: only a cancel on the chain binds everybody.",
            "orderHash": str(name),
        },
    }


def hide_step(name: Digest, chain_id: int, path: str) -> SignatureStep:
    """The signature that hides, posted to `path`."""
    return SignatureStep(
        id="hide",
        title="Take the offer off this exchange",
        explain=(
            "Free. From your signature on we hand the order out to nobody. It binds only us: "
            "whoever kept a copy could still fill it. To bind everybody, cancel by transaction."
        ),
        typed_data=hiding(name, chain_id),
        href=path,
        body={},
    )


async def check_hiding(part: ChainParts, name: Digest, maker: Address, signature: str) -> None:
    """Is it the maker who asks? Raises `SignatureNotMakers`."""
    digest = typed_data_digest(hiding(name, part.deployment.chain_id))
    signed = read_signature(signature)
    if await signers.accepted(part, maker, digest, signed) is None:
        raise SignatureNotMakers(str(name), str(maker))
