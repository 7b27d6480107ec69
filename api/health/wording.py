"""
The standing of a chain as its page shows it: numbers made ready to be read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from api.health.metrics import named
from api.health.standing import Audited, Standing, Work

Say = Callable[[str], str]
SayMany = Callable[[str, str, int], str]


def shown(one: Standing, ngettext: SayMany, comma: str) -> dict[str, Any]:
    """What the template of `/status` takes besides the standing's own fields."""
    work = one.work
    return {
        "compared": _compared(one.audit, ngettext, comma) if one.audit else "",
        "nodes": list(named(work.endpoints)) if work else [],
        "stages": _stages(work) if work else [],
        "counters": list(work.document.get("counters", {}).items()) if work else [],
        "latency": _latency(work) if work else None,
        "written_at": one.written_now - timedelta(seconds=work.age_seconds) if work else None,
    }


def states(say: Say) -> dict[str, str]:
    """How a node does, in words."""
    return {
        "healthy": say("answers"),
        "benched": say("rests for a moment"),
        "quarantined": say("was caught lying"),
        "wrong_chain": say("speaks of another chain"),
    }


def _compared(audit: Audited, ngettext: SayMany, comma: str) -> str:
    """`500 works, 12 balances`: kinds of which there were none are left out."""
    many = {"tokens": 0, "transfer_counts": 0, "balances": 0, "credits": 0, "auctions": 0}
    many |= {"proofs": 0, "blocks_read_again": 0} | audit.compared
    words = {
        "tokens": ngettext("%(count)s work", "%(count)s works", many["tokens"]),
        "transfer_counts": ngettext(
            "%(count)s count of transfers", "%(count)s counts of transfers", many["transfer_counts"]
        ),
        "balances": ngettext("%(count)s holding", "%(count)s holdings", many["balances"]),
        "credits": ngettext("%(count)s credit", "%(count)s credits", many["credits"]),
        "auctions": ngettext("%(count)s auction", "%(count)s auctions", many["auctions"]),
        "proofs": ngettext(
            "%(count)s proof of storage", "%(count)s proofs of storage", many["proofs"]
        ),
        "blocks_read_again": ngettext(
            "%(count)s block read again", "%(count)s blocks read again", many["blocks_read_again"]
        ),
    }
    return comma.join(
        said % {"count": f"{many[what]:,}"} for what, said in words.items() if many[what]
    )


def _stages(work: Work) -> list[tuple[str, dict[str, Any]]]:
    """Those that ran."""
    return [
        (
            name,
            {
                "count": told["count"],
                "mean_ms": f"{1000 * told['seconds'] / told['count']:,.2f}",
                "seconds": f"{told['seconds']:,.1f}",
            },
        )
        for name, told in work.document.get("stages", {}).items()
        if told["count"]
    ]


def _latency(work: Work) -> dict[str, str] | None:
    told = work.document.get("latency", {})
    if not told.get("p50"):
        return None
    return {name: f"{1000 * told[name]:,.1f}" for name in ("p50", "p99")}
