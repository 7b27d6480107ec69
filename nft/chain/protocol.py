"""
What a chain is to the rest of the house: blocks, logs, calls, state, transactions.

`Web3Chain` in `client.py` is the real one. Hashes are `Digest`, addresses `Address`, quantities
`int`. Everything a node answers is translated here once, so that nobody else reads hex.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from nft.errors import ExchangeError
from nft.types import Address, Digest

if TYPE_CHECKING:
    from nft.chain.wire_log import WireLog

Tag = Literal["latest", "safe", "finalized", "pending", "earliest"]
BlockId = int | Tag | Digest
"""A height, a tag, or a hash (then the node must know that very block)."""


@dataclass(frozen=True, slots=True)
class Block:
    """A header; `header` is the node's own answer, hex and all, for proofs."""

    number: int
    block_hash: Digest
    parent_hash: Digest
    timestamp: int
    bloom: int = 0
    """The logs bloom as a number of 2,048 bits."""
    base_fee: int = 0
    header: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Log:
    """One log of a block, topics and data as bytes."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: Digest
    transaction_hash: Digest
    log_index: int
    removed: bool = False


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which logs: any of these addresses, and a first topic of these. None: any."""

    addresses: tuple[Address, ...]
    topics: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The logs of a range and the headers asked for with them, answered by one node at once."""

    logs: Sequence[WireLog]
    blocks: Sequence[Block | None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction."""

    transaction_hash: Digest
    block_number: int
    block_hash: Digest
    succeeded: bool
    sender: Address
    to: Address | None
    contract: Address | None
    gas_used: int
    gas_price: int
    logs: tuple[Log, ...]


class Moved(NamedTuple):
    """One ERC-721 `Transfer` of a block."""

    log_index: int
    sender: Address
    receiver: Address
    token_id: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction as the node has it; `block_number` is None while it waits."""

    transaction_hash: Digest
    sender: Address
    to: Address | None
    data: bytes
    value: int
    nonce: int
    gas: int
    block_number: int | None
    block_hash: Digest | None


@dataclass(frozen=True, slots=True)
class Call:
    """A call to simulate: nothing is signed or sent."""

    to: Address
    data: bytes
    sender: Address | None = None
    value: int = 0
    gas: int | None = None
    """How much a stranger's contract may use up; None: what the node allows."""


@dataclass(frozen=True, slots=True)
class Fees:
    """What gas costs now: `max_fee` covers the base fee doubling, plus the tip."""

    base_fee: int
    tip: int

    @property
    def max_fee(self) -> int:
        """Wei per gas that a wallet should allow at most."""
        return 2 * self.base_fee + self.tip


class Chain(Protocol):
    """
    One chain, reached through one node or several.

    Every method ends by its deadline: it answers, or raises `ChainUnreachable` or another error
    of `nft.chain.errors`.
    """

    @property
    def chain_id(self) -> int:
        """The chain's EIP-155 id; every node was asked for it before it was believed."""

    def head(self) -> Block:
        """The newest block."""

    def find_block(self, block: BlockId) -> Block | None:
        """A header, or None where the node has none."""

    def blocks(self, ids: Sequence[BlockId]) -> list[Block | None]:
        """Several headers in one request, in the order asked."""

    def logs(self, first: int, last: int, wanted: LogFilter) -> list[Log]:
        """The logs of a range, both ends included."""

    def span(
        self, wanted: LogFilter, where: tuple[int, int] | Digest, ids: Sequence[BlockId]
    ) -> Span:
        """
        Logs of a range or of one block (by hash), and headers, in one request.

        A balancer keeps one request on one node, so that logs and headers fit together.
        """

    def logs_of(self, wanted: LogFilter, hashes: Sequence[Digest]) -> list[Sequence[WireLog]]:
        """The logs of several blocks, each by its hash, in one request."""

    def receipt_logs(self, block_hash: Digest) -> Sequence[WireLog]:
        """The logs of every receipt of a block: the last word where logs and bloom disagree."""

    def reread(self, contract: Address, block_hash: Digest) -> Sequence[Moved]:
        """
        A contract's transfers in a block, by another library than everything else here.

        For audits: it is slow, and shares no code that could share a mistake.
        """

    def call(self, call: Call, block: BlockId = "latest") -> bytes:
        """The answer of a contract. Raises `Reverted`."""

    def call_many(
        self, calls: Sequence[Call], block: BlockId = "latest"
    ) -> list[bytes | ExchangeError]:
        """Several calls in one request; a call that fails is answered by its error."""

    def estimate_gas(self, call: Call) -> int:
        """Gas a transaction would need now. Raises `Reverted` or `InsufficientFunds`."""

    def fees(self) -> Fees:
        """What gas costs now."""

    def balance(self, address: Address, block: BlockId = "latest") -> int:
        """Wei held by an account."""

    def transaction_count(self, address: Address, block: BlockId = "latest") -> int:
        """The account's next nonce as of a block (`pending`: with what waits)."""

    def code(self, address: Address, block: BlockId = "latest") -> bytes:
        """The code at an address; empty for a plain account."""

    def storage(self, address: Address, slot: int, block: BlockId = "latest") -> bytes:
        """One storage word, 32 bytes."""

    def proof(self, address: Address, slots: Sequence[int], block: BlockId) -> Mapping[str, Any]:
        """EIP-1186 account and storage proof, as the node words it."""

    def find_transaction(self, transaction_hash: Digest) -> Transaction | None:
        """A transaction, mined or waiting; None where the node knows none."""

    def find_receipt(self, transaction_hash: Digest) -> Receipt | None:
        """The receipt of a mined transaction."""

    def send_raw(self, signed: bytes) -> Digest:
        """Hand in a signed transaction; sending it twice is no error."""

    @property
    def is_alone(self) -> bool:
        """Whether there is one node only, so that nobody can contradict it."""

    def agrees(self, number: int, block_hash: Digest) -> bool:
        """
        Whether the nodes have that block at that height, as far as they can tell.

        False when a majority has another, or when two contradict each other; the one that is
        outvoted is named and benched. A node that is silent contradicts nobody.
        """

    def doubt(self, why: str) -> None:
        """Report that the last answer was inconsistent: the next one comes from elsewhere."""
