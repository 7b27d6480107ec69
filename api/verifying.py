"""
Whether what stands on a chain is what was compiled here, contract by contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nft.chain.abi import load
from nft.chain.clones import (
    Clone,
    collection_arguments,
    splitter_shares,
)
from nft.chain.deployments import OURS, Currency, Deployment
from nft.chain.placing import (
    ANCHORS,
    CONTRACTS,
    NAME,
    SYMBOL,
    WETH,
    Placement,
    create_address,
)
from nft.chain.protocol import Call, Chain
from nft.chain.runtime import Difference, differences, immutables
from nft.errors import ExchangeError
from nft.types import Address


@dataclass(frozen=True, slots=True)
class Checked:
    """One address and what was found there."""

    name: str
    contract: str
    address: Address
    differences: tuple[Difference, ...] = ()
    arguments: dict[str, Any] | None = None
    """Those of a clone."""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        told: dict[str, Any] = {
            "name": self.name,
            "contract": self.contract,
            "address": str(self.address),
            "equal": not self.differences,
            "differences": [
                {"what": one.what, "expected": one.expected, "found": one.found}
                for one in self.differences
            ],
        }
        return told if self.arguments is None else {**told, "arguments": self.arguments}


def verify(
    chain: Chain, deployment: Deployment, clones: Sequence[Address] = ()
) -> Iterator[Checked]:
    """
    Compare each contract of a deployment, its currencies, and any clones named.

    Retired exchanges are left out: they are of another version, whose artifacts are not here.
    """
    for key in OURS:
        placed = getattr(deployment, key)
        yield _ours(chain, deployment, key, CONTRACTS[key], placed.address)
    if deployment.anchors is not None:
        yield _ours(chain, deployment, ANCHORS, CONTRACTS[ANCHORS], deployment.anchors.address)
    splitter = create_address(deployment.splitter_factory.address, 1)
    yield _ours(chain, deployment, "splitter", "Splitter", splitter)
    for currency in deployment.currencies:
        yield _currency(chain, deployment, currency)
    for address in clones:
        yield _clone(chain, deployment, address)


def _ours(
    chain: Chain, deployment: Deployment, key: str, contract: str, address: Address
) -> Checked:
    words = immutables(contract, address, deployment)
    code = chain.code(address)
    wrong = differences(load(contract), code, words)
    derived = None if wrong else _derived(deployment, key, code)
    if derived not in (None, address):
        wrong.append(
            Difference("address of this code and its arguments", str(derived), str(address))
        )
    return Checked(key, contract, address, tuple(wrong))


def _derived(deployment: Deployment, key: str, code: bytes) -> Address | None:
    """
    Where a contract must stand, if all that its constructor was told is known.

    That is what proves what the constructor stored: name and symbol of the house. Owner and fee of
    exchange and auctions can have changed since.
    """
    exchange, house = deployment.exchange.address, deployment.house_collection.address
    told: tuple[Any, ...]
    if key == "house_collection":
        (place, *_) = load("Collection").immutables["_houseDigest"]
        told = (NAME, SYMBOL, code[place], exchange)
    elif key == "collection_factory":
        told = (house,)
    elif key in ("splitter_factory", ANCHORS):
        told = ()
    elif key == "validator":
        told = (exchange, deployment.auctions.address)
    else:
        return None
    return Placement(key, CONTRACTS[key], load(CONTRACTS[key]).creation(*told)).address


def our_weth() -> Address:
    """Where the wrapped coin of test chains stands, the same on each."""
    return Placement(WETH, CONTRACTS[WETH], load(CONTRACTS[WETH]).creation()).address


def _currency(chain: Chain, deployment: Deployment, currency: Currency) -> Checked:
    """Ours is compared to the byte; of another's we can ask whether the exchange takes it."""
    if currency.address == our_weth():
        checked = _ours(chain, deployment, currency.symbol, "Weth", currency.address)
    else:
        code = chain.code(currency.address)
        nothing = [] if code else [Difference("code", "a contract", "none")]
        checked = Checked(currency.symbol, "ERC20", currency.address, tuple(nothing))
    abi = load("Exchange")["isCurrencyAllowed"]
    asked = Call(to=deployment.exchange.address, data=abi.encode(currency.address))
    if _says_yes(chain, asked):
        return checked
    missing = Difference("allowed by the exchange", "yes", "no")
    return replace(checked, differences=(*checked.differences, missing))


def _says_yes(chain: Chain, call: Call) -> bool:
    try:
        return int.from_bytes(chain.call(call), "big") == 1
    except ExchangeError:
        return False


def _clone(chain: Chain, deployment: Deployment, address: Address) -> Checked:
    code = chain.code(address)
    clone = Clone.read(code)
    if clone is None:
        found = f"{len(code)} bytes of other code" if code else "none"
        wrong = Difference("code", "a clone of a collection or splitter", found)
        return Checked("clone", "unknown", address, (wrong,))
    splitter = create_address(deployment.splitter_factory.address, 1)
    if clone.implementation == splitter:
        return _splitter(deployment, address, clone)
    if clone.implementation == deployment.house_collection.address:
        return _collection(chain, deployment, address, clone)
    wrong = Difference(
        "implementation",
        f"{deployment.house_collection.address} or {splitter}",
        str(clone.implementation),
    )
    return Checked("clone", "unknown", address, (wrong,))


def _splitter(deployment: Deployment, address: Address, clone: Clone) -> Checked:
    """Its address follows from its shares, so nobody but the factory can have made it."""
    shares = splitter_shares(clone)
    wrong = []
    if sum(bps for _, bps in shares) != 10_000:
        wrong.append(Difference("shares", "10000 bps", f"{sum(bps for _, bps in shares)} bps"))
    derived = clone.address(deployment.splitter_factory.address, bytes(32))
    if derived != address:
        wrong.append(Difference("address", str(derived), str(address)))
    told = {"shares": [{"receiver": str(one), "bps": bps} for one, bps in shares]}
    return Checked("splitter", "Splitter", address, tuple(wrong), told)


def _collection(chain: Chain, deployment: Deployment, address: Address, clone: Clone) -> Checked:
    """The artist's salt is not in the code; the factory, compared above, says what it made."""
    wrong = []
    arguments = collection_arguments(clone)
    if arguments is None:
        told = f"0x{clone.arguments.hex()}"
        wrong.append(Difference("arguments", "artist, digest, name, symbol", told))
    data = load("CollectionFactory")["isCollection"].encode(address)
    if not _says_yes(chain, Call(to=deployment.collection_factory.address, data=data)):
        wrong.append(Difference("made by the factory", "yes", "no"))
    return Checked("collection", "Collection", address, tuple(wrong), arguments)
