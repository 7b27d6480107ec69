"""
Which contracts are placed on a chain, where, and in which order: arithmetic alone.

Each is created by CREATE2 through the deterministic deployment proxy, so its address follows from
its code and its constructor's arguments. Who sends the transaction has no part in it, and whoever
sends it first does us a service: nothing but this very code can come to stand at that address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_hash.auto import keccak

from nft.chain.abi import load
from nft.chain.deployments import LATER, OURS, Currency, Deployment, Placed
from nft.chain.protocol import Call
from nft.types import ZERO_DIGEST, Address, Digest

PROXY = Address.parse("0x4e59b44847b379578588920cA78FbF26c0B4956C")
"""The deterministic deployment proxy: 32 bytes of salt and creation code in, a contract out."""

PROXY_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)

PROXY_MAKER = Address(bytes.fromhex("3fab184622dc19b6109349b94811493bf2a45362"))
"""The account that made the proxy; nobody has its key, the signature was chosen."""

PROXY_TRANSACTION = bytes.fromhex(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe"
    + PROXY_CODE.hex()
    + "1ba0"
    + "22" * 32
    + "a0"
    + "22" * 32
)
"""The same on every chain; it pays 100,000 gas at 100 gwei."""

PROXY_COST = 100_000 * 100 * 10**9

SALT = Digest(keccak(b"Vernissage"))
NAME, SYMBOL = "Vernissage", "VERN"

WETH = "weth"
"""The key of the wrapped coin, which is placed on test chains alone."""

ANCHORS = "anchors"

CONTRACTS = {
    "exchange": "Exchange",
    "house_collection": "Collection",
    "auctions": "Auctions",
    "collection_factory": "CollectionFactory",
    "splitter_factory": "SplitterFactory",
    "validator": "Validator",
    ANCHORS: "Anchors",
    WETH: "Weth",
}
"""The contract behind each name of a deployment, each after those that it is told of."""


def create2_address(maker: Address, salt: bytes, creation: bytes) -> Address:
    """EIP-1014."""
    return Address(keccak(b"\xff" + maker + salt + keccak(creation))[12:])


def create_address(maker: Address, nonce: int) -> Address:
    """Where a contract's own CREATE puts its first children: nonces 1 to 127."""
    if not 1 <= nonce <= 127:
        raise ValueError(f"a nonce from 1 to 127 is one byte of RLP, {nonce} is not")
    return Address(keccak(b"\xd6\x94" + maker + bytes([nonce]))[12:])


@dataclass(frozen=True, slots=True)
class Terms:
    """What whoever deploys decides; it is part of every address."""

    owner: Address
    """Owner of exchange and auctions from the first block on; never who sends the transaction."""
    fee_receiver: Address
    fee_bps: int
    contract_digest: Digest = ZERO_DIGEST
    """SHA-256 of the house collection's own description, or zero."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One contract, and the call that creates it."""

    key: str
    contract: str
    creation: bytes
    """Code and arguments of the constructor."""
    salt: Digest = SALT

    @property
    def address(self) -> Address:
        """Where it will be, or is."""
        return create2_address(PROXY, self.salt, self.creation)

    @property
    def call(self) -> Call:
        """The call that creates it; anybody may send it, once."""
        return Call(to=PROXY, data=self.salt + self.creation, value=0)


def plan(terms: Terms, *, weth: bool) -> tuple[Placement, ...]:
    """Every contract in the order of creation."""
    placed: dict[str, Placement] = {}

    def place(key: str, *values: Any) -> Address:
        creation = load(CONTRACTS[key]).creation(*values)
        placed[key] = Placement(key, CONTRACTS[key], creation)
        return placed[key].address

    power = (terms.owner, terms.fee_receiver, terms.fee_bps)
    exchange = place("exchange", *power)
    house = place("house_collection", NAME, SYMBOL, terms.contract_digest, exchange)
    auctions = place("auctions", *power, exchange)
    place("collection_factory", house)
    place("splitter_factory")
    place("validator", exchange, auctions)
    place(ANCHORS)
    if weth:
        place(WETH)
    return tuple(placed.values())


def anchors() -> Placement:
    """The contract `Anchors`, told nothing and so at one address on every chain."""
    return Placement(ANCHORS, CONTRACTS[ANCHORS], load(CONTRACTS[ANCHORS]).creation())


def wrapped_coin(placements: Sequence[Placement]) -> Currency | None:
    """The currency of a plan that places one."""
    found = next((one for one in placements if one.key == WETH), None)
    return Currency(found.address, "WETH", 18, permit=True) if found else None


@dataclass(frozen=True, slots=True)
class Found:
    """A plan as it stands on a chain."""

    chain_id: int
    terms: Terms
    placements: tuple[Placement, ...]
    blocks: Mapping[str, int]
    """The block of each contract, by its key."""
    currencies: tuple[Currency, ...] = ()

    def deployment(self, before: Deployment | None = None) -> Deployment:
        """The document; what went before on the chain is remembered."""
        placed = {
            one.key: Placed(one.address, self.blocks[one.key])
            for one in self.placements
            if one.key in (*OURS, *LATER)
        }
        former: tuple[Placed, ...] = ()
        registered: tuple[Placed, ...] = ()
        if before is not None:
            registered = before.registered
            seen = (*before.former_exchanges, before.exchange)
            former = tuple(one for one in seen if one.address != placed["exchange"].address)
        return Deployment(
            chain_id=self.chain_id,
            **placed,
            currencies=self.currencies,
            fee_bps=self.terms.fee_bps,
            former_exchanges=former,
            registered=registered,
        )
