"""
The table of decoders: which logs are read of whom, and what each adds to the mirror.

Events of our contracts' artifacts are in `nft.chain.logs`; every other one is a file in
`indexer/decoders`, and joins the table by being there.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from importlib import import_module

from indexer import decoders
from indexer.decoders.base import Decoder, Rows, Whose
from nft.chain import logs
from nft.chain.abi import topic
from nft.chain.logs import Table


def _found() -> tuple[Decoder, ...]:
    """What the files name, in the order of the files."""
    names = sorted(module.name for module in pkgutil.iter_modules(decoders.__path__))
    modules = [import_module(f"{decoders.__name__}.{name}") for name in names]
    return tuple(one for module in modules for one in getattr(module, "DECODERS", ()))


def _with(base: Table, whose: Whose, added: Sequence[Decoder]) -> Table:
    """A table of forms with the decoders of its contracts; an event has one form in it."""
    table = dict(base)
    for one in added:
        key = topic(one.signature)
        if one.whose is whose and table.setdefault(key, one.form) is not one.form:
            raise ValueError(f"{one.signature} of {whose.value} is decoded twice")
    return table


DECODERS = _found()

OTHERS = _with(logs.ERC721, Whose.OTHERS, DECODERS)
"""Events of a collection of somebody else's."""
COLLECTION = _with(logs.COLLECTION, Whose.COLLECTION, DECODERS)
EXCHANGE = _with(logs.EXCHANGE, Whose.EXCHANGE, DECODERS)
AUCTIONS = _with(logs.AUCTIONS, Whose.AUCTIONS, DECODERS)
SPLITTER = _with(logs.SPLITTER, Whose.SPLITTER, DECODERS)

ROWS: Mapping[type, Rows] = {one.event: one.rows for one in DECODERS}
"""What each event of theirs adds."""
