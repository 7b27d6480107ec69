"""
One function per event: what it adds to the mirror.

Every function takes where the log stands and the event, and adds rows. None of them knows how
to undo itself: rows fall with their block. They are in `works.py`, `trade.py`, `governance.py`,
and in the files of `decoders`. A transfer comes as its row already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from indexer import decoding, governance, trade, venues, works
from indexer.facts import Facts, Item, Move, Place
from indexer.watch import Watch
from nft.chain.protocol import Log

HANDLERS: Mapping[type, Callable[[Place, Any, Facts], None]] = {
    **works.HANDLERS,
    **trade.HANDLERS,
    **governance.HANDLERS,
    **decoding.ROWS,
}


def apply(chain_id: int, items: Sequence[Item], watch: Watch) -> Facts:
    """The rows of a stretch, whose logs come in the order of the chain."""
    if set(map(type, items)) == {Move}:
        return Facts(moves=cast(list[Move], list(items)))  # Of most stretches of a history.
    facts = Facts()
    said_elsewhere: list[Log] = []
    moves, rows = facts.moves, facts.rows
    for item in items:
        if isinstance(item, Move):
            moves.append(item)
            if rows:
                trade.link_custody(item, facts)
            continue
        event = watch.decode(item)
        if item.address in venues.VENUES:
            said_elsewhere.append(item)
        if event is None:
            continue
        at = Place(chain_id, item.block_number, item.log_index, item.address, item.transaction_hash)
        HANDLERS[type(event)](at, event, facts)
    if said_elsewhere:
        venues.apply(chain_id, said_elsewhere, facts)
    return facts
