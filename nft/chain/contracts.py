"""
Typed calls on our contracts and on plain ERC-721, one class each.

What changes state is a `Call`: its `to` and `data` go into a transaction step. What only reads
is a `Question`: ask it alone, or several in one request with `ask_many`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eth_abi.exceptions import DecodingError

from nft.chain.abi import Abi, Function, load
from nft.chain.errors import ContractSilent
from nft.chain.protocol import BlockId, Call, Chain
from nft.errors import ExchangeError
from nft.orders import Order
from nft.types import Address, Digest

T = TypeVar("T")

ERC1271_MAGIC = bytes.fromhex("1626ba7e")

INTERFACE_ERC721 = bytes.fromhex("80ac58cd")
INTERFACE_ERC2981 = bytes.fromhex("2a55205a")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A read-only call and how to understand its answer."""

    call: Call
    function: Function

    def ask(self, chain: Chain, block: BlockId = "latest") -> T:
        """The answer. Raises `Reverted`, or `ContractSilent` where no such function answers."""
        return self.read(chain.call(self.call, block))

    def read(self, answer: bytes) -> T:
        """Understand an answer's bytes."""
        try:
            value: T = self.function.decode(answer)
        except (DecodingError, OverflowError, UnicodeDecodeError) as error:
            raise ContractSilent(str(self.call.to), self.function.name) from error
        return value


def ask_many(
    chain: Chain, questions: Sequence[Question[Any]], block: BlockId = "latest"
) -> list[Any]:
    """
    All answers in one request, in order; a question that fails is answered by its error.

    Ask at one block's hash or number when the answers must fit together.
    """
    found = chain.call_many([question.call for question in questions], block)
    return [_read(question, answer) for question, answer in zip(questions, found, strict=True)]


def _read(question: Question[Any], answer: bytes | ExchangeError) -> Any:
    if isinstance(answer, ExchangeError):
        return answer
    try:
        return question.read(answer)
    except ContractSilent as error:
        return error


@dataclass(frozen=True, slots=True)
class _Contract:
    address: Address

    def _abi(self) -> Abi:
        return load("Collection")

    def _do(self, name: str, *values: Any, coin: int = 0) -> Call:
        return Call(to=self.address, data=self._abi()[name].encode(*values), value=coin)

    def _ask(self, name: str, *values: Any) -> Question[Any]:
        function = self._abi()[name]
        return Question(Call(to=self.address, data=function.encode(*values)), function)


class Erc721(_Contract):
    """Any ERC-721 contract, with ERC-2981 where it has that."""

    __slots__ = ()

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


class Collection(Erc721):
    """A collection of ours."""

    __slots__ = ()

    def mint(
        self,
        to: Address,
        serial: int,
        metadata_digest: Digest,
        royalty_bps: int,
        royalty_receiver: Address,
    ) -> Call:
        """Mint the sender's work number `serial`; the sender is the creator."""
        return self._do("mint", to, serial, metadata_digest, royalty_bps, royalty_receiver)

    def mint_many(
        self,
        to: Address,
        first_serial: int,
        metadata_digests: Sequence[Digest],
        royalty_bps: int,
        royalty_receiver: Address,
    ) -> Call:
        """Mint neighbouring works in one transaction."""
        digests = tuple(metadata_digests)
        return self._do("mintMany", to, first_serial, digests, royalty_bps, royalty_receiver)

    def set_metadata(self, token_id: int, metadata_digest: Digest) -> Call:
        """Correct a work's description; its creator, until frozen."""
        return self._do("setMetadata", token_id, metadata_digest)

    def set_royalty(self, token_id: int, bps: int) -> Call:
        """Change a work's royalty; after the first transfer only downward."""
        return self._do("setRoyalty", token_id, bps)

    def freeze(self, token_id: int) -> Call:
        """Make a work's description final."""
        return self._do("freeze", token_id)

    def burn(self, token_id: int) -> Call:
        """Destroy a work for good."""
        return self._do("burn", token_id)

    def ownership_word(self, token_id: int) -> Question[Digest]:
        """The packed word; `OwnershipWord.unpack` reads it."""
        return self._ask("ownershipWord", token_id)

    def transfer_count(self, token_id: int) -> Question[int]:
        """Transfers since the mint."""
        return self._ask("transferCount", token_id)

    def metadata_digest(self, token_id: int) -> Question[Digest]:
        """SHA-256 of the metadata block."""
        return self._ask("metadataDigest", token_id)

    def is_frozen(self, token_id: int) -> Question[bool]:
        """Whether the description is final."""
        return self._ask("isFrozen", token_id)

    def creator_of(self, token_id: int) -> Question[Address]:
        """The creator named by the id."""
        return self._ask("creatorOf", token_id)

    def payees(self, index: int) -> Question[Address]:
        """A royalty receiver by its number in the word."""
        return self._ask("payees", index)

    def contract_uri(self) -> Question[str]:
        """ERC-7572 description of the collection."""
        return self._ask("contractURI")


