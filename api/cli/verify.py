"""
`vernissage verify`: check a certificate against files, a node, and hashes the reader trusts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nft.types import Digest
    from nft.verification import ChainEvidence, Report

MARKS = {"pass": "✓", "fail": "✗", "not_checked": "–"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vernissage verify",
        description="Check a certificate of authenticity. Works without this exchange: give a "
        "node you trust, or the hash of the mint's block, and the file of the work.",
    )
    parser.add_argument("file", help="the certificate (JSON); - reads standard input")
    parser.add_argument("--rpc", action="append", default=[], metavar="URL")
    parser.add_argument("--block-hash", action="append", default=[], metavar="N=0x…")
    parser.add_argument("--media", action="append", default=[], metavar="FILE", type=Path)
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    return parser


def main(arguments: list[str]) -> int:
    """0: every check that must hold holds. 1: not so. 2: bad input. 3: the node was silent."""
    options = _parser().parse_args(arguments)
    from api.logs import configure_logs
    from nft.errors import ExchangeError, Unreachable

    configure_logs(logging.ERROR)

    try:
        document = _read(options.file)
        report = check(
            document,
            rpc_urls=options.rpc,
            block_hashes=options.block_hash,
            media=options.media,
        )
    except Unreachable as error:
        return _fail(3, str(error))
    except (OSError, ValueError, ExchangeError) as error:
        return _fail(2, str(error))
    if options.json:
        print(json.dumps(report.as_json()))
    else:
        _show(report)
    return 0 if report.verdict == "pass" else 1


def check(
    document: dict[str, Any],
    *,
    rpc_urls: list[str],
    block_hashes: list[str],
    media: list[Path],
) -> Report:
    """
    Verify a document. With several nodes each is asked, and the worst report counts.

    Raises `ExchangeError` or `OSError` for input that cannot be read, `ChainUnreachable`.
    """
    from nft.types import Digest, parse_uint
    from nft.verification import Evidence, NotACertificate, read_claims, verify

    given: dict[int, Digest] = {}
    for text in block_hashes:
        number, _, block_hash = text.partition("=")
        given[parse_uint(number)] = Digest.parse(block_hash)
    held = {_hash(path): f"read from {path.name}" for path in media}
    try:
        read_claims(document)
    except NotACertificate:
        return verify(document, Evidence())
    nodes: list[ChainEvidence | None] = [_ask(document, url) for url in rpc_urls] or [None]
    reports = [
        verify(document, Evidence(chain=node, block_hashes=given, media=held)) for node in nodes
    ]
    return max(reports, key=lambda report: ("pass", "incomplete", "fail").index(report.verdict))


def _ask(document: dict[str, Any], url: str) -> ChainEvidence:
    # web3 takes its time to import: only for readers who ask a node.
    from nft.chain.client import Web3Chain
    from nft.chain.evidence import gather
    from nft.verification import read_claims

    claims = read_claims(document)
    return gather(Web3Chain(claims.token.chain_id, [url]), claims, source=url)


def _read(name: str) -> dict[str, Any]:
    text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("the file is JSON, but not an object")
    return found


def _hash(path: Path) -> Digest:
    from nft.types import Digest

    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").digest())


def _show(report: Report) -> None:
    for line in report.checks:
        print(f"{MARKS[line.result]} {line.id:<18} {line.detail}")
        if line.input:
            print(f"  {line.input}")
    for block in report.blocks:
        print(f"  block {block.number} {block.hash}: believed because {_reason(block.linked)}")
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    print(f"\nverdict: {report.verdict} ({now})")


def _reason(linked: str) -> str:
    return {"given": "you gave its hash", "rpc": "the node says so", "no": "of nothing yet"}[linked]


def _fail(code: int, why: str) -> int:
    print(f"vernissage verify: {why}", file=sys.stderr)
    return code
