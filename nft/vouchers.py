"""
Lazy mints: what an artist signs, and whether a collector can still redeem it.

The purchase mints to the artist first and then moves the work on; `ICollection.redeem` has the
rules. A voucher is cancelled at the exchange, by nonce or counter, as orders are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nft.errors import OrderInvalid
from nft.orders import MAX_PRICE
from nft.reasons import Code, Reason
from nft.tokens import MAX_ROYALTY_BPS, MAX_SERIAL, creator_of, serial_of
from nft.types import WHOLE_BPS, ZERO_ADDRESS, ZERO_DIGEST, Address, Digest

DEFAULT_ROYALTY = 65_535
"""As a work's basis points: the creator's default royalty, whatever it is at the mint."""

MAX_FEE_BPS = 500

LONGEST_EDITION = 2**32 - 1
"""Works of one voucher: `editionSize` is a uint32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A lazy mint signed by the artist, field for field the EIP-712 type `Voucher`."""

    token_id: int
    metadata_digest: Digest
    price: int
    currency: Address = ZERO_ADDRESS
    royalty_bps: int
    royalty_receiver: Address = ZERO_ADDRESS
    recipient: Address = ZERO_ADDRESS
    fee_receiver: Address = ZERO_ADDRESS
    max_fee_bps: int
    edition_size: int = 1
    max_per_recipient: int = 0
    start: int
    end: int
    nonce: int
    counter: int

    @property
    def creator(self) -> Address:
        """Who is the artist of these works, and is paid."""
        return creator_of(self.token_id)

    @property
    def fee(self) -> int:
        """What of the price goes to the fee's receiver, rounded down."""
        paid = self.fee_receiver != ZERO_ADDRESS
        return self.price * self.max_fee_bps // WHOLE_BPS if paid else 0

    @property
    def ids(self) -> range:
        """The ids that the voucher can mint."""
        return range(self.token_id, self.token_id + self.edition_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFacts:
    """What the chain says about a voucher and one of its works, as of one block."""

    is_minted: bool
    """The work was minted, and burned perhaps."""
    minted: int
    """How many works of the voucher were."""
    may_sign: bool
    """The signer is the creator, or a minter of the creator now."""
    is_nonce_used: bool
    """Of the signer, as the counter is: a minter's cancel reaches what the minter signed."""
    counter: int
    taken: int = 0
    """By the one who wants it."""
    balance: int | None = None
    """Of that one in the currency; None where it is not known."""
    allowance: int | None = None
    """What the collection may take of an ERC-20; None where it is not known."""


def check_voucher(
    voucher: Voucher,
    *,
    now: int,
    artist: Address | None = None,
    currencies: Collection[Address] | None = None,
) -> None:
    """
    Refuse terms that no collection would ever redeem. `now` in Unix seconds.

    `artist` is that of an own collection; None in the house, which is open to all creators.
    `currencies` are the ERC-20s taken; None takes any. Raises `OrderInvalid`.
    """
    if voucher.metadata_digest == ZERO_DIGEST:
        raise OrderInvalid("metadata_digest", "a work has metadata")
    if artist is not None and voucher.creator != artist:
        raise OrderInvalid("token_id", f"the works of this collection are by {artist}")
    if voucher.edition_size == 0:
        raise OrderInvalid("edition_size", "an edition has at least one work")
    if serial_of(voucher.token_id) + voucher.edition_size - 1 > MAX_SERIAL:
        raise OrderInvalid("edition_size", "the edition passes the creator's last number")
    if voucher.price > MAX_PRICE:
        raise OrderInvalid("price", f"{voucher.price} is above the maximum of {MAX_PRICE}")
    if voucher.royalty_bps > MAX_ROYALTY_BPS and voucher.royalty_bps != DEFAULT_ROYALTY:
        raise OrderInvalid("royalty_bps", f"{voucher.royalty_bps} is above {MAX_ROYALTY_BPS}")
    if voucher.royalty_bps == DEFAULT_ROYALTY and voucher.royalty_receiver != ZERO_ADDRESS:
        raise OrderInvalid("royalty_receiver", "the default royalty has a receiver of its own")
    if voucher.max_fee_bps > MAX_FEE_BPS:
        raise OrderInvalid("max_fee_bps", f"{voucher.max_fee_bps} is above {MAX_FEE_BPS}")
    if voucher.end <= voucher.start:
        raise OrderInvalid("expires_at", "the voucher ends before it begins")
    if voucher.end <= now:
        raise OrderInvalid("expires_at", "the end time has already passed")
    if currencies is not None and voucher.currency not in (ZERO_ADDRESS, *currencies):
        raise OrderInvalid("currency", f"{voucher.currency} is not accepted here")


def reasons_not_redeemable(
    voucher: Voucher,
    facts: VoucherFacts,
    *,
    now: int,
    number: int = 0,
    taker: Address | None = None,
) -> list[Reason]:
    """Every reason why the work `number` (from 0) cannot be had now, most telling first."""
    found = list(_of_work(voucher, facts, number))
    found.extend(_of_signer(voucher, facts))
    if now < voucher.start:
        found.append(Reason.of(Code.NOT_STARTED, "the sale has not begun"))
    if now > voucher.end:
        found.append(Reason.of(Code.EXPIRED, "the sale is over"))
    if taker is not None and voucher.recipient not in (ZERO_ADDRESS, taker):
        found.append(Reason.of(Code.TAKER_MISMATCH, f"it is for {voucher.recipient} alone"))
    if voucher.max_per_recipient and facts.taken >= voucher.max_per_recipient:
        found.append(Reason.of(Code.RECIPIENT_LIMIT))
    found.extend(_of_money(voucher, facts, taker))
    return found


def _of_money(voucher: Voucher, facts: VoucherFacts, taker: Address | None) -> Iterator[Reason]:
    in_coin = voucher.currency == ZERO_ADDRESS
    needed = voucher.price
    if not in_coin:  # nobody pays oneself
        fee = voucher.fee
        needed = (taker != voucher.fee_receiver) * fee
        needed += (taker != voucher.creator) * (voucher.price - fee)
    if facts.balance is not None and facts.balance < needed:
        yield Reason.of(Code.BALANCE_TOO_LOW)
    if not in_coin and facts.allowance is not None and facts.allowance < needed:
        yield Reason.of(Code.ALLOWANCE_TOO_LOW, "the collection may not take the price")


def _of_work(voucher: Voucher, facts: VoucherFacts, number: int) -> Iterator[Reason]:
    if number >= voucher.edition_size:
        yield Reason.of(Code.EDITION_EXCEEDED, f"the edition has {voucher.edition_size} works")
    elif facts.is_minted:
        yield Reason.of(Code.ALREADY_MINTED)


def _of_signer(voucher: Voucher, facts: VoucherFacts) -> Iterator[Reason]:
    if not facts.may_sign:
        yield Reason.of(Code.SIGNER_NOT_ALLOWED)
    if facts.is_nonce_used:
        yield Reason.of(Code.NONCE_USED, f"nonce {voucher.nonce} is cancelled")
    if facts.counter > voucher.counter:
        yield Reason.of(Code.COUNTER_MOVED)
    elif facts.counter < voucher.counter:
        yield Reason.of(Code.COUNTER_AHEAD)


def voucher_state(voucher: Voucher, facts: VoucherFacts, reasons: list[Reason], *, now: int) -> str:
    """The one word for a voucher: filled (sold out), cancelled, expired, not_fillable, fillable."""
    if facts.minted >= voucher.edition_size:
        return "filled"
    if facts.is_nonce_used or facts.counter > voucher.counter:
        return "cancelled"
    if now > voucher.end:
        return "expired"
    return "not_fillable" if reasons else "fillable"
