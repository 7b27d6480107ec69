"""
The chains as a wallet or a script needs to know them.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from api.chains.schemas import ChainList, ChainOut, ContractsOut, CurrencyOut
from api.parts import ChainParts, Parts
from api.sales.house import Rules, house_rules
from nft.chain.deployments import OURS, Currency, Deployment
from nft.types import caip2


def chain_out(part: ChainParts, rules: Rules | None = None) -> ChainOut:
    """One chain; without the rules of now its fee is the one that it was deployed with."""
    deployment = part.deployment
    return ChainOut(
        chain_id=str(deployment.chain_id),
        caip2=caip2(deployment.chain_id),
        name=part.name,
        test=part.is_test,
        contracts=contracts_out(deployment),
        platform_fee_bps=rules.fee_bps if rules is not None else deployment.fee_bps,
        currencies=[currency_out(currency) for currency in deployment.accepted],
        rpc_urls=list(part.public_rpc_urls),
        explorer=part.explorer,
    )


def contracts_out(deployment: Deployment) -> ContractsOut:
    """Where they stand, the retired exchanges among them."""
    ours = {name: str(getattr(deployment, name).address) for name in OURS}
    former = [str(placed.address) for placed in deployment.former_exchanges]
    anchors = str(deployment.anchors.address) if deployment.anchors is not None else None
    return ContractsOut(**ours, anchors=anchors, former_exchanges=former)


def currency_out(currency: Currency) -> CurrencyOut:
    """One currency that prices may be named in."""
    return CurrencyOut(
        address=str(currency.address),
        symbol=currency.symbol,
        decimals=currency.decimals,
        permit=currency.permit,
    )


async def list_chains(session: AsyncSession, parts: Parts) -> ChainList:
    """All chains, by id, each with the fee that its exchange takes now."""
    chains = [parts.chains[number] for number in sorted(parts.chains)]
    house = await house_rules(session, chains, int(parts.clock().timestamp()))
    return ChainList(
        items=[
            chain_out(part, house[part.deployment.chain_id, part.deployment.exchange.address])
            for part in chains
        ]
    )


def fee_bps(part: ChainParts) -> int:
    """What the exchange kept of a sale when it was deployed; what holds now is in `house_rules`."""
    return part.deployment.fee_bps
