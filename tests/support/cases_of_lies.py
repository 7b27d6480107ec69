"""
Documents that lie with true proofs: what they show is the chain's, and means something else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import rfc8785

from nft.chain.clones import Clone
from nft.integrity import Document, encode_base58
from nft.layouts.slots import mapping_slot
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.support.certificate_cases import Case, put, signed_again
from tests.support.papers import HOUSE, ISSUER, Options, Papers, dumped, papers
from tests.support.sold_papers import AUCTIONS, CHAIN_ID, SoldPapers, venue_code
from tests.support.toy_chain import Account, Log, evidence

STRANGER = Address(b"\xd0" * 20)
DEALER, COLLECTOR = Address(b"\xd1" * 20), Address(b"\xd2" * 20)
OPENZEPPELIN = "openzeppelin-erc721-v5"


def cases() -> Iterator[Case]:
    """Every such case."""
    yield from _prices(DealtPapers(Options(seed=61, moves=1)))
    yield from _histories(RoundPapers(Options(seed=62, moves=4)))
    yield from _nobody(papers(seed=63, moves=2))
    yield from _clones()
    yield from _royalties(papers(seed=65, moves=0, state_later=True))
    yield from _bundles(papers(seed=66, moves=1))


class DealtPapers(Papers):
    """Bought by a dealer and given away in the same transaction: one price, two moves."""

    def _move(self) -> None:
        seller, price = self.hands[-1], self.price()
        self.hands += [DEALER, COLLECTOR]
        self.store(COLLECTOR, 2)
        sold, given = self.transfer(seller, DEALER), self.transfer(DEALER, COLLECTOR)
        logs = [sold, self.fill(seller, DEALER, price), given]
        block, index = self.chain.mine(max(self.chain.blocks) + 9, logs)
        bought = self._item("sale", block, index, 0, seller) | price | {"to": str(DEALER)}
        self.items += [bought, self._item("transfer", block, index, 2, DEALER)]
        self.paid = price


class ElsewherePapers(SoldPapers):
    """The auctions tell of a winner who never had the work."""

    def settled(self, price: Mapping[str, str]) -> Log:
        log = super().settled(price)
        return Log(log.address, (*log.topics[:3], bytes(12) + STRANGER), log.data)


def _blocks(paper: Papers) -> dict[int, Digest]:
    return {block.number: block.hash for block in paper.chain.blocks.values()}


def _extract(name: str, paper: Papers, *changes: Any, **more: Any) -> Case:
    document = json.loads(dumped(paper.extract()))
    for change in changes:
        change(document)
    return Case(
        f"extract-{name}", {"file": dumped(document)}, **({"blocks": _blocks(paper)} | more)
    )


def _told(changes: Document) -> Any:
    return lambda document: document.update(changes)


def _line(at: int, changes: Document) -> Any:
    return lambda document: document["provenance"][at].update(changes)


def _prices(paper: DealtPapers) -> Iterator[Case]:
    """A price is that of one move, between the hands that the log names."""
    yield _extract("dealt", paper)
    second = paper.paid | {"event": "sale"}
    yield _extract("price-of-another-move", paper, _line(2, second))
    yield _extract("price-of-any-order", paper, _line(2, second | {"order_hash": None}))
    yield _extract("seller-of-a-sale", paper, _line(1, {"seller": str(STRANGER)}))
    by_voucher = papers(seed=26, is_by_voucher=True, moves=0)
    mint = {key: by_voucher.items[1][key] for key in paper.paid}
    yield _extract("price-of-the-mint", by_voucher, _line(0, mint))
    options = Options(seed=67, moves=4, chain_id=CHAIN_ID)
    other = ElsewherePapers(options, venue_code("Auctions", AUCTIONS))
    yield _extract("won-by-another", other)


class RoundPapers(Papers):
    """Twice away from the artist and back."""

    def _move(self) -> None:
        away = len(self.items) % 2 == 1
        self.hand_over("transfer", DEALER if away else self.artist, [], {})


def _histories(paper: Papers) -> Iterator[Case]:
    """An old state with moves of later, or with the time of today."""
    items = paper.items
    block = paper.chain.blocks[int(items[2]["receipt"]["block"])]
    early = {
        "transfer_count": 2,
        "as_of": {
            "block_number": str(block.number),
            "block_hash": str(block.hash),
            "timestamp": items[2]["timestamp"],
            "finality": "final",
        },
        "evidence": evidence(paper.state_pieces(block), _receipts(paper)),
    }
    yield _extract("of-an-earlier-block", paper, _told(early | {"provenance": items[:3]}))
    hidden = [items[0], *items[3:]]
    yield _extract("moves-of-later", paper, _told(early | {"provenance": hidden}))
    today = put("2036-01-01T00:00:00Z", "as_of", "timestamp")
    yield _extract("old-with-a-new-time", paper, today)


def _receipts(paper: Papers) -> Any:
    places = [
        (int(item["receipt"]["block"]), int(item["receipt"]["index"])) for item in paper.items
    ]
    return paper.chain.pieces(
        receipts=[paper.chain.blocks[at].receipt(index) for at, index in places]
    )


def _nobody(paper: Papers) -> Iterator[Case]:
    """What nobody owns was burned, or never there; a stranger's contract counts nothing."""
    early = papers(seed=25, has_block_before=True)
    moved = [early.items[0], early.items[0] | {"event": "burn", "from": early.items[0]["to"]}]
    ended = [line | {"receipt": None} for line in moved]
    ended[1]["to"] = str(ZERO_ADDRESS)
    told = early.unborn | {"provenance": ended, "completeness": "continuous"}
    yield Case("extract-burned-before-the-mint", {"file": dumped(told)}, blocks=_blocks(early))
    slot = mapping_slot(paper.token.token_id, 2)
    paper.account.code = b"\x60\x01"
    for name, owner in (("counted", paper.hands[-1]), ("of-nobody", ZERO_ADDRESS)):
        paper.account.storage[slot] = int.from_bytes(owner, "big")
        paper.extract_block, _ = paper.chain.mine(max(paper.chain.blocks) + 1)
        state = paper.chain.pieces(states=[paper.extract_block.state(paper.contract, [slot])])
        presumed: dict[str, Any] = {
            "layout": OPENZEPPELIN,
            "frozen": False,
            "royalty": None,
            "metadata_digest": None,
            "evidence": evidence(state, _receipts(paper)),
        }
        if owner == ZERO_ADDRESS:
            presumed |= {"provenance": [], "owner": None, "transfer_count": 0}
        document = paper.extract(**presumed)
        yield Case(f"extract-presumed-{name}", {"file": dumped(document)}, blocks=_blocks(paper))


