"""
The page of `/status` as a calm day, a first load and a bad day show it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from api.certificates.anchor import AnchoredUpTo
from api.health.counts import Count
from api.health.keeping import Keeping, Place
from api.health.papers import Linking, Papers
from api.health.standing import Audited, Backfill, Endpoint, Standing, Work
from api.health.wording import shown, states
from api.languages import catalogue
from nft.types import Address, Digest
from tests.pages.exhibits import NOON
from tests.support.people import EXCHANGE, FOREIGN, HOUSE, STRANGER

Scene = tuple[str, dict[str, Any]]

HEAD = 23_456_789

CURSOR = SimpleNamespace(
    number=HEAD,
    block_hash=Digest(bytes.fromhex("5c" * 32)),
    timestamp=int(NOON.timestamp()) - 8,
    head_number=HEAD,
    safe_number=HEAD - 32,
    final_number=HEAD - 64,
    proved_number=HEAD - 1,
    is_loading=False,
    halted=None,
    updated_at=NOON - timedelta(seconds=8),
)

NODE = Endpoint(
    name="node.example.org",
    state="healthy",
    height=HEAD,
    lag_blocks=0,
    latency_ms=12.348,
    requests=48_112,
    failures=3,
    rate_limited=0,
    lies=0,
    doubts=1,
    last_error=None,
)

DOCUMENT = {
    "since": (NOON - timedelta(days=9)).isoformat(),
    "stages": {
        name: {"count": count, "seconds": seconds, "buckets": []}
        for name, count, seconds in (
            ("fetch", 66_120, 441.2),
            ("decode", 66_120, 12.8),
            ("apply", 66_120, 31.4),
            ("commit", 66_118, 210.9),
            ("prove", 41_007, 73.8),
        )
    },
    "counters": {"blocks": 66_118, "events": 1_204_551, "rewinds": 4, "amended": 0, "doubted": 1},
    "latency": {"count": 512, "p50": 0.0041, "p99": 0.0187},
    "head": {"number": HEAD, "seen_at": NOON.isoformat()},
    "trouble": None,
}

WORK = Work(
    instance="mirror-1:4711",
    age_seconds=0.6,
    document=DOCUMENT,
    endpoints=(NODE, replace(NODE, name="second.example.net", latency_ms=48.1)),
)

AUDIT = Audited(
    age_seconds=180,
    finished_at=NOON - timedelta(minutes=3),
    block_number=HEAD - 64,
    how="sample",
    compared={"tokens": 500, "transfer_counts": 481, "balances": 214, "credits": 9, "auctions": 31},
    difference_count=0,
    differences=[],
    contradictions=[],
)

CALM = Standing(
    chain_id=1,
    name="Ethereum",
    is_test=False,
    cursor=CURSOR,  # type: ignore[arg-type]  # As a row of the database.
    work=WORK,
    audit=AUDIT,
    contracts=(),
    now=NOON,
    written_now=NOON,
)


def _backfill(contract: Address, read_to: int | None, **more: Any) -> Backfill:
    values: dict[str, Any] = {
        "contract": contract,
        "first_block": 20_000_000,
        "joined_block": HEAD,
        "read_to": read_to,
        "is_complete": read_to == HEAD,
        "refused": None,
    }
    return Backfill(**{**values, **more})


def _place(name: str, **more: Any) -> Place:
    values: dict[str, Any] = {
        "name": name,
        "can_be_read": True,
        "standing": Count(1_204, is_exact=True),
        "fallen": Count(0, is_exact=True),
        "oldest_read_at": NOON - timedelta(days=3, hours=2),
        "answered_at": NOON - timedelta(minutes=2),
        "silent_since": None,
        "problem": None,
        "audited_at": NOON - timedelta(minutes=8),
    }
    return Place(**{**values, **more})


KEPT = Keeping(
    contents=Count(1_204, is_exact=True),
    at_risk=Count(0, is_exact=True),
    lost=Count(0, is_exact=True),
    replicas=3,
    places=(_place("embedded"), _place("kubo"), _place("vault")),
    free_bytes=48_000_000_000,
    now=NOON,
)


VERIFIED = SimpleNamespace(
    finished_at=NOON - timedelta(hours=7), checked=1_180, incomplete=0, failed=0, failures=[]
)

CERTIFIED = Papers(
    issued=Count(1_204, is_exact=True),
    waiting=Count(0, is_exact=True),
    lacks=None,
    waiting_since=None,
    links=(Linking(1, HEAD - 1_789, 5_864, NOON - timedelta(hours=6), None),),
    audit=VERIFIED,  # type: ignore[arg-type]  # As a row of the database.
    now=NOON,
)


def _page(
    language: str, *chains: Standing, kept: Keeping = KEPT, certified: Papers = CERTIFIED
) -> Scene:
    words = catalogue(language)
    told = [(one, shown(one, words.ngettext, words.gettext(", "))) for one in chains]
    return "health/status.html", {
        "chains": told,
        "states": states(words.gettext),
        "kept": kept,
        "certified": certified,
        "anchored": {one.chain_id: AnchoredUpTo(NOON.date(), at) for at, one in enumerate(chains)},
    }


def status() -> Scene:
    return _page("en", CALM)


def status_zh() -> Scene:
    return _page("zh", CALM)


def status_behind() -> Scene:
    """Two chains: one a little behind with strangers' histories to read, one begun just now."""
    contracts = (
        _backfill(FOREIGN, 21_230_000),
        _backfill(STRANGER, HEAD),
        _backfill(HOUSE, None, refused="it has no ownerOf"),
        replace(_backfill(EXCHANGE, None, refused="it floods the mirror"), left_block=HEAD - 9),
    )
    behind = SimpleNamespace(**vars(CURSOR) | {"number": HEAD - 2})
    loading = SimpleNamespace(**vars(CURSOR) | {"number": 4_000_000, "is_loading": True})
    alone = replace(WORK, endpoints=(NODE,))
    return _page(
        "en",
        replace(CALM, cursor=behind, contracts=contracts),  # type: ignore[arg-type]
        replace(CALM, chain_id=8453, name="Base", cursor=loading, work=alone, audit=None),  # type: ignore[arg-type]
        replace(CALM, chain_id=10, name="OP Mainnet", audit=replace(AUDIT, compared={"tokens": 0})),
        replace(CALM, chain_id=100, name="Gnosis", cursor=None, work=None, audit=None),
        certified=replace(
            CERTIFIED,
            waiting=Count(3, is_exact=True),
            waiting_since=NOON - timedelta(minutes=12),
            audit=None,
        ),
    )


