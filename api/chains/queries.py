"""
The chains as a wallet or a script needs to know them.
"""

from __future__ import annotations

from api.chains.schemas import ChainList, ChainOut, CurrencyOut
from api.parts import ChainParts, Parts
from nft.types import ZERO_ADDRESS, caip2

COIN_DECIMALS = 18


def chain_out(part: ChainParts) -> ChainOut:
    """One chain."""
    deployment = part.deployment
    return ChainOut(
        chain_id=str(deployment.chain_id),
        caip2=caip2(deployment.chain_id),
        name=part.name,
        test=part.is_test,
        contracts={
            "exchange": str(deployment.exchange.address),
            "house_collection": str(deployment.house_collection.address),
        },
        platform_fee_bps=fee_bps(part),
        currencies=[
            CurrencyOut(address=str(ZERO_ADDRESS), symbol="ETH", decimals=COIN_DECIMALS),
        ],
        rpc_urls=list(part.public_rpc_urls),
        explorer=part.explorer,
    )


def list_chains(parts: Parts) -> ChainList:
    """All chains, by id."""
    return ChainList(items=[chain_out(parts.chains[number]) for number in sorted(parts.chains)])


def fee_bps(part: ChainParts) -> int:
    """What the exchange keeps of a sale; fixed when its contract was made."""
    return part.deployment.fee_bps
