"""
What a reader brings to a check besides the document.

Whatever is missing is reported as not checked. Nothing of a document ever gets in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nft.integrity import Document
from nft.types import Address, Digest, parse_uint


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEvidence:
    """What a node answered about a token and its mint."""

    source: str
    chain_id: int
    has_code: bool
    metadata_digest: Digest | None
    """None when the token does not exist (never minted or burned)."""
    mint_block_hash: Digest | None
    """Hash of the block with the mint's number on the node's chain."""
    mint_log_found: bool
    """The mint's transaction holds the Transfer from zero at the stated log index."""
    owner: Address | None
    royalty_bps: int | None
    transfer_count: int | None
    head_number: int
    head_hash: Digest


@dataclass(frozen=True, slots=True)
class NodeHashes:
    """What one node says of blocks' hashes."""

    source: str
    chain_id: int
    hashes: Mapping[int, Digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a check may rest on besides the document."""

    chain: ChainEvidence | None = None
    block_hashes: Mapping[int, Digest] = field(default_factory=dict)
    """Hashes of blocks that the reader trusts."""
    checkpoints: Mapping[int, Digest] = field(default_factory=dict)
    """Hashes from a signed list whose signer the reader chose to believe."""
    nodes: tuple[NodeHashes, ...] = ()
    """What nodes that the reader trusts say of blocks' hashes."""
    links: tuple[Document, ...] = ()
    """Evidence objects that may link one block to another."""
    media: Mapping[Digest, str] = field(default_factory=dict)
    """SHA-256 of files that were read, and who read them when."""
    known_issuers: Mapping[str, str] = field(default_factory=dict)
    """Multikey → who it is, for readers that know issuers."""
    issuer_document: Document | None = None
    """A copy of the issuer's DID document, as good as where it comes from."""
    status_lists: tuple[Document, ...] = ()
    """Signed `BitstringStatusListCredential`s."""
    anchor: Document | None = None
    countersignatures: tuple[Document, ...] = ()
    certificate_sha256: Digest | None = None
    """Of the certificate's bytes as they were read, which is what an anchor names."""


def read_hashes(texts: Iterable[str]) -> dict[int, Digest]:
    """Blocks as a reader names them, `N=0x…`. Raises `NotAnAmount`, `NotADigest`."""
    found: dict[int, Digest] = {}
    for text in texts:
        number, _, block_hash = text.partition("=")
        found[parse_uint(number)] = Digest.parse(block_hash)
    return found
