"""
Which blocks are believed, and why: the order of trust that every report states.

First the hashes that the reader gave, then nodes (two that agree, or one, said so), then a signed
list of checkpoints. From those the history contract's proofs lead to further blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from nft.proofs.errors import EvidenceRefused
from nft.proofs.evidence import Evidence as Proofs
from nft.proofs.linked import ProvenChain, Vouched
from nft.types import Digest
from nft.verification.inputs import Evidence, NodeHashes
from nft.verification.report import BlockTrust, Check, Finding, failed, passed, unchecked


@dataclass(frozen=True, slots=True)
class Believed:
    """Everything that stands outside of the documents, and what it reaches within them."""

    given: Mapping[int, Digest]
    checkpoints: Mapping[int, Digest]
    nodes: tuple[NodeHashes, ...]
    proven: ProvenChain

    def check(self, number: int, claimed: Digest | None = None) -> tuple[Finding, BlockTrust]:
        """
        How the hash of a block came to be believed.

        `claimed` is the hash that a document names without a header.
        """
        block = self.proven.block(number)
        found = block.block_hash if block is not None else claimed
        shown = "" if found is None else str(found)
        if self._is_disputed(number, found) or (claimed is not None and found != claimed):
            why = failed("block.conflict", shown, number=str(number))
            return why, BlockTrust(number, shown, "no")
        if found is None or block is None or not block.is_linked:
            why = unchecked("block.unlinked", shown, number=str(number))
            return why, BlockTrust(number, shown, "no")
        why = passed(self._reason(number, found), shown, **self._numbers(number, found))
        return why, BlockTrust(number, shown, block.linked)

    def is_linked(self, number: int) -> bool:
        """Whether facts of that block are facts."""
        block = self.proven.block(number)
        return block is not None and block.is_linked

    @property
    def disputed(self) -> Set[int]:
        """Numbers for which two hashes are known."""
        return self.proven.disputed

    def _is_disputed(self, number: int, found: Digest | None) -> bool:
        told = [self.given, self.checkpoints, *(node.hashes for node in self.nodes)]
        hashes = {one[number] for one in told if number in one}
        if found is not None:
            hashes.add(found)
        return len(hashes) > 1 or number in self.disputed

    def _reason(self, number: int, found: Digest) -> str:
        if self.given.get(number) == found:
            return "block.given"
        saying = self._saying(number, found)
        if saying:
            return "block.node" if saying == 1 else "block.nodes"
        return "block.checkpoint" if self.checkpoints.get(number) == found else "block.proof"

    def _numbers(self, number: int, found: Digest) -> dict[str, str]:
        return {"number": str(number), "count": str(self._saying(number, found))}

    def _saying(self, number: int, found: Digest) -> int:
        return sum(node.hashes.get(number) == found for node in self.nodes)


def believe(
    chain_id: int,
    inputs: Evidence,
    documents: Iterable[Proofs] = (),
    nodes: Sequence[NodeHashes] = (),
) -> Believed:
    """
    Follow the links of all evidence at hand from what the reader believes.

    `links` that do not hold, or are of another chain, link nothing. A node of another chain is
    not heard: `chain.id` says so.
    """
    asked = tuple(node for node in (*inputs.nodes, *nodes) if node.chain_id == chain_id)
    given = [Vouched(number, found) for number, found in inputs.block_hashes.items()]
    told = [Vouched(number, found, "rpc") for one in asked for number, found in one.hashes.items()]
    listed = [Vouched(number, found) for number, found in inputs.checkpoints.items()]
    held = [
        one
        for one in (*documents, *(read_proofs(link) for link in inputs.links))
        if one is not None and one.chain_id == chain_id
    ]
    proven = ProvenChain(chain_id, held, [*given, *told, *listed])
    return Believed(inputs.block_hashes, inputs.checkpoints, asked, proven)


def read_proofs(document: Any) -> Proofs | None:
    """The evidence of an object, or None where any proof in it does not hold."""
    try:
        return Proofs.read(document)
    except EvidenceRefused:
        return None


def check_blocks(
    believed: Believed,
    numbers: Iterable[int],
    claimed: Mapping[int, Digest] | None = None,
    *,
    required: bool = False,
) -> tuple[list[Check], list[BlockTrust]]:
    """A line for each block that facts rest on, and for every number with two hashes."""
    lines, blocks = [], []
    for number in sorted({*numbers, *believed.disputed}):
        found, block = believed.check(number, (claimed or {}).get(number))
        lines.append(found.as_check(f"block.{number}", required=required))
        blocks.append(block)
    return lines, blocks


def check_chain_id(chain_id: int, inputs: Evidence) -> list[Check]:
    """Every node that was asked speaks for the chain of the document."""
    asked = [(node.source, node.chain_id) for node in inputs.nodes]
    if inputs.chain is not None:
        asked.append((inputs.chain.source, inputs.chain.chain_id))
    if not asked:
        return []
    for source, found in asked:
        if found != chain_id:
            other = failed("chain.other", source, found=str(found), chain=str(chain_id))
            return [other.as_check("chain.id", required=True)]
    right = passed("chain.id", asked[0][0], chain=str(chain_id))
    return [right.as_check("chain.id", required=True)]
