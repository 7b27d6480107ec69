"""
The market in which gas is measured: contracts on a fresh node, people with keys, and each action.

What every row is set up from stands in `tests.bench.bench_gas`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
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
from nft.signing import auction_hash, bulk_digest, bulk_tree, order_hash, voucher_hash
from nft.tokens import token_id
from nft.types import UINT256_MAX, Address, Digest
from nft.vouchers import Voucher
from tests.support.servers import ROOT, Node, running_anvil

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
        digest = auction_hash(auction, chain_id=CHAIN_ID, auctions=self.auctions.address)
        signature = self.seller.sign(digest)
        found = {"open": self.gas(self.rival, self.auctions.open(auction, signature, PRICE))}
        found["outbid"] = self.gas(self.buyer, self.auctions.bid(auction, PRICE * 2))
        self.wait(86_400)
        found["settle"] = self.gas(self.other, self.auctions.settle(auction))
        return found

    def redeem(self, collection: Collection, serial: int) -> int:
        """What a collector pays in gas for a lazy mint."""
        voucher = self.voucher(collection, serial)
        digest = voucher_hash(voucher, chain_id=CHAIN_ID, collection=collection.address)
        call = collection.redeem(voucher, self.artist.address, self.artist.sign(digest))
        return self.gas(self.buyer, call)


def mints(market: Market, collection: Collection) -> dict[str, int]:
    """The artist mints to the seller: the first work ever, the next, ten at once; lazily."""
    artist, to = market.artist, market.seller.address
    tokens = [token_id(artist.address, serial) for serial in range(200)]
    terms, studio = (DIGEST, ROYALTY_BPS), market.other.address
    ten = [DIGEST] * 10
    return {
        "mint_first": market.gas(artist, collection.mint(to, tokens[1], *terms)),
        "mint": market.gas(artist, collection.mint(to, tokens[2], *terms)),
        "mint_ten_each": market.gas(artist, collection.mint_many(to, tokens[3], ten, ROYALTY_BPS))
        // 10,
        "mint_edition_ten_each": market.gas(
            artist, collection.mint_edition(to, tokens[13], 10, *terms)
        )
        // 10,
        "mint_new_payee": market.gas(artist, collection.mint(to, tokens[23], *terms, studio)),
        "mint_known_payee": market.gas(artist, collection.mint(to, tokens[24], *terms, studio)),
        "lazy_mint_first": market.redeem(collection, 101),
        "lazy_mint": market.redeem(collection, 102),
    }


def named(found: dict[str, int], place: str) -> dict[str, int]:
    """The same figures under names that end in the place."""
    return {f"{name}_{place}": gas for name, gas in found.items()}


def measure_mints(market: Market) -> dict[str, int]:
    """In the artist's own collection, which the unmarked rows are about, and in the house."""
    return mints(market, market.clone) | named(mints(market, market.house), "house")


