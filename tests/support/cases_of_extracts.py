"""Ownership extracts and evidence alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nft.integrity import Document
from nft.layouts.slots import mapping_slot
from nft.types import Address, Digest
from tests.support.certificate_cases import Case, drop, flipped, put, self_made
from tests.support.papers import Papers, dumped, papers
from tests.support.sold_papers import AUCTIONS, FORMER, SoldPapers, sold_papers, venue_code
from tests.support.toy_chain import Block, evidence

OTHER, STRANGER = Digest(b"\x99" * 32), Address(b"\xd0" * 20)
FROM_OPENZEPPELIN = "openzeppelin-erc721-v5"


def cases() -> Iterator[Case]:
    """Every case of an extract, and of evidence that stands alone."""
    paper = papers(seed=21, moves=4)
    yield from _passing(paper)
    yield from _failing(paper)
    yield from _elsewhere(sold_papers(27))
    yield from _foreign(papers(seed=24, moves=2))
    yield from _alone(paper)


def _case(name: str, paper: Papers, document: Document | None = None, **more: Any) -> Case:
    body = dumped(document if document is not None else paper.extract())
    return Case(f"extract-{name}", {"file": body}, **({"blocks": _all_blocks(paper)} | more))


def _all_blocks(paper: Papers) -> dict[int, Digest]:
    return {block.number: block.hash for block in paper.chain.blocks.values()}


def _altered(name: str, paper: Papers, *changes: Any, **more: Any) -> Case:
    document = json.loads(dumped(paper.extract()))
    for change in changes:
        change(document)
    return _case(name, paper, document, **more)


def _passing(paper: Papers) -> Iterator[Case]:
    yield _case("complete", paper)
    yield _case("linked", paper, paper.extract(links=paper.links()), blocks=paper.trusted)
    yield _case("unlinked", paper, blocks={})
    first = paper.mint_block
    unlinked = {
        number: found for number, found in _all_blocks(paper).items() if number != first.number
    }
    yield _case("mint-unlinked", paper, blocks=unlinked)
    yield _case(
        "clone-payee-frozen", papers(seed=22, is_clone=True, has_payee=True, is_frozen=True)
    )
    yield _case("burned", papers(seed=23, moves=3, is_burned=True))
    early = papers(seed=25, has_block_before=True)
    yield _case("before-the-mint", early, early.unborn)
    yield _case("before-the-mint-and-owned", early, early.unborn | {"owner": str(STRANGER)})
    yield _altered("continuous", paper, put("continuous", "completeness"))
    yield _altered("other-events", paper, put(_with_event, "provenance"))
    yield _altered("price-of-nobody", paper, put(_priced, "provenance", 1))
    yield from _by_voucher(papers(seed=26, is_by_voucher=True, moves=3))
    for place in range(2):
        alone = drop("evidence", "receipts", place, "transaction_proof")
        yield _altered(f"receipt-{place}-alone", paper, alone)
    hidden = paper.extract(completeness="attested", layout=None)
    yield _case("attested", paper, hidden)
    yield _case("node", paper, blocks={}, nodes=[("https://a.example", 31337, _all_blocks(paper))])


def _by_voucher(paper: Papers) -> Iterator[Case]:
    """The price of a first sale stands in a log of the work's own contract."""
    stranger = str(int(paper.items[1]["price"]) + 1)
    yield _case("sold-by-voucher", paper)
    yield _altered("price-by-a-stranger", paper, put(stranger, "provenance", 1, "price"))
    yield _altered("voucher-another-fee", paper, put("1", "provenance", 1, "platform_fee"))
    another = put(str(OTHER), "provenance", 1, "order_hash")
    yield _altered("another-voucher", paper, another)
    hidden = paper.extract(completeness="attested", layout=None)
    yield _case("voucher-of-an-unknown-contract", paper, hidden)


def _elsewhere(paper: SoldPapers) -> Iterator[Case]:
    """Prices by contracts that the collection does not name, and whose code is shown."""
    auction, exchange = ("provenance", 3), ("provenance", 4)
    yield _case("sold-at-auction", paper)
    yield _case("sold-at-auction-unlinked", paper, blocks=_without(paper, paper.extract_block))
    yield _altered("auction-another-price", paper, put("1", *auction, "price"))
    yield _altered("auction-another-seller", paper, put(str(STRANGER), *auction, "seller"))
    yield _altered("auction-of-nobody", paper, put(None, *auction, "seller"))
    yield _altered("auction-in-another-coin", paper, put(str(STRANGER), *auction, "currency"))
    yield _altered("former-another-fee", paper, put("1", *exchange, "platform_fee"))
    hidden = paper.extract(completeness="attested", layout=None)
    yield _case("auction-of-a-strangers-work", paper, hidden)
    yield _altered("auction-code-not-shown", paper, put(_without_auctions, "evidence", "code"))
    for name, code in (("another", b"\x60\x02"), ("another-place", venue_code("Auctions", FORMER))):
        yield _case(f"auction-code-of-{name}", sold_papers(27, code))


def _without(paper: Papers, block: Block) -> dict[int, Digest]:
    return {number: found for number, found in _all_blocks(paper).items() if number != block.number}


def _without_auctions(code: list[str]) -> list[str]:
    hidden = "0x" + venue_code("Auctions", AUCTIONS).hex()
    assert hidden in code
    return [one for one in code if one != hidden]


