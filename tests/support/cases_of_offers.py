"""Certificates before their token: signed vouchers, and why none of these ever passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import Any

from nft.certificates import CREDENTIALS, VOCABULARIES
from nft.integrity import Document, multikey
from nft.signing import voucher_hash
from nft.types import Digest
from tests.support.certificate_cases import Case, drop, flipped, put, signed_again
from tests.support.offered_papers import MINTER_KEY, OfferedPapers, offered_papers
from tests.support.papers import HOUSE, ISSUER, dumped, papers, sign

SUBJECT = "credentialSubject"
VOUCHER = (SUBJECT, "voucher")
MESSAGE = (*VOUCHER, "message")
OTHER = Digest(b"\x99" * 32)
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def cases() -> Iterator[Case]:
    """Every case of a certificate before its token."""
    paper = offered_papers(seed=41, copies=5)
    yield from _kinds(paper)
    yield from _signers(paper)
    yield from _ids(paper)
    yield from _altered(paper)
    yield from _malformed(paper)
    yield from _no_certificate(paper)
    yield from _bundles(paper)


def _case(name: str, paper: OfferedPapers, document: Document | None = None, **more: Any) -> Case:
    body = paper.body if document is None else dumped(document)
    return Case(f"certificate-offered-{name}", {"file": body}, **more)


def _again(name: str, paper: OfferedPapers, *changes: Any) -> Case:
    return _case(name, paper, reduce(signed_again, changes, paper.certificate))


def _with(name: str, paper: OfferedPapers, offer: Any) -> Case:
    """Another voucher, or another signature under it."""
    return _again(name, paper, put(offer.as_json(), *VOUCHER))


def _kinds(paper: OfferedPapers) -> Iterator[Case]:
    block = paper.mint_block
    everything = {
        "blocks": paper.trusted,
        "media": {paper.work.assets[0].sha256: "read from picture.png"},
        "known_issuers": _known(),
    }
    yield _case("by-the-creator", paper)
    yield _case("and-all-that-can-be-known", paper, **everything)
    node = ("https://a.example", 31337, {block.number: block.hash})
    yield _case("asked-of-a-node", paper, nodes=[node])
    yield _case("asked-of-another-chain", paper, nodes=[("https://a.example", 1, {})])
    yield _case("in-a-clone", offered_papers(seed=42, is_clone=True))
    plain = offered_papers(seed=43, has_statement=False, has_status=False)
    yield _case("without-statement-or-status", plain)


def _signers(paper: OfferedPapers) -> Iterator[Case]:
    mine = paper.offer()
    yield _with("by-a-minter", paper, paper.offer(MINTER_KEY))
    yield _with("by-a-wallet-contract", paper, replace(mine, by_contract=True))
    longer = replace(mine, signature=b"\x12\x34")
    yield _with("signature-of-another-length", paper, longer)
    yield _again("no-signature", paper, put("0x", *VOUCHER, "signature"))
    minters = replace(paper.offer(MINTER_KEY), signer=mine.signer)
    yield _with("wrong-signer", paper, minters)
    yield _with("signer-of-no-key", paper, replace(mine, signer=HOUSE))
    yield _again("signature-changed", paper, put(flipped, *VOUCHER, "signature"))
    high = CURVE_ORDER - int.from_bytes(mine.signature[32:64], "big")
    last = bytes([55 - mine.signature[64]])
    turned = mine.signature[:32] + high.to_bytes(32, "big") + last
    yield _with("high-s", paper, replace(mine, signature=turned))
    low = mine.signature[:64] + bytes([mine.signature[64] - 27])
    yield _with("recovery-bit-of-zero-or-one", paper, replace(mine, signature=low))
    none = bytes(64) + b"\x1b"
    yield _with("signature-of-no-key", paper, replace(mine, signature=none))


def _ids(paper: OfferedPapers) -> Iterator[Case]:
    here, size = paper.token.token_id, paper.options.copies
    yield _with("first-of-the-edition", paper, paper.offer(token_id=here))
    yield _with("last-of-the-edition", paper, paper.offer(token_id=here - size + 1))
    yield _with("past-the-edition", paper, paper.offer(token_id=here - size))
    yield _with("before-the-edition", paper, paper.offer(token_id=here + 1))
    yield _with("edition-of-none", paper, paper.offer(token_id=here, edition_size=0))
    largest = paper.offer(token_id=here, edition_size=2**32 - 1, price=2**256 - 1)
    yield _with("largest-numbers", paper, largest)
    yield _with("another-description", paper, paper.offer(metadata_digest=OTHER))


def _altered(paper: OfferedPapers) -> Iterator[Case]:
    """Signed by the artist, then written otherwise."""
    yield _again("price-changed", paper, put("1", *MESSAGE, "price"))
    yield _again("payee-changed", paper, put(str(HOUSE), *MESSAGE, "royaltyReceiver"))
    yield _again("edition-changed", paper, put("6", *MESSAGE, "editionSize"))
    clone = offered_papers(seed=42, is_clone=True)
    # The same voucher, signed for the house: another domain.
    digest = voucher_hash(clone.voucher, chain_id=31337, collection=HOUSE)
    elsewhere = replace(clone.offer(), signature=sign(clone.artist_key, digest))
    yield _with("for-another-collection", clone, elsewhere)
    digest = voucher_hash(paper.voucher, chain_id=1, collection=HOUSE)
    elsewhere = replace(paper.offer(), signature=sign(paper.artist_key, digest))
    yield _with("for-another-chain", paper, elsewhere)


def _malformed(paper: OfferedPapers) -> Iterator[Case]:
    yield _again("no-object", paper, put("0x", *VOUCHER))
    yield _again("nothing-in-it", paper, put({}, *VOUCHER))
    yield _again("no-signer", paper, drop(*VOUCHER, "signer"))
    yield _again("member-too-many", paper, put(1, *VOUCHER, "place"))
    yield _again("another-wallet", paper, put("key", *VOUCHER, "wallet"))
    yield _again("signature-upper-case", paper, put(_raised, *VOUCHER, "signature"))
    yield _again("signature-of-half-a-byte", paper, put(lambda t: t[:-1], *VOUCHER, "signature"))
    yield _again("signer-lower-case", paper, put(str.lower, *VOUCHER, "signer"))
    yield _again("message-no-object", paper, put([], *MESSAGE))
    yield _again("message-member-missing", paper, drop(*MESSAGE, "counter"))
    yield _again("message-member-too-many", paper, put("0", *MESSAGE, "salt"))
    named = put(lambda message: {**message, "salt": message.pop("nonce")}, *MESSAGE)
    yield _again("message-member-renamed", paper, named)
    for name, value in {
        "number": 100,
        "leading-zero": "0100",
        "hex": "0x64",
        "sign": "+100",
        "beyond": str(2**256),
    }.items():
        yield _again(f"price-{name}", paper, put(value, *MESSAGE, "price"))
    yield _again("royalty-beyond-its-type", paper, put(str(2**16), *MESSAGE, "royaltyBps"))
    yield _again("edition-beyond-its-type", paper, put(str(2**32), *MESSAGE, "editionSize"))
    yield _again("end-beyond-its-type", paper, put(str(2**64), *MESSAGE, "end"))
    yield _again("digest-upper-case", paper, put(_raised, *MESSAGE, "metadataDigest"))
    lowered = put(str(HOUSE).lower().replace("07", "ab"), *MESSAGE, "recipient")
    yield _again("address-lower-case", paper, lowered)


def _raised(text: str) -> str:
    return "0x" + text[2:].upper()


def _no_certificate(paper: OfferedPapers) -> Iterator[Case]:
    minted = papers(seed=44, moves=0)
    mint = minted.certificate[SUBJECT]["mint"]
    yield _again("and-minted", paper, put(mint, SUBJECT, "mint"))
    yield _again("and-minted-nowhere", paper, put(None, SUBJECT, "mint"))
    yield _again("nor-minted", paper, drop(*VOUCHER))
    yield _again("with-evidence", paper, put([minted.evidence_entry()], "evidence"))
    yield _again("with-empty-evidence", paper, put([], "evidence"))
    first = [CREDENTIALS, {"@vocab": VOCABULARIES[1]}]
    yield _again("version-1", paper, put(first, "@context"))
    yield _again("voucher-of-null", paper, put(None, *VOUCHER))


def _bundles(paper: OfferedPapers) -> Iterator[Case]:
    def case(name: str, *, without: tuple[str, ...] = (), **more: Any) -> Case:
        parts = paper.bundle() | more.pop("parts", {})
        files = {part: body for part, body in parts.items() if part not in without}
        return Case(f"bundle-offered-{name}", files, **({"blocks": paper.trusted} | more))

    yield case("anchored")
    yield case("anchored-by-a-known-issuer", known_issuers=_known())
    yield case("without-anchor", without=("anchor.json",))
    yield case("unlinked", blocks={})
    yield case("alone", without=tuple(set(paper.bundle()) - {"certificate.json"}))
    yield case("revoked", parts={"status.json": dumped(paper.status(94_567))})
    yield case("another-description", parts={"metadata.json": paper.metadata_bytes + b" "})
    minted = papers(seed=44, moves=1)
    yield case("extract-of-another", parts={"extract.json": dumped(minted.extract())})
    price = signed_again(paper.certificate, put("1", *MESSAGE, "price"))
    # The anchor is of the certificate as it was.
    yield case("price-changed", parts={"certificate.json": dumped(price)})


def _known() -> dict[str, str]:
    return {multikey(ISSUER.key.public_key()): "this exchange"}
