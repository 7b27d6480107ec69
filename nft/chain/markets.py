"""
Typed calls on the exchange, the auctions, and the validator that explains both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nft.auctions import Auction
from nft.chain.calls import Contract, Governed, Question
from nft.chain.protocol import Call
from nft.chain.works import voucher_values
from nft.orders import ALONE, UNBOUND, Acceptance, Bulk, Order, Permit
from nft.types import ZERO_ADDRESS, Address, Digest
from nft.vouchers import Voucher

Numbers = tuple[tuple[int, ...], tuple[int, ...]]
"""Reasons that refuse, and warnings; `nft.reasons.from_numbers` gives them words."""

NO_ACCEPTANCE = Acceptance(token_id=0, transfer_count=UNBOUND, min_proceeds=0)


def order_values(order: Order) -> tuple[Any, ...]:
    """An order as the ABI's tuple, in the order of its fields."""
    return (
        int(order.kind),
        order.maker,
        order.taker,
        order.collection,
        order.token_id,
        order.transfer_count,
        tuple((item.collection, item.token_id, item.transfer_count) for item in order.more),
        order.criteria,
        order.metadata_digest,
        order.currency,
        order.price,
        order.end_price,
        order.start,
        order.end,
        order.max_royalty_bps,
        order.max_fee_bps,
        order.nonce,
        order.counter,
    )


def bulk_values(bulk: Bulk) -> tuple[Any, ...]:
    """A place among orders signed together, as the ABI's tuple."""
    return (bulk.index, bulk.proof)


def acceptance_values(acceptance: Acceptance) -> tuple[Any, ...]:
    """An acceptance as the ABI's tuple."""
    return (
        *(acceptance.token_id, acceptance.transfer_count),
        *(acceptance.proof, acceptance.min_proceeds),
    )


def permit_values(permit: Permit) -> tuple[Any, ...]:
    """A permit as the ABI's tuple."""
    return (permit.value, permit.deadline, permit.v, permit.r, permit.s)


def auction_values(auction: Auction) -> tuple[Any, ...]:
    """An auction as the ABI's tuple, in the order of its fields."""
    return (
        *(auction.seller, auction.collection, auction.token_id, auction.transfer_count),
        *(auction.reserve, auction.start, auction.open_until, auction.duration, auction.end),
        *(auction.min_step_bps, auction.max_royalty_bps, auction.max_fee_bps),
        *(auction.nonce, auction.counter),
    )


def coin_for(order: Order) -> int:
    """What goes with a purchase: the highest price in coin; what is too much returns."""
    return order.price if order.currency == ZERO_ADDRESS else 0


def _places(orders: Sequence[Order], bulks: Sequence[Bulk]) -> tuple[Any, ...]:
    places = bulks or [ALONE] * len(orders)
    return tuple(map(bulk_values, places)) if any(one.proof for one in places) else ()


class Exchange(Governed):
    """The exchange."""

    __slots__ = ()

    artifact: ClassVar[str] = "Exchange"

    def fill(
        self, order: Order, signature: bytes, *, bulk: Bulk = ALONE, coin: int | None = None
    ) -> Call:
        """
        Buy what a listing offers.

        The first price goes with it unless `coin` says less (of a falling price, that of now).
        """
        sent = coin_for(order) if coin is None else coin
        if not bulk.proof:
            return self._do("fill", order_values(order), signature, coin=sent)
        values = (order_values(order), signature, bulk_values(bulk))
        return self._do("fillBulk", *values, coin=sent)

    def fill_with_permit(
        self, order: Order, signature: bytes, permit: Permit, *, bulk: Bulk = ALONE
    ) -> Call:
        """Buy in an ERC-20, the sender's permit tried first."""
        place, allowed = bulk_values(bulk), permit_values(permit)
        return self._do("fillWithPermit", order_values(order), signature, place, allowed)

    def buy_many(
        self,
        orders: Sequence[Order],
        signatures: Sequence[bytes],
        *,
        bulks: Sequence[Bulk] = (),
        coin: int | None = None,
    ) -> Call:
        """Buy all of these listings or none."""
        sent = sum(map(coin_for, orders)) if coin is None else coin
        values = (tuple(map(order_values, orders)), tuple(signatures), _places(orders, bulks))
        return self._do("buyMany", *values, coin=sent)

    def buy_available(
        self,
        orders: Sequence[Order],
        signatures: Sequence[bytes],
        *,
        gas_per_item: int,
        bulks: Sequence[Bulk] = (),
        coin: int | None = None,
    ) -> Call:
        """Buy those of these listings that can be had; the coin of the others returns."""
        sent = sum(map(coin_for, orders)) if coin is None else coin
        values = (tuple(map(order_values, orders)), tuple(signatures), _places(orders, bulks))
        return self._do("buyAvailable", *values, gas_per_item, coin=sent)

    def accept(
        self, order: Order, signature: bytes, acceptance: Acceptance, *, bulk: Bulk = ALONE
    ) -> Call:
        """Sell a work of the sender to the maker of an offer."""
        place, terms = bulk_values(bulk), acceptance_values(acceptance)
        return self._do("accept", order_values(order), signature, place, terms)

    def accept_many(
        self,
        orders: Sequence[Order],
        signatures: Sequence[bytes],
        acceptances: Sequence[Acceptance],
        *,
        bulks: Sequence[Bulk] = (),
    ) -> Call:
        """Accept all of these offers or none."""
        places = tuple(map(bulk_values, bulks or [ALONE] * len(orders)))
        terms = tuple(map(acceptance_values, acceptances))
        return self._do(
            "acceptMany", tuple(map(order_values, orders)), tuple(signatures), places, terms
        )

    def cancel(self, nonces: Sequence[int]) -> Call:
        """Use up the sender's nonces, of orders, auctions and vouchers alike."""
        return self._do("cancel", tuple(nonces))

    def cancel_all(self) -> Call:
        """Void everything that the sender signed so far."""
        return self._do("cancelAll")

    def set_currency(self, currency: Address, allowed: bool) -> Call:
        """Owner: allow or end payment in an ERC-20."""
        return self._do("setCurrency", currency, allowed)

    def is_currency_allowed(self, currency: Address) -> Question[bool]:
        """Whether an ERC-20 is taken."""
        return self._ask("isCurrencyAllowed", currency)

    def counter_of(self, maker: Address) -> Question[int]:
        """The counter that a maker's orders must carry."""
        return self._ask("counterOf", maker)

    def is_nonce_used(self, maker: Address, nonce: int) -> Question[bool]:
        """Whether a nonce is filled or cancelled."""
        return self._ask("isNonceUsed", maker, nonce)

    def standing(self, maker: Address, nonce: int) -> Question[tuple[int, bool]]:
        """Counter, and whether the nonce is used, in one answer."""
        return self._ask("standing", maker, nonce)

    def hash_order(self, order: Order) -> Question[Digest]:
        """The order's EIP-712 digest as the contract computes it."""
        return self._ask("hashOrder", order_values(order))

    def hash_bulk(self, order: Order, bulk: Bulk) -> Question[Digest]:
        """The digest signed for a tree that the order has this place in."""
        return self._ask("hashBulk", order_values(order), bulk_values(bulk))

    def price_at(self, order: Order, seconds: int) -> Question[int]:
        """The price at a moment as the contract computes it."""
        return self._ask("priceAt", order_values(order), seconds)


