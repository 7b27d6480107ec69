"""
The report on an ownership extract: a work's state at one block, proven by the chain alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from nft.integrity import Document
from nft.layouts import foreign
from nft.layouts.collection import OurCollection
from nft.layouts.errors import LayoutUnknown, NotShown
from nft.proofs.evidence import Evidence as Proofs
from nft.proofs.linked import ProvenChain
from nft.types import ZERO_ADDRESS
from nft.verification.blocks import Believed, believe, check_blocks, check_chain_id, read_proofs
from nft.verification.extract_claims import ExtractClaims, read_extract
from nft.verification.inputs import Evidence
from nft.verification.provenance import check_chain_of_owners, check_lines, find_lines
from nft.verification.reading import Malformed, time_of
from nft.verification.report import (
    Check,
    Finding,
    Report,
    failed,
    passed,
    refused,
    unchecked,
    unless_unlinked,
)
from nft.verification.state import Work, find_collection, find_work


@dataclass(frozen=True, slots=True)
class _State:
    """What the evidence says of the work at the extract's block."""

    contract: Finding | None
    """None where the layout is not known: receipts alone speak."""
    owner: Finding | None
    metadata: Finding | None
    royalty: Finding | None
    collection: OurCollection | None


def verify_extract(document: Document, inputs: Evidence, more: tuple[Proofs, ...] = ()) -> Report:
    """Check an extract with the blocks that the reader believes."""
    try:
        claims = read_extract(document)
    except Malformed:
        return refused("document.malformed")
    proofs = read_proofs(claims.evidence)
    links = None if claims.links is None else read_proofs(claims.links)
    held = [one for one in (proofs, links, *more) if one is not None]
    believed = believe(claims.token.chain_id, inputs, held)
    state = _state(claims, believed)
    lines = find_lines(claims, believed, state.collection.exchange if state.collection else None)
    blocks, trust = check_blocks(believed, _numbers(claims))
    checks = [
        passed("document.extract", claims.token.caip19).as_check("document", required=True),
        _check_evidence(claims, proofs, links).as_check("evidence", required=True),
        *blocks,
        *check_chain_id(claims.token.chain_id, inputs),
        *_check_state(claims, state),
        *check_lines(lines),
        check_chain_of_owners(claims, lines, state.owner),
    ]
    return Report(tuple(checks), tuple(trust))


def _numbers(claims: ExtractClaims) -> set[int]:
    found = {item.where.block for item in claims.items if item.where is not None}
    return found if claims.layout is None else found | {claims.block}


def _check_evidence(claims: ExtractClaims, proofs: Proofs | None, links: Proofs | None) -> Finding:
    shown = claims.layout or ""
    if proofs is None or (links is None and claims.links is not None):
        return failed("evidence.fail", shown)
    if {one.chain_id for one in (proofs, links) if one is not None} != {claims.token.chain_id}:
        return failed("evidence.chain", shown)
    return passed("evidence.pass", shown)


def _check_state(claims: ExtractClaims, state: _State) -> list[Check]:
    attested = unchecked("owner.attested", str(claims.owner or ""))
    is_ours = claims.is_counted
    found = [
        (state.contract, "chain.contract", is_ours),
        (state.owner or attested, "chain.owner", True),
        (state.metadata, "chain.metadata", False),
        (state.royalty, "chain.royalty", False),
    ]
    return [
        one.as_check(name, required=is_required)
        for one, name, is_required in found
        if one is not None
    ]


