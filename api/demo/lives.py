"""
What happens to each work after it is minted: sales, gifts, and how it hangs.

A life is a list of what is done in turn, so that a run that was interrupted can look at the
work's provenance, count, and go on where it stopped.
"""

from dataclasses import dataclass

from api.demo.people import (
    EDDA_QUIST,
    HALFMOON_ROOMS,
    ILKA_MARROW,
    NOOR_CASTELLANE,
    WEN_LANYIN,
    Person,
)

ETH = 10**18


@dataclass(frozen=True, slots=True)
class Sale:
    """Listed by whoever holds the work, and bought."""

    buyer: Person
    price_eth: str

    @property
    def to(self) -> Person:
        """Whose it is afterwards."""
        return self.buyer


@dataclass(frozen=True, slots=True)
class Gift:
    """Handed over without a price."""

    to: Person


@dataclass(frozen=True, slots=True)
class Hanging:
    """The price at which the work is for sale in the end, perhaps for one person alone."""

    price_eth: str
    reserved_for: Person | None = None


@dataclass(frozen=True, slots=True)
class Falling:
    """A price that falls in a straight line until somebody buys."""

    price_eth: str
    end_price_eth: str


@dataclass(frozen=True, slots=True)
class Bid:
    """What somebody bids in an auction."""

    bidder: Person
    price_eth: str


@dataclass(frozen=True, slots=True)
class Auction:
    """An auction that runs: each bid outbids the one before it."""

    reserve_eth: str
    bids: tuple[Bid, ...]
    days: int = 7


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody offers for a work, for sale or not, in wrapped coin."""

    buyer: Person
    price_eth: str


@dataclass(frozen=True, slots=True)
class Collaborator:
    """Somebody who shares in the royalty beside the artist."""

    person: Person
    bps: int


@dataclass(frozen=True, slots=True)
class OwnCollection:
    """The collection that an artist deploys for the own works."""

    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Life:
    """One work's fate."""

    turns: tuple[Sale | Gift, ...] = ()
    hanging: Hanging | Falling | Auction | None = None
    offer: Offer | None = None
    is_lazy: bool = False
    """Signed, not minted, by its artist: whoever buys it first mints it."""
    collaborators: tuple[Collaborator, ...] = ()


LIVES: dict[str, Life] = {
    "first-light-low-tide": Life(
        turns=(
            Sale(HALFMOON_ROOMS, "0.8"),
            Sale(NOOR_CASTELLANE, "1.4"),
            Sale(EDDA_QUIST, "2.1"),
            Sale(HALFMOON_ROOMS, "2.6"),
        ),
        hanging=Hanging("3.2"),
    ),
    "rain-on-the-far-shore": Life(hanging=Hanging("0.65")),
    "four-oclock-after-the-move": Life(
        turns=(Sale(NOOR_CASTELLANE, "0.9"),),
        hanging=Hanging("1.35"),
        is_lazy=True,
    ),
    "the-lamp-left-on": Life(
        turns=(Sale(EDDA_QUIST, "1.2"), Sale(NOOR_CASTELLANE, "1.75")),
    ),
    "letter-without-words": Life(hanging=Hanging("0.45")),
    "blanket-for-a-cold-spring": Life(
        turns=(Sale(HALFMOON_ROOMS, "0.7"),),
        hanging=Hanging("0.95"),
        collaborators=(Collaborator(ILKA_MARROW, 250),),
    ),
    "raked-garden-three-stones": Life(hanging=Hanging("1.1", reserved_for=EDDA_QUIST)),
    "bowl-moon-table": Life(hanging=Falling("0.3", "0.12")),
    "empty-mountain-after-new-rain": Life(
        turns=(Sale(HALFMOON_ROOMS, "2.4"), Sale(NOOR_CASTELLANE, "3.0")),
        hanging=Hanging("3.6"),
    ),
    "six-persimmons-once-more": Life(offer=Offer(NOOR_CASTELLANE, "1.6")),
    "one-breath": Life(turns=(Gift(HALFMOON_ROOMS),)),
    "reeds-wind-from-the-east": Life(
        hanging=Auction("0.6", bids=(Bid(EDDA_QUIST, "0.65"), Bid(HALFMOON_ROOMS, "0.8"))),
    ),
}
"""
By the work's slug.

One was never for sale and has an offer, one was given, one is held back for a collector, one is
minted by its buyer, one runs in an auction, one falls in price, one pays two people.
"""

OWN_COLLECTIONS: dict[Person, OwnCollection] = {
    WEN_LANYIN: OwnCollection("溫蘭茵 Wen Lanyin", "WEN"),
}
"""Artists whose works are not in the house collection."""


def wei(price_eth: str) -> str:
    """A price in ether as the amount that the API takes."""
    whole, _, part = price_eth.partition(".")
    return str(int(whole) * ETH + int(part.ljust(18, "0")))
