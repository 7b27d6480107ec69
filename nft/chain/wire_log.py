"""A log as it comes over the wire. Apart from `wire.py`, since the protocol names it, too."""

import msgspec


class WireLog(msgspec.Struct, rename="camel", gc=False):
    """One log as a node words it: hex text throughout."""

    address: str
    topics: list[str]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    log_index: str
    removed: bool = False
