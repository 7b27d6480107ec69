"""
Why proven state says nothing about a work.

* Unacceptable: LayoutUnknown
* Missing: NotShown
"""

from __future__ import annotations

from nft.errors import Missing, Unacceptable


class LayoutUnknown(Unacceptable):
    """The contract is none that we know, or its storage is not of the layout that is named."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the contract's layout is not known: {why}")


class NotShown(Missing):
    """The evidence at hand proves nothing about this, either way."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"the evidence does not show {what}")