def _state(claims: ExtractClaims, believed: Believed) -> _State:
    if claims.layout is None:
        return _State(None, None, *_unread(claims), None)
    proven, is_linked = believed.proven, believed.is_linked(claims.block)
    if not claims.is_counted:
        owner = unless_unlinked(_presumed(claims, believed), claims.block, is_linked=is_linked)
        presumed = unchecked("contract.presumed", claims.layout, layout=claims.layout)
        return _State(presumed, owner, *_unread(claims), None)
    contract, collection = find_collection(
        proven, claims.block, claims.token.contract, claims.layout
    )
    if collection is None:
        unknown = unchecked("chain.layout", str(claims.owner or ""))
        return _State(contract, unknown, *_unread(claims), None)
    work = find_work(proven, claims.block, claims.token, collection)
    owner = _owner(claims, work)
    if not _is_of_block(claims, proven):
        owner = failed("extract.block", str(claims.block_hash))
    found = [
        one and unless_unlinked(one, claims.block, is_linked=is_linked)
        for one in (contract, owner, _metadata(claims, work), _royalty(claims, work))
    ]
    return _State(found[0], found[1], found[2], found[3], collection)


def _unread(claims: ExtractClaims) -> tuple[Finding | None, Finding | None]:
    """Description and royalty where the layout says nothing of them: told, and not proven."""
    digest, receiver = claims.metadata_digest, claims.royalty_receiver
    return (
        None if digest is None else unchecked("metadata.unread", str(digest)),
        None if receiver is None else unchecked("royalty.unread", str(receiver)),
    )


def _is_of_block(claims: ExtractClaims, proven: ProvenChain) -> bool:
    """Hash and time are the header's: an old state is not to pass for that of today."""
    header = proven.block(claims.block)
    if header is None or header.block_hash != claims.block_hash:
        return False
    return time_of(header.timestamp) == claims.timestamp


def _presumed(claims: ExtractClaims, believed: Believed) -> Finding:
    """The owner under a layout that is commonly used, and presumed here."""
    shown, layout = str(claims.owner or ZERO_ADDRESS), claims.layout or ""
    if not _is_of_block(claims, believed.proven):
        return failed("extract.block", str(claims.block_hash))
    try:
        found = foreign.owner_of(believed.proven, claims.block, claims.token, layout)
    except (NotShown, LayoutUnknown):
        return failed("owner.unread", shown)
    if found.told.owner != claims.owner:
        return failed("owner.differs", shown, number=str(claims.block))
    key = "owner.nobody" if found.told.owner is None else "owner.uncounted"
    return passed(key, shown, owner=shown, number=str(claims.block), layout=layout)


def _owner(claims: ExtractClaims, work: Work) -> Finding:
    shown, number = str(claims.owner or ZERO_ADDRESS), str(claims.block)
    word = work.word
    if word is None:
        return failed("owner.unread", shown)
    if str(word.owner) != shown:
        return failed("owner.differs", shown, number=number)
    if word.transfer_count != claims.transfer_count or word.is_frozen != claims.is_frozen:
        return failed("owner.count", shown, number=number)
    told = {"owner": shown, "count": str(word.transfer_count), "number": number}
    if claims.owner is None:
        return passed("owner.burned" if word.is_burned else "owner.unborn", shown, **told)
    return passed("owner.proven", shown, **told)


def _metadata(claims: ExtractClaims, work: Work) -> Finding | None:
    if claims.metadata_digest is None or work.word is None:
        return None
    shown = str(claims.metadata_digest)
    if work.digest is None:
        return unchecked("metadata.unread", shown)
    if work.digest != claims.metadata_digest:
        return failed("metadata.differs", shown, number=str(claims.block))
    key = "metadata.frozen" if work.word.is_frozen else "metadata.proven"
    return passed(key, shown, number=str(claims.block))


def _royalty(claims: ExtractClaims, work: Work) -> Finding | None:
    if claims.royalty_bps is None or work.word is None:
        return None
    shown = str(claims.royalty_receiver)
    if work.receiver is None:
        return unchecked("royalty.unread", shown)
    told = {
        "bps": str(work.word.royalty_bps),
        "receiver": str(work.receiver),
        "number": str(claims.block),
    }
    if (work.word.royalty_bps, work.receiver) != (claims.royalty_bps, claims.royalty_receiver):
        return failed("royalty.other", shown, **told)
    return passed("royalty.proven", shown, **told)
