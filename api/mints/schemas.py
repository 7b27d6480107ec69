"""
What a mint is asked for with.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nft.errors import MetadataInvalid
from nft.metadata import MAX_ATTRIBUTES
from nft.types import ZERO_ADDRESS, Address

# Wide enough for a clear refusal by the rule that reads the text (`nft.metadata.check_work`).
_LONG = 20_000
_SHORT = 1_000

MAX_WORKS = 50
MAX_FILES = 12
MAX_COPIES = 10_000
"""Of a lazy mint, whose works are minted one by one."""
MAX_MINTED_COPIES = 100
"""Of an edition that is minted whole; a block holds hardly more."""


class _In(BaseModel):
    """A body: unknown fields are refused, so that a misspelt one is not ignored."""

    model_config = ConfigDict(extra="forbid")


class MediaIn(_In):
    """One file of the work."""

    upload_id: str = Field(max_length=64)
    role: str = Field(default="image", max_length=20)


class EditionIn(_In):
    """Which of how many."""

    number: int = Field(default=1, strict=True)
    size: Annotated[int, Field(strict=True)] | None = 1


class DescribedIn(_In):
    """What a museum label says."""

    date: str = Field(default="", max_length=_SHORT)
    medium: str = Field(default="", max_length=_SHORT)
    dimensions: str = Field(default="", max_length=_SHORT)
    edition: EditionIn = Field(default_factory=EditionIn)


class AttributeIn(_In):
    """A trait as marketplaces show them."""

    trait_type: str = Field(max_length=_SHORT)
    value: str | int | float = Field(union_mode="left_to_right")


class RoyaltyIn(_In):
    """Who is paid how much of every sale."""

    receiver: Address
    bps: int = Field(strict=True)


class ListAtIn(_In):
    """
    The price at which the work is to be for sale at once.

    The last four are of lazy mints, which their buyers mint.
    """

    price: str = Field(max_length=100)
    currency: Address = ZERO_ADDRESS
    expires_at: datetime | None = None
    recipient: Address = ZERO_ADDRESS
    max_per_recipient: int = Field(default=0, ge=0, le=MAX_COPIES, strict=True)
    starts_at: datetime | None = None


class WorkIn(_In):
    """One work: its files and what the artist says of it."""

    media: list[MediaIn] = Field(min_length=1, max_length=MAX_FILES)
    title: str = Field(max_length=_LONG)
    artist: str = Field(default="", max_length=_SHORT)
    description: str = Field(default="", max_length=_LONG)
    alt_text: str = Field(default="", max_length=_LONG)
    work: DescribedIn = Field(default_factory=DescribedIn)
    attributes: list[AttributeIn] = Field(default_factory=list, max_length=4 * MAX_ATTRIBUTES)
    rights: str = Field(default="", max_length=_LONG)
    external_id: str = Field(default="", max_length=_SHORT)
    list_at: ListAtIn | None = None


class MintIn(_In):
    """
    One work, described at the top level, or several in `works`, minted in one transaction.
    Whoever mints for a creator, as a minter named by that creator, names the creator.

    Chain, creator, collection and royalty are the same for all of them.
    """

    chain_id: str = Field(max_length=20)
    creator: Address
    contract: Address | None = None
    accept_findings: bool = False
    royalties: list[RoyaltyIn] = Field(default_factory=list, max_length=32)
    list_at: ListAtIn | None = None
    lazy: bool = False
    """Sign instead of sending: whoever buys at `list_at` mints the work."""
    copies: int = Field(default=1, ge=1, le=MAX_COPIES, strict=True)
    """An edition: so many works with consecutive numbers that share one description."""
    draft_id: str | None = Field(default=None, max_length=64)
    works: list[WorkIn] | None = Field(default=None, min_length=1, max_length=MAX_WORKS)
    media: list[MediaIn] | None = Field(default=None, min_length=1, max_length=MAX_FILES)
    title: str | None = Field(default=None, max_length=_LONG)
    artist: str | None = Field(default=None, max_length=_SHORT)
    description: str | None = Field(default=None, max_length=_LONG)
    alt_text: str | None = Field(default=None, max_length=_LONG)
    work: DescribedIn | None = None
    attributes: list[AttributeIn] | None = Field(default=None, max_length=4 * MAX_ATTRIBUTES)
    rights: str | None = Field(default=None, max_length=_LONG)
    external_id: str | None = Field(default=None, max_length=_SHORT)

    @model_validator(mode="after")
    def one_or_several(self) -> MintIn:
        """A work of its own at the top level, or `works`; never both, never neither."""
        described = self.model_fields_set & _OF_A_WORK
        if self.works is not None and described:
            raise ValueError(f"`works` and `{min(described)}` cannot stand side by side")
        if self.works is None and (self.media is None or self.title is None):
            missing = "media" if self.media is None else "title"
            raise MetadataInvalid(missing, "the field is missing")
        return self

    def all_works(self) -> list[WorkIn]:
        """The works, one or several, each with its price if it has one."""
        if self.works is not None:
            return [
                one if one.list_at else one.model_copy(update={"list_at": self.list_at})
                for one in self.works
            ]
        given = {name: getattr(self, name) for name in _OF_A_WORK}
        found = {name: value for name, value in given.items() if value is not None}
        return [WorkIn.model_construct(**{**_BLANK, **found, "list_at": self.list_at})]


_OF_A_WORK = set(WorkIn.model_fields) - {"list_at"}
_BLANK = {
    name: field.get_default(call_default_factory=True)
    for name, field in WorkIn.model_fields.items()
    if not field.is_required()
}
