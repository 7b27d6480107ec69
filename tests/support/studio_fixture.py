"""
The fixture `studio`: imported by the conftest of each folder that uses it.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.servers import Contracts
from tests.support.studio import Studio


@pytest.fixture
async def studio(
    contracts_put_back: Contracts, migrated_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Studio]:
    """A studio of the test's own on the session's chain."""
    made = Studio(contracts_put_back, migrated_url, tmp_path, seed=request.node.nodeid)
    yield made
    await made.close()
