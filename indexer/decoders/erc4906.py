"""
ERC-4906: what is said of tokens may have changed.

Our own collections say it, too, and nobody listens: `MetadataDigestChanged` says more.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.decoders.base import Decoder, Whose
from indexer.facts import REFRESHES, Facts, Place
from nft.chain.logs import Form
from nft.chain.protocol import Log


@dataclass(frozen=True, slots=True)
class MetadataUpdate:
    """Of these tokens, both ends included."""

    first_token_id: int
    last_token_id: int


def _read(log: Log) -> MetadataUpdate | None:
    """Of one token, or of a range; one that runs backwards is none."""
    first, last = int.from_bytes(log.data[:32], "big"), int.from_bytes(log.data[-32:], "big")
    return MetadataUpdate(first, last) if first <= last else None


def _rows(at: Place, event: MetadataUpdate, to: Facts) -> None:
    to.add(
        REFRESHES,
        {
            **at.key(),
            "contract": at.contract,
            "first_token_id": event.first_token_id,
            "last_token_id": event.last_token_id,
        },
    )


DECODERS = tuple(
    Decoder(signature, Whose.OTHERS, Form(topics=1, words=words, read=_read), MetadataUpdate, _rows)
    for signature, words in (
        ("MetadataUpdate(uint256)", 1),
        ("BatchMetadataUpdate(uint256,uint256)", 2),
    )
)
