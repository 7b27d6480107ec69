"""
Real anvil, our real contracts, and people who use them; everything here is marked `chain`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from eth_account import Account
from sqlalchemy import Connection

from api.local.processes import wait_until
from indexer.digest import digest
from indexer.mirror import Mirror
from indexer.rebuild import side_schema
from indexer.run import catch_up, connected
from nft.chain.client import Web3Chain
from nft.chain.contracts import Collection, Exchange
from nft.chain.deployments import Deployment
from nft.chain.protocol import Call
from nft.orders import Kind, Order
from nft.signing import order_typed_data
from nft.tokens import token_id
from nft.types import Address, Digest, TokenRef
from tests.support.servers import Contracts, Node

MNEMONIC = "test test test test test test test test test test test junk"


@dataclass
class Market:
    """The contracts on one node, and what people do with them."""

    node: Node
    deployment: Deployment
    serial: int = 0
    nonce: int = 0
    people: list[Address] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = [Address.parse(text) for text in self.node.accounts()]

    @property
    def artist(self) -> Address:
        return self.people[0]

    @property
    def collector(self) -> Address:
        return self.people[1]

    @property
    def gallery(self) -> Address:
        return self.people[2]

    @property
    def chain(self) -> Web3Chain:
        return Web3Chain(self.deployment.chain_id, [self.node.rpc_url])

    @property
    def collection(self) -> Collection:
        return Collection(self.deployment.house_collection.address)

    @property
    def exchange(self) -> Exchange:
        return Exchange(self.deployment.exchange.address)

    def send(self, sender: Address, call: Call) -> dict[str, Any]:
        """Sign and send by the node; the receipt of success is returned."""
        transaction = {
            "from": str(sender),
            "to": str(call.to),
            "data": "0x" + call.data.hex(),
            "value": hex(call.value),
        }
        digest = self.node.call("eth_sendTransaction", transaction)
        receipt: dict[str, Any] = {}

        def is_mined() -> bool:
            receipt.update(self.node.call("eth_getTransactionReceipt", digest) or {})
            return bool(receipt)

        assert wait_until(is_mined, patience=10)
        assert receipt["status"] == "0x1"
        return receipt

    def mint(self, *, bps: int = 750) -> int:
        """The artist's next work."""
        self.serial += 1
        told = Digest(self.serial.to_bytes(32, "big"))
        token = token_id(self.artist, self.serial)
        self.send(self.artist, self.collection.mint(self.artist, token, told, bps, self.artist))
        return token

    def move(self, sender: Address, receiver: Address, token: int) -> None:
        """A gift."""
        self.send(sender, self.collection.transfer(sender, receiver, token))

    def listing(self, maker: Address, token: int, *, price: int = 10**18, nonce: int = 0) -> Order:
        """A fixed price for one work."""
        count = self.collection.transfer_count(token).ask(self.chain)
        counter = self.exchange.counter_of(maker).ask(self.chain)
        now = self.chain.head().timestamp
        return Order(
            kind=Kind.LISTING,
            maker=maker,
            collection=self.collection.address,
            token_id=token,
            transfer_count=count,
            price=price,
            end_price=price,
            start=now - 1,
            end=now + 86_400,
            max_royalty_bps=2_500,
            max_fee_bps=500,
            nonce=nonce,
            counter=counter,
        )

    def signature(self, order: Order) -> bytes:
        """The maker's signature, by the key of anvil's mnemonic."""
        Account.enable_unaudited_hdwallet_features()
        index = self.people.index(order.maker)
        account = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
        typed = order_typed_data(
            order, chain_id=self.deployment.chain_id, exchange=self.exchange.address
        )
        signed = account.sign_typed_data(full_message=typed)
        return bytes(signed.signature)

    def sell(self, maker: Address, taker: Address, token: int, *, price: int = 10**18) -> Order:
        """Approve, list and fill, with a nonce of its own."""
        self.nonce += 1
        self.send(maker, self.collection.set_approval_for_all(self.exchange.address, True))
        order = self.listing(maker, token, price=price, nonce=self.nonce)
        self.send(taker, self.exchange.fill(order, self.signature(order)))
        return order

    def ref(self, token: int) -> TokenRef:
        """The token's full name."""
        return TokenRef(self.deployment.chain_id, self.collection.address, token)


@dataclass
class Scene:
    """A market and its mirror."""

    market: Market
    connection: Connection

    def follow(self) -> Mirror:
        """Read to the head."""
        return catch_up(self.connection, self.market.chain, self.market.deployment)

    def digest(self) -> Digest:
        """The mirror's digest."""
        return digest(self.connection, self.market.deployment.chain_id).digest

    def fresh_digest(self) -> Digest:
        """That of a mirror read from nothing."""
        with side_schema(self.connection, "fresh"):
            self.follow()
            return self.digest()


def market_on(contracts: Contracts) -> Market:
    """The people and contracts of a node."""
    return Market(contracts.node, Deployment.from_json(contracts.deployment()))


@pytest.fixture
def market(fresh_contracts: Contracts) -> Market:
    return market_on(fresh_contracts)


@pytest.fixture
def scene(market: Market, migrated_url: str) -> Iterator[Scene]:
    with connected(migrated_url) as connection:
        yield Scene(market, connection)
