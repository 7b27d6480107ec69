"""
What every test may ask for: databases, a chain with our contracts, and foreign programs.

One PostgreSQL serves a whole run, workers of pytest-xdist included: the controlling process
starts it and hands its address on. Without xdist it starts when the first test asks.
"""

import logging
import multiprocessing.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.support.scratch import has_room, scratch
from tests.support.servers import (
    REQUIRE_ALL,
    ROOT,
    Contracts,
    Databases,
    Node,
    deploy_contracts,
    find_program,
    running_anvil,
    running_postgres,
    server_url,
)

RUN = pytest.StashKey[ExitStack]()
SERVER_URL = pytest.StashKey[str]()
IS_GOOD = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RUN] = ExitStack()
    if not hasattr(config, "workerinput") and has_room():
        put_files_into_memory(config)
    # Pretty tracebacks with every local of SQLAlchemy's frames take half a minute each.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


def put_files_into_memory(config: pytest.Config) -> None:
    """For this process and all that it starts, workers of xdist too."""
    multiprocessing.util.get_temp_dir()  # Its own, which it removes after ours is gone.
    folder = config.stash[RUN].enter_context(scratch())
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)

    def clean_up() -> None:
        if config.stash.get(IS_GOOD, False):  # Else somebody wants to look at what is there.
            shutil.rmtree(folder, ignore_errors=True)

    config.stash[RUN].callback(clean_up)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[IS_GOOD] = exitstatus == 0


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[RUN].close()


def start_server_once(config: pytest.Config) -> str:
    """The address of the run's PostgreSQL, which is started at the first call."""
    handed_on = getattr(config, "workerinput", {}).get("postgres")
    if handed_on is not None:
        return str(handed_on)
    if SERVER_URL not in config.stash:
        server = config.stash[RUN].enter_context(running_postgres())
        config.stash[SERVER_URL] = server_url(server)
    return config.stash[SERVER_URL]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist, in the controlling process: every worker learns the one server's address."""
    node.workerinput["postgres"] = start_server_once(node.config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """In `.ci/run` a skipped test is a failure."""
    report = yield
    if REQUIRE_ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and nothing may be skipped in this run"
    return report


@pytest.fixture(autouse=True)
def logs_put_back() -> Iterator[None]:
    """A command that runs in this process sets up logs as for a process of its own."""
    root = logging.getLogger()
    configured, handlers, level = structlog.get_config(), list(root.handlers), root.level
    yield
    structlog.configure(**configured)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Databases:
    """Makes databases; for tests that need more than one."""
    return Databases(start_server_once(pytestconfig))


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A new, empty database, for one test."""
    url = databases.make()
    yield url
    databases.drop(url)


def upgrade(url: str) -> None:
    """`alembic upgrade head`, in a process of its own: alembic configures logging."""
    finished = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={"DATABASE_URL": url, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        pytest.fail(f"the migrations do not run:\n{finished.stderr[-3000:]}")


@pytest.fixture(scope="session")
def migrated_template(databases: Databases) -> str:
    """A database after all migrations, copied for each test that wants one."""
    url = databases.make()
    upgrade(url)
    return url.rpartition("/")[2]


@pytest.fixture
def migrated_url(databases: Databases, migrated_template: str) -> Iterator[str]:
    """A new database after all migrations, for one test."""
    url = databases.make(template=migrated_template)
    yield url
    databases.drop(url)


@pytest.fixture(scope="module")
def module_database_url(databases: Databases, migrated_template: str) -> Iterator[str]:
    """A migrated database that the tests of one module share."""
    url = databases.make(template=migrated_template)
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
def anvil() -> Iterator[Node]:
    """A chain for the session; mines each transaction at once."""
    with running_anvil() as node:
        yield node


@pytest.fixture
def fresh_anvil() -> Iterator[Node]:
    """A chain for one test that rewinds it or counts its blocks."""
    with running_anvil() as node:
        yield node


@pytest.fixture(scope="session")
def rpc_url(anvil: Node) -> str:
    """The URL of the session's chain."""
    return anvil.rpc_url


@pytest.fixture(scope="session")
def contracts(anvil: Node) -> Contracts:
    """Our contracts on the session's chain."""
    return deploy_contracts(anvil)


@pytest.fixture
def contracts_put_back(contracts: Contracts) -> Iterator[Contracts]:
    """
    Our contracts on the session's chain, which stands again as it stood when the test ends.

    A test's mirror reads the chain from its beginning, so that what every test before it left
    there would be read once more.
    """
    with contracts.node.put_back():
        yield contracts


@pytest.fixture
def fresh_contracts(fresh_anvil: Node) -> Contracts:
    """Our contracts on a chain for one test."""
    return deploy_contracts(fresh_anvil)


@pytest.fixture(scope="session")
def kubo_program() -> Path:
    """The Kubo program."""
    return find_program(["ipfs"], "VERNISSAGE_KUBO")


@pytest.fixture(scope="session")
def geth_program() -> Path:
    """The geth program."""
    return find_program(["geth"], "VERNISSAGE_GETH")


@pytest.fixture(scope="session")
def chromium_program() -> Path:
    """Debian's Chromium, or another build of it."""
    return find_program(["chromium", "chromium-browser", "google-chrome"], "VERNISSAGE_CHROMIUM")
