"""
What our contracts say happened: one frozen dataclass per event, in words of ours.

`logs.py` reads them from the logs of a chain.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.royalties import Share
from nft.types import Address, Digest


@dataclass(frozen=True, slots=True)
class Transfer:
    """A token changed hands; from zero it was minted, to zero it was burned."""

    sender: Address
    receiver: Address
    token_id: int


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody may move one token; zero: nobody any more."""

    owner: Address
    operator: Address
    token_id: int


@dataclass(frozen=True, slots=True)
class ApprovalForAll:
    """Somebody may move all of an owner's tokens, or no longer."""

    owner: Address
    operator: Address
    approved: bool


@dataclass(frozen=True, slots=True)
class Minted:
    """A work of ours was minted; follows its `Transfer`. The id names the creator."""

    token_id: int
    metadata_digest: Digest
    royalty_bps: int
    royalty_receiver: Address


@dataclass(frozen=True, slots=True)
class MetadataDigestChanged:
    """A creator corrected a work's description."""

    token_id: int
    metadata_digest: Digest


@dataclass(frozen=True, slots=True)
class Frozen:
    """A work's description became final."""

    token_id: int


@dataclass(frozen=True, slots=True)
class RoyaltyChanged:
    """A creator changed a work's royalty."""

    token_id: int
    royalty_bps: int
    royalty_receiver: Address


@dataclass(frozen=True, slots=True)
class EditionMinted:
    """Works in a row that share one description; precedes their mints."""

    first_token_id: int
    size: int


@dataclass(frozen=True, slots=True)
class VoucherFilled:
    """A work was minted by its buyer; follows its two `Transfer`s. No royalty is paid."""

    voucher_hash: Digest
    signer: Address
    buyer: Address
    token_id: int
    currency: Address
    price: int
    fee_receiver: Address
    fee: int


@dataclass(frozen=True, slots=True)
class MinterChanged:
    """A creator named somebody to mint in the creator's name, or no longer."""

    creator: Address
    minter: Address
    allowed: bool


@dataclass(frozen=True, slots=True)
class DefaultRoyaltyChanged:
    """A creator's royalty for works minted without one of their own."""

    creator: Address
    bps: int
    receiver: Address


@dataclass(frozen=True, slots=True)
class AllFrozen:
    """A creator gave up changing any work, minted or not."""

    creator: Address


@dataclass(frozen=True, slots=True)
class ContractURIUpdated:
    """A collection's own description changed; to what, the log does not say."""


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """An order was settled; the figures are what was actually paid."""

    order_hash: Digest
    maker: Address
    taker: Address
    collection: Address
    token_id: int
    currency: Address
    price: int
    royalty_receiver: Address
    royalty: int
    fee: int
    flags: int


@dataclass(frozen=True, slots=True)
class NonceCancelled:
    """A maker used up a nonce without a sale."""

    maker: Address
    nonce: int


@dataclass(frozen=True, slots=True)
class AllCancelled:
    """A maker voided everything signed under an older counter."""

    maker: Address
    counter: int


@dataclass(frozen=True, slots=True)
class Credited:
    """A payout failed and is kept for its owner."""

    account: Address
    currency: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Kept money was taken out."""

    account: Address
    currency: Address
    amount: int
    to: Address


@dataclass(frozen=True, slots=True)
class OrderSkipped:
    """An item of a best-effort purchase could not be bought."""

    order_hash: Digest
    reason: bytes
    """The first four bytes of what it reverted with."""


@dataclass(frozen=True, slots=True)
class CurrencyAllowed:
    """The exchange takes an ERC-20, or no longer."""

    currency: Address
    allowed: bool


@dataclass(frozen=True, slots=True)
class AuctionOpened:
    """A first bid brought the work into custody; precedes its `BidPlaced`."""

    auction_hash: Digest
    seller: Address
    collection: Address
    token_id: int


@dataclass(frozen=True, slots=True)
class BidPlaced:
    """A bid, and when the auction ends since."""

    auction_hash: Digest
    bidder: Address
    amount: int
    end: int


@dataclass(frozen=True, slots=True)
class AuctionSettled:
    """Work and money have changed hands."""

    auction_hash: Digest
    seller: Address
    winner: Address
    collection: Address
    token_id: int
    price: int
    royalty_receiver: Address
    royalty: int
    fee: int
    flags: int


@dataclass(frozen=True, slots=True)
class AuctionUnwound:
    """The work could not be delivered: the bid became credit."""

    auction_hash: Digest
    bidder: Address
    amount: int


@dataclass(frozen=True, slots=True)
class WorkReclaimed:
    """The work of an unwound auction is with its seller again."""

    auction_hash: Digest
    seller: Address


@dataclass(frozen=True, slots=True)
class FeeChanged:
    """The platform's share, and the second from which it holds."""

    fee_bps: int
    start: int


@dataclass(frozen=True, slots=True)
class FeeReceiverChanged:
    """Who receives the fees."""

    receiver: Address


@dataclass(frozen=True, slots=True)
class GuardianChanged:
    """Who may pause; zero: nobody."""

    guardian: Address


@dataclass(frozen=True, slots=True)
class Paused:
    """No new sales until a second."""

    guardian: Address
    until: int


@dataclass(frozen=True, slots=True)
class Unpaused:
    """A pause ended early."""

    guardian: Address


@dataclass(frozen=True, slots=True)
class Retired:
    """No new sales, for good."""


@dataclass(frozen=True, slots=True)
class FeesWithdrawn:
    """Fees went to their receiver."""

    receiver: Address
    currency: Address
    amount: int


@dataclass(frozen=True, slots=True)
class OwnershipTransferStarted:
    """Somebody may become owner by accepting."""

    owner: Address
    proposed: Address


@dataclass(frozen=True, slots=True)
class OwnershipTransferred:
    """Who decides fee, currencies and guardian; at first from zero."""

    before: Address
    owner: Address


@dataclass(frozen=True, slots=True)
class CollectionCreated:
    """An artist's collection exists; its logs come after this one."""

    collection: Address
    artist: Address
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class SplitterCreated:
    """A splitter exists; receivers ascend, shares are in basis points."""

    splitter: Address
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """A splitter paid a receiver."""

    receiver: Address
    currency: Address
    amount: int


Event = (
    Transfer
    | Approval
    | ApprovalForAll
    | Minted
    | MetadataDigestChanged
    | Frozen
    | RoyaltyChanged
    | EditionMinted
    | VoucherFilled
    | MinterChanged
    | DefaultRoyaltyChanged
    | AllFrozen
    | ContractURIUpdated
    | OrderFilled
    | NonceCancelled
    | AllCancelled
    | Credited
    | Withdrawn
    | OrderSkipped
    | CurrencyAllowed
    | AuctionOpened
    | BidPlaced
    | AuctionSettled
    | AuctionUnwound
    | WorkReclaimed
    | FeeChanged
    | FeeReceiverChanged
    | GuardianChanged
    | Paused
    | Unpaused
    | Retired
    | FeesWithdrawn
    | OwnershipTransferStarted
    | OwnershipTransferred
    | CollectionCreated
    | SplitterCreated
    | Released
)
