"""
What others say of a work, on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.intents.schemas import IntentOut
from api.likenesses.schemas import LikenessesOut

Text = Field(max_length=4_000)
Short = Field(max_length=400)
Number = Field(max_length=80)


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PrepareBindingIn(_In):
    """A domain, or the `did:web` of one; the account is the one that is signed in."""

    chain_id: str = Number
    domain: str | None = Field(None, max_length=400)
    did: str | None = Field(None, max_length=400)


class BindingIn(_In):
    """The account's side, signed."""

    chain_id: str = Number
    account: str = Number
    domain: str = Short
    method: Literal["well-known", "did:web"]
    issued_at: str = Number
    signature: str = Field(max_length=20_000)


class PublishOut(BaseModel):
    """What the domain must answer, and where; a longer list or document does as well."""

    url: str
    document: dict[str, Any]


class PreparedBindingOut(BaseModel):
    """Both sides: what to publish, and the intent whose one step signs."""

    publish: PublishOut
    intent: IntentOut


class TurnOut(BaseModel):
    """When a domain began, or ceased, to say so."""

    says: Literal["held", "lost"]
    at: datetime
    detail: str


class BindingOut(BaseModel):
    """A binding as it stands: `held`, `lost`, `silent` for two weeks, or `withdrawn`."""

    id: str
    account: str
    chain_id: str
    name: str
    """The domain, in ASCII, or the DID."""
    domain: str
    method: Literal["well-known", "did:web"]
    url: str
    state: Literal["held", "lost", "silent", "withdrawn"]
    since: datetime
    read_at: datetime | None
    made_at: datetime
    withdrawn_at: datetime | None
    turns: list[TurnOut]
    typed_data: dict[str, Any]
    signature: str


class BindingList(BaseModel):
    """All bindings of an account that ever were, oldest first."""

    items: list[BindingOut]
    next: None = None


class ReadDocumentOut(BaseModel):
    """A gallery's DID document as it was read from its own domain."""

    url: str
    sha256: str
    read_at: datetime
    document: dict[str, Any]


class CountersignatureOut(BaseModel):
    """A gallery's own word for a certificate."""

    id: str
    gallery: str
    key: str
    certificate: str
    """SHA-256 of the certificate that it signed."""
    metadata_digest: str
    current: bool
    """Whether that is the description which the token carries now."""
    received_at: datetime
    withdrawn_at: datetime | None
    document: dict[str, Any]
    did_document: ReadDocumentOut
    withdrawal: dict[str, Any] | None


class CountersignatureList(BaseModel):
    """All that ever were, oldest first."""

    items: list[CountersignatureOut]
    next: None = None


class PrepareMarkIn(_In):
    """What the owner wants to say."""

    owner: str = Number
    kind: Literal["lost", "stolen"]
    reason: str = Text


class MarkIn(_In):
    """The same, signed."""

    owner: str = Number
    kind: Literal["lost", "stolen"]
    reason: str = Text
    transfer_count: str = Number
    issued_at: str = Number
    signature: str = Field(max_length=20_000)


class PrepareTakeBackIn(_In):
    """Why a mark no longer holds."""

    reason: str = Text


class TakeBackIn(_In):
    """The same, signed by whoever set the mark."""

    reason: str = Text
    issued_at: str = Number
    signature: str = Field(max_length=20_000)


class MarkOut(BaseModel):
    """Lost or stolen, as somebody said; `taken_back_at` when that was taken back."""

    id: str
    kind: Literal["lost", "stolen"]
    by: Literal["owner", "issuer"]
    account: str | None
    reason: str
    at: datetime
    block_number: str | None
    """At which the chain named that owner."""
    block_hash: str | None
    transfer_count: str | None
    signature: str | None
    issued_at: str
    standing: bool
    taken_back_at: datetime | None
    taken_back_reason: str | None


class EvidenceIn(_In):
    """One of both: a work's CAIP-19 name, or the id of a binding."""

    asset: str | None = Field(None, max_length=400)
    binding: str | None = Field(None, max_length=100)


class ClaimIn(_In):
    """A claim against a work, by the account that is signed in."""

    chain_id: str = Number
    contract: str = Number
    token_id: str = Number
    evidence: EvidenceIn
    reason: str = Text


class WordsIn(_In):
    """An answer."""

    words: str = Text


class ReasonIn(_In):
    """Why a claim is withdrawn."""

    reason: str = Text


class AnswerOut(BaseModel):
    """What a party said."""

    role: Literal["artist", "owner", "issuer", "claimant"]
    account: str | None
    words: str
    at: datetime


class ClaimOut(BaseModel):
    """A claim, what it rests on, and what became of it."""

    id: str
    chain_id: str
    contract: str
    token_id: str
    claimant: str
    basis: Literal["earlier_work", "bound_domain"]
    evidence: dict[str, Any]
    reason: str
    at: datetime
    state: Literal["open", "answered", "upheld", "rejected", "withdrawn"]
    answers: list[AnswerOut]
    decision_reason: str | None
    decided_at: datetime | None
    withdrawn_reason: str | None
    withdrawn_at: datetime | None


class ClaimList(BaseModel):
    """All claims that ever were against a work, oldest first."""

    items: list[ClaimOut]
    next: None = None


class RequirementOut(BaseModel):
    """One thing that a level asks for."""

    id: str
    met: bool
    evidence: str
    at: str | None


class LevelOut(BaseModel):
    """A level, or a fact beside the levels."""

    id: str
    reached: bool
    at: str | None
    reason: str
    does_not_say: str
    requirements: list[RequirementOut]


class AssuranceOut(BaseModel):
    """How much stands behind a certificate."""

    level: Literal["self_declared", "signed_by_minting_key", "creator_verified"] | None
    levels: list[LevelOut]
    beside: list[LevelOut]


class StandingOut(BaseModel):
    """All that others say of a work, and how much stands behind its certificate."""

    format: Literal["vernissage-standing-v1"] = "vernissage-standing-v1"
    asset: str
    chain_id: str
    contract: str
    token_id: str
    creator: str
    certificate_sha256: str | None
    """Of the certificate in force; null while it is provisional or there is none."""
    assurance: AssuranceOut
    bindings: list[BindingOut]
    countersignatures: list[CountersignatureOut]
    marks: list[MarkOut]
    claims: list[ClaimOut]
    likenesses: LikenessesOut
