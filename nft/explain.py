"""
What a signature permits, in plain sentences: for every kind of order, auction and voucher.

A wallet shows a table of fields; a person reads this. Nothing here is left out that the
signature allows, and amounts stand in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nft.auctions import EXTENSION_SECONDS, Auction, latest_end
from nft.orders import UNBOUND, Kind, Order
from nft.tokens import CONFIRM_ROYALTY_BPS, creator_of
from nft.types import ZERO_ADDRESS, ZERO_DIGEST, Address
from nft.vouchers import DEFAULT_ROYALTY, Voucher


@dataclass(frozen=True, slots=True)
class Money:
    """How a currency is written."""

    symbol: str
    decimals: int

    def text(self, amount: int) -> str:
        """An amount exactly: `0.5 ETH`."""
        whole, rest = divmod(amount, 10**self.decimals)
        digits = f"{rest:0{self.decimals}d}".rstrip("0") if rest else ""
        return f"{whole}.{digits} {self.symbol}" if digits else f"{whole} {self.symbol}"


COIN = Money("ETH", 18)

Currencies = Mapping[Address, Money]
"""ERC-20s by address; the chain's own coin is zero and need not be in it."""


def percent(bps: int) -> str:
    """Basis points as people say them: `7.5 %`."""
    return f"{bps / 100:.2f}".rstrip("0").rstrip(".") + " %"


def moment(seconds: int) -> str:
    """Unix seconds in UTC; what lies beyond the calendar is its last minute."""
    latest = int(datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp())
    return datetime.fromtimestamp(min(seconds, latest), UTC).strftime("%Y-%m-%d %H:%M UTC")


def amount(value: int, currency: Address, currencies: Currencies) -> str:
    """An amount in its currency; of an unknown one in its smallest unit, by its address."""
    money = COIN if currency == ZERO_ADDRESS else currencies.get(currency)
    return money.text(value) if money else f"{value} units of the token {currency}"


def work(collection: Address, token_id: int, title: str = "") -> str:
    """A work by its title, else by its number."""
    return f"“{title}”" if title else f"token {token_id} of {collection}"


def explain_order(
    order: Order, *, title: str = "", currencies: Currencies | None = None
) -> list[str]:
    """What a maker permits by signing an order; `title` is that of its (first) work."""
    known = currencies or {}
    head = (
        _listing(order, title, known) if order.kind is Kind.LISTING else _offer(order, title, known)
    )
    return [*head, _window(order.start, order.end), *_limits(order), *_way_back(order.nonce)]


def explain_bulk(orders: Sequence[Order], *, currencies: Currencies | None = None) -> list[str]:
    """What a maker permits by signing several orders at once: each by itself, all of them."""
    said = [f"This one signature covers {len(orders)} orders; each can be taken by itself."]
    for number, order in enumerate(orders, start=1):
        first = explain_order(order, currencies=currencies)[0]
        said.append(f"{number}. {first} {_window(order.start, order.end)}")
    limits = {line: None for order in orders for line in _limits(order)}
    return [*said, *limits, "Each order can be cancelled by itself, or all of them at once."]


def _listing(order: Order, title: str, currencies: Currencies) -> list[str]:
    buyer = "anybody" if order.taker == ZERO_ADDRESS else str(order.taker)
    price = amount(order.price, order.currency, currencies)
    if order.is_falling:
        last = amount(order.end_price, order.currency, currencies)
        price = f"a price that falls evenly from {price} to {last}"
    what = work(order.collection, order.token_id, title)
    said = [f"You offer {what} to {buyer} for {price}."]
    if order.more:
        others = ", ".join(work(item.collection, item.token_id) for item in order.more)
        said = [
            f"You offer {len(order.items)} works together to {buyer} for {price}: "
            f"{what}, {others}.",
            "Each counts as sold at an equal part of the price.",
        ]
    if order.is_bound:
        return [*said, "The offer ends by itself when a work of it changes hands."]
    return [
        *said,
        "Mind: the offer stays good when the work leaves you and comes back before its end.",
    ]


