"""
One function per event: what it adds to the mirror.

Every function takes where the log stands and the event, and adds rows. None of them knows how
to undo itself: rows fall with their block. They are in `works.py`, `trade.py`, `governance.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from indexer import governance, trade, venues, works
from indexer.facts import Facts, Place
from indexer.watch import Watch
from nft.chain.events import Event
from nft.chain.protocol import Log

HANDLERS: Mapping[type[Event], Callable[[Place, Any, Facts], None]] = {
    **works.HANDLERS,
    **trade.HANDLERS,
    **governance.HANDLERS,
}


def apply(chain_id: int, logs: Sequence[Log], watch: Watch) -> Facts:
    """The rows of a stretch's logs, which come in the order of the chain."""
    facts = Facts()
    for log in logs:
        event = watch.decode(log)
        if event is None:
            continue
        at = Place(chain_id, log.block_number, log.log_index, log.address, log.transaction_hash)
        HANDLERS[type(event)](at, event, facts)
    venues.apply(chain_id, logs, facts)
    return facts
