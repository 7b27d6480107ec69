"""
A work that was sold by contracts which its collection's code does not name, and its extract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nft.layouts.registry import venues
from nft.types import Address
from nft.verification.sales import AUCTION_SETTLED
from tests.support.papers import Options, Papers, code_of, told_by
from tests.support.toy_chain import Account, Block, Log

CHAIN_ID = 31337
AUCTIONS, FORMER = Address(b"\xac" * 20), Address(b"\xed" * 20)
COLLECTOR, WINNER, LAST = (Address(bytes([n]) * 20) for n in (0xC1, 0xC2, 0xC3))
"""Who sells at auction, who wins, and who buys of the winner on another exchange."""


def venue_code(contract: str, at: Address) -> bytes:
    """The code of an exchange or an auction house at an address."""
    known = next(one for one in venues().values() if one.contract == contract)
    return code_of(known, at, CHAIN_ID)


class SoldPapers(Papers):
    """Transferred, kept by the auctions, won, and sold by an exchange of before."""

    def __init__(self, options: Options, auctions: bytes) -> None:
        """`auctions` is the code that stands where the auctions' logs come from."""
        self._auctions = auctions
        super().__init__(options)

    def _deploy(self) -> None:
        super()._deploy()
        codes = {
            AUCTIONS: self._auctions,
            FORMER: venue_code("Exchange", FORMER),
        }
        self.chain.accounts |= {address: Account(code) for address, code in codes.items()}
        self.code += codes.values()

    def _move(self) -> None:
        steps = (self._given, self._kept, self._won, self._sold)
        steps[len(self.items) - 1]()

    def _given(self) -> None:
        self.hand_over("transfer", COLLECTOR, [], {})

    def _kept(self) -> None:
        self.hand_over("transfer", AUCTIONS, [], {})

    def _won(self) -> None:
        price = self.price()
        self.hand_over("sale", WINNER, [self.settled(price)], {**price, "seller": str(COLLECTOR)})

    def _sold(self) -> None:
        price = self.price()
        log = self.fill(WINNER, LAST, price, by=FORMER)
        self.hand_over("sale", LAST, [log], {**price, "seller": str(WINNER)})

    def settled(self, price: Mapping[str, str]) -> Log:
        """What the auctions say of a sale."""
        words = (
            int.from_bytes(self.contract, "big"),
            self.token.token_id,
            int(price["price"]),
            int.from_bytes(self.receiver, "big"),
            int(price["royalty_paid"]),
            int(price["platform_fee"]),
            0,
        )
        parties = (COLLECTOR, WINNER)
        return told_by(AUCTIONS, AUCTION_SETTLED, price["order_hash"], parties, words)

    def state_pieces(self, block: Block) -> Any:
        """The work's state, and the code of those that sold it."""
        states = [block.state(address) for address in (self.contract, AUCTIONS, FORMER)]
        states[0] = block.state(self.contract, self.slots)
        return self.chain.pieces(states=states, code=self.code)


def sold_papers(seed: int, auctions: bytes | None = None) -> SoldPapers:
    """The papers of a work that went through all of that."""
    options = Options(seed=seed, moves=4, chain_id=CHAIN_ID)
    return SoldPapers(options, venue_code("Auctions", AUCTIONS) if auctions is None else auctions)
