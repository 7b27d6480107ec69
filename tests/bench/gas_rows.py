"""
Each row of the table of gas, in a market on a fresh node.

What every row is set up from stands in `tests.bench.bench_gas`.
"""

from __future__ import annotations

from collections.abc import Sequence

from nft.chain.abi import Function
from nft.chain.contracts import Collection
from nft.chain.protocol import Call
from nft.orders import Kind
from nft.signing import bulk_digest, bulk_tree
from nft.tokens import token_id
from nft.types import UINT256_MAX
from tests.support.servers import running_anvil
from tests.support.trading import CHAIN_ID, DIGEST, PRICE, ROYALTY_BPS, START, Market, Person


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
    """In the house, which the unmarked rows are about, and in the artist's own collection."""
    return mints(market, market.house) | named(mints(market, market.clone), "clone")


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
        "buy_eth_foreign_falling": market.buy(
            market.foreign, foreign[1], start=START - 1_000, end_price=PRICE // 2
        ),
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
    """Foreign works, the first to warm everything up; one of the house; one among others."""
    market.auctioned(market.foreign, market.work_of(market.foreign, market.seller))
    own = market.auctioned(market.house, token_id(market.artist.address, 14))
    alone = market.auctioned(market.foreign, market.work_of(market.foreign, market.seller))
    market.give(market.foreign, market.seller, market.auctions.address)
    among = market.auctioned(market.foreign, market.work_of(market.foreign, market.seller))
    return alone | named(own, "own") | named(among, "busy")


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
    with running_anvil(*Market.OPTIONS) as node:
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
