"""
Every way to sell, as the exhibition's people use it; what stands on the book is not done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.demo.lives import Auction, Bid, Falling, Hanging, Offer, Sale, wei
from api.demo.patience import Patience
from api.demo.people import Person
from api.demo.visitor import Visitor

DAY = 86_400
OVER = ("cancelled", "expired", "not_fillable", "settled", "unwound")


@dataclass(frozen=True, slots=True)
class Lot:
    """A work that stands on the chain."""

    title: str
    slug: str
    token: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Where the API speaks of it."""
        token = self.token
        return f"/api/tokens/{token['chain_id']}/{token['contract']}/{token['token_id']}"

    @property
    def named(self) -> dict[str, str]:
        """The work as bodies and queries name it."""
        return {"contract": str(self.token["contract"]), "token_id": str(self.token["token_id"])}


class Market:
    """Who sells and buys, and whom it is told."""

    def __init__(
        self, people: Mapping[str, Visitor], patience: Patience, say: Callable[[str], None]
    ) -> None:
        self._people = people
        self._patience = patience
        self._say = say

    def _visitor(self, person: Person) -> Visitor:
        return self._people[person.name]

    def sell(self, lot: Lot, number: int, holder: Visitor, sale: Sale) -> None:
        """The holder lists, the buyer fills; one transaction pays seller, artist and house."""
        order_hash = self._list(lot, number, holder, Hanging(sale.price_eth))
        buyer = self._visitor(sale.buyer)
        intent = buyer.intend(
            f"/api/orders/{order_hash}/fill",
            {"taker": buyer.address},
            f"demo-buy-{lot.slug}-{order_hash[:18]}",
        )
        buyer.carry_out(intent)
        self._say(f"{buyer.person.name} has bought {lot.title} for {sale.price_eth} ETH")

    def hang(
        self, lot: Lot, number: int, holder: Visitor, hanging: Hanging | Falling | Auction
    ) -> None:
        """Put it up for sale in its way; an auction gets its bids."""
        if isinstance(hanging, Auction):
            self._auction(lot, holder, hanging)
        else:
            self._list(lot, number, holder, hanging)

    # Listings

    def _list(self, lot: Lot, number: int, holder: Visitor, hanging: Hanging | Falling) -> str:
        """The hash of the holder's fillable listing at this price, signed now if there is none."""
        asked = {"price": wei(hanging.price_eth), **self._particulars(hanging)}

        def find() -> str | None:
            orders = holder.get(
                "/api/orders", maker=holder.address, state="fillable", kind="listing", **lot.named
            )["items"]
            return next((str(order["hash"]) for order in orders if is_such(order, asked)), None)

        return find() or self._sign(
            holder,
            {"kind": "listing", **lot.named, **asked},
            key=f"demo-list-{lot.slug}-{number}",
            what=f"the listing of {lot.title}",
            find=find,
        )

    def _particulars(self, hanging: Hanging | Falling) -> dict[str, str]:
        if isinstance(hanging, Falling):
            return {"end_price": wei(hanging.end_price_eth)}
        if hanging.reserved_for is not None:
            return {"taker": self._visitor(hanging.reserved_for).address}
        return {}

    def _sign(
        self,
        maker: Visitor,
        wanted: Mapping[str, Any],
        *,
        key: str,
        what: str,
        find: Callable[[], str | None],
    ) -> str:
        """Prepare, do and sign what a sale needs; its hash once the book has it."""
        body = {"maker": maker.address, "chain_id": maker.chain_id, **wanted}
        maker.carry_out(maker.intend("/api/orders/prepare", body, key))
        return self._patience.wait_for(what, find)

    # Offers

    def offer(self, lot: Lot, offer: Offer) -> None:
        """Wrap the coin, allow the exchange to take it, and sign."""
        buyer, price = self._visitor(offer.buyer), wei(offer.price_eth)

        def find() -> str | None:
            orders = buyer.get("/api/orders", maker=buyer.address, kind="offer", **lot.named)
            return next((str(one["hash"]) for one in orders["items"]), None)

        if find() is not None:
            return
        wanted = {"kind": "offer", **lot.named, "price": price}
        what = f"the offer for {lot.title}"
        self._sign(buyer, wanted, key=f"demo-offer-{lot.slug}", what=what, find=find)
        self._say(f"{buyer.person.name} has offered {offer.price_eth} WETH for {lot.title}")

    # Auctions

    def _auction(self, lot: Lot, seller: Visitor, auction: Auction) -> None:
        """Sign it, and let each bid be outbid by the next."""

        def find() -> str | None:
            found = seller.get("/api/auctions", maker=seller.address, **lot.named)["items"]
            return next((str(one["hash"]) for one in found if one["state"] not in OVER), None)

        wanted = {
            "kind": "auction",
            **lot.named,
            "reserve": wei(auction.reserve_eth),
            "duration": auction.days * DAY,
        }
        found = find() or self._sign(
            seller,
            wanted,
            key=f"demo-auction-{lot.slug}",
            what=f"the auction of {lot.title}",
            find=find,
        )
        for number, bid in enumerate(auction.bids):
            if number >= self._bids(seller, found):
                self._bid(lot, found, number, bid)

    def _bid(self, lot: Lot, auction_hash: str, number: int, bid: Bid) -> None:
        bidder = self._visitor(bid.bidder)
        body = {"bidder": bidder.address, "amount": wei(bid.price_eth)}
        key = f"demo-bid-{lot.slug}-{number}"
        bidder.carry_out(bidder.intend(f"/api/auctions/{auction_hash}/bid", body, key))
        self._patience.wait_for(
            f"the bid for {lot.title} to be shown",
            lambda: self._bids(bidder, auction_hash) > number or None,
        )
        self._say(f"{bidder.person.name} has bid {bid.price_eth} ETH for {lot.title}")

    def _bids(self, visitor: Visitor, auction_hash: str) -> int:
        return len(visitor.get(f"/api/auctions/{auction_hash}")["bids"])

    # Lazy mints

    def redeem(self, title: str, artist: Visitor, buyer: Visitor, slug: str) -> None:
        """The buyer of a work that the artist only signed mints it; its price is the voucher's."""

        def find() -> dict[str, Any] | None:
            found = artist.get("/api/vouchers", maker=artist.address)["items"]
            taken = ("fillable", "filled")
            return next((v for v in found if v["title"] == title and v["state"] in taken), None)

        voucher = self._patience.wait_for(f"the voucher of {title}", find)
        if voucher["state"] == "filled":
            return
        path = f"/api/vouchers/{voucher['hash']}/redeem"
        intent = buyer.intend(path, {"taker": buyer.address}, f"demo-redeem-{slug}")
        buyer.carry_out(intent)
        self._say(f"{buyer.person.name} has bought {title}, and so minted it")


def is_such(order: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    """Whether a listing asks what is meant to be asked, and of whom."""
    end = asked.get("end_price", asked["price"])
    prices = (order["start_price"], order["end_price"])
    return prices == (asked["price"], end) and order.get("taker") == asked.get("taker")
