"""
What a transaction will cost at most, asked of the chain now.

Synchronous, because the door to the chain is: call these in a thread.
"""

from __future__ import annotations

from nft.chain.protocol import Call, Chain
from nft.errors import ExchangeError

MARGIN_PERCENT = 25
"""Gas moves a little between the estimate and the block; what is not used is not paid."""


def gas_of(chain: Chain, call: Call, *, fallback: int) -> int:
    """
    Gas to allow for a call: the node's estimate and a margin, or a measured figure.

    The figure stands in when the node does not answer and when the call cannot work yet (a
    listing's approval before the mint), so that steps can be handed out all the same.
    """
    try:
        estimate = chain.estimate_gas(call)
    except ExchangeError:
        return fallback
    return estimate * (100 + MARGIN_PERCENT) // 100


def network_max(chain: Chain, gas: int) -> int:
    """Wei that so much gas costs at most; 0 when no node answers, which the page says."""
    try:
        return gas * chain.fees().max_fee
    except ExchangeError:
        return 0
