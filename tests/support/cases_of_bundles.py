"""Bundles: a certificate with everything that bears on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nft import status_lists
from nft.certificates import Issuer
from nft.countersignatures import Countersigned, countersign, did_document
from nft.integrity import Document, encode_base58, multikey
from nft.types import Digest
from tests.support.certificate_cases import Case, drop, flipped, put, signed_again
from tests.support.papers import ISSUER, NOON, Papers, dumped, list_id, papers

OTHER = Digest(b"\x99" * 32)
GALLERY = Ed25519PrivateKey.from_private_bytes(b"\x0a" * 32)
FORGER = Issuer.local(Ed25519PrivateKey.from_private_bytes(b"\x66" * 32))
DID = "did:web:gallery.example.org"


def cases() -> Iterator[Case]:
    """Every case of a bundle."""
    paper = papers(seed=31, moves=2)
    yield from _whole(paper)
    yield from _parts(paper)
    yield from _status(paper)
    yield from _anchors(paper)
    yield from _issuers()
    yield from _countersigned(paper)


def _case(name: str, paper: Papers, *, without: tuple[str, ...] = (), **more: Any) -> Case:
    changed = {key: value for key, value in more.items() if key.startswith("f_")}
    rest = {key: value for key, value in more.items() if not key.startswith("f_")}
    parts = paper.bundle() | {f"{key[2:]}.json": value for key, value in changed.items()}
    files = {part: body for part, body in parts.items() if part not in without}
    return Case(f"bundle-{name}", files, **({"blocks": paper.trusted} | rest))


def _with(body: bytes, *changes: Any) -> bytes:
    document = json.loads(body)
    for change in changes:
        change(document)
    return dumped(document)


def _whole(paper: Papers) -> Iterator[Case]:
    yield _case("whole", paper, media={paper.work.assets[0].sha256: "read from picture.png"})
    yield _case("of-a-clone", papers(seed=32, is_clone=True, copies=2, moves=3))
    yield _case("unlinked", paper, blocks={})
    yield _case("without-links", paper, without=("links.json",))
    beside = tuple(set(paper.bundle()) - {"certificate.json"})
    yield _case("certificate-alone", paper, without=beside)
    number = paper.mint_block.number
    yield _case("link-left-out", paper, f_links=dumped(paper.links(number)))
    yield _case("another-hash-given", paper, blocks={paper.top.number: OTHER})
    yield _case("contradiction", paper, blocks=paper.trusted | {number: OTHER})
    far, _ = paper.chain.mine(paper.top.number + 8_000)
    hops = dumped(_hops(paper, far.number))
    yield _case("hops", paper, f_links=hops, blocks={far.number: far.hash})
    yield _case("hop-left-out", paper, blocks={far.number: far.hash})


def _hops(paper: Papers, far: int) -> Document:
    from tests.support.toy_chain import evidence

    below = sorted(set(paper.chain.blocks) - {paper.top.number, far})
    return evidence(
        paper.chain.links(far, paper.top.number), paper.chain.links(paper.top.number, *below)
    )


def _parts(paper: Papers) -> Iterator[Case]:
    parts, stranger = paper.bundle(), papers(seed=33, moves=1)
    yield _case("no-certificate", paper, without=("certificate.json",))
    yield _case("certificate-unreadable", paper, f_certificate=b"{")
    yield _case("links-unreadable", paper, f_links=b"{")
    yield _case("links-broken", paper, f_links=_with(parts["links.json"], drop("states", 0)))
    yield _case("another-description", paper, f_metadata=parts["metadata.json"] + b" ")
    yield _case("extract-of-another", paper, f_extract=dumped(stranger.extract()))
    yield _case("extract-of-no-kind", paper, f_extract=b"{}")
    changed = _with(parts["extract.json"], put(3, "transfer_count"))
    yield _case("extract-another-count", paper, f_extract=changed)
    yield _case("certificate-changed", paper, f_certificate=_with(paper.body, drop("validFrom")))
    unknown = _case("unknown-part", paper)
    unknown.files["run.exe"] = b"x"
    yield unknown


def _status(paper: Papers) -> Iterator[Case]:
    yield _case("revoked", paper, f_status=dumped(paper.status(94_567)))
    yield _case("others-revoked", paper, f_status=dumped(paper.status(94_566, 94_568)))
    suspended = _list(ISSUER, "suspension", 94_567, name=list_id("suspension"))
    yield _case("status-suspended", paper, f_status=dumped({"lists": [suspended]}))
    misnamed = _list(ISSUER, "revocation", 1, name=list_id("suspension"))
    yield _case("status-other-purpose", paper, f_status=dumped({"lists": [misnamed]}))
    forged = _list(FORGER, "revocation", 1, name=list_id("revocation"))
    yield _case("status-of-a-forger", paper, f_status=dumped({"lists": [forged]}))
    # Of keys that are issuers of their own, a copied document makes nobody another one's speaker.
    both = [_did_method(one) for one in (ISSUER, FORGER)]
    listed = dumped({"id": ISSUER.did, "verificationMethod": both})
    yield _case(
        "status-of-the-next-key", paper, f_status=dumped({"lists": [forged]}), f_issuer=listed
    )
    yield _case("status-of-a-rotated-key", paper, f_issuer=listed)
    body, at = paper.bundle()["status.json"], ("lists", 0)
    changed = _with(body, put("2030-01-01T00:00:00Z", *at, "validFrom"))
    yield _case("status-changed", paper, f_status=changed)
    signed = json.loads(body)["lists"][0]
    for name, member, date in (
        ("dated-by-another-clock", "validFrom", "2026-11-26T20:00:00+08:00"),
        ("dated-by-a-sentence", "validFrom", "today; the issuer says that all is well"),
        ("that-ends-some-day", "validUntil", "2026-11-27"),
    ):
        again = signed_again(signed, put(date, member))
        yield _case(f"status-list-{name}", paper, f_status=dumped({"lists": [again]}))
    for name, text in {
        "empty": "uH4sIAAAAAAAAAwMAAAAAAAAAAAA",
        "no-gzip": "uAAAA",
        "no-base64": "u***",
        "no-multibase": signed["credentialSubject"]["encodedList"][1:],
    }.items():
        again = signed_again(signed, put(text, "credentialSubject", "encodedList"))
        yield _case(f"status-list-{name}", paper, f_status=dumped({"lists": [again]}))
    yield _case("status-no-lists", paper, f_status=b"{}")


def _did_method(issuer: Issuer) -> Document:
    key = issuer.method.rpartition("#")[2]
    return {"id": issuer.method, "type": "Multikey", "publicKeyMultibase": key}


def _list(issuer: Issuer, purpose: Any, place: int, *, name: str) -> Document:
    return status_lists.issue_list(
        name, purpose, [place], issuer, valid_from=NOON, valid_until=NOON + timedelta(days=1)
    )


def _anchors(paper: Papers) -> Iterator[Case]:
    body = paper.bundle()["anchor.json"]
    yield _case("without-anchor", paper, without=("anchor.json",))
    yield _case("anchor-elsewhere", papers(seed=35, moves=0, anchors_at=paper.artist))
    for name, change in {
        "of-another-certificate": put(str(OTHER), "leaf", "certificate"),
        "another-status": put("revoked", "leaf", "status"),
        "another-day": put("20000", "day"),
        "another-account": put(str(paper.artist), "anchorer"),
        "another-contract": put(str(paper.artist), "contract"),
        "another-key": put(str(OTHER), "issuer_key", "key"),
        "proof-changed": put([str(OTHER)], "proof"),
        "node-changed": put(flipped, "evidence", "states", 0, "proof", 0),
        "of-another-chain": put("1", "chain_id"),
        "member-too-many": put(1, "more"),
    }.items():
        yield _case(f"anchor-{name}", paper, f_anchor=_with(body, change))


def _issuers() -> Iterator[Case]:
    paper = papers(seed=34, moves=0, issuer=Issuer(ISSUER.key, "did:web:example.org"))
    body = paper.bundle()["issuer.json"]
    yield _case("issuer-anchored", paper)
    yield _case("issuer-copied", paper, without=("anchor.json",))
    known = {multikey(ISSUER.key.public_key()): "example.org"}
    yield _case("issuer-known", paper, known_issuers=known)
    other = put(multikey(GALLERY.public_key()), "verificationMethod", 0, "publicKeyMultibase")
    yield _case("issuer-unlisted", paper, f_issuer=_with(body, other))
    leaked = {"late": "2030-01-01T00:00:00Z", "early": "2026-01-01T00:00:00Z"}
    for name, date in leaked.items():
        told = _with(body, put(date, "verificationMethod", 0, "revoked"))
        yield _case(f"issuer-leaked-{name}", paper, f_issuer=told)
        yield _case(f"issuer-known-leaked-{name}", paper, f_issuer=told, known_issuers=known)
        if name == "late":
            none = _case("issuer-leaked-unanchored", paper, f_issuer=told, without=("anchor.json",))
            yield none
    # As a text it is later than the anchor, but of another clock: it cannot be compared.
    ahead = _with(body, put("2030-01-01T00:00:00+14:00", "verificationMethod", 0, "revoked"))
    yield _case("issuer-leaked-by-another-clock", paper, f_issuer=ahead)
    yield _case("issuer-of-another", paper, f_issuer=_with(body, put(DID, "id")))
    yield from _copied_speakers(paper)


def _copied_speakers(paper: Papers) -> Iterator[Case]:
    """Lists by a key that a copy of the issuer's document names: they can deny, not confirm."""
    did = paper.options.issuer.did
    second = Issuer(FORGER.key, did)
    methods = [_did_method(one) for one in (paper.options.issuer, second)]
    listed = dumped({"id": did, "verificationMethod": methods})
    own, other = (multikey(one.key.public_key()) for one in (paper.options.issuer, second))
    readers = {
        "another-s": {own: "example.org", other: "Somebody else"},
        "the-only-known": {other: "example.org"},
        "a-known": {own: "example.org", other: "example.org"},
    }
    for name, place in {"unset": 1, "set": 94_567}.items():
        told = _list(second, "revocation", place, name=list_id("revocation"))
        files = {"f_status": dumped({"lists": [told]}), "f_issuer": listed}
        yield _case(f"status-{name}-by-a-copied-key", paper, **files)
        if name == "unset":
            for whose, known in readers.items():
                case = f"status-unset-by-{whose}-key"
                yield _case(case, paper, **files, known_issuers=known)
    changed = _with(paper.body, put("2030-01-01T00:00:00Z", "validFrom"))
    known = readers["a-known"]
    yield _case(
        "status-of-a-changed-certificate", paper, f_certificate=changed, known_issuers=known
    )
    own_list = _list(second, "revocation", 1, name=list_id("revocation"))
    yield _case(
        "status-by-a-key-that-nobody-lists",
        paper,
        f_status=dumped({"lists": [own_list]}),
        known_issuers=readers["another-s"],
    )


