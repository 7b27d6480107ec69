"""
No request wants a second connection while it has one: as many as there are would wait for each
other until they time out, and a busy minute would be an outage.
"""

from __future__ import annotations

import string
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import import_module

import httpx
import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from api.app import ROUTERS, create_app
from nft.database import sqlalchemy_url
from tests.support.exchange import PUBLIC_URL, Exchange
from tests.support.studio import Studio

pytestmark = pytest.mark.chain


@asynccontextmanager
async def with_one_connection(exchange: Exchange) -> AsyncIterator[httpx.AsyncClient]:
    """The same exchange, whose process has one connection to the database."""
    engine = create_async_engine(
        sqlalchemy_url(exchange.database_url), pool_size=1, max_overflow=0, pool_timeout=0.5
    )
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    app = create_app(replace(exchange.parts, engine=engine, sessions=sessions))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client
    await engine.dispose()


def paths(**known: object) -> Iterator[str]:
    """Every route that reads and whose parameters are among these."""
    for name in ROUTERS:
        for route in import_module(name).router.routes:
            wanted = {field for _, field, _, _ in string.Formatter().parse(route.path) if field}
            if "GET" in route.methods and wanted <= set(known):
                yield route.path.format(**known)


@pytest.mark.parametrize("is_signed_in", [False, True], ids=["a stranger", "signed in"])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_every_page_is_read_with_one(studio: Studio, accept: str, is_signed_in: bool):
    artist = studio.person("artist")
    auth = await studio.sign_in(artist)
    token = studio.mint(artist, 1)
    studio.contracts.node.mine(3)
    studio.catch_up()
    headers = {"Accept": accept, **(auth if is_signed_in else {})}
    named = dict(zip(("chain_id", "contract", "token_id"), token.path.split("/"), strict=True))
    wanted = paths(**named, version=1, address=artist.address)

    async with with_one_connection(studio) as client:
        answers = [await client.get(path, headers=headers) for path in wanted]

    assert len(answers) > 60
    assert [one.url.path for one in answers if "database did not answer" in one.text] == []
    assert [one.url.path for one in answers if one.status_code == 500] == []
    assert sum(one.status_code == 200 for one in answers) > 40


async def test_a_refusal_frees_its_key_with_one(studio: Studio):
    artist = studio.person("artist")
    auth = await studio.sign_in(artist)
    body = await studio.mint_too_early(artist, auth)
    headers = {**auth, "Idempotency-Key": "one"}

    async with with_one_connection(studio) as client:
        answers = [await client.post("/api/mints", json=body, headers=headers) for _ in range(2)]

    assert [one.status_code for one in answers] == [409, 409]
    assert "RequestStillRunning" not in {one.json()["code"] for one in answers}
