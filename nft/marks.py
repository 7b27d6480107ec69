"""
Marks: a work is lost, or was stolen, as its owner or the issuer says.

The owner says it by a signature (EIP-712) that names chain, contract, token and how often the work
had changed hands: it cannot be said of another work, nor by somebody who no longer owns it. Whoever
said it takes it back, by a signature that names the mark. What was said is never erased.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nft.errors import Unacceptable
from nft.metadata import check_text
from nft.signing import Domain, TypedData, fields
from nft.types import UINT256_MAX, Digest, TokenRef

Kind = Literal["lost", "stolen"]
KINDS: tuple[Kind, ...] = ("lost", "stolen")

NAME = "Vernissage Standing"
UNCOUNTED = UINT256_MAX
"""The transfer count of a work whose contract does not count."""

FRESH_SECONDS = 3_600
"""A signature for a mark is taken for an hour."""

MAX_REASON = 2_000
_TAG = re.compile(r"<\s*[!/?a-zA-Z]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff\u061c]")

_MARK = "uint256 tokenId,string mark,string reason,uint256 transferCount,uint64 issuedAt"
_TAKEN_BACK = "uint256 tokenId,bytes32 mark,string reason,uint64 issuedAt"


class TextInvalid(Unacceptable):
    """A text that is empty, too long, or not plain."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"{field}: {why}")


def check_plain(field: str, text: str, *, limit: int = MAX_REASON) -> str:
    """
    A text that people will read beside a work: plain, visible, not too long; its ends trimmed.

    Raises `TextInvalid` or `MetadataInvalid`.
    """
    found = text.strip()
    if not found:
        raise TextInvalid(field, "say it in a sentence; it is empty")
    check_text(field, found, limit)
    if _TAG.search(found):
        raise TextInvalid(field, "write plain text, without HTML")
    if _INVISIBLE.search(found):
        raise TextInvalid(field, "it has invisible characters")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What an owner says of a work."""

    token: TokenRef
    kind: Kind
    reason: str
    transfer_count: int
    issued_at: int

    def typed_data(self) -> TypedData:
        """What the owner's wallet is asked to sign."""
        message = {
            "tokenId": str(self.token.token_id),
            "mark": self.kind,
            "reason": self.reason,
            "transferCount": str(self.transfer_count),
            "issuedAt": str(self.issued_at),
        }
        return _domain(self.token).typed_data({"Mark": fields(_MARK)}, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """That a mark no longer holds, as whoever set it says."""

    token: TokenRef
    mark: Digest
    reason: str
    issued_at: int

    def typed_data(self) -> TypedData:
        """What the wallet that set the mark is asked to sign."""
        message = {
            "tokenId": str(self.token.token_id),
            "mark": str(self.mark),
            "reason": self.reason,
            "issuedAt": str(self.issued_at),
        }
        return _domain(self.token).typed_data({"MarkTakenBack": fields(_TAKEN_BACK)}, message)


def _domain(token: TokenRef) -> Domain:
    return Domain(NAME, token.chain_id, token.contract)
