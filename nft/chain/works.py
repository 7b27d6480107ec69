"""
Typed calls on collections: any ERC-721, ours, and the factory of artists' own ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nft.chain.abi import Function
from nft.chain.calls import Contract, Credits, Question
from nft.chain.protocol import Call
from nft.types import ZERO_ADDRESS, ZERO_DIGEST, Address, Digest
from nft.vouchers import Voucher

INTERFACE_ERC721 = bytes.fromhex("80ac58cd")
INTERFACE_ERC2981 = bytes.fromhex("2a55205a")
INTERFACE_TRANSFER_COUNT = bytes.fromhex("caf1690e")


class Erc721(Contract):
    """Any ERC-721 contract, with ERC-2981 where it has that."""

    __slots__ = ()

    artifact: ClassVar[str] = "Collection"

    def approve(self, operator: Address, token_id: int) -> Call:
        """Let somebody move one work."""
        return self._do("approve", operator, token_id)

    def set_approval_for_all(self, operator: Address, approved: bool) -> Call:
        """Let somebody move every work, or no longer."""
        return self._do("setApprovalForAll", operator, approved)

    def transfer(self, sender: Address, receiver: Address, token_id: int) -> Call:
        """
        Hand a work over by `safeTransferFrom`.

        A contract that cannot hold works refuses it, instead of swallowing the work.
        """
        function = Function("safeTransferFrom", ("address", "address", "uint256"), ())
        return Call(to=self.address, data=function.encode(sender, receiver, token_id))

    def owner_of(self, token_id: int) -> Question[Address]:
        """The holder; reverts for a work that was never minted or is burned."""
        return self._ask("ownerOf", token_id)

    def balance_of(self, owner: Address) -> Question[int]:
        """Number of works held."""
        return self._ask("balanceOf", owner)

    def get_approved(self, token_id: int) -> Question[Address]:
        """Who may move this one work."""
        return self._ask("getApproved", token_id)

    def is_approved_for_all(self, owner: Address, operator: Address) -> Question[bool]:
        """Whether somebody may move all of an owner's works."""
        return self._ask("isApprovedForAll", owner, operator)

    def royalty_info(self, token_id: int, price_wei: int) -> Question[tuple[Address, int]]:
        """ERC-2981: receiver and amount for a sale at this price."""
        return self._ask("royaltyInfo", token_id, price_wei)

    def token_uri(self, token_id: int) -> Question[str]:
        """Where the metadata lies."""
        return self._ask("tokenURI", token_id)

    def supports_interface(self, interface: bytes) -> Question[bool]:
        """ERC-165."""
        return self._ask("supportsInterface", interface)

    def name(self) -> Question[str]:
        """The collection's name."""
        return self._ask("name")

    def symbol(self) -> Question[str]:
        """The collection's symbol."""
        return self._ask("symbol")


