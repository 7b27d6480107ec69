"""
Placing our contracts on a chain, as `nft.chain.placing` plans it.

Every step looks first and acts only where something is missing, so it may be run again after any
interruption, by anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.local.errors import CannotStart, WrongInput
from nft.chain.abi import decode, load, selector
from nft.chain.deployments import Currency, Deployment, Placed
from nft.chain.placing import (
    PROXY,
    PROXY_CODE,
    PROXY_COST,
    PROXY_MAKER,
    PROXY_TRANSACTION,
    Found,
    Placement,
    Terms,
    wrapped_coin,
)
from nft.chain.protocol import Call
from nft.chain.runtime import differences, immutables
from nft.types import Address

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Mined:
    """What became of a transaction."""

    block: int
    succeeded: bool


class Site(Protocol):
    """A chain, and somebody who pays for what is placed on it."""

    sender: Address

    def chain_id(self) -> int:
        """The chain's EIP-155 id."""

    def head(self) -> int:
        """The newest block's number."""

    def code(self, address: Address, block: int | None = None) -> bytes | None:
        """The code there now or at a block; None when the node forgot the state of that block."""

    def balance(self, address: Address) -> int:
        """Wei held by an account."""

    def ask(self, call: Call) -> bytes:
        """A contract's answer; empty when it refuses."""

    def send(self, call: Call) -> Mined:
        """Send from the sender, and wait for the block."""

    def send_signed(self, transaction: bytes) -> Mined:
        """Hand in what somebody else signed, and wait for the block."""


def place(
    site: Site,
    terms: Terms,
    placements: Sequence[Placement],
    *,
    currencies: Sequence[Currency] = (),
    before: Deployment | None = None,
    say: Say = lambda _: None,
) -> Found:
    """
    Place what is missing, compare all of it, and allow the currencies.

    `before` is the chain's document so far; blocks of what stands already come from it, or are
    searched. Raises `CannotStart` where a contract is not what it must be.
    """
    make_proxy(site, say)
    blocks = {one.key: _place(site, one, before, say) for one in placements}
    coin = wrapped_coin(placements)
    taken = (*([coin] if coin else []), *currencies)
    found = Found(site.chain_id(), terms, tuple(placements), blocks, taken)
    _compare(site, found)
    _allow(site, found, say)
    return found


def place_one(site: Site, one: Placement, say: Say = lambda _: None) -> Placed:
    """Place a contract that is told nothing, where the others stand already; and compare it."""
    make_proxy(site, say)
    placed = Placed(one.address, _place(site, one, None, say))
    wrong = differences(load(one.contract), site.code(one.address) or b"", {})
    if wrong:
        said = "; ".join(map(str, wrong))
        raise CannotStart(f"{one.contract} at {one.address} is not what was compiled: {said}")
    return placed


def make_proxy(site: Site, say: Say) -> None:
    """Put the deterministic deployment proxy where it belongs, by the transaction made for it."""
    code = site.code(PROXY)
    if code == PROXY_CODE:
        return
    if code:
        raise WrongInput(f"{PROXY} holds another program than the deterministic deployment proxy")
    say(f"chain {site.chain_id()} has no deployment proxy: placing it at {PROXY}")
    missing = PROXY_COST - site.balance(PROXY_MAKER)
    if missing > 0:
        _demand(site.send(Call(to=PROXY_MAKER, data=b"", value=missing)), "funding the proxy")
    _demand(site.send_signed(PROXY_TRANSACTION), "placing the deployment proxy")
    if site.code(PROXY) != PROXY_CODE:
        raise CannotStart(f"the deployment proxy did not come to stand at {PROXY}")


def _demand(mined: Mined, what: str) -> None:
    if not mined.succeeded:
        raise CannotStart(f"{what} failed in block {mined.block}")


def _place(site: Site, one: Placement, before: Deployment | None, say: Say) -> int:
    if site.code(one.address):
        say(f"{one.contract} stands at {one.address}")
        return _block_of(site, one, before)
    mined = site.send(one.call)
    if mined.succeeded:
        say(f"{one.contract} placed at {one.address} in block {mined.block}")
        return mined.block
    # Whoever was first placed the very same code.
    if not site.code(one.address):
        raise CannotStart(f"the contract {one.contract} could not be placed at {one.address}")
    return _block_of(site, one, before)


def _block_of(site: Site, one: Placement, before: Deployment | None) -> int:
    known = [] if before is None else [*before.contracts, *filter(None, [before.anchors])]
    told = next((placed.block for placed in known if placed.address == one.address), None)
    return first_block_of(site, one.address) if told is None else told


def first_block_of(site: Site, address: Address) -> int:
    """The block that placed a contract, by halving."""
    low, high = 0, site.head()
    while low < high:
        middle = (low + high) // 2
        code = site.code(address, middle)
        if code is None:
            raise CannotStart(
                f"the node does not keep the state of block {middle}, so it cannot say since when "
                f"{address} is there: ask an archive node, or name the folder with the document "
                "of the first deployment by --out"
            )
        low, high = (low, middle) if code else (middle + 1, high)
    return low


def _compare(site: Site, found: Found) -> None:
    deployment = found.deployment()
    for one in found.placements:
        words = immutables(one.contract, one.address, deployment)
        wrong = differences(load(one.contract), site.code(one.address) or b"", words)
        if wrong:
            said = "; ".join(map(str, wrong))
            raise CannotStart(f"{one.contract} at {one.address} is not what was compiled: {said}")


def _allow(site: Site, found: Found, say: Say) -> None:
    exchange = found.deployment().exchange.address
    abi = load("Exchange")
    for currency in found.currencies:
        asked = Call(to=exchange, data=abi["isCurrencyAllowed"].encode(currency.address))
        if any(site.ask(asked)):
            continue
        call = Call(to=exchange, data=abi["setCurrency"].encode(currency.address, True))
        owner = Address(site.ask(Call(to=exchange, data=abi["owner"].encode()))[12:])
        if owner != site.sender:
            say(
                f"{currency.symbol} is not allowed yet: {owner}, the owner, must send "
                f"0x{call.data.hex()} to {exchange}"
            )
            continue
        _demand(site.send(call), f"allowing {currency.symbol}")
        say(f"{currency.symbol} at {currency.address} allowed")


def read_currency(site: Site, address: Address) -> Currency:
    """What a token says of itself. Raises `WrongInput` when it is no ERC-20."""

    def ask(signature: str, *values: bytes) -> bytes:
        return site.ask(Call(to=address, data=selector(signature) + b"".join(values)))

    decimals = ask("decimals()")
    symbol = ask("symbol()")
    if len(decimals) != 32 or int.from_bytes(decimals, "big") > 255:
        raise WrongInput(f"{address} does not say its decimals: it is no ERC-20 token")
    # A fallback that answers nothing to anything, WETH9's, is no permit.
    permits = all(
        len(answer) == 32
        for answer in (ask("DOMAIN_SEPARATOR()"), ask("nonces(address)", bytes(32)))
    )
    return Currency(address, _text(address, symbol), int.from_bytes(decimals, "big"), permits)


def _text(address: Address, answer: bytes) -> str:
    """A symbol: a string, or 32 bytes in tokens from before there were strings."""
    if len(answer) == 32:
        return answer.rstrip(b"\0").decode("ascii", "replace")
    from eth_abi.exceptions import DecodingError

    try:
        return str(decode(["string"], answer)[0])
    except DecodingError as error:
        raise WrongInput(f"{address} does not say its symbol: it is no ERC-20 token") from error
