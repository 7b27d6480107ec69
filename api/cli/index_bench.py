"""`vernissage index bench`: a contract indexed from scratch, and what that cost."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.bench import Bench
    from nft.chain.protocol import Chain
    from nft.types import Address


def parser() -> argparse.ArgumentParser:
    """What it understands."""
    made = argparse.ArgumentParser(
        prog="vernissage index bench",
        description="Indexes an ERC-721 contract from scratch, by the real engine with all its "
        "checks, into a schema of DATABASE_URL that is dropped at the end (without DATABASE_URL: "
        "on a database server of this run's own).",
    )
    made.add_argument("--rpc", action="append", required=True, metavar="[ID=]URL", help="the node")
    made.add_argument("--contract", required=True, metavar="ADDRESS", help="which contract")
    made.add_argument(
        "--from-block", type=int, metavar="N", help="where it begins (else looked for)"
    )
    made.add_argument(
        "--steady",
        action="store_true",
        help="keep owners current in every transaction, where a long history is else loaded in "
        "bulk and owners are made at the end",
    )
    made.add_argument("--json", action="store_true", help="one line of JSON")
    return made


def main(arguments: list[str]) -> int:
    """Measure and print; returns the exit code."""
    given = parser().parse_args(arguments)

    from sqlalchemy.exc import OperationalError

    from api.cli.nodes import read_nodes
    from api.local.errors import CannotStart
    from api.logs import configure_logs
    from api.settings import load_settings
    from indexer.run import prepare_process
    from nft.chain.client import Web3Chain
    from nft.types import Address

    configure_logs()
    prepare_process()
    settings = load_settings()
    contract = Address.parse(given.contract)
    nodes = read_nodes(given.rpc, settings)
    if len(nodes) != 1:
        raise CannotStart("a bench reads one chain: every --rpc must be of the same")
    chain_id, urls = next(iter(nodes.items()))
    chain = Web3Chain(chain_id, urls)
    given_url = settings.need_database() if settings.database_url else None
    try:
        with _database(given_url) as url:
            found = _bench(url, chain, contract, given)
    except OperationalError as error:
        raise CannotStart(f"the database did not answer: {str(error.orig).strip()}") from error
    document = {"chain_id": str(chain_id), "contract": str(contract), **found.as_json()}
    sys.stdout.write((json.dumps(document) if given.json else _said(found)) + "\n")
    return 0


def _bench(url: str, chain: "Chain", contract: "Address", given: argparse.Namespace) -> "Bench":
    from api.cli.drawing import drawn
    from indexer.bench import bench
    from indexer.birth import find_birth
    from indexer.progress import Meter
    from indexer.run import connected

    first = given.from_block
    if first is None:
        first = find_birth(chain, contract, chain.head().number).block
    with drawn(as_json=given.json) as drawing, connected(url) as connection:
        meter = Meter(chain.chain_id, "bench", drawing.report, read_to=first - 1)
        return bench(
            connection,
            chain,
            contract,
            first_block=first,
            may_load=not given.steady,
            moved=lambda at, events: meter.moved(at.number, at.head_number, events),
        )


def _said(found: "Bench") -> str:
    rate = found.events / found.seconds if found.seconds else 0.0
    each = 1e6 * found.cpu_seconds / max(1, found.events)
    stages = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in found.stages.items())
    return "\n".join(
        [
            f"{found.events:,} events of {found.tokens:,} works, blocks {found.first_block:,} to "
            f"{found.last_block:,}",
            f"{found.seconds:.2f} s, {rate:,.0f} events/s, {each:.1f} µs of CPU each, "
            f"{found.peak_memory_bytes / 2**20:.0f} MiB at most",
            f"stages: {stages}",
            f"owners: {found.owners_sha256}",
        ]
    )


@contextmanager
def _database(given: str | None) -> Iterator[str]:
    """DATABASE_URL, or a server of this run's own, which syncs to disk as any other."""
    if given:
        yield given
        return

    from api.local.postgres import temporary_server
    from api.local.processes import stop

    folder = Path(tempfile.mkdtemp(prefix="vernissage-bench-"))
    server = temporary_server(folder)
    server.settings = {}
    try:
        server.start()
        yield server.url("postgres")
    finally:
        if server.child is not None:
            stop([server.child], patience=10)
        shutil.rmtree(folder, ignore_errors=True)
