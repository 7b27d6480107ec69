"""
What the chain says of a certificate's work: by proof in a linked block, or by a node's word.

A contradiction fails whoever utters it, a proof in a block that is not linked too: a document
that contradicts itself needs no chain to be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.proofs.evidence import Included
from nft.proofs.inclusion import ProvenLog
from nft.proofs.linked import ProvenChain
from nft.types import ZERO_ADDRESS, Address, Digest
from nft.verification.blocks import Believed
from nft.verification.claims import Claims, Place
from nft.verification.inputs import ChainEvidence
from nft.verification.reading import time_of
from nft.verification.report import (
    Check,
    Finding,
    failed,
    passed,
    together,
    unchecked,
    unless_unlinked,
)
from nft.verification.state import find_state

TRANSFER = bytes.fromhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")


@dataclass(frozen=True, slots=True)
class Facts:
    """What one source says of a work: the evidence of its certificate, or a node."""

    mint: Finding
    contract: Finding
    metadata: Finding
    royalty: Finding | None
    owner: Finding | None = None


def find_facts(claims: Claims, place: Place, believed: Believed) -> Facts:
    """Read the proofs, and take nothing for a fact whose block is not linked."""
    found = [_mint(claims, place, believed.proven)], find_state(claims, place, believed.proven)
    mint, state = (
        [unless_unlinked(one, number, is_linked=believed.is_linked(number)) for one in group]
        for group, number in zip(found, (place.mint_block, place.state_block), strict=True)
    )
    contract, metadata, royalty = state
    return Facts(mint[0], contract, metadata, royalty)


def moves(log: ProvenLog, contract: Address, token_id: int) -> tuple[Address, Address] | None:
    """From whom to whom a log moves a token; None when it is no such Transfer."""
    if log.address != contract or len(log.topics) != 4 or log.topics[0] != TRANSFER:
        return None
    if log.topics[3] != token_id.to_bytes(32, "big"):
        return None
    if any(log.topics[1][:12]) or any(log.topics[2][:12]) or log.data:
        return None
    return Address(log.topics[1][12:]), Address(log.topics[2][12:])


def transaction_of(told: Included, claimed: Digest) -> str:
    """The hash that was claimed, where it is proven: no receipt holds it."""
    return "" if told.transaction_hash is None else str(claimed)


def _mint(claims: Claims, place: Place, proven: ProvenChain) -> Finding:
    mint = claims.minted
    transaction, number = str(mint.transaction), place.mint_block
    shown = proven.receipt(number, place.mint_index)
    if shown is None or number != mint.block:
        return failed("mint.receipt", transaction)
    told = shown.block.block_hash, time_of(shown.block.timestamp)
    if told != (mint.block_hash, mint.timestamp):
        return failed("mint.block", transaction)
    if shown.told.transaction_hash not in (None, mint.transaction):
        return failed("mint.transaction", transaction)
    logs = shown.told.receipt.logs
    moved = None
    if place.mint_log < len(logs):
        moved = moves(logs[place.mint_log], claims.token.contract, claims.token.token_id)
    if moved is None or moved[0] != ZERO_ADDRESS:
        return failed("mint.receipt", transaction)
    return passed(
        "mint.proven",
        transaction_of(shown.told, mint.transaction),
        number=str(number),
        index=str(place.mint_index),
        log=str(place.mint_log),
    )


def check_chain(claims: Claims, proven: Facts | None, node: ChainEvidence | None) -> list[Check]:
    """The chain's lines, each by proof, by the node's word, or not at all."""
    if claims.mint is None:
        # Whoever speaks of the chain now, the issuer did not.
        return [unchecked("mint.unminted").as_check("chain.mint", required=True)]
    sources = [proven] if proven is not None else []
    if node is not None and node.chain_id == claims.token.chain_id:
        sources.append(_said(claims, node))
    why = "chain.unasked" if claims.place is None else "chain.unproven"
    lines = [
        ("chain.mint", True, [one.mint for one in sources], str(claims.mint.transaction)),
        ("chain.contract", True, [one.contract for one in sources], str(claims.token.contract)),
        ("chain.metadata", True, [one.metadata for one in sources], str(claims.metadata_digest)),
    ]
    found = [
        together(*told, unchecked(why, shown)).as_check(name, required=is_required)
        for name, is_required, told, shown in lines
    ]
    for one in sources:
        if one.royalty is not None:
            found.append(one.royalty.as_check("chain.royalty", required=False))
    for one in sources:
        if one.owner is not None:
            found.append(one.owner.as_check("chain.owner", required=False))
    return found


def _said(claims: Claims, node: ChainEvidence) -> Facts:
    return Facts(
        mint=_mint_by(claims, node),
        contract=_contract_by(claims, node),
        metadata=_metadata_by(claims, node),
        royalty=None,
        owner=_owner_by(node),
    )


def _mint_by(claims: Claims, node: ChainEvidence) -> Finding:
    mint = claims.minted
    transaction, number = str(mint.transaction), str(mint.block)
    if node.mint_block_hash != mint.block_hash:
        return failed("mint.fork", transaction, number=number)
    if not node.mint_log_found:
        return failed("mint.log", transaction)
    return passed("mint.node", transaction, number=number, log=str(mint.log_index))


def _contract_by(claims: Claims, node: ChainEvidence) -> Finding:
    say = passed if node.has_code else failed
    return say("contract.node" if node.has_code else "contract.none", str(claims.token.contract))


def _metadata_by(claims: Claims, node: ChainEvidence) -> Finding:
    digest = str(claims.metadata_digest)
    if node.metadata_digest is None:
        return failed("metadata.gone", digest)
    if node.metadata_digest != claims.metadata_digest:
        return failed("metadata.other", digest)
    return passed("metadata.node", digest)


def _owner_by(node: ChainEvidence) -> Finding | None:
    if node.owner is None:
        return None
    return passed(
        "owner.node",
        str(node.head_hash),
        owner=str(node.owner),
        count=str(node.transfer_count),
        bps=str(node.royalty_bps),
        number=str(node.head_number),
    )