def _clones() -> Iterator[Case]:
    """Code that begins as a clone's does, and ends as none."""

    def words(*numbers: int) -> bytes:
        return b"".join(number.to_bytes(32, "big") for number in numbers)

    letter = int.from_bytes(b"\xff".ljust(32, b"\0"), "big")
    ends = {
        "no-text": words(1, 0, 128, 192, 1, letter, 1, letter),
        "a-text-beyond-memory": words(1, 0, 128, 192, 2**255, letter, 1, letter),
        "a-text-elsewhere": words(1, 0, 2**255, 192, 1, letter, 1, letter),
    }
    for name, arguments in ends.items():
        paper = papers(seed=64, is_clone=True, moves=1)
        paper.code = [paper.code[0], Clone(HOUSE, arguments).code]
        paper.chain.accounts[paper.contract] = Account(paper.code[1], paper.account.storage)
        paper.extract_block, _ = paper.chain.mine(paper.top.number + 1)
        yield _extract(f"clone-of-{name}", paper)


def _royalties(paper: Papers) -> Iterator[Case]:
    """The royalty of the mint is not proven by a block that is not linked."""
    before = paper.bps
    paper.bps = 1
    paper.store(paper.artist, 0)
    paper.state_block, _ = paper.chain.mine(paper.top.number + 1)
    paper.bps = before
    document = paper._certificate()
    state = {paper.state_block.number: paper.state_block.hash}
    both = state | {paper.mint_block.number: paper.mint_block.hash}
    body = {"file": dumped(document)}
    yield Case("certificate-royalty-changed-since", body, blocks=both)
    yield Case("certificate-royalty-of-an-unlinked-mint", body, blocks=state)


def _bundles(paper: Papers) -> Iterator[Case]:
    """A certificate that calls its token by another's name, beside the extract of that one."""
    other = papers(seed=68, moves=1)
    asset = put(other.token.caip19, "credentialSubject", "token", "asset")
    parts = paper.bundle() | {
        "certificate.json": dumped(signed_again(paper.certificate, asset)),
        "extract.json": dumped(other.extract()),
    }
    del parts["anchor.json"]
    blocks = paper.trusted | {other.extract_block.number: other.extract_block.hash}
    yield Case("bundle-token-by-another-name", parts, blocks=blocks)
    elsewhere = papers(seed=69, moves=1, chain_id=137)
    parts = paper.bundle() | {"extract.json": dumped(elsewhere.extract())}
    blocks = {block.number: block.hash for block in elsewhere.chain.blocks.values()}
    yield Case("bundle-extract-of-another-chain", parts, blocks=blocks | paper.trusted)
    status = paper.status()
    status["lists"] = [_of_another_context(one) for one in status["lists"]]
    parts = paper.bundle() | {"status.json": dumped(status)}
    yield Case("bundle-status-of-another-context", parts, blocks=paper.trusted)


def _of_another_context(document: Document) -> Document:
    """Signed for a context that only a reader for whom 1 is true finds in the document."""
    unsecured = {name: part for name, part in document.items() if name != "proof"}
    unsecured["@context"] = [*unsecured["@context"], 1]
    options = {name: part for name, part in document["proof"].items() if name != "proofValue"}
    options["@context"] = [*unsecured["@context"][:-1], True]
    hashes = [hashlib.sha256(rfc8785.dumps(part)).digest() for part in (options, unsecured)]
    value = "z" + encode_base58(ISSUER.key.sign(b"".join(hashes)))
    return unsecured | {"proof": options | {"proofValue": value}}
