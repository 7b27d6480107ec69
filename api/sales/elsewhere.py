"""
What a sale on another venue paid of a royalty: what went to whoever the work named at that time.

The venue tells payments without saying what for. For works of ours the mirror knows the receiver
that the work named before the sale; works of others name nobody here, and the royalty is unknown.
So it is where the seller is the receiver: proceeds and royalty are then one payment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from sqlalchemy import select, tuple_
from sqlmodel import SQLModel

from indexer.venues import KIND, VENUES
from nft.types import Address

SALES = SQLModel.metadata.tables["chain_sales"]
CHANGES = SQLModel.metadata.tables["chain_token_changes"]

Payments = Sequence[Mapping[str, str]]
"""As the mirror keeps them: receiver and amount."""

NAMED = (
    select(CHANGES.c.royalty_receiver, CHANGES.c.royalty_bps)
    .where(
        SALES.c.kind == KIND,
        CHANGES.c.chain_id == SALES.c.chain_id,
        CHANGES.c.contract == SALES.c.contract,
        CHANGES.c.token_id == SALES.c.token_id,
        CHANGES.c.royalty_bps.is_not(None),
        tuple_(CHANGES.c.block_number, CHANGES.c.log_index)
        < tuple_(SALES.c.block_number, SALES.c.log_index),
    )
    .order_by(CHANGES.c.block_number.desc(), CHANGES.c.log_index.desc())
    .limit(1)
    .lateral("named")
)
"""For each sale elsewhere the royalty that the work named when it was sold."""


class VenueOut(BaseModel):
    """Somebody else's exchange."""

    name: str
    address: str


class PaymentOut(BaseModel):
    """What somebody received of a price."""

    receiver: str
    amount: str


def venue_out(address: Address) -> VenueOut:
    """A venue by its address; one that is not in the table any more has no other name."""
    known = VENUES.get(address)
    return VenueOut(name=known.name if known else address.short, address=str(address))


def received(payments: Payments, receiver: Address) -> int:
    """What somebody was paid."""
    return sum(int(one["amount"]) for one in payments if one["receiver"] == str(receiver))


def royalty_paid(payments: Payments, seller: Address, named: Address | None) -> int | None:
    """What the named receiver was paid; None where nobody can say."""
    return None if named is None or named == seller else received(payments, named)
