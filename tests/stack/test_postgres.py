"""The embedded PostgreSQL: where it may lie, who may enter, and how it comes back."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.local.errors import CannotStart
from api.local.postgres import PostgresServer, temporary_server
from api.local.processes import stop, wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PostgresServer]:
    made = temporary_server(tmp_path / "a folder 画廊" / ("long" * 40))
    made.settings = {}  # As durable as the real one.
    yield made
    if made.child is not None:
        stop([made.child], patience=10)


class TestPostgresServer:
    def test_starts_below_a_path_that_no_socket_would_fit_in(self, server: PostgresServer) -> None:
        server.start()
        server.make_database()
        server.make_database()

        assert server.query("SELECT current_database()", "vernissage") == "vernissage"
        assert server.query("SELECT upper('ñandú')", "vernissage") == "ÑANDÚ"

    def test_keeps_its_password_to_its_owner(self, server: PostgresServer) -> None:
        server.start()

        assert server.password_file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url("postgres").replace(server.password, "guessed"))

    def test_listens_to_this_machine_alone(self, server: PostgresServer) -> None:
        server.start()

        assert server.query("SHOW listen_addresses") == "127.0.0.1"
        assert server.query("SHOW unix_socket_directories") == ""

    def test_comes_back_after_kill_9_with_what_was_committed(self, server: PostgresServer) -> None:
        server.start()
        server.query("CREATE TABLE kept (n int)")
        server.query("INSERT INTO kept VALUES (7)")
        assert server.child is not None
        os.kill(server.child.pid, signal.SIGKILL)
        assert wait_until(server.has_failed, patience=10)

        started = wait_until(lambda: starts(server), patience=30)

        assert started
        assert server.query("SELECT n FROM kept") == "7"

    def test_a_lock_file_with_a_strangers_pid_does_not_stop_it(
        self, server: PostgresServer
    ) -> None:
        server.start()
        assert server.child is not None
        stop([server.child], patience=10)
        (server.cluster / "postmaster.pid").write_text(f"{os.getppid()}\n{server.cluster}\n")

        server.start()

        assert server.is_answering()

    def test_an_unfinished_cluster_is_made_anew(self, server: PostgresServer) -> None:
        unfinished = server.cluster.with_name("postgres.new")
        unfinished.mkdir(parents=True)
        (unfinished / "PG_VERSION").write_text("18")

        server.start()

        assert not unfinished.exists()
        assert server.is_answering()

    def test_a_cluster_of_another_version_is_left_alone(self, server: PostgresServer) -> None:
        server.cluster.mkdir(parents=True)
        (server.cluster / "PG_VERSION").write_text("16\n")

        with pytest.raises(CannotStart, match="made by PostgreSQL 16"):
            server.start()

        assert [path.name for path in server.cluster.iterdir()] == ["PG_VERSION"]

    def test_changes_no_permission_above_its_own_folder(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        server = temporary_server(closed / "data")

        server.start()
        assert server.child is not None
        stop([server.child], patience=10)

        assert closed.stat().st_mode & 0o777 == 0o700
        assert server.cluster.stat().st_mode & 0o777 == 0o700


def starts(server: PostgresServer) -> bool:
    """One attempt; the dead server's children may hold its memory for a moment."""
    try:
        server.start()
    except CannotStart:
        return False
    return True
