"""
A work that is offered and not minted yet, and every paper about it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coincurve import PrivateKey

from nft.certificates import Offer, Statement
from nft.proofs.keccak import keccak
from nft.signing import voucher_hash
from nft.types import Address
from nft.vouchers import DEFAULT_ROYALTY, Voucher
from tests.support.papers import Options, Papers, key_of, sign
from tests.support.toy_chain import Block


class OfferedPapers(Papers):
    """The papers of a work whose mint never came: the chain knows nothing of it."""

    def _mint(self, number: int) -> tuple[Block, int]:
        """A block of others' doings, in which the voucher is taken in."""
        return self.chain.mine(number, [self.transfer(self.artist, self.artist)])

    @property
    def voucher(self) -> Voucher:
        """What the artist signs."""
        return Voucher(
            token_id=self.first_id,
            metadata_digest=self.digest,
            price=10**17,
            royalty_bps=DEFAULT_ROYALTY,
            max_fee_bps=250,
            edition_size=self.options.copies,
            start=self.mint_block.timestamp,
            end=self.mint_block.timestamp + 2_592_000,
            nonce=2**200 + 7,
            counter=0,
        )

    def offer(self, key: PrivateKey | None = None, **change: Any) -> Offer:
        """The voucher, signed by the artist or whose key it is."""
        voucher, by = replace(self.voucher, **change), key or self.artist_key
        digest = voucher_hash(
            voucher, chain_id=self.options.chain_id, collection=self.token.contract
        )
        signer = Address(keccak(by.public_key.format(compressed=False)[1:])[12:])
        return Offer(
            voucher=voucher,
            signer=signer,
            signature=sign(by, digest),
            by_contract=False,
            taken_at=self.mint_block.timestamp,
        )

    def statement(self) -> Statement:
        """What the certificate says."""
        return replace(super().statement(), mint=None, evidence=None, offer=self.offer())

    def extract(self, **change: Any) -> dict[str, Any]:
        """The ownership extract: not minted as of its block."""
        self.items = []
        said = {"owner": None, "transfer_count": 0, "frozen": False, "metadata_digest": None}
        royalty = {"receiver": str(self.artist), "bps": 0}
        return super().extract(**said, royalty=royalty, **change)


MINTER_KEY, MINTER = key_of(b"a minter of the artist's")


def offered_papers(**options: Any) -> OfferedPapers:
    """The papers of an offered work of that kind; nothing moves it."""
    return OfferedPapers(Options(moves=0, **options))