def _with_failures() -> Papers:
    """One that fails, others not checked whole, a chain without hops and one with gaps."""
    failure = {
        "asset": f"eip155:1/erc721:{HOUSE}/{2**255 + 77}",
        "version": "2",
        "check": "issuer.signature",
        "detail": "the signature does not fit the document",
    }
    row = SimpleNamespace(**vars(VERIFIED) | {"incomplete": 41, "failed": 1, "failures": [failure]})
    gaps = SimpleNamespace(is_supported=True, gaps=2, problem="node.example.org: timed out")
    without = SimpleNamespace(is_supported=False, gaps=0, problem=None)
    return replace(
        CERTIFIED,
        waiting=Count(1, is_exact=True),
        waiting_since=NOON - timedelta(days=2),
        lacks="the node no longer has the state of block 23,400,000",
        links=(
            replace(CERTIFIED.links[0], standing=gaps),  # type: ignore[arg-type]
            Linking(10, None, 0, None, without),  # type: ignore[arg-type]
        ),
        audit=row,  # type: ignore[arg-type]
    )


def status_troubled() -> Scene:
    """A difference was found, a node lied, and another chain stands still."""
    difference = {
        "contract": str(HOUSE),
        "token_id": str(2**255 + 77),
        "what": "owner",
        "mirror": str(STRANGER),
        "chain": str(FOREIGN),
    }
    liar = replace(NODE, name="cheap.example.com", state="quarantined", lies=2)
    halted = SimpleNamespace(**vars(CURSOR) | {"halted": "it turned", "proved_number": None})
    waiting = replace(
        WORK,
        endpoints=(NODE, liar),
        document={**DOCUMENT, "trouble": "node.example.org: timed out"},
    )
    return _page(
        "en",
        replace(
            CALM,
            work=waiting,
            audit=replace(AUDIT, difference_count=1, differences=[difference]),
        ),
        replace(CALM, chain_id=8453, name="Base", cursor=halted, work=None),  # type: ignore[arg-type]
        replace(CALM, chain_id=10, name="OP Mainnet", work=replace(WORK, age_seconds=900)),
        certified=_with_failures(),
        kept=replace(
            KEPT,
            at_risk=Count(12, is_exact=True),
            lost=Count(1, is_exact=True),
            places=(
                _place("embedded"),
                _place("kubo", silent_since=NOON - timedelta(hours=5)),
                _place("vault", fallen=Count(12, is_exact=True)),
                _place("attic", can_be_read=False, standing=Count(0, is_exact=True)),
            ),
        ),
    )


SCENES: dict[str, Callable[[], Scene]] = {
    "status": status,
    "status-zh": status_zh,
    "status-behind": status_behind,
    "status-troubled": status_troubled,
}