def order_values(order: Order) -> tuple[Any, ...]:
    """An order as the ABI's tuple, in the order of its fields."""
    return (
        int(order.kind),
        order.maker,
        order.taker,
        order.collection,
        order.token_id,
        order.transfer_count,
        tuple((item.collection, item.token_id, item.transfer_count) for item in order.more),
        order.criteria,
        order.metadata_digest,
        order.currency,
        order.price,
        order.end_price,
        order.start,
        order.end,
        order.max_royalty_bps,
        order.max_fee_bps,
        order.nonce,
        order.counter,
    )


class Exchange(_Contract):
    """The exchange."""

    __slots__ = ()

    def _abi(self) -> Abi:
        return load("Exchange")

    def fill(self, order: Order, signature: bytes) -> Call:
        """Settle a listing; the price goes with it."""
        return self._do("fill", order_values(order), signature, coin=order.price)

    def cancel(self, nonces: Sequence[int]) -> Call:
        """Use up the sender's nonces."""
        return self._do("cancel", tuple(nonces))

    def cancel_all(self) -> Call:
        """Void every order that the sender signed so far."""
        return self._do("cancelAll")

    def withdraw(self, to: Address) -> Call:
        """Take out what could not be paid to the sender."""
        return self._do("withdraw", to)

    def withdraw_fees(self) -> Call:
        """Send the platform's fees to its receiver; anybody may."""
        return self._do("withdrawFees")

    def counter_of(self, maker: Address) -> Question[int]:
        """The counter that a maker's orders must carry."""
        return self._ask("counterOf", maker)

    def is_nonce_used(self, maker: Address, nonce: int) -> Question[bool]:
        """Whether a nonce is filled or cancelled."""
        return self._ask("isNonceUsed", maker, nonce)

    def hash_order(self, order: Order) -> Question[Digest]:
        """The order's EIP-712 digest as the contract computes it."""
        return self._ask("hashOrder", order_values(order))

    def fee_bps(self) -> Question[int]:
        """The platform's share."""
        return self._ask("feeBps")

    def fee_receiver(self) -> Question[Address]:
        """Who gets the platform's share."""
        return self._ask("feeReceiver")

    def credit(self, account: Address) -> Question[int]:
        """What waits for an account to be withdrawn."""
        return self._ask("credit", account)

    def supports_kind(self, kind: int) -> Question[bool]:
        """Whether the exchange settles this kind of order."""
        return self._ask("supportsKind", kind)


_IS_VALID = Function("isValidSignature", ("bytes32", "bytes"), ("bytes4",))


def signature_question(wallet: Address, digest: Digest, signature: bytes) -> Question[bytes]:
    """ERC-1271: the answer is `ERC1271_MAGIC` when a contract wallet vouches for the digest."""
    return Question(Call(to=wallet, data=_IS_VALID.encode(digest, signature)), _IS_VALID)
