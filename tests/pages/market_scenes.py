"""
Works for sale in every way, and the pages where one sells, bids, takes back and founds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from api.auctions.schemas import AuctionDetailOut, BidOut, StandingBidOut
from api.chains.schemas import CurrencyOut
from api.home.wording import Got, Line, Outcome, totals_of
from api.orders.schemas import OrderOut
from api.sales.standing import Standing
from api.tokens.cards import card_path
from api.tokens.kept import WorkKept
from api.tokens.sale import OfferLine, Sale
from api.vouchers.pages import face_of
from api.vouchers.schemas import RoyaltyTermsOut, VoucherOut
from nft.types import ZERO_ADDRESS
from tests.pages import exhibits
from tests.pages.exhibits import COLLECTOR, ETH, GALLERY, LANYIN, MARLOWE, NOON, OKONJO, WETH

Scene = tuple[str, dict[str, Any]]

OPEN = Standing(fee_bps=200)
PAUSED = Standing(fee_bps=200, paused_until=NOON + timedelta(days=5))
RISING = Standing(fee_bps=200, next_fee_bps=250, next_fee_at=NOON + timedelta(days=6))
TAKEN = [
    CurrencyOut(address=str(ZERO_ADDRESS), symbol="ETH", decimals=18, permit=False),
    CurrencyOut(address=str(WETH), symbol="WETH", decimals=18, permit=True),
]
MARKET: dict[str, Any] = {
    "section": "market",
    "house": OPEN,
    "currencies_taken": TAKEN,
    "tokens_taken": True,
    "currencies": exhibits.CURRENCIES,
    "statement": exhibits.statement(),
    "disputed": ([], []),
    "kept": WorkKept(3, NOON - timedelta(hours=2), False, False, False),
    "now": NOON,
}


def _work(**sale: Any) -> Scene:
    token = exhibits.exhibition()[5]
    facts = {"holder": token.owner, "listing": token.listing} | sale
    return "tokens/work.html", MARKET | {
        "token": token,
        "card_path": card_path(token),
        "provenance": exhibits.provenance(),
        "sale": Sale(**facts),
    }


def _offer(maker: Any, price: int, **more: Any) -> OrderOut:
    facts: dict[str, Any] = {"kind": "offer", "currency": str(WETH)}
    return exhibits.listing(maker, price, 750, MARLOWE, **(facts | more))


def offers() -> list[OfferLine]:
    """One for the work, one for any of the artist's."""
    first = _offer(COLLECTOR, 81 * ETH // 100)
    second = _offer(LANYIN, 70 * ETH // 100, scope="creator", split=None)
    return [OfferLine(first, 733_050_000_000_000_000), OfferLine(second, 633_500_000_000_000_000)]


def work() -> Scene:
    return _work(offers=offers())


def work_at_risk() -> Scene:
    """One of three copies did not come back."""
    template, context = _work()
    return template, context | {
        "kept": WorkKept(2, NOON - timedelta(days=2), True, False, False),
    }


def work_lost() -> Scene:
    template, context = _work()
    return template, context | {"kept": WorkKept(0, None, True, True, False)}


def work_chinese() -> Scene:
    token = exhibits.exhibition()[3]
    template, context = _work(holder=token.owner, listing=token.listing)
    return template, context | {"token": token}


def work_paused() -> Scene:
    template, context = _work()
    return template, context | {"house": PAUSED}


def work_of_mine() -> Scene:
    """Private, to one address, with offers besides."""
    listing = exhibits.listing(GALLERY, 95 * ETH // 100, 750, MARLOWE, taker=str(COLLECTOR))
    template, context = _work(listing=listing, offers=offers())
    return template, context | {"viewer": str(GALLERY)}


def work_falling() -> Scene:
    listing = exhibits.listing(
        GALLERY,
        83 * ETH // 100,
        750,
        MARLOWE,
        start_price=str(ETH),
        end_price=str(ETH // 2),
        starts_at=NOON - timedelta(days=1),
        expires_at=NOON + timedelta(days=2),
    )
    falling = [(3_600, 8_230_555_555_555_555_556 // 10), (86_400, 67 * ETH // 100)]
    return _work(listing=listing, falling=falling)


def auction(state: str, **more: Any) -> AuctionDetailOut:
    """An auction with three bids, as the API tells it."""
    bids = [
        BidOut(
            bidder=str(who),
            amount=str(amount * ETH // 1000),
            ends_at=NOON + timedelta(hours=4),
            transaction_hash=exhibits.digest(f"bid {amount}"),
            block_number="21894000",
            timestamp=NOON - timedelta(hours=hours),
        )
        for who, amount, hours in [(COLLECTOR, 1200, 1), (OKONJO, 1050, 5), (COLLECTOR, 900, 20)]
    ]
    facts: dict[str, Any] = {
        "hash": exhibits.digest("auction"),
        "maker": str(GALLERY),
        "chain_id": "31337",
        "auctions": str(exhibits.EXCHANGE),
        "contract": str(exhibits.HOUSE),
        "token_id": "7",
        "title": "Seven Valleys",
        "transfer_count": 3,
        "reserve": str(9 * ETH // 10),
        "currency": str(ZERO_ADDRESS),
        "starts_at": NOON - timedelta(days=2),
        "open_until": NOON + timedelta(days=28),
        "duration": 86_400,
        "ends_at": NOON + timedelta(hours=4),
        "latest_end": NOON + timedelta(hours=28),
        "min_step_bps": 500,
        "max_royalty_bps": 750,
        "max_fee_bps": 200,
        "nonce": "0",
        "counter": "0",
        "state": state,
        "hidden": False,
        "reasons": [],
        "standing_bid": StandingBidOut(bidder=bids[0].bidder, amount=bids[0].amount),
        "least_bid": str(126 * ETH // 100),
        "winner": None,
        "split": exhibits.split(12 * ETH // 10, 750, MARLOWE),
        "created_at": NOON,
        "test": True,
        "url": "",
        "as_of": exhibits.AS_OF,
        "bids": bids,
        "typed_data": None,
        "signature": None,
    }
    return AuctionDetailOut(**(facts | more))


def work_at_auction() -> Scene:
    return _work(listing=None, is_in_custody=True, auction=auction("running"))


def work_auction_open() -> Scene:
    nobody: dict[str, Any] = {"standing_bid": None, "bids": [], "ends_at": None}
    split = exhibits.split(9 * ETH // 10, 750, MARLOWE)
    return _work(
        listing=None,
        auction=auction("open", least_bid=str(9 * ETH // 10), split=split, **nobody),
        offers=offers(),
    )


def work_auction_ended() -> Scene:
    ended = auction("ended", ends_at=NOON - timedelta(hours=1))
    template, context = _work(listing=None, is_in_custody=True, auction=ended)
    return template, context | {"viewer": str(OKONJO)}


def sell() -> Scene:
    _, context = _work(listing=None)
    more = {"viewer": str(GALLERY), "is_owner": True, "house": RISING}
    return "tokens/sell.html", context | more


def sell_stranger() -> Scene:
    _, context = _work()
    return "tokens/sell.html", context | {"is_owner": False}


def lines() -> list[Line]:
    """Three works set aside, one of them gone."""
    found = []
    for work in [exhibits.exhibition()[n] for n in (0, 1, 3)]:
        listing = work.listing
        assert listing is not None
        gone = work.title == "Threadbare"
        found.append(
            Line(
                order=listing,
                title=work.title,
                artist=work.artist,
                picture=work.media[0],
                url=work.work_url,
                is_good=not gone,
                why="Somebody else has bought it." if gone else "",
                without="/cart?orders=0x1",
            )
        )
    return found


def cart() -> Scene:
    found = lines()
    more = {"lines": found, "totals": totals_of(found), "outcome": None}
    return "home/cart.html", MARKET | more


def cart_empty() -> Scene:
    return "home/cart.html", MARKET | {"lines": [], "totals": [], "outcome": None}


def cart_bought() -> Scene:
    got = [
        Got(
            title=line.title,
            artist=line.artist,
            picture=line.picture,
            url=line.url,
            words="yours now" if line.is_good else "was gone; nothing was paid for it",
            price=line.order.price if line.is_good else None,
            currency=line.order.currency,
        )
        for line in lines()
    ]
    words = "2 of 3 are yours. What was sent for the others came back in the same transaction."
    more = {"lines": [], "totals": [], "outcome": Outcome(words, got)}
    return "home/cart.html", MARKET | more


def _chain() -> dict[str, Any]:
    return {
        "chain_id": "31337",
        "name": "Local chain",
        "test": True,
        "contracts": [("Exchange", str(exhibits.EXCHANGE)), ("Auctions", str(GALLERY))],
        "former": [str(COLLECTOR)],
        "block_number": "21894003",
    }


def house() -> Scene:
    return "health/house.html", {"section": "", "chains": [_chain() | {"house": RISING}]}


def house_paused() -> Scene:
    return "health/house.html", {"section": "", "chains": [_chain() | {"house": PAUSED}]}


def _deal(title: str, words: str, **more: Any) -> dict[str, Any]:
    deal: dict[str, Any] = {
        "hash": exhibits.digest(title),
        "kind": "order",
        "title": title,
        "url": "/works/31337/0x0/1",
        "words": words,
        "price": str(ETH // 2),
        "currency": str(ZERO_ADDRESS),
        "state": "open",
        "until": NOON + timedelta(days=3),
        "can_cancel": True,
    }
    return deal | more


def dealings() -> Scene:
    selling = [
        _deal("Low Water, Evening", "at a price"),
        _deal("七个太阳", "by auction", kind="auction", state="nobody has bid yet"),
    ]
    buying = [_deal("Threadbare", "for this work", currency=str(WETH))]
    bids = [_deal("Small Hours", "your bid", state="outbid, and paid back", can_cancel=False)]
    credit = {
        "amount": str(ETH // 7),
        "currency": str(ZERO_ADDRESS),
        "words": "from an auction",
        "action": "withdraw",
        "chain_id": "31337",
        "contract": str(GALLERY),
    }
    approval = {
        "operator": str(COLLECTOR),
        "contract": str(exhibits.HOUSE),
        "name": "Vernissage",
        "words": "an exchange that was replaced",
        "chain_id": "31337",
    }
    return "accounts/trade.html", MARKET | {
        "section": "account",
        "viewer": str(MARLOWE),
        "chain": SimpleNamespace(chain_id="31337"),
        "credits": [credit],
        "sections": [
            ("What you offer", "Nothing is offered.", selling),
            ("What you would buy", "You have made no offer.", buying),
            ("Your bids", "You have bid on nothing.", bids),
            ("Vouchers", "You have signed no voucher.", []),
        ],
        "approvals": [approval],
    }


def my_collections() -> Scene:
    def one(**more: Any) -> dict[str, Any]:
        facts = {
            "chain_id": "31337",
            "contract": str(exhibits.HOUSE),
            "name": "Vernissage",
            "house": True,
            "royalty_bps": 750,
            "royalty_receiver": str(MARLOWE),
            "minters": [str(GALLERY)],
            "frozen": False,
        }
        return facts | more

    own = one(name="Estuary", house=False, contract=str(LANYIN), minters=[], royalty_bps=0)
    return "accounts/collections.html", MARKET | {
        "section": "account",
        "viewer": str(MARLOWE),
        "chain": SimpleNamespace(chain_id="31337"),
        "collections": [one(), own],
    }


def _voucher(**more: Any) -> Scene:
    work = exhibits.work(9, "Seven Valleys", "I. Marlowe", MARLOWE, (1600, 1000), picture="a1")
    facts: dict[str, Any] = {
        "hash": exhibits.digest("voucher"),
        "maker": str(MARLOWE),
        "creator": str(MARLOWE),
        "chain_id": "31337",
        "contract": str(exhibits.HOUSE),
        "token_id": work.token_id,
        "title": work.title,
        "artist": work.artist,
        "description": work.description,
        "alt_text": work.alt_text,
        "media": work.media,
        "metadata_digest": work.metadata_digest,
        "metadata_cid": work.metadata_cid,
        "price": str(ETH // 4),
        "currency": str(ZERO_ADDRESS),
        "royalty": RoyaltyTermsOut(bps=750, receiver=str(MARLOWE)),
        "recipient": None,
        "fee_receiver": str(GALLERY),
        "max_fee_bps": 200,
        "edition_size": 12,
        "minted": 4,
        "next_number": 4,
        "max_per_recipient": 2,
        "starts_at": NOON,
        "expires_at": NOON + timedelta(days=20),
        "nonce": "0",
        "counter": "0",
        "state": "fillable",
        "hidden": False,
        "reasons": [],
        "split": exhibits.split(ETH // 4, 0, ZERO_ADDRESS),
        "created_at": NOON,
        "test": True,
        "url": "",
        "as_of": exhibits.AS_OF,
    }
    voucher = VoucherOut(**(facts | more))
    return "vouchers/voucher.html", MARKET | {
        "token": face_of(voucher),
        "voucher": voucher,
        "is_certified": True,
    }


def voucher() -> Scene:
    return _voucher()


def voucher_taken() -> Scene:
    return _voucher(state="filled", minted=12)


SCENES: dict[str, Callable[[], Scene]] = {
    name.replace("_", "-"): found
    for name, found in list(globals().items())
    if callable(found)
    and not name.startswith("_")
    and getattr(found, "__module__", "") == __name__
    and name not in ("offers", "auction", "lines")
}
