"""
Checkpoints: hashes of final blocks, signed by whoever vouches for them.

A header proves nothing by being in a document; its hash must be known from outside. A reader
without a node may believe a list of checkpoints, mirrored from anywhere, for the sake of the key
that signed it. Which keys are believed is the reader's choice alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nft.certificates import Issuer, rfc3339
from nft.errors import ExchangeError, Unacceptable
from nft.integrity import Document, check_proof, secure
from nft.types import Digest, parse_uint

CONTEXT = ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:vernissage:checkpoints:v1:"}]
TYPE = "CheckpointList"
MAX_CHECKPOINTS = 200_000
"""More than a century of days for five chains."""


class NotACheckpointList(Unacceptable):
    """Not a list of checkpoints of this form."""


@dataclass(frozen=True, slots=True, order=True)
class Checkpoint:
    """One final block of a chain."""

    chain_id: int
    number: int
    block_hash: Digest
    timestamp: int

    def as_json(self) -> Document:
        """As it stands in the list."""
        return {
            "chain_id": str(self.chain_id),
            "number": str(self.number),
            "hash": str(self.block_hash),
            "timestamp": rfc3339(self.timestamp),
        }


@dataclass(frozen=True, slots=True)
class CheckpointList:
    """A list that was read, and whose proof holds."""

    issuer: str
    method: str
    """The verification method that signed; the reader decides whether to believe it."""
    as_of: str
    blocks: Mapping[int, Mapping[int, Digest]]
    """Hash by number, by chain."""

    def of_chain(self, chain_id: int) -> Mapping[int, Digest]:
        """Hash by number."""
        return self.blocks.get(chain_id, {})


def issue_checkpoints(
    checkpoints: Iterable[Checkpoint], issuer: Issuer, *, as_of: datetime
) -> Document:
    """The signed list, by chain and number. The same input gives the same bytes."""
    since = rfc3339(as_of)
    document: Document = {
        "@context": CONTEXT,
        "type": ["VerifiableCredential", TYPE],
        "issuer": issuer.did,
        "validFrom": since,
        "credentialSubject": {
            "type": TYPE,
            "checkpoints": [one.as_json() for one in sorted(checkpoints)],
        },
    }
    return secure(document, key=issuer.key, method=issuer.method, created=since)


def read_checkpoints(document: Document, *, key: Ed25519PublicKey | None = None) -> CheckpointList:
    """
    Read a list and check its proof, as `check_proof` does.

    Two hashes for one block make it no list. Raises `NotACheckpointList`, `ProofInvalid`.
    """
    subject, types = document.get("credentialSubject"), document.get("type")
    if not isinstance(subject, dict) or not isinstance(types, list) or TYPE not in types:
        raise NotACheckpointList(f"the document is no {TYPE}")
    items, issuer, as_of = (
        subject.get("checkpoints"),
        document.get("issuer"),
        document.get("validFrom"),
    )
    if not isinstance(issuer, str) or not isinstance(as_of, str):
        raise NotACheckpointList("the list lacks its issuer or its date")
    if not isinstance(items, list) or len(items) > MAX_CHECKPOINTS:
        raise NotACheckpointList(f"the list has no checkpoints, or more than {MAX_CHECKPOINTS}")
    method = check_proof(document, key=key)
    blocks: dict[int, dict[int, Digest]] = {}
    for item in items:
        chain_id, number, block_hash = _read_one(item)
        of_chain = blocks.setdefault(chain_id, {})
        if of_chain.setdefault(number, block_hash) != block_hash:
            raise NotACheckpointList(f"block {number} of chain {chain_id} has two hashes")
    return CheckpointList(issuer, method, as_of, blocks)


def _read_one(item: object) -> tuple[int, int, Digest]:
    if not isinstance(item, dict):
        raise NotACheckpointList("a checkpoint is no object")
    said = [item.get(name) for name in ("chain_id", "number", "hash")]
    if not all(isinstance(one, str) for one in said):
        raise NotACheckpointList("a checkpoint lacks its chain, number or hash")
    chain_id, number, block_hash = map(str, said)
    try:
        return parse_uint(chain_id), parse_uint(number), Digest.parse(block_hash)
    except ExchangeError as error:
        raise NotACheckpointList(f"a checkpoint cannot be read: {error}") from error
