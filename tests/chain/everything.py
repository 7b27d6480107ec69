"""
One small market in which every event of every contract happens.

People sell in every way, artists set whatever can be set, and the platform uses all its powers.
"""

from collections.abc import Callable

from nft.chain.contracts import Collection, Splitter
from nft.chain.protocol import Call
from nft.orders import Acceptance, Item, Kind
from nft.royalties import Share
from nft.tokens import token_id
from nft.types import Address, Digest
from nft.vouchers import DEFAULT_ROYALTY
from tests.chain.conftest import Market

ETHER = 10**18
DAY = 86_400
REFUSING = Address(b"\x99" * 20)
"""Receives royalties and takes no coin, until it changes its mind."""

REVERTS = "0x5f5ffd"


def told(number: int) -> Digest:
    return Digest(number.to_bytes(32, "big"))


def refuse(market: Market, account: Address = REFUSING) -> None:
    """From now on the account takes no coin, and no call succeeds there."""
    market.node.call("anvil_setCode", str(account), REVERTS)


def relent(market: Market, account: Address = REFUSING, code: str = "0x") -> None:
    """The account is as it was."""
    market.node.call("anvil_setCode", str(account), code)


def happen(market: Market) -> None:
    """All of it; the clock moves by some weeks."""
    creators_do(market)
    artists_found(market)
    makers_trade(market)
    bidders_bid(market)
    collectors_redeem(market)
    platform_decides(market)


def creators_do(market: Market) -> None:
    """Everything that a creator can do with works, in the house."""
    house, artist, gallery = market.collection, market.artist, market.gallery
    corrected, burned = market.mint(), market.mint()
    market.send(artist, house.approve(gallery, corrected))
    market.send(artist, house.set_metadata(corrected, told(99)))
    market.send(artist, house.set_royalty(corrected, 100))
    market.send(artist, house.freeze(corrected))
    market.send(artist, house.burn(burned))
    market.send(artist, house.mint_edition(artist, token_id(artist, 1_000), 3, told(7), 500))
    market.send(artist, house.set_default_royalty(600, gallery))
    market.send(artist, house.set_minter(gallery, True))
    by_minter = house.mint(artist, token_id(artist, 2_000), told(8), DEFAULT_ROYALTY)
    market.send(gallery, by_minter)
    market.send(artist, house.set_minter(gallery, False))
    market.send(gallery, house.mint(gallery, token_id(gallery, 1), told(9), 0))
    market.send(gallery, house.freeze_all())


def artists_found(market: Market) -> None:
    """A collection of an artist's own, and a splitter that is paid."""
    artist = market.artist
    own = market.create_collection(artist)
    market.send(artist, own.mint(artist, token_id(artist, 1), told(1), 500))
    market.send(artist, own.set_contract_metadata(told(5)))
    shares = (Share(artist, 6_000), Share(market.gallery, 4_000))
    splitter = Splitter(market.splitters.predict(shares).ask(market.chain))
    market.send(artist, market.splitters.create(shares))
    market.send(market.collector, Call(to=splitter.address, data=b"", value=1_001))
    market.send(market.collector, splitter.release(market.gallery))


def makers_trade(market: Market) -> None:
    """A listing whose royalty is refused, a bundle, an offer, a purchase with a gap, cancels."""
    house, exchange = market.collection, market.exchange
    artist, collector = market.artist, market.collector
    token = token_id(artist, 3_000)
    refuse(market)
    market.send(artist, house.mint(artist, token, told(3), 1_000, REFUSING))
    market.sell(artist, collector, token)
    relent(market)
    market.send(artist, exchange.withdraw_for(REFUSING))

    first, second = market.mint(), market.mint()
    more = (Item(house.address, second, 0),)
    bundle = market.listing(artist, first, more=more, nonce=market.next_nonce())
    market.send(collector, exchange.fill(bundle, market.signature(bundle)))

    accept_offer(market, token)

    sold, gone = market.mint(), market.mint()
    orders = [market.listing(artist, one, nonce=market.next_nonce()) for one in (sold, gone)]
    signed = [market.signature(order) for order in orders]
    market.move(artist, market.gallery, gone)
    market.send(collector, exchange.buy_available(orders, signed, gas_per_item=300_000))
    market.send(artist, exchange.cancel([market.next_nonce()]))
    market.send(artist, exchange.cancel_all())


def accept_offer(market: Market, token: int) -> Digest:
    """The gallery offers wrapped coin for any work of the house; the collector takes it."""
    exchange, gallery, collector = market.exchange, market.gallery, market.collector
    market.send(gallery, market.weth.deposit(2 * ETHER))
    market.send(gallery, market.weth.approve(exchange.address, 2 * ETHER))
    market.send(collector, market.collection.set_approval_for_all(exchange.address, True))
    offer = market.order(
        gallery,
        kind=Kind.COLLECTION_OFFER,
        token_id=0,
        transfer_count=2**256 - 1,
        currency=market.weth.address,
        nonce=market.next_nonce(),
    )
    acceptance = Acceptance(token_id=token, min_proceeds=0)
    market.send(collector, exchange.accept(offer, market.signature(offer), acceptance))
    return exchange.hash_order(offer).ask(market.chain)


def bidders_bid(market: Market) -> None:
    """An auction with an outbid that is settled, and one that cannot deliver."""
    keeper, artist = market.auctions, market.artist
    sold = market.auction(artist, market.mint())
    market.open(sold, market.collector)
    market.send(market.gallery, keeper.bid(sold, 2 * ETHER))
    market.later(2 * DAY)
    market.send(artist, keeper.settle(sold))
    stuck = market.auction(artist, market.mint())
    market.open(stuck, market.collector)
    unwind(market, lambda: market.send(artist, keeper.unwind(stuck)))
    market.send(artist, keeper.reclaim(stuck))
    market.send(market.collector, keeper.withdraw(market.collector))


def unwind(market: Market, end: Callable[[], object]) -> None:
    """Long after the end, while the collection hands nothing over."""
    house = market.collection.address
    code = market.node.call("eth_getCode", str(house), "latest")
    market.later(9 * DAY)
    refuse(market, house)
    end()
    relent(market, house, code)


def collectors_redeem(market: Market) -> None:
    """A lazy mint whose fee receiver takes no coin."""
    house: Collection = market.collection
    refuse(market)
    market.redeem(house, market.voucher(4_000, fee_receiver=REFUSING), market.collector)
    relent(market)
    market.send(market.artist, house.withdraw_for(REFUSING))


def platform_decides(market: Market) -> None:
    """Everything that the platform can do, to exchange and auctions."""
    owner, heir = market.owner, market.people[-2]
    market.send(owner, market.exchange.set_currency(market.weth.address, False))
    for governed in (market.exchange, market.auctions):
        market.send(owner, governed.withdraw_fees())
        market.send(owner, governed.set_fee(300))
        market.send(owner, governed.set_fee(100))
        market.send(owner, governed.set_fee_receiver(heir))
        market.send(owner, governed.set_guardian(heir))
        market.send(heir, governed.pause())
        market.send(heir, governed.unpause())
        market.send(owner, governed.transfer_ownership(heir))
        market.send(heir, governed.accept_ownership())
        market.send(heir, governed.retire())
