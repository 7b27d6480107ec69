"""
A work of one of our collections, read out of proven state.

The contract itself is recognised first, as of the same block: its code, or that of the clone and of
the implementation that the clone hands every call to. Only then do its slots mean anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.chain.clones import Clone, collection_arguments
from nft.layouts.errors import LayoutUnknown, NotShown
from nft.layouts.registry import Implementation, implementations, recognise
from nft.layouts.slots import mapping_slot
from nft.proofs.linked import Fact, ProvenBlock, ProvenChain
from nft.proofs.state import NO_CODE
from nft.tokens import OwnershipWord, creator_of, ownership_slot
from nft.types import Address, Digest, TokenRef

LAYOUT = "vernissage-collection-v1"


@dataclass(frozen=True, slots=True)
class OurCollection:
    """A contract of ours: the house's, or an artist's clone of it."""

    address: Address
    implementation: Address
    """The contract itself where it is no clone."""
    layout: Implementation
    exchange: Address
    artist: Address | None
    """Whose clone it is."""
    name: str | None = None
    symbol: str | None = None
    """A clone's; the house's lie in its storage."""

    @property
    def is_clone(self) -> bool:
        """Whether it is an artist's own."""
        return self.address != self.implementation

    def digest_slot(self, token_id: int) -> int:
        """Where the SHA-256 of a work's metadata lies."""
        return mapping_slot(token_id, self.layout.slots["digests"])

    def payee_slot(self, payee: int) -> int:
        """Where the receiver of a royalty lies, by its number in the ownership word."""
        return mapping_slot(payee, self.layout.slots["payees"])


@dataclass(frozen=True, slots=True)
class Royalty:
    """What a sale owes."""

    bps: int
    receiver: Address


def our_collection(chain: ProvenChain, block: int, address: Address) -> Fact[OurCollection]:
    """
    The collection at an address, as of a block.

    Raises `NotShown` where account or code is not in the evidence, `LayoutUnknown` where the code
    is none of ours.
    """
    fact, code = code_at(chain, block, address)
    clone = Clone.read(code)
    if clone is None:
        return Fact(fact, _house(chain, code, address))
    arguments = collection_arguments(clone)
    if arguments is None:
        raise LayoutUnknown("a clone with other arguments than a collection's")
    _, behind = code_at(chain, block, clone.implementation)
    house = _house(chain, behind, clone.implementation)
    found = OurCollection(
        address=address,
        implementation=clone.implementation,
        layout=house.layout,
        exchange=house.exchange,
        artist=Address.parse(arguments["artist"]),
        name=arguments["name"],
        symbol=arguments["symbol"],
    )
    return Fact(fact, found)


def ownership(chain: ProvenChain, block: int, token: TokenRef) -> Fact[OwnershipWord]:
    """
    Owner, royalty, payee and transfers of a work. Raises `NotShown`.

    A word of zero is that of a work never minted; see `OwnershipWord.is_burned` for the other.
    """
    fact = _word(chain, block, token.contract, ownership_slot(token.token_id), "the work's word")
    return Fact(fact.block, OwnershipWord.unpack(fact.told))


def metadata_digest(
    chain: ProvenChain, block: int, collection: OurCollection, token_id: int
) -> Fact[Digest]:
    """The SHA-256 that a work carries; zeros where there is no work. Raises `NotShown`."""
    slot = collection.digest_slot(token_id)
    fact = _word(chain, block, collection.address, slot, "the digest of the metadata")
    return Fact(fact.block, Digest(fact.told.to_bytes(32, "big")))


def royalty(
    chain: ProvenChain, block: int, collection: OurCollection, token_id: int
) -> Fact[Royalty]:
    """What a sale owes, and to whom. Raises `NotShown`, `LayoutUnknown` for a payee of nobody."""
    token = TokenRef(chain.chain_id, collection.address, token_id)
    word = ownership(chain, block, token)
    if word.told.payee == 0:
        return Fact(word.block, Royalty(word.told.royalty_bps, creator_of(token_id)))
    slot = collection.payee_slot(word.told.payee)
    fact = _word(chain, block, collection.address, slot, "the receiver of the royalty")
    if not 0 < fact.told < 2**160:
        raise LayoutUnknown("a receiver that is no address")
    receiver = Address(fact.told.to_bytes(20, "big"))
    return Fact(fact.block, Royalty(word.told.royalty_bps, receiver))


def _house(chain: ProvenChain, code: bytes, at: Address) -> OurCollection:
    found = recognise(code, at, chain.chain_id, implementations())
    return OurCollection(
        address=at,
        implementation=at,
        layout=found.implementation,
        exchange=Address(found.written["exchange"][12:]),
        artist=None,
    )


def code_at(chain: ProvenChain, block: int, address: Address) -> tuple[ProvenBlock, bytes]:
    """A contract's code after a block. Raises `NotShown`, `LayoutUnknown` where there is none."""
    fact = chain.account(block, address)
    if fact is None:
        raise NotShown(f"the account {address} as of block {block}")
    if fact.told.code_hash == NO_CODE:
        raise LayoutUnknown(f"there is no contract at {address}")
    code = chain.code(fact.told.code_hash)
    if code is None:
        raise NotShown(f"the code of {address}")
    return fact.block, code


def _word(chain: ProvenChain, block: int, address: Address, slot: int, what: str) -> Fact[int]:
    fact = chain.word(block, address, slot)
    if fact is None:
        raise NotShown(f"{what} as of block {block}")
    return fact
