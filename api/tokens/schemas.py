"""
Works on the wire: what programs read as JSON and what the pages show.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.chains.schemas import AsOf, Finality
from api.orders.schemas import OrderOut
from api.sales.elsewhere import PaymentOut, VenueOut
from media.formats import find_kind

TokenSort = Literal["newest", "oldest", "updated", "price_asc", "price_desc"]


class RoyaltyOut(BaseModel):
    """What the token answers to ERC-2981, in basis points of a price."""

    receiver: str
    bps: int


class VariantOut(BaseModel):
    """A smaller picture made from an original, never the original itself."""

    name: str
    url: str
    width: int
    height: int
    type: str


class PinOut(BaseModel):
    """A file in one place."""

    store: str
    """`embedded`, `kubo` or a pinning service's name."""
    state: Literal["wanted", "sent", "pinned", "read_back", "at_risk", "lost", "failed"]
    """Only `read_back` means that the place gave the very bytes when it was last asked."""
    read_at: datetime | None
    """The last independent reading with equal hashes."""


class HealthOut(BaseModel):
    """A file in all its places together."""

    state: Literal["coming", "kept", "at_risk", "lost"]
    """At risk: fewer copies stand than are wanted. Lost: none, and nobody has the bytes."""
    wanted: int
    standing: int
    read_at: datetime | None
    """The newest independent reading."""
    changed_at: datetime


class MediaOut(BaseModel):
    """One file of a work, by content."""

    role: str
    cid: str
    sha256: str
    type: str
    kind: str = ""
    """`image`, `video`, `audio`, `model`, `document`, `page`; empty for a type that is no work."""
    size: int
    url: str
    width: int | None = None
    height: int | None = None
    blur: str | None = None
    variants: list[VariantOut] = []
    pins: list[PinOut] = []
    """Where it is kept; empty for what is not ours to keep."""
    health: HealthOut | None = None
    details: dict[str, Any] = {}
    """What this kind alone has: `duration`, `pages`, `triangles` and the like."""

    @model_validator(mode="after")
    def _name_the_kind(self) -> Self:
        self.kind = self.kind or find_kind(self.type) or ""
        return self


class EditionOut(BaseModel):
    """Which of how many; size null says nothing of the whole."""

    number: int
    size: int | None


class AttributeOut(BaseModel):
    """A trait as marketplaces show them."""

    trait_type: str
    value: str


class MintedOut(BaseModel):
    """The transaction that made the token."""

    block_number: str
    transaction_hash: str
    timestamp: datetime


class MetadataVersionOut(BaseModel):
    """What stood behind a token's URI when it was looked at; each version has other bytes."""

    version: int
    fetched_at: datetime
    block_number: str
    """As of which the contract was asked for the URI."""
    uri: str
    sha256: str | None
    """Of the bytes; null when there were none."""
    size: int | None
    error: str | None
    """Why it is no document."""


class UserOut(BaseModel):
    """Somebody who may use the work without owning it (ERC-4907)."""

    account: str
    expires_at: datetime
    """The last second of it."""


class TokenOut(BaseModel):
    """A work: what the artist states of it, what the chain says, and its best listing."""

    chain_id: str
    contract: str
    token_id: str
    asset: str
    """CAIP-19."""
    test: bool
    title: str
    description: str
    artist: str
    alt_text: str
    date: str
    medium: str
    dimensions: str
    edition: EditionOut
    attributes: list[AttributeOut]
    rights: str
    external_id: str
    creator: str
    owner: str
    """Address zero when burned; the auctions' contract while it keeps the work."""
    held_for: str | None = None
    """Whose the work is while an auction keeps it: the seller."""
    transfer_count: int
    royalty: RoyaltyOut
    media: list[MediaOut]
    metadata_digest: str | None
    metadata_cid: str | None
    metadata_known: bool
    """False: the document behind the digest has not reached us, and the texts are empty."""
    token_uri: str | None
    foreign: bool = False
    """Of somebody else's collection: not minted here, and nobody here vouches for what is said."""
    image_url: str | None = None
    """Of a foreign work, as its document writes it: a stranger's address, never followed here."""
    metadata_versions: list[MetadataVersionOut] = []
    """Of a foreign work, oldest first."""
    locked: bool | None = None
    """
    Of a foreign work: its contract says that it cannot be moved (ERC-5192), so that nobody can
    sell it. Null: it said nothing, as most contracts.
    """
    user: UserOut | None = None
    """Of a foreign work: who may use it now, as its contract says; null when that time is over."""
    frozen: bool
    burned: bool
    minted: MintedOut
    listing: OrderOut | None
    """The cheapest listing that anybody could fill now."""
    work_url: str
    certificate_url: str
    as_of: AsOf


