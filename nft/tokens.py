"""
What a token is: an id that names its creator, and one storage word that says the rest.

A token id is `uint160(creator) << 96 | n`, so that a statement, a voucher or a listing can name
the id before the mint. The word lies in the ownership slot of the collection (Solady's ERC-721),
from the low bits up: owner 160 | royalty bps 14 | frozen 1 | approved 1 | payee 32 | transfers 48.
One Merkle proof of that word certifies owner, royalty and number of transfers.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.errors import NotAnAmount, RoyaltyTooHigh
from nft.proofs.keccak import keccak
from nft.types import Address

SERIAL_BITS = 96
MAX_SERIAL: int = 2**SERIAL_BITS - 1

_SEED = bytes.fromhex("7d882553")

MAX_ROYALTY_BPS = 2_500
"""The highest royalty of our own collections."""

CONFIRM_ROYALTY_BPS = 1_000
"""Above this the artist is asked once more before signing."""


def token_id(creator: Address, serial: int) -> int:
    """The id of the creator's work number `serial`."""
    if not 0 <= serial <= MAX_SERIAL:
        raise NotAnAmount(str(serial))
    return int.from_bytes(creator, "big") << SERIAL_BITS | serial


def creator_of(token: int) -> Address:
    """The address in the upper 160 bits of one of our token ids."""
    return Address((token >> SERIAL_BITS).to_bytes(20, "big"))


def serial_of(token: int) -> int:
    """The number in the lower 96 bits of one of our token ids."""
    return token & MAX_SERIAL


def ownership_slot(token: int) -> int:
    """Where the word of a token lies: Solady hashes the id with a seed over its low 32 bits."""
    seeded = token.to_bytes(32, "big")[:28] + _SEED
    return (2 * token + int.from_bytes(keccak(seeded), "big")) % 2**256


@dataclass(frozen=True, slots=True)
class OwnershipWord:
    """The decoded ownership slot of one token."""

    owner: Address
    royalty_bps: int
    is_frozen: bool
    payee: int
    transfer_count: int
    is_approved: bool = False
    """Somebody is approved for this one token; who, stands in the slot above the word."""

    @classmethod
    def unpack(cls, word: int) -> OwnershipWord:
        """Split the 256-bit word."""
        return cls(
            owner=Address((word & (2**160 - 1)).to_bytes(20, "big")),
            royalty_bps=word >> 160 & (2**14 - 1),
            is_frozen=bool(word >> 174 & 1),
            payee=word >> 176 & (2**32 - 1),
            transfer_count=word >> 208,
            is_approved=bool(word >> 175 & 1),
        )

    def pack(self) -> int:
        """The 256-bit word; inverse of `unpack`."""
        return (
            int.from_bytes(self.owner, "big")
            | self.royalty_bps << 160
            | int(self.is_frozen) << 174
            | int(self.is_approved) << 175
            | self.payee << 176
            | self.transfer_count << 208
        )

    @property
    def is_burned(self) -> bool:
        """Owner 0 and a counter above 0; a word of 0 was never minted."""
        return not any(self.owner) and self.transfer_count > 0


def check_royalty(bps: int) -> None:
    """Refuse a royalty that our collections would refuse. Raises `RoyaltyTooHigh`."""
    if not 0 <= bps <= MAX_ROYALTY_BPS:
        raise RoyaltyTooHigh(bps, MAX_ROYALTY_BPS)
