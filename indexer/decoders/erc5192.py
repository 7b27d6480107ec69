"""
ERC-5192: a work that cannot be moved, so that nobody can sell it, and one that can again.
"""

from __future__ import annotations

from indexer.decoders.base import noted

DECODERS = (
    noted("Locked(uint256)", "locked", ["token_id"], indexed=0),
    noted("Unlocked(uint256)", "unlocked", ["token_id"], indexed=0),
)
