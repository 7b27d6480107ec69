"""
A contract of others, as a gallery has it mirrored.
"""

from typing import Any

from indexer.backfill import Backfill
from indexer.mirror import Ways
from indexer.run import connected
from nft.types import Address
from tests.support.exchange import CHAIN_ID
from tests.support.studio import Studio


async def registered(studio: Studio, contract: Address) -> dict[str, Any]:
    """The collection once its history has been read."""
    studio.catch_up()
    auth = await studio.sign_in(studio.person("gallery"))
    path = f"/api/collections/{CHAIN_ID}/{contract}"
    assert (await studio.client.post(path, headers=auth)).status_code == 201
    with connected(studio.database_url) as connection:
        backfill = Backfill(connection, studio.chain, Ways())
        backfill.step()  # Its first block is found.
        studio.mirror.join()
        while backfill.step():
            pass
    return await studio.get(path)
