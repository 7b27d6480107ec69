"""
Whose logs the mirror listens to, and which of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from eth_hash.auto import keccak

from nft.chain import logs
from nft.chain.deployments import Deployment
from nft.chain.events import Event
from nft.chain.logs import Form
from nft.chain.protocol import Log, LogFilter
from nft.types import Address


def bloom_mask(value: bytes) -> int:
    """The three bits that an address or topic sets in a block's logs bloom."""
    hashed = keccak(value)
    bits = (int.from_bytes(hashed[i : i + 2], "big") & 2047 for i in (0, 2, 4))
    mask = 0
    for bit in bits:
        mask |= 1 << bit
    return mask


@dataclass(frozen=True)
class Watch:
    """The contracts mirrored on one chain and the events of each."""

    forms: Mapping[Address, Mapping[bytes, Form]]
    house: frozenset[Address]
    """Collections whose token ids name their creator."""
    filter: LogFilter
    masks: tuple[int, ...]
    """Bloom bits of every (contract, event) pair that may occur."""

    @classmethod
    def over(cls, deployment: Deployment) -> Self:
        """Everything of a deployment."""
        forms: dict[Address, Mapping[bytes, Form]] = {
            **{placed.address: logs.ERC721 for placed in deployment.registered},
            deployment.house_collection.address: logs.COLLECTION,
            deployment.exchange.address: logs.EXCHANGE,
        }
        topics = sorted({topic for table in forms.values() for topic in table})
        masks = {
            bloom_mask(address) | bloom_mask(topic)
            for address, table in forms.items()
            for topic in table
        }
        return cls(
            forms=forms,
            house=frozenset({deployment.house_collection.address}),
            filter=LogFilter(tuple(forms), tuple(topics)),
            masks=tuple(sorted(masks)),
        )

    def wants(self, log: Log) -> bool:
        """Whether the log is of a contract and event that we mirror."""
        return bool(log.topics) and log.topics[0] in self.forms.get(log.address, ())

    def may_be_in(self, bloom: int) -> bool:
        """Whether a block with this bloom may hold a log of ours (it may also not)."""
        return any(bloom & mask == mask for mask in self.masks)

    def decode(self, log: Log) -> Event | None:
        """The log in words, or None for one that only looks like an event of ours."""
        return logs.decode(log, self.forms.get(log.address, {}))
