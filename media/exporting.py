"""
Works as one CAR that outlives the exchange: every file and metadata document, and a manifest.

The roots of the CAR are the manifest, a text that says what to do with the file, and each content
of each work, so that whoever imports it (`ipfs dag import`) has every CID that the tokens name.
The manifest is canonical JSON (RFC 8785). Neither it nor the CAR holds a time or a place: the same
works give the same bytes. Variants are left out, since anybody can derive them.

Only what is public is read, from the public store; nothing grows in memory with the works but the
list of roots.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import rfc8785

from media.store import BlockStore
from nft.content.car import MAX_DEPTH, blocks_below, car_header, section_pieces
from nft.content.cid import Cid
from nft.content.exporter import Budget, Get
from nft.content.importer import FileImporter
from nft.content.profiles import DEFAULT
from nft.content.shelf import Shelf
from nft.errors import BlockMissing, Conflict, Missing, NotACid, Unacceptable
from nft.types import Address, Digest, TokenRef

FORMAT = "vernissage-export/1"
MOST_ROOTS = 150_000
MOST_NAMED = 20
_MOST_BLOCKS = 50_000_000
_PIECE_BYTES = 1024 * 1024

README = """\
This is a CAR file (https://ipld.io/specs/transport/car/carv1/): works of art as they were minted,
with the documents that describe them, addressed by content. It needs no exchange to be read.

To have it in an IPFS node of your own (Kubo), under the very CIDs that the tokens name:

    ipfs dag import FILE.car

This pins every root. To read one file of a work, or all of a page that is a folder:

    ipfs cat CID > file
    ipfs get CID

The first root is the manifest, JSON in UTF-8: for each work its chain, contract and token id, the
CID and SHA-256 of its metadata document (the token keeps that digest), and of each of its files the
role, CID, SHA-256, size and type. `profile` says how a file was cut to get its CID. A file whose
`kept` is false was not here when this CAR was written.

Without IPFS: `vernissage car --verify FILE.car` hashes every block, and `vernissage car --extract
FILE.car -o FOLDER` writes every root to a file or folder of its own.
"""


class ExportIncomplete(Conflict):
    """Contents are missing here, or damaged."""

    def __init__(self, missing: int, named: Iterable[str]) -> None:
        self.missing = list(named)
        super().__init__(f"{missing} contents are not kept here: {', '.join(self.missing)}")


class NothingToExport(Missing):
    """No work is there that could be exported."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.scope = dict(scope)
        named = ", ".join(str(value) for value in self.scope.values())
        super().__init__(f"there is no work of {named} here")


class ExportTooLarge(Unacceptable):
    """More contents than the header of one CAR holds, or works than one answer."""

    def __init__(self, count: int, maximum: int, what: str = "contents") -> None:
        self.count = count
        super().__init__(f"{count} {what}, above the maximum of {maximum} for one file")


@dataclass(frozen=True, slots=True)
class Minted:
    """A token, and the document that it is described by, if that is one of ours."""

    token: TokenRef
    creator: Address
    digest: Digest | None = None
    body: bytes | None = None
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What an export comes to."""

    works: int
    roots: int
    missing: int
    missing_named: tuple[str, ...]


class Export:
    """
    An export in the making: `add` each work, in the order of its reference, then `pieces`.

    Use it as a context manager; a manifest of any length lies in a temporary file.
    """

    def __init__(self, store: BlockStore, scope: Mapping[str, Any]) -> None:
        self._store = store
        self._scope = scope
        self._roots: dict[bytes, None] = {}
        self._documents = Shelf()
        self._missing: list[str] = []
        self._missing_count = 0
        self._works = 0
        self._manifest: IO[bytes] = TemporaryFile()  # noqa: SIM115  (closed with the export)
        readme = Cid.of_block(README.encode())
        self._readme = readme
        head = rfc8785.dumps(
            {"format": FORMAT, "profile": DEFAULT.name, "readme": str(readme), "scope": dict(scope)}
        )
        # The keys of canonical JSON are sorted, and `works` is the last of them.
        self._manifest.write(head[:-1] + b',"works":[')

    def __enter__(self) -> Export:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the temporary files."""
        self._manifest.close()
        self._documents.close()

    def add(self, work: Minted) -> None:
        """Take a work in. Raises `ExportTooLarge`."""
        metadata = self._metadata(work)
        entry: dict[str, Any] = {
            "chain_id": str(work.token.chain_id),
            "contract": str(work.token.contract),
            "creator": str(work.creator),
            "files": [self._file(one) for one in _files(work.document or {})],
            "metadata": metadata,
            "token": work.token.caip19,
            "token_id": str(work.token.token_id),
        }
        self._manifest.write((b"," if self._works else b"") + rfc8785.dumps(entry))
        self._works += 1
        if len(self._roots) > MOST_ROOTS:
            raise ExportTooLarge(len(self._roots), MOST_ROOTS)

    def _metadata(self, work: Minted) -> dict[str, Any] | None:
        if work.digest is None:
            return None
        cid = Cid.raw(bytes(work.digest))
        stated = {"cid": str(cid), "kept": True, "sha256": str(work.digest)}
        if work.body is not None and hashlib.sha256(work.body).digest() == cid.digest:
            # The document lies in the database too, whatever became of the store.
            if not self._store.has(cid):
                self._documents.put(cid.digest, work.body)
            self._roots.setdefault(bytes(cid))
            return {**stated, "size": len(work.body)}
        if not self._keeps(cid):
            self._miss(str(cid))
            stated["kept"] = False
        return stated

    def _file(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """What the document says of a file, and whether it goes along."""
        found: dict[str, Any] = {name: stated[name] for name in _TEXTS if _is_text(stated, name)}
        size = stated.get("size")
        if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**53:
            found["size"] = size
        try:
            found["kept"] = self._keeps(Cid.parse(found["cid"]))
        except NotACid:
            found["kept"] = False
        if not found["kept"]:
            self._miss(found["cid"])
        return found

    def _keeps(self, cid: Cid) -> bool:
        if not self._store.has(cid):
            return False
        self._roots.setdefault(bytes(cid))
        return True

    def _miss(self, cid: str) -> None:
        self._missing_count += 1
        if len(self._missing) < MOST_NAMED and cid not in self._missing:
            self._missing.append(cid)

    @property
    def totals(self) -> Totals:
        """What was taken in so far."""
        return Totals(
            works=self._works,
            roots=len(self._roots) + 2,
            missing=self._missing_count,
            missing_named=tuple(self._missing),
        )

    def check(self, *, may_miss: bool = False) -> None:
        """
        Raises `NothingToExport` without a work, `ExportIncomplete` when a content that a work
        names is not here and nobody said that it may be left out.
        """
        if not self._works:
            raise NothingToExport(self._scope)
        if self._missing_count and not may_miss:
            raise ExportIncomplete(self._missing_count, self._missing)

    def finish(self) -> Cid:
        """End the manifest; returns its CID, which stands for all of the export."""
        self._manifest.write(b"]}")
        self._manifest.flush()
        self._blocks = _ManifestBlocks(self._manifest)
        return self._blocks.root

    def pieces(self) -> Iterator[bytes]:
        """
        Yield the CAR, hashing each block on its way out.

        Raises `BlockMissing`, `BlockInvalid` or `StoreUnavailable` naming the block.
        """
        manifest = self._blocks.root
        roots = [Cid.from_bytes(name) for name in self._roots]
        yield car_header(manifest, self._readme, *roots)
        seen, budget = Shelf(), Budget(blocks=_MOST_BLOCKS, depth=MAX_DEPTH)
        try:
            for root in (manifest, self._readme, *roots):
                get = self._source(root)
                for cid, block in blocks_below(root, get, seen=seen, budget=budget):
                    yield from section_pieces(cid, block)
        finally:
            seen.close()

    def _source(self, root: Cid) -> Get:
        if root == self._blocks.root:
            return self._blocks.get
        if root == self._readme:
            return lambda _: README.encode()
        document = self._documents.get(root.digest)
        if document is not None:
            return lambda _: document
        return self._store.open(root)


_TEXTS = ("cid", "profile", "role", "sha256", "type")


def _is_text(stated: Mapping[str, Any], name: str) -> bool:
    value = stated.get(name)
    return isinstance(value, str) and len(value) <= 300 and value.isprintable()


def _files(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The files that a document of any shape names by content."""
    properties = document.get("properties")
    media = properties.get("media") if isinstance(properties, Mapping) else None
    if not isinstance(media, list):
        return []
    return [one for one in media if isinstance(one, Mapping) and _is_text(one, "cid")]


class _ManifestBlocks:
    """The blocks of the manifest, cut from its temporary file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._nodes: dict[bytes, bytes] = {}
        self._leaves: dict[bytes, tuple[int, int]] = {}
        importer = FileImporter(DEFAULT, self)
        file.seek(0)
        while piece := file.read(_PIECE_BYTES):
            importer.update(piece)
        self.root = importer.finish().cid

    def leaf(self, cid: Cid, *, offset: int, length: int) -> None:
        """Where a leaf stands."""
        self._leaves.setdefault(cid.digest, (offset, length))

    def node(self, cid: Cid, block: bytes) -> None:
        """A block above the leaves."""
        self._nodes[cid.digest] = block

    def get(self, cid: Cid) -> bytes:
        """A block of the manifest."""
        if cid.digest in self._nodes:
            return self._nodes[cid.digest]
        if cid.digest not in self._leaves:
            raise BlockMissing(str(cid))
        offset, length = self._leaves[cid.digest]
        self._file.seek(offset)
        return self._file.read(length)


@dataclass(frozen=True, slots=True)
class Written:
    """A CAR on disk."""

    manifest: str
    size: int
    sha256: str


def write(export: Export, out: Path) -> Written:
    """
    Write the CAR to `out`, which appears when all of it is there and on disk.

    Raises what `Export.pieces` raises; what was there before then still is.
    """
    manifest = export.finish()
    half = out.with_name(out.name + ".part")
    whole = hashlib.sha256()
    try:
        with half.open("wb") as file:
            for piece in export.pieces():
                whole.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        half.replace(out)
    finally:
        half.unlink(missing_ok=True)
    return Written(manifest=str(manifest), size=size, sha256=f"0x{whole.hexdigest()}")