class Collection(Erc721, Credits):
    """A collection of ours: the house, or an artist's own."""

    __slots__ = ()

    def mint(
        self,
        to: Address,
        token_id: int,
        metadata_digest: Digest,
        royalty_bps: int,
        royalty_receiver: Address = ZERO_ADDRESS,
    ) -> Call:
        """Mint a work; the sender is the creator named by the id, or a minter of that creator."""
        return self._do("mint", to, token_id, metadata_digest, royalty_bps, royalty_receiver)

    def mint_many(
        self,
        to: Address,
        first_token_id: int,
        metadata_digests: Sequence[Digest],
        royalty_bps: int,
        royalty_receiver: Address = ZERO_ADDRESS,
    ) -> Call:
        """Mint neighbouring works in one transaction."""
        digests = tuple(metadata_digests)
        return self._do("mintMany", to, first_token_id, digests, royalty_bps, royalty_receiver)

    def mint_edition(
        self,
        to: Address,
        first_token_id: int,
        size: int,
        metadata_digest: Digest,
        royalty_bps: int,
        royalty_receiver: Address = ZERO_ADDRESS,
    ) -> Call:
        """Mint neighbouring works that share one description."""
        terms = (metadata_digest, royalty_bps, royalty_receiver)
        return self._do("mintEdition", to, first_token_id, size, *terms)

    def redeem(self, voucher: Voucher, signer: Address, signature: bytes, number: int = 0) -> Call:
        """Buy the work `number` (from 0) of a voucher; a price in coin goes with it."""
        coin = voucher.price if voucher.currency == ZERO_ADDRESS else 0
        values = (voucher_values(voucher), signer, signature, number)
        return self._do("redeem", *values, coin=coin)

    def set_minter(self, minter: Address, allowed: bool) -> Call:
        """Let somebody mint in the sender's name, or no longer."""
        return self._do("setMinter", minter, allowed)

    def set_default_royalty(self, bps: int, receiver: Address = ZERO_ADDRESS) -> Call:
        """The royalty of the sender's works minted from now on without one of their own."""
        return self._do("setDefaultRoyalty", bps, receiver)

    def set_metadata(self, token_id: int, metadata_digest: Digest) -> Call:
        """Correct a work's description; its creator, until frozen."""
        return self._do("setMetadata", token_id, metadata_digest)

    def set_royalty(self, token_id: int, bps: int) -> Call:
        """Change a work's royalty; after the first transfer only downward."""
        return self._do("setRoyalty", token_id, bps)

    def set_contract_metadata(self, metadata_digest: Digest) -> Call:
        """Point an artist's collection to another description of itself; the artist."""
        return self._do("setContractMetadata", metadata_digest)

    def freeze(self, token_id: int) -> Call:
        """Make a work's description final."""
        return self._do("freeze", token_id)

    def freeze_all(self) -> Call:
        """Make the descriptions of all of the sender's works final, and the collection's own."""
        return self._do("freezeAll")

    def burn(self, token_id: int) -> Call:
        """Destroy a work for good."""
        return self._do("burn", token_id)

    def ownership_word(self, token_id: int) -> Question[Digest]:
        """The packed word; `OwnershipWord.unpack` reads it."""
        return self._ask("ownershipWord", token_id)

    def transfer_count(self, token_id: int) -> Question[int]:
        """Transfers since the mint."""
        return self._ask("transferCount", token_id)

    def owner_and_count(self, token_id: int) -> Question[tuple[Address, int]]:
        """The holder, zero for nobody, and the transfers; never reverts."""
        return self._ask("ownerAndCount", token_id)

    def metadata_digest(self, token_id: int) -> Question[Digest]:
        """SHA-256 of the metadata block."""
        return self._ask("metadataDigest", token_id)

    def is_frozen(self, token_id: int) -> Question[bool]:
        """Whether the description is final."""
        return self._ask("isFrozen", token_id)

    def is_all_frozen(self, creator: Address) -> Question[bool]:
        """Whether a creator gave up changing all works here."""
        return self._ask("isAllFrozen", creator)

    def creator_of(self, token_id: int) -> Question[Address]:
        """The creator named by the id."""
        return self._ask("creatorOf", token_id)

    def artist(self) -> Question[Address]:
        """Whose collection it is; zero in the house."""
        return self._ask("artist")

    def is_minter(self, creator: Address, minter: Address) -> Question[bool]:
        """Whether somebody may mint in a creator's name."""
        return self._ask("isMinter", creator, minter)

    def default_royalty(self, creator: Address) -> Question[tuple[int, Address]]:
        """Basis points and receiver of a creator's works minted without a royalty."""
        return self._ask("defaultRoyalty", creator)

    def payees(self, index: int) -> Question[Address]:
        """A royalty receiver by its number in the word."""
        return self._ask("payees", index)

    def taken_of(self, voucher_hash: Digest, account: Address) -> Question[int]:
        """How many works of a voucher that limits it an account has taken."""
        return self._ask("takenOf", voucher_hash, account)

    def hash_voucher(self, voucher: Voucher) -> Question[Digest]:
        """The voucher's EIP-712 digest as the contract computes it."""
        return self._ask("hashVoucher", voucher_values(voucher))

    def contract_uri(self) -> Question[str]:
        """ERC-7572 description of the collection."""
        return self._ask("contractURI")

    def exchange(self) -> Question[Address]:
        """Where cancels of vouchers are kept."""
        return self._ask("exchange")


class CollectionFactory(Contract):
    """Deploys collections of artists, as clones of the house."""

    __slots__ = ()

    artifact: ClassVar[str] = "CollectionFactory"

    def create(
        self,
        name: str,
        symbol: str,
        *,
        contract_digest: Digest = ZERO_DIGEST,
        salt: Digest = ZERO_DIGEST,
    ) -> Call:
        """Deploy a collection whose artist is the sender."""
        return self._do("create", name, symbol, contract_digest, salt)

    def predict(
        self,
        artist: Address,
        name: str,
        symbol: str,
        *,
        contract_digest: Digest = ZERO_DIGEST,
        salt: Digest = ZERO_DIGEST,
    ) -> Question[Address]:
        """Where `create` by this artist would deploy."""
        return self._ask("predict", artist, name, symbol, contract_digest, salt)

    def house(self) -> Question[Address]:
        """The house collection, whose code every clone runs."""
        return self._ask("house")

    def is_collection(self, collection: Address) -> Question[bool]:
        """Whether it is the house or was deployed here."""
        return self._ask("isCollection", collection)


def voucher_values(voucher: Voucher) -> tuple[Any, ...]:
    """A voucher as the ABI's tuple, in the order of its fields."""
    return (
        *(voucher.token_id, voucher.metadata_digest, voucher.price, voucher.currency),
        *(voucher.royalty_bps, voucher.royalty_receiver, voucher.recipient),
        *(voucher.fee_receiver, voucher.max_fee_bps),
        *(voucher.edition_size, voucher.max_per_recipient),
        *(voucher.start, voucher.end, voucher.nonce, voucher.counter),
    )
