"""
What the web process is made of, built once at start and passed to `create_app`.

Routes reach these through `api.deps`; nothing else is global.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from procrastinate import App as JobApp
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from api.uploads.receivers import Receivers
from indexer.audit import Plan
from media.shelves import Shelves
from media.store import BlockStore
from media.uploads import UploadRules
from nft.bindings import MAX_BYTES
from nft.chain.deployments import Deployment
from nft.chain.protocol import Chain
from nft.outgoing import Fetched, Outgoing

Clock = Callable[[], datetime]
ReadDomain = Callable[[str], Fetched]
"""Fetches what a domain publishes. Raises as `nft.outgoing.Outgoing.get` does."""


def read_of_domains() -> ReadDomain:
    """Strictly: the very host must answer, soon, and briefly."""
    return Outgoing(seconds=8.0, max_bytes=MAX_BYTES, redirects=0).get


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainParts:
    """One chain that the exchange works on."""

    chain: Chain
    deployment: Deployment
    name: str
    is_test: bool
    public_rpc_urls: tuple[str, ...] = ()
    explorer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a request may need."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    chains: dict[int, ChainParts]
    public: BlockStore
    """Pinned works: the only store that `/ipfs` serves."""
    private: BlockStore
    """Checked uploads that nobody has consented to publish yet."""
    uploads: UploadRules
    shelves: Shelves
    """What published works look like, to compare others with."""
    jobs: JobApp
    clock: Clock
    secret_key: bytes
    issuer_key: Ed25519PrivateKey
    public_url: str
    """Without a trailing slash; links in pages are relative, links in documents use this."""
    media_url: str
    data_dir: Path
    receivers: Receivers = field(default_factory=Receivers)
    """The uploads that this process is receiving bytes for."""
    pin_stores: tuple[str, ...] = ("embedded",)
    """Names of the places where every asset must be read back before a mint."""
    replicas: int | None = None
    """In how many of them; None: in all."""
    trusted_hosts: tuple[str, ...] = field(default_factory=tuple)
    audits: Plan = field(default_factory=Plan)
    """How often mirror and chain are compared, and how much of them."""
    hop_blocks: int = 4_000
    """Blocks between two hops, from which certificates older than 8,191 blocks are linked."""
    registrations_per_day: int = 20
    """Contracts that an account may have mirrored in 24 hours."""
    certificate_memory_bytes: int = 64 << 20
    """What each web process keeps of certificates that are asked for."""
    pdf_memory_bytes: int = 16 << 20
    """The same of what was printed."""
    read_domain: ReadDomain = field(default_factory=read_of_domains)

    def reading(self) -> AsyncSession:
        """
        A session that only reads; nothing it does is committed.

        Its several selects see one state of mirror and book, from the first one until it is closed
        (no further round trip: that is part of the transaction's beginning). It takes a connection
        when it is first used, and again after `close`: whoever waits for something else, and above
        all for another connection, gives theirs back first, as there are few.
        """
        return self.sessions(bind=self.engine.execution_options(isolation_level="REPEATABLE READ"))
