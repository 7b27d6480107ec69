"""`vernissage index`: the mirror of the chain."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from api.cli.audit_scope import add_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.cli.drawing import Drawing
    from api.settings import Settings
    from indexer.fetch import Checks
    from indexer.mirror import Ways
    from nft.chain.deployments import Deployment

    Result = tuple[dict[str, Any], str]
    """A chain's result as a document and as a line."""


EPILOG = (
    "`vernissage index bench --help`: a contract indexed from scratch, and what that cost. "
    "`vernissage index unregister --help`: a registered contract is let go of."
)

COMMANDS = {
    "run": (
        "follow the chains until told to stop",
        "Follows every chain of RPC_URLS, each in a thread of its own. One process at a time is "
        "active for a chain; a further one stands by and takes over within seconds. Ends by "
        "SIGTERM with 0, or with 3 when a chain had to stand still.",
    ),
    "rebuild": (
        "drop the mirror and read it anew",
        "Reads the chain into new tables beside the old ones, which are replaced in one "
        "transaction at the end. The digest is the same before and after.",
    ),
    "audit": (
        "compare mirror and chain; exit code 1 when they differ",
        "Asks the chain who owns each work, how often it moved, how many works each account "
        "holds, what is owed and how auctions stand, at a final block, and prints each "
        "difference. Writes nothing but its result, which /status shows.",
    ),
    "prove": (
        "prove the mirror by headers and receipts; exit code 1 when it differs",
        "Goes on from where the mirror is proven, and puts right what a node left out or made up. "
        "With --all it proves every block anew, header by header and receipt by receipt, and who "
        "sent each work to whom; that writes nothing, and names each difference.",
    ),
    "digest": (
        "print the digest of the mirror's content",
        "Equal for two mirrors of the same chain, however they came about.",
    ),
}


def parser() -> argparse.ArgumentParser:
    """What `vernissage index` understands."""
    made = argparse.ArgumentParser(prog="vernissage index", description=__doc__, epilog=EPILOG)
    commands = made.add_subparsers(dest="command", required=True)
    for name, (what, more) in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=more)
        command.add_argument(
            "--rpc",
            action="append",
            default=[],
            metavar="[ID=]URL",
            help="a node, in place of those of RPC_URLS; may be given several times",
        )
        command.add_argument(
            "--contract",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="an ERC-721 contract of others to register, as `POST /api/collections/…` does "
            "(run and rebuild): its first block is found by itself",
        )
        command.add_argument(
            "--json",
            action="store_true",
            help="one line of JSON for each chain; progress as lines of JSON on standard error",
        )
        if name == "audit":
            add_scope(command)
        if name == "prove":
            command.add_argument("--all", action="store_true", help="everything, once more")
    return made


def main(arguments: list[str]) -> int:
    """Run one of them; returns the exit code."""
    if arguments[:1] == ["bench"]:
        from api.cli.index_bench import main as bench

        return bench(arguments[1:])
    if arguments[:1] == ["unregister"]:
        from api.cli.index_unregister import main as unregister

        return unregister(arguments[1:])
    given = parser().parse_args(arguments)

    from sqlalchemy.exc import OperationalError

    from api.cli.drawing import drawn
    from api.cli.nodes import read_nodes
    from api.deployments import deployments
    from api.local.errors import CannotStart
    from api.logs import configure_logs
    from api.settings import load_settings

    configure_logs()
    settings = load_settings()
    nodes = read_nodes(given.rpc, settings)
    placed = deployments(settings)
    followed = [(placed[chain_id], urls) for chain_id, urls in nodes.items() if chain_id in placed]
    if not followed:
        raise CannotStart("no node to ask: set RPC_URLS, or give --rpc 1=https://…")
    if given.contract and given.command in ("run", "rebuild"):
        register(settings.need_database(), followed, given.contract)
    from indexer.run import prepare_process

    prepare_process()
    if given.command == "run":
        with drawn(as_json=given.json or not sys.stderr.isatty()) as drawing:
            return run(settings, followed, drawing)
    url, do = settings.need_database(), TASKS[given.command]
    try:
        with drawn(as_json=given.json) as drawing:
            results = [do(url, *one, given, drawing) for one in followed]
    except OperationalError as error:
        raise CannotStart(f"the database did not answer: {str(error.orig).strip()}") from error
    for document, line in results:
        sys.stdout.write((json.dumps(document) if given.json else line) + "\n")
    return 0 if all(document.get("equal", True) for document, _ in results) else 1


