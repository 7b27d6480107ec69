"""Certificates: what passes, what stays incomplete, and every way to fail."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import Any

from nft.certificates import CREDENTIALS, VOCABULARIES, Issuer, issue
from nft.integrity import Document
from nft.metadata import canonical_bytes, metadata_digest
from nft.types import Digest
from tests.support.certificate_cases import (
    Case,
    drop,
    flipped,
    own_blocks,
    put,
    self_made,
    signed_again,
)
from tests.support.papers import HOUSE, ISSUER, Papers, dumped, papers

SUBJECT = "credentialSubject"
PROOFS = ("evidence", 0, "proofs")
OTHER = Digest(b"\x99" * 32)


def cases() -> Iterator[Case]:
    """Every case of a certificate that stands alone."""
    paper = papers(seed=1, moves=0, files=2)
    yield from _believed(paper)
    yield from _kinds()
    yield from _signatures(paper)
    yield from _words(paper)
    yield from _statements(paper)
    yield from _evidence(paper)
    yield from _chain(paper)
    yield from _none(paper)


def _case(name: str, paper: Papers, document: Document | None = None, **more: Any) -> Case:
    body = dumped(document) if document is not None else paper.body
    return Case(f"certificate-{name}", {"file": body}, **({"blocks": own_blocks(paper)} | more))


def _again(name: str, paper: Papers, *changes: Any) -> Case:
    return _case(name, paper, reduce(signed_again, changes, paper.certificate))


def _believed(paper: Papers) -> Iterator[Case]:
    own, number = own_blocks(paper), paper.mint_block.number
    picture, other = paper.work.assets[0].sha256, Digest(b"\x88" * 32)
    node, second = ("https://a.example", 31337, own), ("https://b.example", 31337, own)
    stranger = ("https://b.example", 31337, {number: OTHER})
    yield _case("given", paper)
    yield _case("linked", paper, blocks=paper.trusted, links=[paper.links()])
    yield _case("checkpoint", paper, blocks={}, checkpoints=own)
    yield _case("one-node", paper, blocks={}, nodes=[node])
    yield _case("two-nodes", paper, blocks={}, nodes=[node, second])
    yield _case("nodes-disagree", paper, blocks={}, nodes=[node, stranger])
    yield _case("node-of-another-chain", paper, nodes=[("https://a.example", 1, own)])
    yield _case("node-and-reader-disagree", paper, nodes=[stranger])
    yield _case("nothing-believed", paper, blocks={})
    yield _case("links-believed-by-nobody", paper, blocks={}, links=[paper.links()])
    yield _case("link-left-out", paper, blocks=paper.trusted)
    broken = paper.links()
    broken["states"][0]["storage"][0]["proof"][-1] += "00"
    yield _case("links-broken", paper, blocks=paper.trusted, links=[broken])
    yield _case("another-hash-given", paper, blocks={number: OTHER})
    yield _case("another-hash-in-checkpoints", paper, checkpoints={number: OTHER})
    yield _case("picture", paper, media={picture: "read from picture.png"})
    yield _case("picture-of-another", paper, media={other: "read from other.png"})
    known = {ISSUER.did.removeprefix("did:key:"): "this exchange"}
    yield _case("known-issuer", paper, known_issuers=known)


def _kinds() -> Iterator[Case]:
    yield _case("clone", own := papers(seed=2, is_clone=True, moves=0))
    yield _case("clone-unlinked", own, blocks={})
    yield _case("payee-frozen", papers(seed=3, has_payee=True, is_frozen=True, moves=0, files=3))
    yield _case("edition", papers(seed=4, copies=7, moves=0))
    later = papers(seed=5, state_later=True, moves=0)
    yield _case("state-later", later)
    minted = {later.mint_block.number: later.mint_block.hash}
    yield _case("state-later-unlinked", later, blocks=minted)
    yield _case(
        "without-statement-or-status", papers(seed=6, has_statement=False, has_status=False)
    )
    yield _case("web-issuer", papers(seed=7, issuer=Issuer(ISSUER.key, "did:web:example.org")))
    first = papers(seed=8, moves=0)
    plain = replace(first.statement(), evidence=None, artist_statement=None, status=())
    old = signed_again(
        issue(plain, ISSUER), put([CREDENTIALS, {"@vocab": VOCABULARIES[1]}], "@context")
    )
    yield _case("version-1", first, old)
    yield _case("version-1-unlinked", first, old, blocks={})
    yield _case("version-1-another-hash", first, old, blocks={first.mint_block.number: OTHER})
    yield _case("without-evidence", first, issue(plain, ISSUER))


def _signatures(paper: Papers) -> Iterator[Case]:
    def altered(*path: Any, value: Any) -> Document:
        document = copy.deepcopy(paper.certificate)
        put(value, *path)(document)
        return document

    yield _case("word-changed", paper, altered(SUBJECT, "title", value="Another"))
    yield _case("signature-changed", paper, altered("proof", "proofValue", value=_turned))
    yield _case("created-changed", paper, altered("proof", "created", value="2026-01-01T00:00:00Z"))
    yield _case("suite-changed", paper, altered("proof", "cryptosuite", value="eddsa-rdfc-2022"))
    unsigned = {name: part for name, part in paper.certificate.items() if name != "proof"}
    yield _case("unsigned", paper, unsigned)
    yield _case("issuer-changed", paper, altered("issuer", value="did:web:example.org"))
    yield _case(
        "method-of-another", paper, altered("proof", "verificationMethod", value="did:key:z6M#z6M")
    )


def _turned(text: str) -> str:
    return text[:-1] + ("1" if text[-1] != "1" else "2")


def _words(paper: Papers) -> Iterator[Case]:
    yield _again("another-creator", paper, put(str(HOUSE), SUBJECT, "creator", "address"))
    yield _again("another-title", paper, put("Another", SUBJECT, "title"))
    yield _again("another-file", paper, put(str(OTHER), SUBJECT, "media", 0, "sha256"))
    yield _again("another-description", paper, put("x", SUBJECT, "metadata", "document", "name"))
    shapeless = {"properties": 1}
    told = str(metadata_digest(canonical_bytes(shapeless)))
    changes = [("document", shapeless), ("sha256", told)]
    odd = [put(value, SUBJECT, "metadata", name) for name, value in changes]
    yield _again("description-of-another-shape", paper, *odd)
    yield _again("no-description", paper, put(None, SUBJECT, "metadata", "document"))


def _statements(paper: Papers) -> Iterator[Case]:
    at = (SUBJECT, "statement")
    stranger = papers(seed=9, moves=0).artist_statement()
    yield _again("statement-of-another-work", paper, put(stranger, *at))
    yield _again("statement-signature", paper, put(flipped, *at, "signature"))
    yield _again("statement-signer", paper, put(stranger["signer"], *at, "signer"))
    yield _again("statement-other-facts", paper, put(str(OTHER), *at, "works", 1))
    yield _again("statement-other-place", paper, put(0, *at, "place"))
    yield _again("statement-other-token", paper, put("1", *at, "token_id"))
    yield _again("with-an-end", paper, put("2027-01-01T00:00:00Z", "validUntil"))
    yield _again("statement-malformed", paper, put("1", *at, "place"))
    yield _again("statement-of-a-wallet-contract", paper, put("0x1234", *at, "signature"))


def _evidence(paper: Papers) -> Iterator[Case]:
    header = (*PROOFS, "headers", 0)
    node = (*PROOFS, "states", 0, "proof", 0)
    nodes = (*PROOFS, "states", 0, "proof")
    yield _again("node-changed", paper, put(flipped, *node))
    yield _again("node-left-out", paper, drop(*nodes, -1))
    yield _again("node-too-many", paper, put(lambda found: [*found, found[0]], *nodes))
    yield _again("header-changed", paper, put(flipped, *header))
    yield _again("header-self-made", paper, put(self_made, *header))
    yield _again("header-twice", paper, put(lambda found: found * 2, *PROOFS, "headers"))
    yield _again("code-changed", paper, put(flipped, *PROOFS, "code", 0))
    yield _again("code-left-out", paper, put([], *PROOFS, "code"))
    yield _again("member-too-many", paper, put(1, *PROOFS, "more"))
    yield _again("upper-case", paper, put(lambda text: text.upper().replace("0X", "0x"), *node))
    yield _again("evidence-of-another-chain", paper, put("1", *PROOFS, "chain_id"))
    yield _again(
        "evidence-of-another-work", paper, put(papers(seed=9).evidence_entry(), "evidence", 0)
    )


def _chain(paper: Papers) -> Iterator[Case]:
    mint, told = ("evidence", 0, "mint"), (SUBJECT, "mint")
    yield _again("mint-another-log", paper, put(0, *mint, "log"))
    yield _again("mint-log-beyond", paper, put(9, *mint, "log"))
    yield _again("mint-another-receipt", paper, put("77", *mint, "index"))
    alone = drop(*PROOFS, "receipts", 0, "transaction_proof")
    yield _again("mint-by-a-receipt-alone", paper, alone)
    another = put(str(OTHER), *told, "transaction_hash")
    yield _again("mint-by-a-receipt-alone-another-transaction", paper, alone, another)
    yield _again("mint-another-transaction", paper, put(str(OTHER), *told, "transaction_hash"))
    yield _again("mint-another-block-hash", paper, put(str(OTHER), *told, "block_hash"))
    yield _again("mint-another-time", paper, put("2026-01-01T00:00:00Z", *told, "timestamp"))
    yield _again("mint-another-block", paper, put("5", *told, "block_number"))
    yield _again("another-royalty", paper, put(2499, *told, "royalty", "bps"))
    yield _again("another-layout", paper, put("erc721a", "evidence", 0, "layout"))
    yield _again("another-state-block", paper, put("5", "evidence", 0, "state", "block"))
    gone = papers(seed=10, moves=1, is_burned=True)
    gone.state_block = gone.extract_block
    both = own_blocks(gone)
    yield _case("burned-since", gone, issue(gone.statement(), ISSUER), blocks=both)
    changed = papers(seed=11, moves=0)
    changed.bps = 100
    changed.state_block, _ = _later(changed)
    changed.bps = int(changed.certificate[SUBJECT]["mint"]["royalty"]["bps"])
    yield _case("royalty-changed-since", changed, issue(changed.statement(), ISSUER))
    corrected = papers(seed=12, moves=0)
    genuine = corrected.digest
    corrected.digest = OTHER
    corrected.state_block, _ = _later(corrected)
    corrected.digest = genuine
    yield _case("corrected-since", corrected, issue(corrected.statement(), ISSUER))

    yield from _code()


def _code() -> Iterator[Case]:
    unknown = papers(seed=13, moves=0)
    unknown.account.code = b"\x60\x01"
    unknown.code = [unknown.account.code]
    unknown.state_block, _ = _later(unknown)
    yield _case("code-of-nobody", unknown, issue(unknown.statement(), ISSUER))
    gone = papers(seed=14, moves=0)
    del gone.chain.accounts[gone.contract]
    gone.code = []
    gone.state_block, _ = _later(gone)
    yield _case("no-contract", gone, issue(gone.statement(), ISSUER))


def _later(paper: Papers) -> Any:
    paper.store(paper.artist, 0)
    return paper.chain.mine(paper.top.number + 1)


def _none(paper: Papers) -> Iterator[Case]:
    yield Case("certificate-no-json", {"file": b"{"})
    yield Case("certificate-a-name-twice", {"file": paper.body[:-1] + b',"proof":1}'})
    yield Case("certificate-a-list", {"file": b"[]"})
    yield Case("certificate-nothing-in-it", {"file": b"{}"})
    yield _again(
        "another-version", paper, put("urn:vernissage:certificate:v3:", "@context", 1, "@vocab")
    )
    yield _again("no-token", paper, drop(SUBJECT, "token"))
    yield _again("number-as-number", paper, put(31337, SUBJECT, "token", "chain_id"))
    yield _again("lower-case-address", paper, put(str.lower, SUBJECT, "creator", "address"))
    yield _again("revoked-in-two-places", paper, put(lambda one: one[:1] * 2, "credentialStatus"))
    yield _again("too-many-files", paper, put(lambda media: media * 33, SUBJECT, "media"))
