"""
ERC-4907: a work is lent; until then somebody else than its owner may use it.
"""

from __future__ import annotations

from indexer.decoders.base import noted

DECODERS = (
    noted(
        "UpdateUser(uint256,address,uint64)",
        "user_changed",
        ["token_id", "user", "expires"],
        indexed=2,
    ),
)
