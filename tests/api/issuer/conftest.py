import asyncio
import json

import pytest

from api.cli import main
from nft.chain.deployments import save
from tests.support.exchange import CHAIN_ID
from tests.support.exchange_fixture import exchange

__all__ = ["exchange"]

SECRET = "a secret of forty characters or thereabouts"


@pytest.fixture
def command(exchange, monkeypatch, capsys, tmp_path):
    """
    Runs `vernissage certificates` in this process, as one beside the exchange.

    Answers its JSON, or its complaint.
    """
    for name, value in {
        "DATABASE_URL": exchange.database_url,
        "RPC_URLS": f"{CHAIN_ID}={exchange.contracts.rpc_url}",
        "DEPLOYMENTS_DIR": str(save(exchange.deployment, tmp_path / "deployments").parent),
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)

    async def run(*words, code=0):
        capsys.readouterr()  # what was logged before
        found = await asyncio.to_thread(main, ["certificates", *words, "--json"])
        said = capsys.readouterr()
        assert found == code, said.err
        return json.loads(said.out) if said.out else said.err

    return run
