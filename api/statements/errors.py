"""
What can go wrong with a statement.
"""

from __future__ import annotations

from nft.errors import Conflict, Missing, Refused, Unacceptable
from nft.types import Address, Digest


class NoSuchStatement(Missing):
    """The creator has not signed what the work says of itself now."""

    def __init__(self, token: str) -> None:
        super().__init__(f"no statement of the artist's about {token} is kept here")


class StatementNotSigners(Refused):
    """The signature is another's, or under another text."""

    field = "signature"

    def __init__(self, digest: Digest, signer: Address) -> None:
        super().__init__(f"the signature on statement {digest} is not that of {signer}")


class AlreadyStated(Conflict):
    """The creator has signed this very description."""

    def __init__(self, token: str) -> None:
        super().__init__(f"what {token} says of itself is signed by its creator already")


class DescriptionUnknown(Unacceptable):
    """What the work says of itself is not kept here, so nothing can be stated of it."""

    def __init__(self, position: int, digest: Digest) -> None:
        self.field = f"works/{position}/metadata_digest"
        super().__init__(f"no description with the digest {digest} is kept here")


class NotTheSigners(Unacceptable):
    """Only the creator whom the token's number names can state a work."""

    def __init__(self, position: int, creator: str, signer: str) -> None:
        self.field = f"works/{position}/token_id"
        super().__init__(f"the work would be by {creator}, and not by {signer}")
