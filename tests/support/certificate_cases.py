"""
The cases of `tests/vectors/certificates`: documents, what a reader brings, and the report.

`python -m tests.support.certificate_cases` writes them. Every verifier reads the same files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nft.bundles import NAMES
from nft.integrity import Document, secure
from nft.proofs.rlp import decode, encode_bytes, encode_list
from nft.types import Digest
from nft.verification import Evidence, NodeHashes, Report, verify_bundle, verify_file
from nft.verification.words import words_json
from tests.support.papers import HOUSE, ISSUER, Papers, dumped, house_code, papers
from tests.support.sold_papers import AUCTIONS, FORMER, venue_code

FOLDER = Path(__file__).parent.parent / "vectors" / "certificates"
SHORTS = {
    "$CODE": "0x" + house_code(HOUSE, 31337).hex(),
    "$AUCTIONS": "0x" + venue_code("Auctions", AUCTIONS).hex(),
    "$EXCHANGE": "0x" + venue_code("Exchange", FORMER).hex(),
    "$BLOOM": "0" * 512,
}
"""What would otherwise be most of every file; `certificate-shorts.json` has them too."""


@dataclass
class Case:
    """One check: a file or the parts of a bundle, and what the reader brings."""

    name: str
    files: dict[str, bytes]
    """A bundle's parts by name; a document alone stands under the name `file`."""
    blocks: dict[int, Digest] = field(default_factory=dict)
    checkpoints: dict[int, Digest] = field(default_factory=dict)
    nodes: list[tuple[str, int, dict[int, Digest]]] = field(default_factory=list)
    links: list[Document] = field(default_factory=list)
    media: dict[Digest, str] = field(default_factory=dict)
    known_issuers: dict[str, str] = field(default_factory=dict)

    def report(self) -> Report:
        """What our verifier says."""
        inputs = Evidence(
            block_hashes=self.blocks,
            checkpoints=self.checkpoints,
            nodes=tuple(NodeHashes(*node) for node in self.nodes),
            links=tuple(self.links),
            media=self.media,
            known_issuers=self.known_issuers,
        )
        if "file" in self.files:
            return verify_file(self.files["file"], inputs)
        return verify_bundle(self.files, inputs)

    def as_json(self) -> dict[str, Any]:
        """The vector."""
        return {
            "name": self.name,
            "files": {name: _short(body.decode()) for name, body in self.files.items()},
            "blocks": _hashes(self.blocks),
            "checkpoints": _hashes(self.checkpoints),
            "nodes": [
                {"source": source, "chain_id": str(chain), "hashes": _hashes(hashes)}
                for source, chain, hashes in self.nodes
            ],
            "links": [_short(dumped(one).decode()) for one in self.links],
            "media": {str(sha256): source for sha256, source in self.media.items()},
            "known_issuers": self.known_issuers,
            "expected": self.report().as_json(),
        }


def _short(text: str) -> str:
    for name, value in SHORTS.items():
        text = text.replace(value, name)
    return text


def _long(text: str) -> str:
    for name, value in SHORTS.items():
        text = text.replace(name, value)
    return text


def _hashes(found: dict[int, Digest]) -> dict[str, str]:
    return {str(number): str(one) for number, one in found.items()}


def read_case(vector: dict[str, Any]) -> Case:
    """The case of a vector as it stands in a file."""

    def hashes(found: dict[str, str]) -> dict[int, Digest]:
        return {int(number): Digest.parse(one) for number, one in found.items()}

    return Case(
        vector["name"],
        {name: _long(text).encode() for name, text in vector["files"].items()},
        hashes(vector["blocks"]),
        hashes(vector["checkpoints"]),
        [(one["source"], int(one["chain_id"]), hashes(one["hashes"])) for one in vector["nodes"]],
        [json.loads(_long(text)) for text in vector["links"]],
        {Digest.parse(sha256): source for sha256, source in vector["media"].items()},
        vector["known_issuers"],
    )


# Papers altered


def signed_again(
    document: Document, change: Callable[[Document], object] = lambda _: None
) -> Document:
    """Another document, signed by the same issuer: what a dishonest issuer could hand out."""
    found = json.loads(dumped(document))
    proof = found.pop("proof")
    change(found)
    return secure(found, key=ISSUER.key, method=ISSUER.method, created=proof["created"])


def own_blocks(paper: Papers) -> dict[int, Digest]:
    """Hashes of the certificate's own blocks."""
    return {block.number: block.hash for block in (paper.mint_block, paper.state_block)}


def flipped(text: str, place: int = -3) -> str:
    """Hex with one digit changed."""
    other = "0" if text[place] != "0" else "1"
    return text[:place] + other + (text[place + 1 :] if place != -1 else "")


def self_made(header: str) -> str:
    """The same header with another state root: anybody can write one."""
    parts = decode(bytes.fromhex(header[2:]))
    parts[3] = bytes(32)
    return "0x" + encode_list(b"".join(encode_bytes(part) for part in parts)).hex()


def put(value: Any, *path: Any) -> Callable[[Document], object]:
    """A change: this value at that place."""

    def change(document: Any) -> None:
        for name in path[:-1]:
            document = document[name]
        last = path[-1]
        document[last] = value(document[last]) if callable(value) else value

    return change


def drop(*path: Any) -> Callable[[Document], object]:
    """A change: nothing at that place."""

    def change(document: Any) -> None:
        for name in path[:-1]:
            document = document[name]
        del document[path[-1]]

    return change


def all_cases() -> Iterator[Case]:
    """Every case, in a fixed order."""
    from tests.support import (
        cases_of_bundles,
        cases_of_certificates,
        cases_of_extracts,
        cases_of_lies,
        cases_of_offers,
    )

    rooms = (cases_of_certificates, cases_of_extracts, cases_of_bundles, cases_of_offers)
    for room in (*rooms, cases_of_lies):
        yield from room.cases()


def write() -> None:
    """Write every vector anew."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    (FOLDER.parent / "certificate-shorts.json").write_text(json.dumps(SHORTS, indent=1) + "\n")
    (FOLDER.parent / "certificate-words.json").write_text(words_json(), encoding="utf-8")
    for case in all_cases():
        text = json.dumps(case.as_json(), indent=1, ensure_ascii=False)
        (FOLDER / f"{case.name}.json").write_text(text + "\n", encoding="utf-8")


__all__ = ["FOLDER", "NAMES", "Case", "all_cases", "papers", "read_case", "replace"]

if __name__ == "__main__":
    write()
