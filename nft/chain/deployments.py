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

from nft.errors import DeploymentIncomplete
from nft.types import ZERO_ADDRESS, Address

OURS = (
    "exchange",
    "house_collection",
    "auctions",
    "collection_factory",
    "splitter_factory",
    "validator",
)
"""The contracts that every deployment has, by their names in the document."""

LATER = ("anchors",)
"""Those that deployments from before them lack: the exchange works without."""


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
class Currency:
    """What prices are named in here: the chain's own coin, or an ERC-20 that the owner allows."""

    address: Address
    symbol: str
    decimals: int
    permit: bool = False
    """Whether it takes ERC-2612 signatures in place of an approval."""

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Currency:
        """Read what `as_json` writes."""
        return cls(
            address=Address.parse(document["address"]),
            symbol=str(document["symbol"]),
            decimals=int(document["decimals"]),
            permit=bool(document["permit"]),
        )

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {
            "address": str(self.address),
            "symbol": self.symbol,
            "decimals": self.decimals,
            "permit": self.permit,
        }


COIN = Currency(ZERO_ADDRESS, "ETH", 18)
"""The chain's own coin, always accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Our contracts on one chain."""

    chain_id: int
    exchange: Placed
    house_collection: Placed
    auctions: Placed
    collection_factory: Placed
    splitter_factory: Placed
    validator: Placed
    anchors: Placed | None = None
    """None where the contracts were placed before there were anchors."""
    currencies: tuple[Currency, ...] = ()
    """The ERC-20 currencies that exchange, auctions and vouchers take beside the coin."""
    fee_bps: int = 200
    """
    The fee that the exchange was deployed with, so that lists ask no node.

    It can change on chain: what holds now is in the mirror.
    """
    former_exchanges: tuple[Placed, ...] = ()
    """Retired ones, oldest first; their sales are mirrored, their orders are not migrated."""
    registered: tuple[Placed, ...] = ()
    """ERC-721 contracts of others that are mirrored too."""

    @property
    def first_block(self) -> int:
        """The earliest block that can hold a log of ours."""
        return min(placed.block for placed in self.contracts)

    @property
    def contracts(self) -> tuple[Placed, ...]:
        """
        Those whose logs are mirrored, ours first; the clones that a factory made are found in its
        logs. What anchors say is read from their storage.
        """
        ours = tuple(getattr(self, name) for name in OURS)
        return (*ours, *self.former_exchanges, *self.registered)

    @property
    def exchanges(self) -> tuple[Placed, ...]:
        """Every exchange there ever was, the present one first."""
        return (self.exchange, *self.former_exchanges)

    @property
    def accepted(self) -> tuple[Currency, ...]:
        """Every currency a price may be named in, the coin first."""
        return (COIN, *self.currencies)

    def currency(self, address: Address) -> Currency | None:
        """The accepted currency at an address, zero being the coin."""
        return next((one for one in self.accepted if one.address == address), None)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Deployment:
        """Read what `as_json` writes. Raises `DeploymentIncomplete` when it is of an older form."""
        chain_id = int(document["chain_id"])
        missing = [name for name in OURS if name not in document]
        if missing:
            raise DeploymentIncomplete(chain_id, missing)

        def placed(name: str) -> tuple[Placed, ...]:
            return tuple(Placed.from_json(part) for part in document.get(name, ()))

        return cls(
            chain_id=chain_id,
            **{name: Placed.from_json(document[name]) for name in OURS},
            **{name: Placed.from_json(document[name]) for name in LATER if name in document},
            currencies=tuple(Currency.from_json(part) for part in document.get("currencies", ())),
            fee_bps=int(document.get("fee_bps", 200)),
            former_exchanges=placed("former_exchanges"),
            registered=placed("registered"),
        )

    def as_json(self) -> dict[str, Any]:
        """The document kept on disk."""
        return {
            "chain_id": self.chain_id,
            **{name: getattr(self, name).as_json() for name in OURS},
            **{name: placed.as_json() for name in LATER if (placed := getattr(self, name))},
            "currencies": [currency.as_json() for currency in self.currencies],
            "fee_bps": self.fee_bps,
            "former_exchanges": [placed.as_json() for placed in self.former_exchanges],
            "registered": [placed.as_json() for placed in self.registered],
        }


def load(path: Path) -> Deployment:
    """Read one chain's file. Raises `DeploymentIncomplete` when it is of an older form."""
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
