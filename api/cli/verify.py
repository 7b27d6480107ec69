"""
`vernissage verify`: check a document against files, nodes, and hashes the reader trusts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nft.chain.client import Web3Chain
    from nft.types import Digest
    from nft.verification import ChainEvidence, Claims, Evidence, NodeHashes, Report, Wanted

MARKS = {"pass": "✓", "fail": "✗", "not_checked": "–"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vernissage verify",
        description="Check a certificate of authenticity, an ownership extract, evidence, or a "
        "bundle of them. Works without this exchange and without a network: give the hash of one "
        "block that you trust, and the file of the work. A header inside a document proves "
        "nothing: a block counts when you gave its hash, when nodes of your choice agree on it, "
        "when a list of checkpoints that you believe holds it, or when proofs lead to it from "
        "one of these.",
    )
    parser.add_argument("file", help="the document (JSON or ZIP); - reads standard input")
    parser.add_argument("--block-hash", action="append", default=[], metavar="N=0x…")
    parser.add_argument(
        "--rpc", action="append", default=[], metavar="URL", help="a node; two must agree"
    )
    parser.add_argument("--checkpoints", metavar="FILE", type=Path)
    parser.add_argument(
        "--checkpoint-key", metavar="z6Mk…", help="the key that must have signed the checkpoints"
    )
    parser.add_argument("--media", action="append", default=[], metavar="FILE", type=Path)
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    return parser


def main(arguments: list[str]) -> int:
    """0: every check that must hold holds. 1: not so. 2: bad input. 3: a node was silent."""
    options = _parser().parse_args(arguments)
    from api.logs import configure_logs
    from nft.errors import ExchangeError, Unreachable

    configure_logs(logging.ERROR)

    try:
        trust = read_trust(
            block_hashes=options.block_hash,
            rpc_urls=options.rpc,
            checkpoints=options.checkpoints,
            checkpoint_key=options.checkpoint_key,
        )
        body = _read(options.file)
        _refuse_other(body)
        report = check(body, trust, media=options.media)
    except Unreachable as error:
        return _fail(3, str(error))
    except (OSError, ValueError, ExchangeError) as error:
        return _fail(2, str(error))
    if options.json:
        print(json.dumps(report.as_json()))
    else:
        _show(report, trust)
    return 0 if report.verdict == "pass" else 1


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader believes about blocks, in the order in which it is looked at."""

    given: Mapping[int, Digest]
    rpc_urls: tuple[str, ...]
    checkpoints: Mapping[int, Mapping[int, Digest]]
    """Hash by number, by chain."""
    checkpoint_signer: str = ""

    def words(self) -> list[str]:
        """One line for each source."""
        asked = len(self.rpc_urls)
        return [
            f"hashes that you gave: {len(self.given)}",
            f"nodes that you named: {asked}" + (" (no second one to agree)" if asked == 1 else ""),
            f"checkpoints signed by {self.checkpoint_signer}"
            if self.checkpoint_signer
            else "checkpoints: none",
            "and what proofs link to those",
        ]


def read_trust(
    *,
    block_hashes: list[str],
    rpc_urls: list[str],
    checkpoints: Path | None,
    checkpoint_key: str | None,
) -> Trust:
    """Raises `ExchangeError` or `OSError` for what cannot be read or is signed by another."""
    from nft.verification import read_hashes

    given = read_hashes(block_hashes)
    if checkpoints is None:
        return Trust(given, tuple(rpc_urls), {})
    from nft.checkpoints import read_checkpoints
    from nft.integrity import parse_multikey
    from nft.verification import read_json

    key = parse_multikey(checkpoint_key) if checkpoint_key else None
    found = read_checkpoints(read_json(checkpoints.read_bytes()), key=key)
    signer = checkpoint_key or found.method.rpartition("#")[2]
    return Trust(given, tuple(rpc_urls), found.blocks, signer)


def check(body: bytes, trust: Trust, *, media: list[Path]) -> Report:
    """
    Check a file. With several nodes each is asked, and the worst report counts.

    Raises `OSError` for files that cannot be read, `ChainUnreachable` for a silent node.
    """
    from nft.verification import Evidence, claims_of, verify_file, wanted_blocks

    wanted = wanted_blocks(body)
    inputs = Evidence(
        block_hashes=trust.given,
        checkpoints=trust.checkpoints.get(wanted.chain_id, {}) if wanted else {},
        media={_hash(path): f"read from {path.name}" for path in media},
    )
    if wanted is None or not trust.rpc_urls:
        return verify_file(body, inputs)
    claims = claims_of(body)
    nodes = [_ask(url, wanted, claims) for url in trust.rpc_urls]
    reports = [verify_file(body, one) for one in _with_nodes(inputs, nodes)]
    return max(reports, key=lambda report: ("pass", "incomplete", "fail").index(report.verdict))


def _with_nodes(
    inputs: Evidence, nodes: list[tuple[NodeHashes, ChainEvidence | None]]
) -> list[Evidence]:
    """All that nodes say of hashes, beside what each says of the work."""
    hashes = tuple(found for found, _ in nodes)
    return [replace(inputs, nodes=hashes, chain=chain) for _, chain in nodes]


def _ask(
    url: str, wanted: Wanted, claims: Claims | None
) -> tuple[NodeHashes, ChainEvidence | None]:
    # web3 takes its time to import: only for readers who ask a node.
    from nft.chain.client import Web3Chain
    from nft.chain.evidence import gather
    from nft.verification import NodeHashes

    chain = Web3Chain(wanted.chain_id, [url])
    evidence = gather(chain, claims, source=url) if claims is not None else None
    return NodeHashes(url, wanted.chain_id, _hashes(chain, wanted)), evidence


def _hashes(chain: Web3Chain, wanted: Wanted) -> dict[int, Digest]:
    found = {number: chain.find_block(number) for number in sorted(wanted.numbers)}
    return {number: block.block_hash for number, block in found.items() if block is not None}


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _refuse_other(body: bytes) -> None:
    """Raise `ValueError` for a file that is neither a ZIP nor a JSON object."""
    from nft.bundles import is_zip

    if not is_zip(body) and not isinstance(json.loads(body), dict):
        raise ValueError("the file is JSON, but not an object")


def _hash(path: Path) -> Digest:
    from nft.types import Digest

    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").digest())


def _show(report: Report, trust: Trust) -> None:
    for line in report.checks:
        print(f"{MARKS[line.result]} {line.id:<18} {line.detail}")
        if line.input:
            print(f"  {line.input}")
    print("\nBlocks are believed for the sake of, in this order:")
    for source in trust.words():
        print(f"  {source}")
    for block in report.blocks:
        print(f"  block {block.number} {block.hash}: {_reason(block.linked)}")
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    print(f"\nverdict: {report.verdict} ({now})")


def _reason(linked: str) -> str:
    return {
        "given": "believed, you gave its hash or the list that holds it",
        "rpc": "believed, nodes that you named say so",
        "by proof": "believed, proofs lead to it",
        "no": "not linked, so nothing in it counts",
    }[linked]


def _fail(code: int, why: str) -> int:
    print(f"vernissage verify: {why}", file=sys.stderr)
    return code
