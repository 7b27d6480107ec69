"""
The chains as a wallet or a script needs to know them.
"""

from __future__ import annotations

from api.chains.schemas import ChainList, ChainOut, ContractsOut, CurrencyOut
from api.parts import ChainParts, Parts
from nft.chain.deployments import OURS, Currency, Deployment
from nft.types import caip2


def chain_out(part: ChainParts) -> ChainOut:
    """One chain."""
    deployment = part.deployment
    return ChainOut(
        chain_id=str(deployment.chain_id),
        caip2=caip2(deployment.chain_id),
        name=part.name,
        test=part.is_test,
        contracts=contracts_out(deployment),
        platform_fee_bps=fee_bps(part),
        currencies=[currency_out(currency) for currency in deployment.accepted],
        rpc_urls=list(part.public_rpc_urls),
        explorer=part.explorer,
    )


def contracts_out(deployment: Deployment) -> ContractsOut:
    """Where they stand, the retired exchanges among them."""
    ours = {name: str(getattr(deployment, name).address) for name in OURS}
    former = [str(placed.address) for placed in deployment.former_exchanges]
    return ContractsOut(**ours, former_exchanges=former)


def currency_out(currency: Currency) -> CurrencyOut:
    """One currency that prices may be named in."""
    return CurrencyOut(
        address=str(currency.address),
        symbol=currency.symbol,
        decimals=currency.decimals,
        permit=currency.permit,
    )


def list_chains(parts: Parts) -> ChainList:
    """All chains, by id."""
    return ChainList(items=[chain_out(parts.chains[number]) for number in sorted(parts.chains)])


def fee_bps(part: ChainParts) -> int:
    """What the exchange keeps of a sale; fixed when its contract was made."""
    return part.deployment.fee_bps
