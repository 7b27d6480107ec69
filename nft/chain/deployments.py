"""
Where our contracts stand on a chain, and from which block on.

`deployments/<chain id>.json` in this package holds the public ones; a local chain's lies in its
data folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nft.types import Address


@dataclass(frozen=True, slots=True)
class Placed:
    """A contract's address and the block that created it."""

    address: Address
    block: int

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Placed:
        """Read `{"address", "block"}`."""
        return cls(Address.parse(document["address"]), int(document["block"]))

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"address": str(self.address), "block": self.block}


@dataclass(frozen=True, slots=True)
class Deployment:
    """Our contracts on one chain."""

    chain_id: int
    exchange: Placed
    house_collection: Placed
    fee_bps: int = 200
    """The exchange's share, immutable in the contract; kept here so that lists ask no node."""
    registered: tuple[Placed, ...] = ()
    """ERC-721 contracts of others that are mirrored too."""

    @property
    def first_block(self) -> int:
        """The earliest block that can hold a log of ours."""
        return min(placed.block for placed in self.contracts)

    @property
    def contracts(self) -> tuple[Placed, ...]:
        """All of them, ours first."""
        return (self.exchange, self.house_collection, *self.registered)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Deployment:
        """Read what `as_json` writes."""
        return cls(
            chain_id=int(document["chain_id"]),
            exchange=Placed.from_json(document["exchange"]),
            house_collection=Placed.from_json(document["house_collection"]),
            fee_bps=int(document.get("fee_bps", 200)),
            registered=tuple(Placed.from_json(part) for part in document.get("registered", ())),
        )

    def as_json(self) -> dict[str, Any]:
        """The document kept on disk."""
        document: dict[str, Any] = {
            "chain_id": self.chain_id,
            "exchange": self.exchange.as_json(),
            "house_collection": self.house_collection.as_json(),
            "fee_bps": self.fee_bps,
        }
        if self.registered:
            document["registered"] = [placed.as_json() for placed in self.registered]
        return document


def load(path: Path) -> Deployment:
    """Read one chain's file."""
    return Deployment.from_json(json.loads(path.read_text("utf-8")))


def load_all(*folders: Path) -> dict[int, Deployment]:
    """Every chain's deployment found in the folders, by chain id; later folders win."""
    found = (load(path) for folder in folders for path in sorted(folder.glob("*.json")))
    return {deployment.chain_id: deployment for deployment in found}


def save(deployment: Deployment, folder: Path) -> Path:
    """Write `<chain id>.json`, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{deployment.chain_id}.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(deployment.as_json(), indent=2) + "\n", "utf-8")
    partial.replace(path)
    return path
