"""
Why a mint is refused.
"""

from __future__ import annotations

from typing import Any

from nft.errors import Conflict, Refused, Unacceptable


class CreatorNotYou(Refused):
    """Only the signed-in account may mint in its name."""

    field = "creator"

    def __init__(self, creator: str, account: str) -> None:
        super().__init__(f"you are signed in as {account}; only {creator} can mint as {creator}")


class CollectionNotOpen(Unacceptable):
    """The collection is not one that this exchange mints into."""

    field = "contract"

    def __init__(self, contract: str, house: str) -> None:
        super().__init__(f"works are minted into the house collection {house}, not into {contract}")


class SplitterNotOffered(Unacceptable):
    """Several royalty receivers need a splitter contract."""

    field = "royalties"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} royalty receivers need a splitter, which is not offered yet; name one"
        )


class RoyaltyReceiverMissing(Unacceptable):
    """A royalty for nobody would be paid to nobody."""

    field = "royalties/0/receiver"

    def __init__(self) -> None:
        super().__init__("a royalty needs a receiver other than the zero address")


class FindingsNotAccepted(Conflict):
    """The files have findings that the artist has not answered."""

    def __init__(self, findings: list[dict[str, Any]]) -> None:
        self.findings = findings
        self.extra = {"findings": findings}
        said = "; ".join(f"{one['code']}: {one['detail']}" for one in findings)
        super().__init__(f"answer these first, or send accept_findings: true. {said}")
