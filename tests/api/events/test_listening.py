"""Connections that only listen: what they hear, and that a server that is gone is noticed."""

import psycopg

from nft.database import libpq_url, listening


async def test_hears_its_channels_alone(migrated_url: str) -> None:
    async with listening(migrated_url, "one", "two") as connection:
        with psycopg.connect(libpq_url(migrated_url), autocommit=True) as teller:
            for channel in ("three", "two", "one"):
                teller.execute("select pg_notify(%s, 'told')", (channel,))

        heard = [said.channel async for said in connection.notifies(timeout=30, stop_after=2)]

    assert heard == ["two", "one"]


async def test_notices_a_server_that_is_gone_within_five_seconds(migrated_url: str) -> None:
    """It sends nothing itself, and without keepalives it would wait for two hours."""
    async with listening(migrated_url, "one") as connection:
        told = connection.info.get_parameters()

    idle, every, count = (int(told[f"keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + every * count <= 5
    assert int(told["tcp_user_timeout"]) <= 5_000
