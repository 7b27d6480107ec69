"""
A market for a test: the contracts on a node of its own, people with keys, and each way to sell.

What it does returns gas, for the measurements; what is signed can be taken apart for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Any, ClassVar

from eth_account import Account

from nft.auctions import Auction
from nft.chain.abi import Function, parse
from nft.chain.client import Web3Chain
from nft.chain.contracts import (
    Auctions,
    Collection,
    CollectionFactory,
    Erc721,
    Exchange,
    Weth,
)
from nft.chain.placing import Terms, plan
from nft.chain.protocol import Call
from nft.orders import UNBOUND, Acceptance, Kind, Order
from nft.signing import auction_hash, order_hash, voucher_hash
from nft.tokens import token_id
from nft.types import Address, Digest
from nft.vouchers import Voucher
from tests.support.servers import ROOT, Node

PRICE = 10**18
ROYALTY_BPS = 500
FEE_BPS = 250
DIGEST = Digest(b"\x5a" * 32)
CHAIN_ID = 31337
START = 1_800_000_000
"""The node's first second. Signed times count from it: every run costs the same."""

SELLERS = 5
FIRST = 500
"""A number above which works of the foreign collection are unsold."""


@dataclass(frozen=True)
class Person:
    """An account of the node, and its key."""

    address: Address
    key: str

    def sign(self, digest: Digest) -> bytes:
        """65 bytes."""
        return bytes(Account.unsafe_sign_hash(digest, self.key).signature)


def people(number: int) -> list[Person]:
    """The first accounts of the node."""
    Account.enable_unaudited_hdwallet_features()
    words = "test test test test test test test test test test test junk"
    paths = (f"m/44'/60'/0'/0/{i}" for i in range(number))
    found = [Account.from_mnemonic(words, account_path=path) for path in paths]
    return [Person(Address.parse(one.address), one.key.to_0x_hex()) for one in found]


