"""
Money as people read it, and the currencies that a chain's exchange takes.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.parts import ChainParts
from nft import explain
from nft.chain.deployments import COIN, Currency
from nft.errors import OrderInvalid, Unacceptable
from nft.settlement import Split
from nft.types import ZERO_ADDRESS, Address

WRAPPED = "WETH"
"""The symbol under which a deployment lists the chain's own coin as a token."""


class TokenCurrencyNeeded(Unacceptable):
    """An offer is drawn from the buyer later, which a chain's own coin cannot be."""

    field = "currency"

    def __init__(self) -> None:
        super().__init__("an offer is paid in a token (WETH, say), not in the chain's own coin")


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a currency; as text, exact and with the symbol."""

    value: int
    currency: Address
    text: str

    def __str__(self) -> str:
        return self.text


def currencies(part: ChainParts) -> dict[Address, explain.Money]:
    """How the chain's tokens are written."""
    return {
        one.address: explain.Money(one.symbol, one.decimals) for one in part.deployment.currencies
    }


def amount(part: ChainParts, value: int, currency: Address = ZERO_ADDRESS) -> Amount:
    """An amount for words; of a token that is no longer taken, in its smallest unit."""
    return Amount(value, currency, explain.amount(value, currency, currencies(part)))


def divided(part: ChainParts, split: Split, currency: Address) -> str:
    """Who gets what, in one sentence."""
    said = [f"{amount(part, split.seller, currency)} to the seller"]
    if split.royalty:
        # A bundle's royalties may go to several; then each stands in the receipt alone.
        to = split.royalty_receiver
        receiver = "the artists" if to == ZERO_ADDRESS else str(to)
        said.append(f"{amount(part, split.royalty, currency)} royalty to {receiver}")
    said.append(f"{amount(part, split.platform_fee, currency)} to the exchange")
    return ", ".join(said)


def currency_of(part: ChainParts, address: Address) -> Currency:
    """A currency that is taken here. Raises `OrderInvalid`."""
    found = part.deployment.currency(address)
    if found is None:
        taken = ", ".join(f"{one.symbol} {one.address}" for one in part.deployment.accepted)
        raise OrderInvalid("currency", f"{address} is not among the currencies taken: {taken}")
    return found


def token_currency(part: ChainParts, address: Address | None) -> Currency:
    """
    The token that an offer is made in: the one named, else the wrapped coin.

    Raises `TokenCurrencyNeeded` or `OrderInvalid`.
    """
    if address is not None and address != ZERO_ADDRESS:
        return currency_of(part, address)
    wrapped = wrapped_coin(part)
    if address == COIN.address or wrapped is None:
        raise TokenCurrencyNeeded
    return wrapped


def wrapped_coin(part: ChainParts) -> Currency | None:
    """The chain's own coin as a token, if the exchange takes it."""
    return next((one for one in part.deployment.currencies if one.symbol == WRAPPED), None)


def is_wrapped_coin(part: ChainParts, address: Address) -> bool:
    """Whether a token can be had by wrapping coin."""
    wrapped = wrapped_coin(part)
    return wrapped is not None and wrapped.address == address


def addresses(part: ChainParts) -> tuple[Address, ...]:
    """The tokens taken, as the rules want them."""
    return tuple(one.address for one in part.deployment.currencies)
