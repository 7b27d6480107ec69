"""
The fixture `trader`: imported by the conftest of each folder that uses it.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.servers import Contracts
from tests.support.trader import Trader


@pytest.fixture
async def trader(
    contracts_put_back: Contracts, migrated_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Trader]:
    """An exchange of the test's own on the session's chain."""
    made = Trader(contracts_put_back, migrated_url, tmp_path, seed=request.node.nodeid)
    yield made
    await made.close()
