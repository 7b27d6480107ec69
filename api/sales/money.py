"""
Money as people read it, and the currencies that a chain's exchange takes.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.parts import ChainParts
from nft.chain.deployments import Currency
from nft.errors import Unacceptable
from nft.types import ZERO_ADDRESS, Address

COIN = Currency(address=ZERO_ADDRESS, symbol="ETH", decimals=18, permit=False)
WRAPPED = "WETH"
"""The symbol under which a deployment lists the chain's own coin as a token."""


class CurrencyNotTaken(Unacceptable):
    """The exchange is not paid in that token."""

    field = "currency"

    def __init__(self, currency: str, taken: list[str]) -> None:
        super().__init__(f"{currency} is not among the currencies taken: {', '.join(taken)}")


class TokenCurrencyNeeded(Unacceptable):
    """An offer is drawn from the buyer later, which a chain's own coin cannot be."""

    field = "currency"

    def __init__(self) -> None:
        super().__init__("an offer is paid in a token (WETH, say), not in the chain's own coin")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency's smallest unit; as text, exact and with the symbol."""

    amount: int
    currency: Address
    symbol: str
    decimals: int

    def __str__(self) -> str:
        whole, rest = divmod(self.amount, 10**self.decimals)
        digits = f"{rest:0{self.decimals}d}".rstrip("0") if self.decimals else ""
        return f"{whole}.{digits} {self.symbol}" if digits else f"{whole} {self.symbol}"


def find_currency(part: ChainParts, address: Address) -> Currency | None:
    """The chain's own coin, a token that the exchange takes, or None."""
    if address == ZERO_ADDRESS:
        return COIN
    return next((one for one in part.deployment.currencies if one.address == address), None)


def currency_of(part: ChainParts, address: Address) -> Currency:
    """A currency that is taken here. Raises `CurrencyNotTaken`."""
    found = find_currency(part, address)
    if found is None:
        taken = [str(COIN.address), *(str(one.address) for one in part.deployment.currencies)]
        raise CurrencyNotTaken(str(address), taken)
    return found


def token_currency(part: ChainParts, address: Address | None) -> Currency:
    """
    The token that an offer is made in: the one named, else the wrapped coin.

    Raises `TokenCurrencyNeeded` or `CurrencyNotTaken`.
    """
    if address == ZERO_ADDRESS:
        raise TokenCurrencyNeeded
    if address is not None:
        return currency_of(part, address)
    wrapped = wrapped_coin(part)
    if wrapped is None:
        raise TokenCurrencyNeeded
    return wrapped


def wrapped_coin(part: ChainParts) -> Currency | None:
    """The chain's own coin as a token, if the exchange takes it."""
    return next((one for one in part.deployment.currencies if one.symbol == WRAPPED), None)


def is_wrapped_coin(part: ChainParts, address: Address) -> bool:
    """Whether a token can be had by wrapping coin."""
    wrapped = wrapped_coin(part)
    return wrapped is not None and wrapped.address == address


def money(part: ChainParts, amount: int, currency: Address) -> Money:
    """An amount for words; a currency that is no longer taken is shown in its smallest unit."""
    found = find_currency(part, currency)
    if found is None:
        return Money(amount, currency, f"units of {currency}", 0)
    return Money(amount, currency, found.symbol, found.decimals)
