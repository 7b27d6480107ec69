"""
Why something about a collection is refused.
"""

from __future__ import annotations

from nft.errors import Conflict, Refused, Unacceptable


class CollectionNotOurs(Conflict):
    """A contract of somebody else's has no such function."""

    field = "contract"

    def __init__(self, contract: str) -> None:
        super().__init__(
            f"{contract} is neither the house collection nor one that an artist deployed here"
        )


class NotTheArtist(Refused):
    """An artist's collection takes orders from that artist alone."""

    field = "account"

    def __init__(self, account: str, artist: str) -> None:
        super().__init__(f"the collection is {artist}'s; {account} decides nothing in it")


class CollectionIsOurs(Conflict):
    """A contract of this exchange is mirrored already, and needs no registration."""

    field = "contract"

    def __init__(self, contract: str) -> None:
        super().__init__(f"{contract} is a contract of this exchange and mirrored already")


class TooManyRegistrations(Refused):
    """An account has registered as many contracts today as it may."""

    status = 429
    field = "account"

    def __init__(self, maximum: int, retry_after_seconds: int) -> None:
        self.headers = {"Retry-After": str(retry_after_seconds)}
        super().__init__(
            f"an account may register {maximum} contracts in 24 hours; the mirror of each is kept "
            "for good"
        )


class ContractLeft(Conflict):
    """The operator of this exchange let go of the contract, and alone can have it back."""

    field = "contract"

    def __init__(self, contract: str, block: int, reason: str) -> None:
        super().__init__(
            f"{contract} is no longer followed since block {block}: {reason}. Only the operator "
            "of this exchange can have it mirrored again"
        )


class CollectionTextInvalid(Unacceptable):
    """A name or symbol that the factory would refuse."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"{field}: {why}")
