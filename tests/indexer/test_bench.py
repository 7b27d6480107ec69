"""
A contract indexed from scratch by the command line, on a real node.
"""

import hashlib
import json
import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from nft.database import libpq_url
from nft.types import Address
from tests.support.servers import Node
from tests.support.strangers import Strangers, double

pytestmark = pytest.mark.chain


def bench(database_url: str, node: Node, *words: str) -> subprocess.CompletedProcess[str]:
    """`vernissage index bench` to its end."""
    command = [sys.executable, "-m", "api.cli", "index", "bench", "--rpc", node.rpc_url, *words]
    environment = {**os.environ, "DATABASE_URL": libpq_url(database_url)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def measured(database_url: str, node: Node, *words: str) -> dict[str, Any]:
    """Its document."""
    finished = bench(database_url, node, "--json", *words)
    assert finished.returncode == 0, finished.stderr
    document: dict[str, Any] = json.loads(finished.stdout)
    return document


def crowd(node: Node) -> tuple[Address, str]:
    """A contract of three works that moved twice, and the digest of their owners."""
    strangers = Strangers(node)
    contract = strangers.deploy("CrowdToken")
    holders = [1, 2, 3, 7, 8]
    for moves in ([1 << 96, 2 << 96 | 1, 3 << 96 | 2], [7 << 96 | 1, 8 << 96]):
        data = "0x" + double("CrowdToken")["move"].encode(moves).hex()
        sent = {"from": node.accounts()[0], "to": str(contract), "data": data}
        node.receipt(node.call("eth_sendTransaction", sent))
    call = double("CrowdToken")["holder"]
    named = {
        number: node.call(
            "eth_call", {"to": str(contract), "data": "0x" + call.encode(number).hex()}, "latest"
        )[-40:]
        for number in holders
    }
    owners = "".join(f"{token:064x}{named[holder]}" for token, holder in enumerate((8, 7, 3)))
    return contract, hashlib.sha256(bytes.fromhex(owners)).hexdigest()


class TestBench:
    def test_ends_with_the_owners_that_the_chain_has(self, fresh_anvil, database_url):
        contract, digest = crowd(fresh_anvil)

        found = measured(database_url, fresh_anvil, "--contract", str(contract))

        assert found["owners_sha256"] == digest
        assert (found["events"], found["tokens"]) == (5, 3)
        assert found["events_per_second"] > 0
        assert found["cpu_seconds"] > 0
        assert found["peak_memory_bytes"] > 2**20
        assert set(found["stages"]) >= {"fetch", "commit"}

    def test_leaves_nothing_in_the_database(self, fresh_anvil, database_url):
        contract, _ = crowd(fresh_anvil)

        measured(database_url, fresh_anvil, "--contract", str(contract), "--steady")

        with psycopg.connect(libpq_url(database_url)) as connection:
            schemas = connection.execute(
                "select nspname from pg_namespace where nspname like 'chain_%'"
            ).fetchall()
        assert schemas == []

    def test_begins_where_it_is_told_to(self, fresh_anvil, database_url):
        contract, _ = crowd(fresh_anvil)
        head = int(fresh_anvil.call("eth_blockNumber"), 16)

        found = measured(
            database_url, fresh_anvil, "--contract", str(contract), "--from-block", str(head + 1)
        )

        assert found["events"] == 0

    def test_refuses_an_address_without_a_contract(self, fresh_anvil, database_url):
        nobody = "0x" + "12" * 20

        finished = bench(database_url, fresh_anvil, "--contract", nobody)

        assert finished.returncode == 2
        assert "no contract" in finished.stderr

    def test_says_that_no_node_answered(self, database_url):
        silent = Node(rpc_url="http://127.0.0.1:1", pid=0)

        finished = bench(database_url, silent, "--contract", "0x" + "12" * 20)

        assert finished.returncode == 3
