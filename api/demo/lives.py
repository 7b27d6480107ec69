"""
What happens to each work after it is minted: sales, gifts, and the price it hangs at.

A life is a list of what is done in turn, so that a run that was interrupted can look at the
work's provenance, count, and go on where it stopped.
"""

from dataclasses import dataclass

from api.demo.people import EDDA_QUIST, HALFMOON_ROOMS, NOOR_CASTELLANE, Person

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
class Life:
    """One work's fate."""

    turns: tuple[Sale | Gift, ...] = ()
    hanging: Hanging | None = None


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
    ),
    "the-lamp-left-on": Life(
        turns=(Sale(EDDA_QUIST, "1.2"), Sale(NOOR_CASTELLANE, "1.75")),
    ),
    "letter-without-words": Life(hanging=Hanging("0.45")),
    "blanket-for-a-cold-spring": Life(
        turns=(Sale(HALFMOON_ROOMS, "0.7"),),
        hanging=Hanging("0.95"),
    ),
    "raked-garden-three-stones": Life(hanging=Hanging("1.1", reserved_for=EDDA_QUIST)),
    "bowl-moon-table": Life(hanging=Hanging("0.18")),
    "empty-mountain-after-new-rain": Life(
        turns=(Sale(HALFMOON_ROOMS, "2.4"), Sale(NOOR_CASTELLANE, "3.0")),
        hanging=Hanging("3.6"),
    ),
    "six-persimmons-once-more": Life(),
    "one-breath": Life(turns=(Gift(HALFMOON_ROOMS),)),
    "reeds-wind-from-the-east": Life(hanging=Hanging("0.85")),
}
"""By the work's slug. One was never for sale, one was given, one is held back for a collector."""


def wei(price_eth: str) -> str:
    """A price in ether as the amount that the API takes."""
    whole, _, part = price_eth.partition(".")
    return str(int(whole) * ETH + int(part.ljust(18, "0")))