class Auctions(Governed):
    """English auctions."""

    __slots__ = ()

    artifact: ClassVar[str] = "Auctions"

    def open(self, auction: Auction, signature: bytes, amount: int) -> Call:
        """Make the first bid, in wei."""
        return self._do("open", auction_values(auction), signature, coin=amount)

    def bid(self, auction: Auction, amount: int) -> Call:
        """Bid more, in wei."""
        return self._do("bid", auction_values(auction), coin=amount)

    def settle(self, auction: Auction) -> Call:
        """After the end: the work to the winner, the price to all; anybody may."""
        return self._do("settle", auction_values(auction))

    def unwind(self, auction: Auction) -> Call:
        """From 7 days after the end: settle, or give the bid back; anybody may."""
        return self._do("unwind", auction_values(auction))

    def reclaim(self, auction: Auction) -> Call:
        """The work of an unwound auction to its seller; anybody may."""
        return self._do("reclaim", auction_values(auction))

    def standing_bid(self, auction_hash: Digest) -> Question[tuple[int, Address, int, int]]:
        """State (0 not opened, 1 standing, 2 over, 3 unwound), bidder, amount, end."""
        return self._ask("standingBid", auction_hash)

    def least_bid(self, auction: Auction) -> Question[int]:
        """The least that the next bid must be, as the contract computes it."""
        return self._ask("leastBid", auction_values(auction))

    def latest_end(self, auction: Auction) -> Question[int]:
        """The second that no extension passes, as the contract computes it."""
        return self._ask("latestEnd", auction_values(auction))

    def hash_auction(self, auction: Auction) -> Question[Digest]:
        """The auction's EIP-712 digest as the contract computes it."""
        return self._ask("hashAuction", auction_values(auction))

    def escrowed(self) -> Question[int]:
        """Money that belongs to standing bids."""
        return self._ask("escrowed")

    def exchange(self) -> Question[Address]:
        """Where cancels are kept."""
        return self._ask("exchange")


class Validator(Contract):
    """Why something signed cannot be filled, as numbers; a taker of zero asks for anybody."""

    __slots__ = ()

    artifact: ClassVar[str] = "Validator"

    def check_order(
        self,
        order: Order,
        signature: bytes,
        *,
        bulk: Bulk = ALONE,
        taker: Address = ZERO_ADDRESS,
        acceptance: Acceptance | None = None,
    ) -> Question[Numbers]:
        """Of an order; without an acceptance what depends on an offered work is left out."""
        terms = acceptance_values(acceptance or NO_ACCEPTANCE)
        return self._ask(
            "checkOrder", order_values(order), signature, bulk_values(bulk), taker, terms
        )

    def check_auction(
        self, auction: Auction, signature: bytes, *, bidder: Address = ZERO_ADDRESS
    ) -> Question[Numbers]:
        """Of a bid."""
        return self._ask("checkAuction", auction_values(auction), signature, bidder)

    def check_voucher(
        self,
        collection: Address,
        voucher: Voucher,
        signer: Address,
        signature: bytes,
        *,
        number: int = 0,
        taker: Address = ZERO_ADDRESS,
    ) -> Question[Numbers]:
        """Of one work (from 0) of a voucher."""
        signed = (voucher_values(voucher), signer, signature)
        return self._ask("checkVoucher", collection, *signed, number, taker)
