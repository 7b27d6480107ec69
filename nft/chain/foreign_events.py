"""
Events of collections that are none of ours, beside those of every ERC-721.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.types import Address


@dataclass(frozen=True, slots=True)
class ConsecutiveTransfer:
    """ERC-2309: neighbouring tokens changed hands at once, both ends included."""

    first_token_id: int
    last_token_id: int
    sender: Address
    receiver: Address


@dataclass(frozen=True, slots=True)
class MetadataUpdate:
    """ERC-4906: what is said of these tokens, both ends included, may have changed."""

    first_token_id: int
    last_token_id: int