def measure_sales(market: Market) -> dict[str, int]:
    """Works of the house and of the clone, bound; then of the foreign collection."""
    artist = market.artist.address
    for collection in (market.house, market.clone):
        for operator in (market.exchange, market.auctions):
            call = collection.set_approval_for_all(operator.address, True)
            market.send(market.seller, call)
    first, second, third = (token_id(artist, serial) for serial in (1, 2, 23))
    foreign = [market.work_of(market.foreign, market.seller) for _ in range(3)]
    found = {
        "buy_eth_own_first_sale": market.buy(market.house, first),
        "buy_eth_own": market.buy(market.house, second),
        "buy_eth_own_payee": market.buy(market.house, third),
        "buy_eth_own_clone": market.buy(market.clone, second),
        "buy_eth_foreign_kept": market.buy(market.foreign, foreign[0]),
        "buy_eth_foreign_falling": market.buy(market.foreign, foreign[1], end_price=PRICE // 2),
        "buy_eth_foreign_bulk": bulk(market, foreign[2]),
    }
    return found | {"buy_eth_foreign_pushed": found["buy_eth_foreign_kept"] + pushing(market)}


def pushing(market: Market) -> int:
    """
    What it costs to send the fee of a sale on in the same transaction.

    A contract buys a foreign work twice, once with and once without the withdrawal, each time
    while the exchange holds fees: all else that such a buyer costs falls out.
    """
    buyer = market.deploy("PushingBuyer.json")
    market.give(market.foreign, market.buyer, buyer)
    withdrawal = market.exchange.withdraw_fees().data
    function = Function("buy", ("address", "bytes", "bytes"), ())

    def buy(after: bytes) -> int:
        order = market.listing(
            market.seller, market.foreign, market.work_of(market.foreign, market.seller)
        )
        fill = market.exchange.fill(order, market.signed(market.seller, order))
        data = function.encode(market.exchange.address, fill.data, after)
        return market.gas(market.buyer, Call(to=buyer, data=data, value=PRICE))

    buy(b"")
    kept = buy(b"")
    return buy(withdrawal) - kept


def bulk(market: Market, token: int) -> int:
    """A sale of a foreign work that was signed together with seven others."""
    seller = market.seller
    orders = [market.listing(seller, market.foreign, token)]
    orders += [market.listing(seller, market.foreign, token + n) for n in range(1, 8)]
    place = bulk_tree(orders).place(0)
    digest = bulk_digest(orders[0], place, chain_id=CHAIN_ID, exchange=market.exchange.address)
    call = market.exchange.fill(orders[0], seller.sign(digest), bulk=place)
    return market.gas(market.buyer, call)


def measure_batches(market: Market) -> dict[str, int]:
    """Five works at once, each seller warm; foreign ones, and those of the house from one."""
    one = [(market.seller, market.work_of(market.foreign, market.seller)) for _ in range(5)]
    for seller in market.sellers:
        order = market.listing(seller, market.foreign, market.work_of(market.foreign, seller))
        call = market.exchange.fill(order, market.signed(seller, order))
        market.send(market.buyer, call)
    five = [(seller, market.work_of(market.foreign, seller)) for seller in market.sellers]
    own = [(market.seller, token_id(market.artist.address, n)) for n in range(3, 8)]
    return {
        "buy_many_5_one_seller": market.buy_many(market.foreign, one),
        "buy_many_5_five_sellers": market.buy_many(market.foreign, five),
        "buy_many_5_one_seller_own": market.buy_many(market.house, own),
        "buy_available_5_one_seller": best_effort(market),
    }


def best_effort(market: Market) -> int:
    """Five foreign works of one seller, all of which can be had."""
    seller, foreign = market.seller, market.foreign
    orders = [market.listing(seller, foreign, market.work_of(foreign, seller)) for _ in range(5)]
    signatures = [market.signed(seller, order) for order in orders]
    call = market.exchange.buy_available(orders, signatures, gas_per_item=500_000)
    return market.gas(market.buyer, call) // 5


def measure_offers(market: Market) -> dict[str, int]:
    """An offer on a foreign work in WETH, which everybody who is paid holds already."""
    for one in (market.buyer, market.seller, market.artist, market.platform):
        market.send(one, market.weth.deposit(10 * PRICE))
    market.send(market.platform, market.weth.transfer(market.exchange.address, 1))
    market.send(market.buyer, market.weth.approve(market.exchange.address, UINT256_MAX))
    tokens = [market.work_of(market.foreign, market.seller) for _ in range(3)]
    return {
        "accept_weth_offer_first": market.accept(tokens[0], kind=Kind.TOKEN_OFFER),
        "accept_weth_offer": market.accept(tokens[1], kind=Kind.TOKEN_OFFER),
        "accept_weth_collection_offer": market.accept(
            tokens[2], kind=Kind.COLLECTION_OFFER, token_id=0
        ),
    }


def measure_auctions(market: Market) -> dict[str, int]:
    """Foreign works, the first to warm everything up; then one of the house."""
    market.give(market.foreign, market.seller, market.auctions.address)
    tokens = [market.work_of(market.foreign, market.seller) for _ in range(2)]
    market.auctioned(market.foreign, tokens[0])
    own = market.auctioned(market.house, token_id(market.artist.address, 14))
    return market.auctioned(market.foreign, tokens[1]) | named(own, "own")


def measure_exits(market: Market) -> dict[str, int]:
    """The seller cancels: one order in a word already begun, and all; the platform draws."""
    exchange, seller, other = market.exchange, market.seller, market.other

    def cancel(who: Person, nonces: Sequence[int]) -> int:
        return market.gas(who, exchange.cancel(nonces)) // len(nonces)

    return {
        "cancel_one": cancel(seller, [next(market.nonces)]),
        "cancel_ten_each": cancel(seller, range(150, 160)),
        "cancel_one_first": cancel(market.artist, [0]),
        "cancel_all": market.gas(other, exchange.cancel_all()),
        "cancel_all_again": market.gas(other, exchange.cancel_all()),
        "withdraw_fees": market.gas(market.platform, exchange.withdraw_fees()),
    }


def measure() -> dict[str, int]:
    """Every figure, from one fresh node."""
    with running_anvil("--timestamp", str(START), "--accounts", str(Market.COUNT)) as node:
        market = Market(node)
        found: dict[str, int] = {}
        for part in (
            measure_mints,
            measure_sales,
            measure_batches,
            measure_offers,
            measure_exits,
            measure_auctions,
        ):
            found |= part(market)
        return found