def _with_event(lines: list[Document]) -> list[Document]:
    event = {**lines[0], "event": "frozen", "from": None, "to": None, "receipt": None}
    return [*lines[:1], event, *lines[1:]]


def _priced(line: Document) -> Document:
    return {**line, "event": "sale", "price": "5", "currency": str(Address(bytes(20)))}


def _failing(paper: Papers) -> Iterator[Case]:
    line = ("provenance", 1)
    yield _altered("another-owner", paper, put(str(STRANGER), "owner"))
    yield _altered("another-count", paper, put(3, "transfer_count"))
    yield _altered("another-freeze", paper, put(True, "frozen"))
    yield _altered("another-royalty", paper, put(1, "royalty", "bps"))
    yield _altered("another-description", paper, put(str(OTHER), "metadata_digest"))
    yield _altered("another-block-hash", paper, put(str(OTHER), "as_of", "block_hash"))
    yield _altered("another-layout", paper, put(FROM_OPENZEPPELIN, "layout"))
    yield _altered("a-line-left-out", paper, drop("provenance", 2))
    yield _altered("the-last-line-left-out", paper, drop("provenance", -1))
    yield _altered("a-pair-left-out", paper, put(_shortened, "provenance"))
    yield _altered("a-line-twice", paper, put(lambda all_: [*all_[:2], *all_[1:]], "provenance"))
    yield _altered("another-receiver", paper, put(str(STRANGER), *line, "to"))
    yield _altered("another-event", paper, put("mint", *line, "event"))
    yield _altered("another-price", paper, put("1", "provenance", 2, "price"))
    yield _altered("another-transaction", paper, put(str(OTHER), *line, "transaction_hash"))
    yield _altered("another-time", paper, put("2026-01-01T00:00:00Z", *line, "timestamp"))
    yield _altered("another-log", paper, put(1, *line, "receipt", "log"))
    yield _altered("receipt-not-shown", paper, put("99", *line, "receipt", "index"))
    yield _altered("receipt-not-named", paper, put(None, *line, "receipt"))
    yield _altered("node-changed", paper, put(flipped, "evidence", "states", 0, "proof", 0))
    yield _altered("header-self-made", paper, put(self_made, "evidence", "headers", 0))
    yield _altered("links-broken", paper, put({}, "links"))
    yield _altered("of-another-chain", paper, put("1", "evidence", "chain_id"))
    yield _altered("claims-too-much", paper, put(None, "layout"))
    yield _altered("malformed", paper, put("31337x", "chain_id"))
    yield _altered("another-asset", paper, put("eip155:1/erc721:0x/1", "asset"))
    conflict = _all_blocks(paper) | {paper.extract_block.number: OTHER}
    yield _case("another-hash-given", paper, blocks=conflict)


def _shortened(lines: list[Document]) -> list[Document]:
    """A history that hides one hand: who had it before sells to who had it after."""
    joined = {**lines[2], "from": lines[1]["from"]}
    return [lines[0], joined, *lines[3:]]


def _foreign(paper: Papers) -> Iterator[Case]:
    """The same receipts of a contract whose code nobody knows, with OpenZeppelin's storage."""
    slot = mapping_slot(paper.token.token_id, 2)
    owner = paper.hands[-1]
    paper.account.storage[slot] = int.from_bytes(owner, "big")
    paper.account.code = b"\x60\x01"
    paper.extract_block, _ = paper.chain.mine(paper.top.number + 1)
    states = paper.chain.pieces(states=[paper.extract_block.state(paper.contract, [slot])])
    receipts = [
        paper.chain.blocks[int(item["receipt"]["block"])].receipt(int(item["receipt"]["index"]))
        for item in paper.items
    ]
    told = {
        "layout": FROM_OPENZEPPELIN,
        "completeness": "continuous",
        "transfer_count": None,
        "frozen": False,
        "royalty": None,
        "metadata_digest": None,
        "evidence": evidence(states, paper.chain.pieces(receipts=receipts)),
    }
    yield _case("presumed-layout", paper, paper.extract(**told))
    yield _case("presumed-layout-unlinked", paper, paper.extract(**told), blocks={})
    yield _case("presumed-another-owner", paper, paper.extract(**told, owner=str(STRANGER)))
    other = told | {"layout": "openzeppelin-erc721-v5/3"}
    yield _case("presumed-another-slot", paper, paper.extract(**other))
    ours = told | {"layout": "vernissage-collection-v1"}
    yield _case("code-of-nobody", paper, paper.extract(**ours))


def _alone(paper: Papers) -> Iterator[Case]:
    def alone(name: str, document: Document, **more: Any) -> Case:
        return Case(f"evidence-{name}", {"file": dumped(document)}, **more)

    whole = paper.links()
    yield alone("linked", whole, blocks=paper.trusted)
    yield alone("unlinked", whole)
    yield alone("another-hash", whole, blocks={paper.top.number: OTHER})
    yield alone("of-a-certificate", paper.evidence_entry()["proofs"], blocks=_all_blocks(paper))
    broken = json.loads(dumped(whole))
    put(flipped, "states", 0, "storage", 0, "proof", 0)(broken)
    yield alone("node-changed", broken, blocks=paper.trusted)
    lone = json.loads(dumped(whole))
    lone["headers"].append("0x" + paper.mint_block.header.hex())
    yield alone("header-out-of-order", lone, blocks=paper.trusted)
