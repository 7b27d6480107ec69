"""
Typed calls on what money is made of here: ERC-20 tokens, wrapped coin, and splitters of royalties.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nft.chain.calls import Contract, Question
from nft.chain.protocol import Call
from nft.orders import Permit
from nft.royalties import Share
from nft.types import ZERO_ADDRESS, Address, Digest


class Erc20(Contract):
    """Any ERC-20 token, with ERC-2612 where it has that."""

    __slots__ = ()

    artifact: ClassVar[str] = "Weth"

    def approve(self, spender: Address, amount: int) -> Call:
        """Let somebody take up to this much."""
        return self._do("approve", spender, amount)

    def transfer(self, to: Address, amount: int) -> Call:
        """Pay."""
        return self._do("transfer", to, amount)

    def permit(self, owner: Address, spender: Address, permit: Permit) -> Call:
        """Hand in an owner's signed allowance; anybody may."""
        signed = (permit.v, permit.r, permit.s)
        return self._do("permit", owner, spender, permit.value, permit.deadline, *signed)

    def balance_of(self, owner: Address) -> Question[int]:
        """What an account holds."""
        return self._ask("balanceOf", owner)

    def allowance(self, owner: Address, spender: Address) -> Question[int]:
        """What somebody may take of an account."""
        return self._ask("allowance", owner, spender)

    def nonces(self, owner: Address) -> Question[int]:
        """The number that the account's next permit must carry (ERC-2612)."""
        return self._ask("nonces", owner)

    def domain_separator(self) -> Question[Digest]:
        """Of permits (ERC-2612)."""
        return self._ask("DOMAIN_SEPARATOR")

    def eip712_domain(self) -> Question[tuple[bytes, str, str, int, Address, Digest, tuple[int]]]:
        """Fields, name, version, chain, contract, salt, extensions (ERC-5267)."""
        return self._ask("eip712Domain")

    def name(self) -> Question[str]:
        """The token's name."""
        return self._ask("name")

    def symbol(self) -> Question[str]:
        """The token's symbol."""
        return self._ask("symbol")

    def decimals(self) -> Question[int]:
        """Digits after the point when an amount is shown."""
        return self._ask("decimals")


class Weth(Erc20):
    """Wrapped coin."""

    __slots__ = ()

    def deposit(self, amount: int) -> Call:
        """Wrap coin, in wei."""
        return self._do("deposit", coin=amount)

    def withdraw(self, amount: int) -> Call:
        """Unwrap, in wei."""
        return self._do("withdraw", amount)


class Splitter(Contract):
    """Divides what it is paid by shares that nobody can change."""

    __slots__ = ()

    artifact: ClassVar[str] = "Splitter"

    def release(self, receiver: Address, currency: Address = ZERO_ADDRESS) -> Call:
        """Send a receiver what is owed; anybody may."""
        return self._do("release", receiver, currency)

    def releasable(self, receiver: Address, currency: Address = ZERO_ADDRESS) -> Question[int]:
        """What a receiver is owed now."""
        return self._ask("releasable", receiver, currency)

    def released(self, receiver: Address, currency: Address = ZERO_ADDRESS) -> Question[int]:
        """What a receiver was sent so far."""
        return self._ask("released", receiver, currency)

    def total_released(self, currency: Address = ZERO_ADDRESS) -> Question[int]:
        """What all receivers together were sent."""
        return self._ask("totalReleased", currency)

    def shares(self) -> Question[tuple[tuple[Address, int], ...]]:
        """Receivers ascending, and their basis points."""
        return self._ask("shares")


class SplitterFactory(Contract):
    """Deploys splitters at addresses that depend on the shares alone."""

    __slots__ = ()

    artifact: ClassVar[str] = "SplitterFactory"

    def create(self, shares: Sequence[Share]) -> Call:
        """Deploy the splitter of these shares, where there is none yet."""
        return self._do("create", _ascending(shares))

    def predict(self, shares: Sequence[Share]) -> Question[Address]:
        """Where the splitter of these shares is or would be."""
        return self._ask("predict", _ascending(shares))


def _ascending(shares: Sequence[Share]) -> tuple[tuple[Address, int], ...]:
    """As the factory wants them."""
    return tuple(sorted((share.receiver, share.bps) for share in shares))
