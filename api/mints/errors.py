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
    """The collection is not one that this creator's works can be minted into."""

    field = "contract"

    def __init__(self, contract: str, house: str) -> None:
        super().__init__(
            f"works are minted into the house collection {house} or into the creator's own, not "
            f"into {contract}"
        )


class LazyMintNeedsPrice(Unacceptable):
    """Nobody can buy what has no price."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__("a lazy mint is minted by its buyer: say at which price (list_at)")


class TooManyCopies(Unacceptable):
    """An edition that no transaction could mint."""

    field = "copies"

    def __init__(self, copies: int, maximum: int) -> None:
        super().__init__(
            f"{copies} copies do not fit into one transaction, which mints at most {maximum}; "
            "a lazy mint can be larger"
        )


class CopiesOfSeveral(Unacceptable):
    """An edition has one description."""

    field = "copies"

    def __init__(self) -> None:
        super().__init__("an edition is of one work; mint several works without copies")


class ListingNotYours(Unacceptable):
    """A minter works in the creator's name and cannot sell what is the creator's."""

    field = "list_at"

    def __init__(self, creator: str) -> None:
        super().__init__(f"the works belong to {creator}, who alone can offer them for sale")


class ReceiverTwice(Unacceptable):
    """A splitter names each receiver once."""

    def __init__(self, position: int, receiver: str) -> None:
        self.field = f"royalties/{position}/receiver"
        super().__init__(f"{receiver} is named twice; add the shares up")


class RoyaltyReceiverMissing(Unacceptable):
    """A royalty for nobody would be paid to nobody."""

    def __init__(self, position: int = 0) -> None:
        self.field = f"royalties/{position}/receiver"
        super().__init__("a royalty needs a receiver other than the zero address")


class FindingsNotAccepted(Conflict):
    """The files have findings that the artist has not answered."""

    def __init__(self, findings: list[dict[str, Any]]) -> None:
        self.findings = findings
        self.extra = {"findings": findings}
        said = "; ".join(f"{one['code']}: {one['detail']}" for one in findings)
        super().__init__(f"answer these first, or send accept_findings: true. {said}")
