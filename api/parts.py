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
from media.store import ContentStore
from nft.chain.client import Chain
from nft.chain.deployments import Deployment
from procrastinate import App as JobApp
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

Clock = Callable[[], datetime]


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
    store: ContentStore
    jobs: JobApp
    clock: Clock
    secret_key: bytes
    issuer_key: Ed25519PrivateKey
    public_url: str
    """Without a trailing slash; links in pages are relative, links in documents use this."""
    media_url: str
    data_dir: Path
    pin_stores: tuple[str, ...] = ("embedded",)
    """Names of the places where every asset must be read back before a mint."""
    max_upload_bytes: int = 256 * 1024 * 1024
    trusted_hosts: tuple[str, ...] = field(default_factory=tuple)
