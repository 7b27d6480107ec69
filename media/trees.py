"""
What a root on disk is made of: the record that stands for it, and how a folder's is made.

A file's record cuts its leaves from one file. A folder's cuts them from its files, so that a whole
bundle is one record: found whole, removed whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nft.content.cid import Cid
from nft.content.dagpb import Link
from nft.content.directories import directory
from nft.content.importer import import_pieces
from nft.content.profiles import DEFAULT, Profile

_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TreeRecord:
    """
    A root and what it is made of: leaves by digest as (offset, length) within the file.

    Of a folder `file` is its root's block, `size` what its blocks come to, and `members` are its
    leaves by digest as (file, offset, length).
    """

    cid: str
    profile: str
    file: str
    size: int
    nodes: tuple[str, ...]
    leaves: dict[str, tuple[int, int]]
    members: dict[str, tuple[str, int, int]] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        """Whether it was made of several files."""
        return bool(self.members)

    @property
    def parts(self) -> set[str]:
        """
        Every digest that can be asked for by itself because of this root.

        Leaves of other profiles than ours can be had through `open` of their root only: thousands
        of marks for blocks that nobody was given the names of would be waste.
        """
        leaves = self.leaves if self.profile == DEFAULT.name else {}
        files = {place[0] for place in self.members.values()}
        return {self.file, *self.nodes, *leaves, *self.members, *files}

    def encode(self) -> bytes:
        """As JSON."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> TreeRecord:
        """From JSON."""
        fields = json.loads(data)
        leaves = {digest: (place[0], place[1]) for digest, place in fields.pop("leaves").items()}
        members = {
            digest: (place[0], place[1], place[2])
            for digest, place in fields.pop("members", {}).items()
        }
        return cls(nodes=tuple(fields.pop("nodes")), leaves=leaves, members=members, **fields)


class Places:
    """Remembers what one import made."""

    def __init__(self) -> None:
        self.nodes: dict[str, bytes] = {}
        self.leaves: dict[str, tuple[int, int]] = {}

    def leaf(self, cid: Cid, *, offset: int, length: int) -> None:
        """Where a leaf stands in the file."""
        self.leaves.setdefault(cid.digest.hex(), (offset, length))

    def node(self, cid: Cid, block: bytes) -> None:
        """A block above the leaves."""
        self.nodes[cid.digest.hex()] = block


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's record, its blocks above the leaves, and its files by SHA-256."""

    record: TreeRecord
    nodes: dict[str, bytes]
    files: dict[str, Path]


def folder_of(files: Mapping[str, Path], profile: Profile = DEFAULT) -> Folder:
    """The tree of files by their paths in the folder, parts divided by `/`, or `PathInvalid`."""
    nodes: dict[str, bytes] = {}
    members: dict[str, tuple[str, int, int]] = {}
    named: dict[str, Path] = {}
    links: dict[str, Link] = {}
    for path, source in files.items():
        places = Places()
        imported = import_pieces(pieces_of(source), [profile], [places])
        sha256 = imported.sha256.hex()
        named[sha256] = source
        nodes.update(places.nodes)
        for digest, (offset, length) in places.leaves.items():
            members.setdefault(digest, (sha256, offset, length))
        links[path] = imported.roots[profile.name]
    places = Places()
    root = _hang(links, profile, places)
    nodes.update(places.nodes)
    record = TreeRecord(
        cid=str(root.cid),
        profile=profile.name,
        file=root.cid.digest.hex(),
        size=root.tsize,
        nodes=tuple(sorted(nodes)),
        leaves={},
        members=members,
    )
    return Folder(record, nodes, named)


def _hang(links: Mapping[str, Link], profile: Profile, places: Places) -> Link:
    """A folder of what lies in it, by paths from it on."""
    entries = []
    below: dict[str, dict[str, Link]] = {}
    for path, link in links.items():
        name, _, rest = path.partition("/")
        if rest:
            below.setdefault(name, {})[rest] = link
        else:
            entries.append(Link(cid=link.cid, tsize=link.tsize, name=name))
    for name, inside in below.items():
        link = _hang(inside, profile, places)
        entries.append(Link(cid=link.cid, tsize=link.tsize, name=name))
    return directory(entries, profile, places)


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, a mebibyte at a time."""
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