def _offer(order: Order, title: str, currencies: Currencies) -> list[str]:
    price = amount(order.price, order.currency, currencies)
    what = work(order.collection, order.token_id, title)
    if order.kind is Kind.SET_OFFER:
        what = f"any one work of a set that you chose, of the collection {order.collection}"
    elif order.creator is not None:
        what = f"any one work of {order.creator} in the collection {order.collection}"
    elif order.kind is Kind.COLLECTION_OFFER:
        what = f"any one work of the collection {order.collection}, whichever its owner picks"
    seller = "its owner" if order.taker == ZERO_ADDRESS else str(order.taker)
    said = [f"You offer {price} for {what}; {seller} can sell it to you without asking again."]
    if order.metadata_digest != ZERO_DIGEST:
        said.append("Only while the work carries the description that it has now.")
    return [*said, "The money stays with you until then; the exchange takes it at the sale."]


def _limits(order: Order | Auction) -> list[str]:
    said = [
        f"Of the price at most {percent(order.max_royalty_bps)} goes to the artist as royalty and "
        f"at most {percent(order.max_fee_bps)} to the exchange; the seller gets the rest."
    ]
    if order.max_royalty_bps > CONFIRM_ROYALTY_BPS:
        said.append(
            f"Mind the royalty: up to {percent(order.max_royalty_bps)} of the price, "
            f"above the usual {percent(CONFIRM_ROYALTY_BPS)}."
        )
    return said


def _window(start: int, end: int) -> str:
    return f"Good from {moment(start)} to {moment(end)}."


def _way_back(nonce: int) -> list[str]:
    return [
        "Signing costs nothing. You can take it back at any time by a transaction that cancels "
        f"number {nonce}, or everything you signed."
    ]


def explain_auction(auction: Auction, *, title: str = "") -> list[str]:
    """What a seller permits by signing an auction."""
    what = work(auction.collection, auction.token_id, title)
    reserve = COIN.text(auction.reserve)
    hours = f"{auction.duration / 3_600:g} hours"
    end = (
        f"It ends on {moment(auction.end)}"
        if auction.is_scheduled
        else f"It runs {hours} from the first bid"
    )
    said = [
        f"You put {what} up for auction: whoever first bids {reserve} or more opens it.",
        f"A first bid can come from {moment(auction.start)} to {moment(auction.open_until)}.",
        f"{end}; a bid in the last {EXTENSION_SECONDS // 60} minutes extends it, at the latest "
        f"to {moment(latest_end(auction))}.",
        f"Every further bid is at least {percent(auction.min_step_bps)} higher.",
        "With the first bid the work is taken into custody, and nothing you do can call it back: "
        "the highest bidder gets it.",
    ]
    if auction.transfer_count == UNBOUND:
        said.append("Mind: it stays good when the work leaves you and comes back before that.")
    way_back = (
        "Signing costs nothing. Until the first bid you can take it back by a transaction that "
        f"cancels number {auction.nonce}, or everything you signed."
    )
    return [*said, *_limits(auction), way_back]


def explain_voucher(
    voucher: Voucher, *, title: str = "", currencies: Currencies | None = None
) -> list[str]:
    """What an artist, or a minter for an artist, permits by signing a voucher."""
    creator = creator_of(voucher.token_id)
    what = f"“{title}”" if title else f"token {voucher.token_id}"
    price = amount(voucher.price, voucher.currency, currencies or {})
    buyer = "anybody" if voucher.recipient == ZERO_ADDRESS else str(voucher.recipient)
    said = [f"You let {buyer} mint {what} as a work of {creator} and buy it for {price}."]
    if voucher.edition_size > 1:
        said = [
            f"You let {buyer} mint the {voucher.edition_size} works of the edition {what} as works "
            f"of {creator} and buy them for {price} each."
        ]
        if voucher.max_per_recipient:
            said.append(f"One account can take at most {voucher.max_per_recipient} of them.")
    fee = percent(voucher.max_fee_bps)
    if voucher.fee_receiver == ZERO_ADDRESS or voucher.max_fee_bps == 0:
        said.append("The artist is paid all of it in the same transaction.")
    else:
        said.append(
            f"In the same transaction {voucher.fee_receiver} is paid {fee} of it and the artist "
            "the rest."
        )
    return [
        *said,
        _royalty(voucher),
        _window(voucher.start, voucher.end),
        *_way_back(voucher.nonce),
    ]


def _royalty(voucher: Voucher) -> str:
    receiver = (
        "the artist" if voucher.royalty_receiver == ZERO_ADDRESS else voucher.royalty_receiver
    )
    if voucher.royalty_bps == DEFAULT_ROYALTY:
        return "Later sales owe the royalty that the artist has set as default when it is minted."
    return f"Later sales owe {percent(voucher.royalty_bps)} of the price to {receiver}."
