"""
The composition root of the web process: settings in, parts and applications out.

`uvicorn --factory api.asgi:app` and `--factory api.asgi:media_app` serve them apart;
`vernissage web` serves both in one process.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import sessionmaker

from api.app import create_app
from api.certificates.issuers import derive_key
from api.deployments import deployments
from api.gateway.routes import create_media_app
from api.local.clock import ChainClock, utc_now
from api.parts import ChainParts, Clock, Parts
from api.places import pinners, replicas
from api.queue import make_app
from api.settings import Settings, SettingsRefused, load_settings
from indexer.audit import Plan
from media.documents import Sources
from media.lookups import Looker, Rates
from media.shelves import Shelves
from media.store import BlockStore
from media.uploads import UploadRules
from media.work import MediaParts
from nft.chain.client import Web3Chain
from nft.database import make_async_engine, make_engine

LOCAL_CHAIN = 31337
LONGEST_IPFS_SECONDS = 20
"""For a document that nobody may have, while others wait."""
CHAIN_NAMES: Mapping[int, str] = {
    1: "Ethereum",
    10: "OP Mainnet",
    8453: "Base",
    LOCAL_CHAIN: "Local test chain",
    11155111: "Sepolia",
}
TEST_CHAINS = frozenset({1337, 31337, 11155111, 17000, 84532})


def clock_of(settings: Settings) -> Clock:
    """The machine's clock; where a local chain is, one that never falls behind its blocks."""
    urls = settings.nodes().get(LOCAL_CHAIN)
    return ChainClock(urls[0]) if urls else utc_now


def issuer_key(secret_key: bytes) -> Ed25519PrivateKey:
    """The issuer's first key; which one signs by now, `api.certificates.issuers` knows."""
    return derive_key(secret_key, 1)


def chain_parts(settings: Settings) -> dict[int, ChainParts]:
    """Every chain with a node to ask. Raises `SettingsRefused` for one without our contracts."""
    placed = deployments(settings)
    made = {}
    for chain_id, urls in settings.nodes().items():
        if chain_id not in placed:
            raise SettingsRefused(
                f"RPC_URLS names chain {chain_id}, and no deployments file says where our "
                "contracts are there (DEPLOYMENTS_DIR)"
            )
        made[chain_id] = ChainParts(
            chain=Web3Chain(chain_id, urls),
            deployment=placed[chain_id],
            name=CHAIN_NAMES.get(chain_id, f"Chain {chain_id}"),
            is_test=chain_id in TEST_CHAINS,
            public_rpc_urls=settings.public_rpc_urls.get(chain_id, ()),
        )
    return made


def stores(settings: Settings) -> tuple[BlockStore, BlockStore, UploadRules]:
    """The private and the public store, and the rules of uploads; their folders are made."""
    media = settings.data_dir / "media"
    private, public = BlockStore(media / "private"), BlockStore(media / "public")
    rules = UploadRules(
        folder=media / "uploads",
        max_bytes=settings.max_upload_bytes,
        max_private_bytes=settings.max_private_bytes,
        min_free_bytes=settings.min_free_bytes,
    )
    for prepared in (private, public, rules):
        prepared.prepare()
    return private, public, rules


def shelves(settings: Settings) -> Shelves:
    """Where what works look like is kept at hand; everything there can be made again from rows."""
    return Shelves(settings.data_dir / "media" / "likenesses")


def make_parts(settings: Settings) -> Parts:
    """What the web process is made of."""
    database_url, secret_key = settings.need_database(), settings.need_secret_key()
    engine = make_async_engine(database_url)
    private, public, rules = stores(settings)
    places = pinners(settings, private, public)
    return Parts(
        engine=engine,
        sessions=async_sessionmaker(engine, expire_on_commit=False),
        chains=chain_parts(settings),
        public=public,
        private=private,
        uploads=rules,
        shelves=shelves(settings),
        jobs=make_app(database_url),
        clock=clock_of(settings),
        secret_key=secret_key,
        issuer_key=issuer_key(secret_key),
        public_url=settings.public_url,
        media_url=settings.media_url,
        data_dir=settings.data_dir,
        pin_stores=tuple(places),
        replicas=replicas(settings, places),
        audits=Plan(minutes=settings.audit_minutes, sample=settings.audit_sample),
        hop_blocks=settings.hop_blocks,
        registrations_per_day=settings.registrations_per_day,
        certificate_memory_bytes=settings.certificate_memory_bytes,
        pdf_memory_bytes=settings.pdf_memory_bytes,
    )


def make_media_parts(settings: Settings) -> MediaParts:
    """What the worker's media jobs are made of."""
    engine = make_engine(settings.need_database())
    private, public, rules = stores(settings)
    return MediaParts(
        engine=engine,
        sessions=sessionmaker(engine, expire_on_commit=False),
        rules=rules,
        private=private,
        public=public,
        pinners=pinners(settings, private, public),
        shelves=shelves(settings),
    )


def make_looker(settings: Settings, parts: Parts, media: MediaParts) -> Looker:
    """Who looks at what the works of others are described by."""
    node = None
    if settings.ipfs_api:
        from media.ipfs import KuboPinner

        node = KuboPinner(settings.ipfs_api, read_seconds=LONGEST_IPFS_SECONDS).cat
    # There are two sweeps a minute.
    rates = Rates(
        tokens=(settings.metadata_per_minute + 1) // 2,
        of_a_host=(settings.metadata_per_host + 1) // 2,
    )
    return Looker(
        engine=media.engine,
        chains={chain_id: part.chain for chain_id, part in parts.chains.items()},
        named={
            chain_id: [placed.address for placed in part.deployment.registered]
            for chain_id, part in parts.chains.items()
        },
        sources=Sources(store=media.public, node=node),
        rates=rates,
    )


def with_parts_open(application: FastAPI, parts: Parts) -> FastAPI:
    """Open what must be open while the application runs, around its own lifespan."""
    inner = application.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with parts.jobs.open_async(), inner(app):
            yield
        await parts.engine.dispose()

    application.router.lifespan_context = lifespan
    return application


def app() -> FastAPI:
    """The pages and the API."""
    parts = make_parts(load_settings())
    return with_parts_open(create_app(parts), parts)


def media_app() -> FastAPI:
    """Untrusted media, on an origin of its own."""
    return create_media_app(make_parts(load_settings()))
