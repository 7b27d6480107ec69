"""The program `vernissage`: quick to start, clear when it refuses."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import COMMANDS

PROGRAM = [sys.executable, "-m", "api.cli"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("VERNISSAGE_")}


def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        env={**CLEAN, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TestDispatch:
    def test_lists_every_command(self) -> None:
        shown = run("--help")

        assert shown.returncode == 0
        assert all(f"  {name}" in shown.stdout for name in COMMANDS)

    @pytest.mark.parametrize("name", sorted(COMMANDS))
    def test_every_command_explains_itself(self, name: str) -> None:
        shown = run(name, "--help")

        assert shown.returncode == 0, shown.stderr
        assert f"vernissage {name}" in shown.stdout

    def test_an_unknown_command_is_bad_input(self) -> None:
        refused = run("sell")

        assert refused.returncode == 2
        assert "no command 'sell'" in refused.stderr

    def test_loads_nothing_heavy_before_the_command_is_known(self) -> None:
        shown = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "api.cli", "cid", "--help"],
            capture_output=True,
            text=True,
            check=True,
        )

        heavy = ("fastapi", "sqlalchemy", "web3", "pydantic", "numpy", "asyncio")
        loaded = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
        assert not loaded & set(heavy)

    def test_an_unknown_setting_is_one_sentence(self) -> None:
        refused = run("db", "revision", VERNISSAGE_DATABSE_URL="x")

        assert refused.returncode == 2
        assert "VERNISSAGE_DATABSE_URL" in refused.stderr
        assert "Traceback" not in refused.stderr

    def test_a_silent_database_is_exit_code_3(self) -> None:
        refused = run("db", "upgrade", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

        assert refused.returncode == 3
        assert "Traceback" not in refused.stderr
        assert "did not answer" in refused.stderr


class TestUpRefuses:
    def test_a_port_in_use(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            refused = run("up", "--json", "--data-dir", tmp_path / "data", "--port", str(port))

        assert refused.returncode == 2
        problem = json.loads(refused.stdout)
        assert problem["ready"] is False
        assert f"port {port} is in use" in problem["problem"]
        assert refused.stderr.count("\n") == 1

    def test_a_folder_of_a_newer_version(self, tmp_path: Path) -> None:
        mark = '{"format": 99, "chain_id": 31337}'
        (tmp_path / "vernissage.json").write_text(mark)

        refused = run("up", "--data-dir", tmp_path, "--port", "0")

        assert refused.returncode == 2
        assert "newer version" in refused.stderr
        assert refused.stderr.count("\n") == 1
        assert (tmp_path / "vernissage.json").read_text() == mark

    def test_a_folder_of_another_chain(self, tmp_path: Path) -> None:
        (tmp_path / "vernissage.json").write_text('{"format": 1, "chain_id": 1}')

        refused = run("up", "--data-dir", tmp_path, "--port", "0")

        assert refused.returncode == 2
        assert "belongs to chain 1" in refused.stderr


class TestDoctor:
    def test_finds_everything_in_order(self, tmp_path: Path) -> None:
        seen = run("doctor", "--json", "--data-dir", tmp_path, "--port", "0")

        report = json.loads(seen.stdout)
        faults = [check for check in report["checks"] if check["state"] == "fault"]
        assert faults == []
        assert seen.returncode == 0

    def test_says_what_to_do_about_a_silent_node(self, tmp_path: Path) -> None:
        node = "31337=http://127.0.0.1:1/secret-word"
        seen = run("doctor", "--data-dir", tmp_path, "--port", "0", RPC_URLS=node)

        assert seen.returncode == 3
        assert "did not answer" in seen.stdout
        assert "correct RPC_URLS" in seen.stdout
        assert "secret-word" not in seen.stdout + seen.stderr