class TokenList(BaseModel):
    """A page of works."""

    items: list[TokenOut]
    next: str | None
    as_of: AsOf | None
    """The newest among the items; null when there are none."""


class ProvenanceItem(BaseModel):
    """One line of a work's history; money stands only where there was a sale."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    event: Literal["mint", "transfer", "sale", "burn", "metadata", "royalty", "frozen"]
    from_: str | None = Field(alias="from")
    to: str | None
    price: str | None = None
    currency: str | None = None
    royalty_paid: str | None = None
    royalty_receiver: str | None = None
    platform_fee: str | None = None
    order_hash: str | None = None
    sale_kind: Literal["listing", "bundle", "offer", "auction", "voucher", "elsewhere"] | None = (
        None
    )
    venue: VenueOut | None = None
    """
    Somebody else's exchange. Of such a sale `royalty_paid` is what the receiver got whom the work
    named then; null where it named nobody that we know of, or the seller.
    """
    payments: list[PaymentOut] | None = None
    """Elsewhere: who received how much, the seller among them."""
    works: int | None = None
    """Elsewhere: how many works shared the order's price, which is divided equally."""
    seller: str | None = None
    """Of a sale; of an auction's the transfer itself comes from the contract that kept the work."""
    metadata_cid: str | None = None
    """Of a mint or a correction: the document that holds from here on."""
    royalty_bps: int | None = None
    transaction_hash: str
    log_index: int
    block_number: str
    block_hash: str
    timestamp: datetime
    finality: Finality


class ProvenanceList(BaseModel):
    """A page of provenance, oldest first."""

    items: list[ProvenanceItem]
    next: str | None
    as_of: AsOf | None


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TransferIn(_In):
    """Give a work to somebody without a sale."""

    owner: str = Field(max_length=100)
    to: str = Field(max_length=100)


class BurnIn(_In):
    """Destroy a work for good."""

    owner: str = Field(max_length=100)


class FreezeIn(_In):
    """Make a work's description final."""

    creator: str = Field(max_length=100)


class EditionIn(_In):
    """Which of how many."""

    number: int = 1
    size: int | None = 1


class DescribedIn(_In):
    """What a museum label says; what is left out stays as it is."""

    date: str | None = Field(default=None, max_length=1_000)
    medium: str | None = Field(default=None, max_length=1_000)
    dimensions: str | None = Field(default=None, max_length=1_000)
    edition: EditionIn | None = None


class AttributeIn(_In):
    """A trait as marketplaces show them."""

    trait_type: str = Field(max_length=1_000)
    value: str | int | float = Field(union_mode="left_to_right")


class MetadataIn(_In):
    """A corrected description, in the words of a mint; what is left out stays as it is."""

    creator: str = Field(max_length=100)
    title: str | None = Field(default=None, max_length=20_000)
    artist: str | None = Field(default=None, max_length=1_000)
    description: str | None = Field(default=None, max_length=20_000)
    alt_text: str | None = Field(default=None, max_length=20_000)
    work: DescribedIn | None = None
    attributes: list[AttributeIn] | None = Field(default=None, max_length=256)
    rights: str | None = Field(default=None, max_length=20_000)
    external_id: str | None = Field(default=None, max_length=1_000)
