"""`vernissage up`, as a newcomer starts it: ready, remembered, and gone without a trace."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.local.processes import find_identity, is_running, wait_until
from tests.support.servers import Node
from tests.support.stack import (
    PROCESSES,
    Stack,
    are_gone,
    descendants,
    running_stack,
    start,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400), pytest.mark.xdist_group("stack")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack") / "a folder 画廊"


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    with running_stack(folder, "--no-demo") as running:
        yield running


class TestReady:
    def test_says_where_everything_is(self, stack: Stack, folder: Path) -> None:
        assert stack.ready["ready"] is True
        assert set(stack.ready) == {
            "ready",
            "url",
            "media_url",
            "rpc_url",
            "database_url",
            "data_dir",
        }
        assert stack.ready["data_dir"] == str(folder)

    def test_pages_and_interfaces_answer(self, stack: Stack) -> None:
        assert stack.get("/")[0] == 200
        assert stack.get("/health")[0] == 200
        chains = json.loads(stack.get("/api/chains")[1])["items"]
        assert [chain["chain_id"] for chain in chains] == ["31337"]

    def test_the_database_url_opens_the_database(self, stack: Stack) -> None:
        with psycopg.connect(stack.ready["database_url"]) as connection:
            found = connection.execute("SELECT count(*) FROM alembic_version").fetchone()

        assert found == (1,)

    def test_every_process_has_left_its_record(self, stack: Stack) -> None:
        assert wait_until(lambda: len(stack.identities()) == len(PROCESSES), patience=30)
        assert set(stack.identities()) == set(PROCESSES)
        assert all(map(is_running, stack.identities().values()))

    def test_secrets_are_readable_by_their_owner_alone(self, folder: Path, stack: Stack) -> None:
        assert folder.stat().st_mode & 0o077 == 0
        modes = {path.stat().st_mode & 0o777 for path in (folder / "secrets").iterdir()}
        assert modes == {0o600}

    def test_a_second_start_on_the_folder_is_refused(self, stack: Stack, folder: Path) -> None:
        with pytest.raises(AssertionError, match="in use by another vernissage"):
            start(folder, "--no-demo")

        assert stack.is_ready()

    def test_the_media_origin_knows_nothing_of_pages(self, stack: Stack) -> None:
        import urllib.error
        import urllib.request

        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(stack.ready["media_url"] + "/mint")

        assert caught.value.code == 404
        caught.value.close()


class TestMending:
    @pytest.mark.parametrize("name", PROCESSES)
    def test_starts_again_what_was_killed(self, stack: Stack, name: str) -> None:
        stack.kill(name)

        assert wait_until(stack.is_ready, patience=40), stack.errors.read_text()
        assert stack.process.poll() is None


class TestEnding:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_leaves_no_process_and_remembers(self, tmp_path: Path, number: signal.Signals) -> None:
        with running_stack(tmp_path / "data", "--no-demo") as first:
            below = descendants(first.process.pid)
            deployed = (tmp_path / "data/deployments/31337.json").read_bytes()
            give(first)
            had = balance(first)

            code = first.end(number)

        assert code == 0
        assert len(below) > len(PROCESSES)
        assert are_gone(below)
        assert list((tmp_path / "data/run").iterdir()) == []
        with running_stack(tmp_path / "data", "--no-demo") as second:
            assert balance(second) == had
            assert (tmp_path / "data/deployments/31337.json").read_bytes() == deployed

    def test_after_kill_9_the_next_start_finds_no_stranger(self, tmp_path: Path) -> None:
        first = start(tmp_path / "data", "--no-demo")
        below = descendants(first.process.pid)
        stubborn = first.identity("indexer")
        os.kill(stubborn.pid, signal.SIGSTOP)  # The kernel's signal does not reach it now.

        first.process.kill()
        first.process.wait()
        assert first.process.stdout is not None
        first.process.stdout.close()

        with running_stack(tmp_path / "data", "--no-demo") as second:
            assert are_gone(below)
            assert find_identity(stubborn.pid) != stubborn
            assert second.is_ready()


def give(stack: Stack) -> None:
    node = Node(stack.rpc_url, pid=0)
    giver, taker, *_ = node.accounts()
    node.receipt(
        node.call("eth_sendTransaction", {"from": giver, "to": taker, "value": "0x5"}),
    )


def balance(stack: Stack) -> int:
    node = Node(stack.rpc_url, pid=0)
    return int(node.call("eth_getBalance", node.accounts()[1], "latest"), 16)
