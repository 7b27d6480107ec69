"""`vernissage index`: the mirror of the chain."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.settings import Settings
    from nft.chain.deployments import Deployment


def parser() -> argparse.ArgumentParser:
    """What `vernissage index` understands."""
    made = argparse.ArgumentParser(prog="vernissage index", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)
    for name, what in (
        ("run", "follow the chains until told to stop"),
        ("rebuild", "drop the mirror and read it anew"),
        ("audit", "compare mirror and chain; exit code 1 when they differ"),
        ("digest", "print the digest of the mirror's content"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--rpc", action="append", default=[], metavar="[ID=]URL")
        command.add_argument("--contract", action="append", default=[], metavar="ADDRESS")
        command.add_argument("--json", action="store_true", help="one line of JSON for each chain")
    return made


def main(arguments: list[str]) -> int:
    """Run one of them; returns the exit code."""
    given = parser().parse_args(arguments)

    from sqlalchemy.exc import OperationalError

    from api.deployments import deployments
    from api.local.errors import CannotStart
    from api.logs import configure_logs
    from api.settings import load_settings

    configure_logs()
    settings = load_settings()
    nodes = read_nodes(given.rpc, settings)
    placed = deployments(settings)
    followed = [
        (register(placed[chain_id], given.contract), urls)
        for chain_id, urls in nodes.items()
        if chain_id in placed
    ]
    if not followed:
        raise CannotStart("no node to ask: set RPC_URLS, or give --rpc 1=https://…")
    if given.command == "run":
        return run(settings, followed)
    try:
        results = [
            TASKS[given.command](settings.need_database(), deployment, urls)
            for deployment, urls in followed
        ]
    except OperationalError as error:
        raise CannotStart(f"the database did not answer: {str(error.orig).strip()}") from error
    for document, line in results:
        sys.stdout.write((json.dumps(document) if given.json else line) + "\n")
    return 0 if all(document.get("equal", True) for document, _ in results) else 1


def read_nodes(given: "Sequence[str]", settings: "Settings") -> dict[int, tuple[str, ...]]:
    """The nodes of --rpc, or those of the settings; a URL without a chain id is asked for it."""
    if not given:
        return settings.nodes()

    from api.settings import read_rpc_urls
    from nft.chain.client import ask_chain_id

    nodes: dict[int, tuple[str, ...]] = {}
    for text in given:
        named = text.split("=", 1)[0].isdecimal()
        whole = text if named else f"{ask_chain_id(text)}={text}"
        for chain_id, urls in read_rpc_urls(whole).items():
            nodes[chain_id] = (*nodes.get(chain_id, ()), *urls)
    return nodes


def register(deployment: "Deployment", contracts: "Sequence[str]") -> "Deployment":
    """The deployment with further contracts of others, read from our first block on."""
    from dataclasses import replace

    from nft.chain.deployments import Placed
    from nft.types import Address

    more = [Placed(Address.parse(text), deployment.first_block) for text in contracts]
    return replace(deployment, registered=(*deployment.registered, *more))


def run(settings: "Settings", followed: "Sequence[tuple[Deployment, tuple[str, ...]]]") -> int:
    """Follow every chain until SIGTERM or SIGINT; 3 when a chain had to stand still."""
    from api.cli.following import Followed, follow_all, saved_block, stop_on_signals
    from indexer.mirror import LOCAL_CHAINS

    cap = saved_block(settings.saved_block_file)
    chains = [
        Followed(
            deployment,
            urls,
            {"finality_cap": cap} if deployment.chain_id in LOCAL_CHAINS else {},
        )
        for deployment, urls in followed
    ]
    return 3 if follow_all(settings.need_database(), chains, stop_on_signals()) else 0


def _digest(
    url: str, deployment: "Deployment", urls: tuple[str, ...]
) -> tuple[dict[str, Any], str]:
    from indexer.digest import digest
    from indexer.run import connected

    with connected(url) as connection:
        return _content(digest(connection, deployment.chain_id), deployment.chain_id)


def _content(content: Any, chain_id: int) -> tuple[dict[str, Any], str]:
    at = content.cursor.number if content.cursor else None
    document = {
        "chain_id": str(chain_id),
        "block_number": None if at is None else str(at),
        "digest": str(content.digest),
        "rows": content.rows,
    }
    return document, f"chain {chain_id} at block {at}: {content.digest} ({content.rows} rows)"


def _rebuild(
    url: str, deployment: "Deployment", urls: tuple[str, ...]
) -> tuple[dict[str, Any], str]:
    from indexer.rebuild import rebuild
    from indexer.run import connected
    from nft.chain.client import Web3Chain

    with connected(url) as connection:
        _, after = rebuild(connection, Web3Chain(deployment.chain_id, urls), deployment)
    return _content(after, deployment.chain_id)


def _audit(url: str, deployment: "Deployment", urls: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    from indexer.audit import audit
    from indexer.run import connected
    from nft.chain.client import Web3Chain

    with connected(url) as connection:
        found = audit(connection, Web3Chain(deployment.chain_id, urls), deployment)
    document = {
        "chain_id": str(deployment.chain_id),
        "block_number": str(found.block_number),
        "tokens": found.tokens,
        "auctions": found.auctions,
        "equal": not found.differences,
        "differences": [
            {
                "contract": str(one.token.contract),
                "token_id": str(one.token.token_id),
                "what": one.what,
                "mirror": one.mirror,
                "chain": one.chain,
            }
            for one in found.differences
        ],
    }
    return document, "\n".join(_audit_lines(found, deployment.chain_id))


def _audit_lines(found: Any, chain_id: int) -> "Iterator[str]":
    for one in found.differences:
        token = f"{one.token.contract}/{one.token.token_id}"
        yield f"{token}: {one.what}: the mirror says {one.mirror}, the chain {one.chain}"
    many = len(found.differences)
    yield (
        f"chain {chain_id} at block {found.block_number}: {found.tokens} tokens and "
        f"{found.auctions} auctions compared, "
        f"{many or 'no'} difference{'' if many == 1 else 's'}"
    )


TASKS = {"digest": _digest, "rebuild": _rebuild, "audit": _audit}
