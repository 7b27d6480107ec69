"""`vernissage index` as it is typed: what it prints, and how it ends."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from indexer import registry
from tests.chain.conftest import Scene
from tests.support.servers import ROOT
from tests.support.strangers import Strangers

pytestmark = pytest.mark.chain

Typed = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def gallery(scene: Scene) -> Scene:
    """Three works, one of them moved; all of it final and mirrored."""
    market = scene.market
    tokens = [market.mint() for _ in range(3)]
    market.move(market.artist, market.collector, tokens[0])
    market.node.mine(3)
    scene.follow()
    return scene


@pytest.fixture
def typed(gallery: Scene, migrated_url: str, tmp_path: Path) -> Typed:
    """Runs `vernissage index …` on the gallery."""
    document = json.dumps(gallery.market.deployment.as_json())
    (tmp_path / "31337.json").write_text(document)
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": migrated_url,
        "RPC_URLS": f"31337={gallery.market.node.rpc_url}",
        "DEPLOYMENTS_DIR": str(tmp_path),
    }

    def run(*arguments: str, **changed: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "api.cli", "index", *arguments],
            cwd=ROOT,
            env=environment | changed,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def spoil(scene: Scene) -> None:
    with scene.connection.begin():
        scene.connection.execute(
            text("update chain_tokens set transfer_count = 7 where transfer_count = 1")
        )


class TestAudit:
    def test_says_what_was_compared(self, typed: Typed) -> None:
        done = typed("audit")

        assert done.returncode == 0
        assert done.stdout.endswith(
            "3 works, 3 transfer counts, 2 balances, 4 blocks read again, 0 credits, "
            "0 auctions compared, no differences\n"
        )

    def test_prints_each_difference_and_fails(self, gallery: Scene, typed: Typed) -> None:
        spoil(gallery)

        done = typed("audit", "--all")

        told, summary = done.stdout.splitlines()
        assert done.returncode == 1
        assert told.endswith("shown transfer_count: the mirror says 7, the chain 1")
        assert summary.endswith("1 difference")

    def test_gives_it_all_as_json(self, gallery: Scene, typed: Typed) -> None:
        spoil(gallery)

        document = json.loads(typed("audit", "--json").stdout)

        assert (document["how"], document["equal"]) == ("all", False)
        assert document["differences"][0]["what"] == "shown transfer_count"

    def test_prints_the_seed_of_a_sample(self, typed: Typed) -> None:
        done = typed("audit", "--sample", "2", "--seed", "5")

        assert "(a sample, --seed 5)" in done.stdout

    def test_is_kept_in_the_books(self, gallery: Scene, typed: Typed) -> None:
        typed("audit")

        with gallery.connection.begin():
            kept = gallery.connection.scalar(text("select count(*) from index_audits"))
        assert kept == 1

    def test_of_a_chain_that_is_not_mirrored_is_refused(self, typed: Typed, gallery: Scene) -> None:
        with gallery.connection.begin():
            gallery.connection.execute(text("delete from chain_cursors"))

        done = typed("audit")

        assert done.returncode == 2
        assert "chain 31337 has not been mirrored yet" in done.stderr


class TestRebuild:
    def test_ends_with_the_digest_of_before(self, typed: Typed) -> None:
        before = json.loads(typed("digest", "--json").stdout)

        done = typed("rebuild", "--json")

        assert done.returncode == 0
        assert json.loads(done.stdout)["digest"] == before["digest"]

    def test_heals_what_was_spoiled(self, gallery: Scene, typed: Typed) -> None:
        before = typed("digest").stdout
        spoil(gallery)
        spoiled = typed("digest").stdout

        typed("rebuild")

        assert spoiled != before
        assert typed("digest").stdout == before


class TestDigest:
    def test_says_chain_block_and_rows(self, typed: Typed) -> None:
        done = typed("digest")

        assert done.stdout.startswith("chain 31337 at block ")
        assert done.stdout.endswith(" rows)\n")


class TestSetting:
    def test_a_node_that_is_down_is_said_in_a_sentence(self, typed: Typed) -> None:
        done = typed("audit", RPC_URLS="31337=http://127.0.0.1:9")

        assert done.returncode == 3
        assert "Traceback" not in done.stderr

    def test_a_database_that_is_down_is_said_in_a_sentence(self, typed: Typed) -> None:
        done = typed("digest", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")

        assert done.returncode == 3
        assert "the database did not answer" in done.stderr

    def test_without_a_node_it_says_what_to_give(self, typed: Typed) -> None:
        done = typed("digest", RPC_URLS="")

        assert done.returncode == 3
        assert "--rpc" in done.stderr


class TestProve:
    def test_up_to_the_cursor(self, gallery: Scene, typed: Typed) -> None:
        ended = typed("prove", "--json")

        told = json.loads(ended.stdout)
        assert ended.returncode == 0, ended.stderr
        assert told["proved_number"] == str(gallery.market.chain.head().number)
        assert told["amended"] == 0

    def test_everything(self, gallery: Scene, typed: Typed) -> None:
        ended = typed("prove", "--all")

        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.endswith("no difference\n")
        assert "custody" in ended.stdout

    def test_everything_names_what_differs(self, gallery: Scene, typed: Typed) -> None:
        with gallery.connection.begin():
            gone = "delete from chain_transfers where sender = decode(repeat('00', 20), 'hex')"
            gallery.connection.execute(text(gone))

        ended = typed("prove", "--all", "--json")

        told = json.loads(ended.stdout)
        assert ended.returncode == 1
        assert told["difference_count"] >= 3
        assert any("receipts prove" in one for one in told["differences"])


class TestContract:
    def test_registers_a_contract_of_others(self, gallery: Scene, typed: Typed) -> None:
        contract = Strangers(gallery.market.node).collection("Ranges")

        finished = typed("rebuild", "--contract", str(contract))

        with gallery.connection.begin():
            row = registry.find(gallery.connection, 31337, contract)
        assert finished.returncode == 0, finished.stderr
        assert row is not None
        assert (row.name, row.refused) == ("Ranges", None)

    def test_refuses_an_address_without_code(self, gallery: Scene, typed: Typed) -> None:
        finished = typed("rebuild", "--contract", "0x" + "0a" * 20)

        with gallery.connection.begin():
            rows = registry.every(gallery.connection, 31337)
        assert finished.returncode != 0
        assert "there is no contract" in finished.stderr
        assert rows == []
