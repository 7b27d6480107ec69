"""
What a node told and its own hashes deny.

* Unacceptable
  + Disproved: HeaderDisproved, ReceiptsDisproved, StateDisproved
  + FormUnknown             a form of data that this version cannot encode: no word against the node
"""

from __future__ import annotations

from nft.errors import Unacceptable


class Disproved(Unacceptable):
    """The data does not hash to what it must: somebody altered, added or left out something."""


class HeaderDisproved(Disproved):
    """A header whose hash is not the one it is told under."""

    def __init__(self, number: str, why: str) -> None:
        super().__init__(f"header {number} is not what its hash says: {why}")


class ReceiptsDisproved(Disproved):
    """Receipts that do not make the root of their block's header."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the receipts are not those of the block: {why}")


class StateDisproved(Disproved):
    """A proof of state that does not lead from the root to what is told."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the proof of state does not hold: {why}")


class FormUnknown(Unacceptable):
    """A header, receipt or transaction of a form that came after this version."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this version cannot prove {what}")