class Market:
    """The contracts on a node, and what people do with them."""

    COUNT: ClassVar[int] = 16
    """Accounts of the node."""

    OPTIONS: ClassVar[tuple[str, ...]] = ("--timestamp", str(START), "--accounts", str(COUNT))
    """What the node is started with."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.chain = Web3Chain(CHAIN_ID, [node.rpc_url])
        everybody = people(self.COUNT)
        self.artist, self.seller, self.buyer, self.rival, self.platform = everybody[:5]
        self.other, self.deployer = everybody[5:7]
        self.sellers = [self.seller, *everybody[8 : 8 + SELLERS - 1]]
        self.nonces = count()
        self.works = count(FIRST)
        terms = Terms(self.deployer.address, self.platform.address, FEE_BPS)
        self.placed = {one.key: one.address for one in plan(terms, weth=True)}
        for one in plan(terms, weth=True):
            self.send(self.deployer, one.call)
        self.exchange = Exchange(self.placed["exchange"])
        self.auctions = Auctions(self.placed["auctions"])
        self.house = Collection(self.placed["house_collection"])
        self.weth = Weth(self.placed["weth"])
        self.send(self.deployer, self.exchange.set_currency(self.weth.address, True))

    # Sending

    def send(self, sender: Person, call: Call) -> dict[str, Any]:
        """The receipt of a call that succeeded."""
        transaction = {
            "from": str(sender.address),
            "to": str(call.to),
            "data": "0x" + call.data.hex(),
            "value": hex(call.value),
            "gas": hex(8_000_000),
        }
        receipt = self.node.receipt(self.node.call("eth_sendTransaction", transaction))
        if receipt["status"] != "0x1":
            self.chain.call(replace(call, sender=sender.address))  # raises what it refused with
            raise RuntimeError("a transaction reverted that is none by itself")
        return receipt

    def gas(self, sender: Person, call: Call) -> int:
        """What a call costs."""
        return int(self.send(sender, call)["gasUsed"], 16)

    def deploy(self, artifact: str, *values: Any) -> Address:
        """A double of the tests, from its artifact."""
        document = json.loads((ROOT / "tests/support/artifacts" / artifact).read_text("utf-8"))
        code = parse(artifact, document).creation(*values)
        transaction = {"from": str(self.deployer.address), "data": "0x" + code.hex()}
        receipt = self.node.receipt(self.node.call("eth_sendTransaction", transaction))
        return Address.parse(receipt["contractAddress"])

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.node.call("evm_increaseTime", seconds)
        self.node.mine()

    # Places

    @cached_property
    def foreign(self) -> Erc721:
        """Somebody else's collection; every seller holds works of it and has approved."""
        made = Erc721(self.deploy("PlainToken.json", self.artist.address, ROYALTY_BPS))
        for one in (*self.sellers, self.buyer, self.rival):
            self.work_of(made, one)
            for market in (self.exchange, self.auctions):
                self.send(one, made.set_approval_for_all(market.address, True))
        return made

    @cached_property
    def clone(self) -> Collection:
        """The artist's own collection."""
        factory = CollectionFactory(self.placed["collection_factory"])
        terms = ("Haze", "HAZE")
        made = factory.predict(self.artist.address, *terms).ask(self.chain)
        self.send(self.artist, factory.create(*terms))
        return Collection(made)

    def work_of(self, foreign: Erc721, owner: Person) -> int:
        """A new work of the foreign collection."""
        number = next(self.works)
        mint = Function("mint", ("address", "uint256"), ())
        self.send(owner, Call(to=foreign.address, data=mint.encode(owner.address, number)))
        return number

    def give(self, foreign: Erc721, owner: Person, receiver: Address) -> None:
        """A new work of the foreign collection, to whoever may not be able to receive it."""
        move = Function("transferFrom", ("address", "address", "uint256"), ())
        data = move.encode(owner.address, receiver, self.work_of(foreign, owner))
        self.send(owner, Call(to=foreign.address, data=data))

    # What is signed

    def listing(self, seller: Person, collection: Erc721, token: int, **changed: Any) -> Order:
        """One work for 1 ETH."""
        own = isinstance(collection, Collection)
        order = Order(
            kind=Kind.LISTING,
            maker=seller.address,
            collection=collection.address,
            token_id=token,
            transfer_count=0 if own else UNBOUND,
            price=PRICE,
            end_price=PRICE,
            start=START,
            end=START + 30 * 86_400,
            max_royalty_bps=ROYALTY_BPS,
            max_fee_bps=FEE_BPS,
            nonce=next(self.nonces),
            counter=0,
        )
        return replace(order, **changed)

    def signed(self, maker: Person, order: Order) -> bytes:
        """The maker's signature on one order."""
        digest = order_hash(order, chain_id=CHAIN_ID, exchange=self.exchange.address)
        return maker.sign(digest)

    def voucher(self, collection: Collection, serial: int) -> Voucher:
        """A lazy mint for 1 ETH."""
        return Voucher(
            token_id=token_id(self.artist.address, serial),
            metadata_digest=DIGEST,
            price=PRICE,
            royalty_bps=ROYALTY_BPS,
            fee_receiver=self.platform.address,
            max_fee_bps=FEE_BPS,
            start=START,
            end=START + 30 * 86_400,
            nonce=next(self.nonces),
            counter=0,
        )

    def auction(self, collection: Erc721, token: int) -> Auction:
        """A day from the first bid on."""
        return Auction(
            seller=self.seller.address,
            collection=collection.address,
            token_id=token,
            transfer_count=0 if isinstance(collection, Collection) else UNBOUND,
            reserve=PRICE,
            start=START,
            open_until=START + 30 * 86_400,
            duration=86_400,
            min_step_bps=500,
            max_royalty_bps=ROYALTY_BPS,
            max_fee_bps=FEE_BPS,
            nonce=next(self.nonces),
            counter=0,
        )

    def signed_auction(self, auction: Auction) -> bytes:
        """The seller's signature."""
        digest = auction_hash(auction, chain_id=CHAIN_ID, auctions=self.auctions.address)
        return self.seller.sign(digest)

    def signed_voucher(self, voucher: Voucher, collection: Collection) -> bytes:
        """The artist's signature."""
        digest = voucher_hash(voucher, chain_id=CHAIN_ID, collection=collection.address)
        return self.artist.sign(digest)

    # Sales

    def buy(self, collection: Erc721, token: int, **changed: Any) -> int:
        """What the buyer pays in gas for one work of the seller."""
        order = self.listing(self.seller, collection, token, **changed)
        return self.gas(self.buyer, self.exchange.fill(order, self.signed(self.seller, order)))

    def buy_many(self, collection: Erc721, pairs: Iterable[tuple[Person, int]]) -> int:
        """What the buyer pays in gas for each of several works."""
        listed = [(one, self.listing(one, collection, token)) for one, token in pairs]
        orders = [order for _, order in listed]
        signatures = [self.signed(seller, order) for seller, order in listed]
        return self.gas(self.buyer, self.exchange.buy_many(orders, signatures)) // len(orders)

    def accept(self, token: int, **changed: Any) -> int:
        """What the seller pays in gas for accepting an offer on a foreign work."""
        order = self.listing(self.buyer, self.foreign, token, currency=self.weth.address, **changed)
        call = self.exchange.accept(
            order,
            self.signed(self.buyer, order),
            Acceptance(token_id=token, min_proceeds=PRICE * 9 // 10),
        )
        return self.gas(self.seller, call)

    def auctioned(self, collection: Erc721, token: int) -> dict[str, int]:
        """First bid, a higher one, and the settlement of one work of the seller."""
        auction = self.auction(collection, token)
        signature = self.signed_auction(auction)
        found = {"open": self.gas(self.rival, self.auctions.open(auction, signature, PRICE))}
        found["outbid"] = self.gas(self.buyer, self.auctions.bid(auction, PRICE * 2))
        self.wait(86_400)
        found["settle"] = self.gas(self.other, self.auctions.settle(auction))
        return found

    def redeem(self, collection: Collection, serial: int) -> int:
        """What a collector pays in gas for a lazy mint."""
        voucher = self.voucher(collection, serial)
        signature = self.signed_voucher(voucher, collection)
        call = collection.redeem(voucher, self.artist.address, signature)
        return self.gas(self.buyer, call)