def _countersigned(paper: Papers) -> Iterator[Case]:
    what = Countersigned(
        certificate=Digest.sha256(paper.body),
        token=paper.token,
        metadata=paper.digest,
        creator=paper.artist,
    )
    document = countersign(what, key=GALLERY, did=DID, now=NOON)
    read = {"read_at": "2026-11-26T12:00:00Z", "document": did_document(GALLERY, DID)}
    entry = {"document": document, "did_document": read, "withdrawn_at": None}
    known = {multikey(GALLERY.public_key()): "a gallery"}

    def standing(**change: Any) -> bytes:
        return dumped({"countersignatures": [entry | change]})

    yield _case("countersigned", paper, f_standing=standing())
    yield _case("countersigned-known", paper, f_standing=standing(), known_issuers=known)
    withdrawn = standing(withdrawn_at="2026-11-27T00:00:00Z")
    yield _case("countersignature-withdrawn", paper, f_standing=withdrawn, known_issuers=known)
    later = put("2030-01-01T00:00:00Z", "countersignatures", 0, "document", "validFrom")
    yield _case("countersignature-changed", paper, f_standing=_with(standing(), later))
    ends = {"validUntil": "2026-11-27T00:00:00Z"}
    unsigned = {name: part for name, part in document.items() if name != "proof"}
    for where, ended in {
        "document": _signed(unsigned | ends, document["proof"]),
        "proof": _signed(unsigned, document["proof"] | {"expires": ends["validUntil"]}),
    }.items():
        told = standing(document=ended)
        name = f"countersignature-that-ends-by-its-{where}"
        yield _case(name, paper, f_standing=told, known_issuers=known)
    other = Countersigned(
        certificate=OTHER, token=paper.token, metadata=paper.digest, creator=paper.artist
    )
    moved = countersign(other, key=GALLERY, did=DID, now=NOON)
    yield _case("countersignature-of-another", paper, f_standing=standing(document=moved))


def _signed(unsigned: Document, proof: Document) -> Document:
    """As the gallery signs it, whatever the proof says."""
    options = {name: part for name, part in proof.items() if name != "proofValue"}
    parts = (hashlib.sha256(rfc8785.dumps(one)).digest() for one in (options, unsigned))
    value = "z" + encode_base58(GALLERY.sign(b"".join(parts)))
    return {**unsigned, "proof": {**options, "proofValue": value}}
