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
from nft.auctions import Auction
from nft.chain.client import Web3Chain
from nft.chain.contracts import (
    Auctions,
    Collection,
    CollectionFactory,
    Exchange,
    SplitterFactory,
    Weth,
)
from nft.chain.deployments import Deployment
from nft.chain.protocol import Call
from nft.orders import Kind, Order
from nft.signing import (
    auction_hash,
    auction_typed_data,
    order_typed_data,
    voucher_hash,
    voucher_typed_data,
)
from nft.tokens import token_id
from nft.types import Address, Digest, TokenRef
from nft.vouchers import Voucher
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
    def owner(self) -> Address:
        """Who governs exchange and auctions."""
        return self.people[-1]

    @property
    def chain(self) -> Web3Chain:
        return Web3Chain(self.deployment.chain_id, [self.node.rpc_url])

    @property
    def collection(self) -> Collection:
        return Collection(self.deployment.house_collection.address)

    @property
    def exchange(self) -> Exchange:
        return Exchange(self.deployment.exchange.address)

    @property
    def auctions(self) -> Auctions:
        return Auctions(self.deployment.auctions.address)

    @property
    def factory(self) -> CollectionFactory:
        return CollectionFactory(self.deployment.collection_factory.address)

    @property
    def splitters(self) -> SplitterFactory:
        return SplitterFactory(self.deployment.splitter_factory.address)

    @property
    def weth(self) -> Weth:
        return Weth(self.deployment.currencies[0].address)

    @property
    def now(self) -> int:
        """The newest block's second."""
        return self.chain.head().timestamp

    def later(self, seconds: int) -> None:
        """Let time pass."""
        self.node.call("evm_increaseTime", seconds)
        self.node.mine()

    def send(self, sender: Address, call: Call) -> dict[str, Any]:
        """Sign and send by the node; the receipt of success is returned."""
        return self._succeeded(self._submit(sender, call))

    def together(self, *sent: tuple[Address, Call]) -> None:
        """Have the node mine several calls in one block, in this order."""
        self.node.call("evm_setAutomine", False)
        digests = [self._submit(sender, call, gas=hex(2_000_000)) for sender, call in sent]
        self.node.mine()
        self.node.call("evm_setAutomine", True)
        assert len({self._succeeded(digest)["blockNumber"] for digest in digests}) == 1

    def _submit(self, sender: Address, call: Call, **more: str) -> str:
        transaction = {
            "from": str(sender),
            "to": str(call.to),
            "data": "0x" + call.data.hex(),
            "value": hex(call.value),
            **more,
        }
        return str(self.node.call("eth_sendTransaction", transaction))

    def _succeeded(self, digest: str) -> dict[str, Any]:
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

    def listing(self, maker: Address, token: int, **changed: Any) -> Order:
        """A fixed price for one work."""
        count = self.collection.transfer_count(token).ask(self.chain)
        return self.order(
            maker, kind=Kind.LISTING, token_id=token, **{"transfer_count": count, **changed}
        )

    def order(self, maker: Address, *, price: int = 10**18, **changed: Any) -> Order:
        """Any order in the house collection, at one price."""
        values: dict[str, Any] = {
            "maker": maker,
            "collection": self.collection.address,
            "price": price,
            "end_price": price,
            "start": self.now - 1,
            "end": self.now + 86_400,
            "max_royalty_bps": 2_500,
            "max_fee_bps": 500,
            "nonce": 0,
            "counter": self.exchange.counter_of(maker).ask(self.chain),
        }
        return Order(**{**values, **changed})

    def sign(self, person: Address, typed_data: dict[str, Any]) -> bytes:
        """A person's signature, by the key of anvil's mnemonic."""
        Account.enable_unaudited_hdwallet_features()
        index = self.people.index(person)
        account = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
        signed = account.sign_typed_data(full_message=typed_data)
        return bytes(signed.signature)

    def signature(self, order: Order) -> bytes:
        """The maker's signature of an order."""
        typed = order_typed_data(
            order, chain_id=self.deployment.chain_id, exchange=self.exchange.address
        )
        return self.sign(order.maker, typed)

    def next_nonce(self) -> int:
        """One that nobody has used yet."""
        self.nonce += 1
        return self.nonce

    def auction(self, seller: Address, token: int, **changed: Any) -> Auction:
        """A reserve auction of a day."""
        values: dict[str, Any] = {
            "seller": seller,
            "collection": self.collection.address,
            "token_id": token,
            "transfer_count": self.collection.transfer_count(token).ask(self.chain),
            "reserve": 10**18,
            "start": self.now - 1,
            "open_until": self.now + 86_400,
            "duration": 86_400,
            "min_step_bps": 500,
            "max_royalty_bps": 2_500,
            "max_fee_bps": 500,
            "nonce": self.next_nonce(),
            "counter": self.exchange.counter_of(seller).ask(self.chain),
        }
        return Auction(**{**values, **changed})

    def open(self, auction: Auction, bidder: Address, amount: int = 10**18) -> Digest:
        """Make the first bid; the auction's hash."""
        keeper, chain_id = self.auctions.address, self.deployment.chain_id
        self.send(auction.seller, self.collection.set_approval_for_all(keeper, True))
        typed = auction_typed_data(auction, chain_id=chain_id, auctions=keeper)
        signature = self.sign(auction.seller, typed)
        self.send(bidder, self.auctions.open(auction, signature, amount))
        return auction_hash(auction, chain_id=chain_id, auctions=keeper)

    def voucher(self, serial: int, **changed: Any) -> Voucher:
        """The artist's, for one work."""
        values: dict[str, Any] = {
            "token_id": token_id(self.artist, serial),
            "metadata_digest": Digest(serial.to_bytes(32, "big")),
            "price": 10**18,
            "royalty_bps": 750,
            "fee_receiver": self.gallery,
            "max_fee_bps": 300,
            "start": self.now - 1,
            "end": self.now + 86_400,
            "nonce": self.next_nonce(),
            "counter": self.exchange.counter_of(self.artist).ask(self.chain),
        }
        return Voucher(**{**values, **changed})

    def redeem(self, collection: Collection, voucher: Voucher, buyer: Address) -> Digest:
        """Buy the first work of a voucher that the artist signs; the voucher's hash."""
        names = {"chain_id": self.deployment.chain_id, "collection": collection.address}
        signature = self.sign(self.artist, voucher_typed_data(voucher, **names))
        self.send(buyer, collection.redeem(voucher, self.artist, signature))
        return voucher_hash(voucher, **names)

    def create_collection(self, artist: Address, name: str = "Blue") -> Collection:
        """A collection of the artist's own."""
        address = self.factory.predict(artist, name, "BLU").ask(self.chain)
        self.send(artist, self.factory.create(name, "BLU"))
        return Collection(address)

    def sell(self, maker: Address, taker: Address, token: int, *, price: int = 10**18) -> Order:
        """Approve, list and fill, with a nonce of its own."""
        nonce = self.next_nonce()
        self.send(maker, self.collection.set_approval_for_all(self.exchange.address, True))
        order = self.listing(maker, token, price=price, nonce=nonce)
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
