"""
`vernissage index audit`: each difference when it is found, then what was compared.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from api.cli.audit_scope import read_scope
from api.cli.drawing import Drawing
from indexer.audit import Audit, audit, record
from indexer.ground import Difference, Findings
from indexer.run import connected
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment


def audited(
    url: str, deployment: Deployment, urls: tuple[str, ...], given: Any, drawing: Drawing
) -> tuple[dict[str, Any], str]:
    """Compare one chain, keep the result in the books, and say it."""
    chain_id = deployment.chain_id
    with connected(url) as connection:
        scope = read_scope(given, connection, chain_id)
        found = audit(
            connection,
            Web3Chain(chain_id, urls),
            deployment,
            scope,
            findings=Findings(
                hear=lambda one: None if given.json else _tell(one),
                progress=lambda what, done: drawing.compared(chain_id, NAMES[what], done),
            ),
        )
        record(connection, found)
    return document_of(found), "\n".join(_summary(found))


def _tell(one: Difference) -> None:
    of_what = one.token_id if one.token_id is not None else one.account
    sys.stdout.write(
        f"{one.contract}/{of_what}: {one.what}: the mirror says {one.mirror}, "
        f"the chain {one.chain}\n"
    )
    sys.stdout.flush()


def document_of(found: Audit) -> dict[str, Any]:
    """The result as JSON, with the first thousand differences."""
    return {
        "chain_id": str(found.chain_id),
        "how": found.scope.how,
        "seed": None if found.scope.sample is None else str(found.scope.seed),
        "first_block_number": str(found.first.number),
        "block_number": str(found.last.number),
        "block_hash": str(found.last.block_hash),
        "moved_to_another_block": found.moves,
        "compared": found.compared,
        "tokens": found.tokens,
        "auctions": found.auctions,
        "equal": found.is_equal,
        "difference_count": found.difference_count,
        "differences": [one.as_json() for one in found.differences],
        "contradictions": [one.as_json() for one in found.contradictions],
        "seconds": round((found.finished_at - found.started_at).total_seconds(), 3),
    }


def _summary(found: Audit) -> Iterator[str]:
    if found.moves:
        yield f"the node no longer had the state of a final block {found.moves} times: asked anew"
    at = f"block {found.last.number}"
    if found.first != found.last:
        at = f"blocks {found.first.number} to {found.last.number}"
    compared = ", ".join(
        f"{many:,} {NAMES[what]}" for what, many in found.compared.items() if what in NAMES
    )
    for one in found.contradictions:
        yield (
            f"{one.contract}/{one.token_id}: the contract contradicts its own proven events, which "
            f"say {one.mirror}: asked, it says {one.chain}"
        )
    sampled = "" if found.scope.sample is None else f" (a sample, --seed {found.scope.seed})"
    many = found.difference_count
    yield (
        f"chain {found.chain_id} at {at}: {compared} compared{sampled}, "
        f"{f'{many:,}' if many else 'no'} difference{'' if many == 1 else 's'}"
    )


NAMES = {
    "tokens": "works",
    "transfer_counts": "transfer counts",
    "balances": "balances",
    "credits": "credits",
    "auctions": "auctions",
    "proofs": "storage proofs",
    "broken": "works whose contract lies about custody",
    "blocks_read_again": "blocks read again",
    "contradictions": "works whose contract contradicts its own events",
}