def register(
    database_url: str,
    followed: "Sequence[tuple[Deployment, tuple[str, ...]]]",
    contracts: "Sequence[str]",
) -> None:
    """Have contracts of others mirrored on each of these chains that has them."""
    from indexer import birth, registry
    from indexer.run import connected
    from nft.chain.client import Web3Chain
    from nft.types import Address

    refusals: list[birth.NoContractThere] = []
    for contract in map(Address.parse, contracts):
        missing = []
        for deployment, urls in followed:
            try:
                names = birth.inspect(Web3Chain(deployment.chain_id, urls), contract)
            except birth.NoContractThere as refusal:
                missing.append(refusal)
                continue
            with connected(database_url) as connection, connection.begin():
                registry.register(
                    connection,
                    deployment.chain_id,
                    contract,
                    name=names.name,
                    symbol=names.symbol,
                    is_operator=True,
                )
        refusals += missing if len(missing) == len(followed) else []
    if refusals:
        raise refusals[0]


def run(
    settings: "Settings",
    followed: "Sequence[tuple[Deployment, tuple[str, ...]]]",
    drawing: "Drawing",
) -> int:
    """Follow every chain until SIGTERM or SIGINT; 3 when a chain had to stand still."""
    from api.cli.following import Followed, follow_all, saved_block, stop_on_signals
    from indexer.fetch import Checks

    checks = Checks.named(settings.index_checks.split(","))
    cap = saved_block(settings.saved_block_file)
    chains = [
        Followed(
            deployment,
            urls,
            {"ways": _ways(deployment.chain_id, cap, checks, drawing)},
        )
        for deployment, urls in followed
    ]
    return 3 if follow_all(settings.need_database(), chains, stop_on_signals()) else 0


def _ways(
    chain_id: int,
    cap: "Callable[[], int | None] | None",
    checks: "Checks",
    drawing: "Drawing",
) -> "Ways":
    """How a chain is followed: a local one may forget, and long readings are drawn."""
    from indexer.mirror import LOCAL_CHAINS, Ways
    from indexer.progress import Meter

    meter = Meter(chain_id, "history", drawing.report)
    return Ways(
        finality_cap=cap if chain_id in LOCAL_CHAINS else None,
        checks=checks,
        moved=lambda at, events: meter.moved(at.number, at.head_number, events),
    )


def _digest(
    url: str, deployment: "Deployment", urls: tuple[str, ...], given: Any, drawing: "Drawing"
) -> "Result":
    from indexer.digest import digest
    from indexer.run import connected

    with connected(url) as connection:
        return _content(digest(connection, deployment.chain_id), deployment.chain_id)


def _content(content: Any, chain_id: int) -> "Result":
    at = content.cursor.number if content.cursor else None
    document = {
        "chain_id": str(chain_id),
        "block_number": None if at is None else str(at),
        "digest": str(content.digest),
        "rows": content.rows,
    }
    return document, f"chain {chain_id} at block {at}: {content.digest} ({content.rows} rows)"


def _rebuild(
    url: str, deployment: "Deployment", urls: tuple[str, ...], given: Any, drawing: "Drawing"
) -> "Result":
    from indexer.mirror import Ways
    from indexer.progress import Meter
    from indexer.rebuild import rebuild
    from indexer.run import connected
    from nft.chain.client import Web3Chain

    chain_id = deployment.chain_id
    meter = Meter(chain_id, "rebuild", drawing.report, read_to=deployment.first_block - 1)
    ways = Ways(moved=lambda at, events: meter.moved(at.number, at.head_number, events))
    with connected(url) as connection:
        _, after = rebuild(connection, Web3Chain(chain_id, urls), deployment, ways)
    return _content(after, deployment.chain_id)


def _audit(
    url: str, deployment: "Deployment", urls: tuple[str, ...], given: Any, drawing: "Drawing"
) -> "Result":
    from api.cli.auditing import audited

    return audited(url, deployment, urls, given, drawing)


def _prove(
    url: str, deployment: "Deployment", urls: tuple[str, ...], given: Any, drawing: "Drawing"
) -> "Result":
    from api.cli.proving import proved

    return proved(url, deployment, urls, given, drawing)


TASKS = {"digest": _digest, "rebuild": _rebuild, "audit": _audit, "prove": _prove}
