"""
Content kept on disk under its own hash, whole or not at all.

`files/` holds bytes named by their SHA-256: originals, and the few blocks above their leaves.
`trees/` holds one record for each root CID (`media.trees`): which file it is made of and where its
leaves stand in it, so that every block of a DAG is cut from the one copy. `parts/` says which
roots use a digest: a file goes when the last root that uses it goes.

A tree's record is written last and removed first, so a root that can be found is complete whenever
the power goes. Nothing is handed out unhashed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

from media.disk import (
    answering,
    locked,
    make_folder,
    read_at,
    sync_folder,
    write_pieces,
    write_whole,
)
from media.hashing import Measured
from media.trees import Folder, Places, TreeRecord, folder_of, pieces_of
from nft.content.cid import Cid
from nft.content.dagpb import MAX_BLOCK_BYTES, Link
from nft.content.directories import directory
from nft.content.exporter import Get
from nft.content.importer import Imported, import_pieces, leaf_block
from nft.content.profiles import DEFAULT, PROFILES, Profile
from nft.errors import BlockInvalid, BlockMissing, StoreUnavailable

_ABANDONED_SECONDS = 3600


class BlockStore:
    """One folder of content; several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._scratch = folder / "scratch"
        self._record = lru_cache(maxsize=256)(self._read_record)

    def prepare(self) -> None:
        """
        Make the folders, and clear away what a process killed over an hour ago left half written.

        Younger files may be another process's, which is at work while this one starts.
        """
        with answering():
            for name in ("files", "trees", "parts", "scratch"):
                make_folder(self.folder / name)
            with self._lock():
                clock = self.folder / "lock"
                clock.touch()  # the file system's own clock, by which the others are dated too
                for half in self._scratch.iterdir():
                    if half.stat().st_mtime < clock.stat().st_mtime - _ABANDONED_SECONDS:
                        half.unlink(missing_ok=True)

    def add_bytes(self, data: bytes, *, profiles: Sequence[Profile] = (DEFAULT,)) -> Imported:
        """Keep `data` as a file of its own, findable by SHA-256 and CID."""
        with answering():
            half = self._scratch / token_hex(16)
            try:
                half.write_bytes(data)
                return self.add_file(half, profiles=profiles)
            finally:
                half.unlink(missing_ok=True)

    def add_file(
        self,
        source: Path,
        *,
        profiles: Sequence[Profile] = (DEFAULT,),
        measured: Measured | None = None,
    ) -> Imported:
        """
        Keep the file at `source`, which stays where it is and must not change; say what it is.

        It is linked, not copied, where the file system can. What this returns for is on disk.
        Adding what is here already changes nothing. What was `measured` by these profiles while
        the file came in is not read again.
        """
        with answering():
            if measured is None:
                places = [Places() for _ in profiles]
                imported = import_pieces(pieces_of(source), profiles, places)
            else:
                places = [measured.places(profile) for profile in profiles]
                imported = measured.imported
            with self._lock():
                self._link(source, imported.sha256.hex())
                for profile, place in zip(profiles, places, strict=True):
                    self._keep(_record_of(imported, profile, place), place.nodes)
            return imported

    def mend(self, source: Path, *, sha256: bytes, profiles: Sequence[Profile]) -> None:
        """
        Put a sound file, and the records and nodes made from it, in the place of what rotted.

        Another name of the rotten file, in another store, keeps the rotten bytes. Raises
        `BlockInvalid` when `source` is another file.
        """
        with answering():
            places = [Places() for _ in profiles]
            imported = import_pieces(pieces_of(source), profiles, places)
            if imported.sha256 != sha256:
                raise BlockInvalid("the file has another SHA-256")
            for profile, place in zip(profiles, places, strict=True):
                record = _record_of(imported, profile, place)
                self._mend(Folder(record, place.nodes, {sha256.hex(): source}))

    def mend_folder(self, files: Mapping[str, Path], *, root: Cid) -> None:
        """The same for a folder. Raises `BlockInvalid` when the files make another."""
        with answering():
            folder = folder_of(files)
            if Cid.parse(folder.record.cid).digest != root.digest:
                raise BlockInvalid("the files make another folder")
            self._mend(folder)

    def _mend(self, tree: Folder) -> None:
        with self._lock():
            for name, source in tree.files.items():
                write_pieces(self._file(name), pieces_of(source), scratch=self._scratch)
            for name, block in tree.nodes.items():
                write_whole(self._file(name), block, scratch=self._scratch)
            self._mark(tree.record)
            place = self._tree(Cid.parse(tree.record.cid))
            write_whole(place, tree.record.encode(), scratch=self._scratch)
            self._record.cache_clear()

    def add_directory(self, entries: Mapping[str, Cid], *, profile: Profile = DEFAULT) -> Cid:
        """Keep a directory of roots that are here already. Raises `BlockMissing`."""
        with answering():
            links = [self._link_to(name, cid) for name, cid in entries.items()]
            place = Places()
            root = directory(links, profile, place).cid
            record = TreeRecord(
                cid=str(root),
                profile=profile.name,
                file=root.digest.hex(),
                size=0,
                nodes=tuple(sorted(place.nodes)),
                leaves={},
            )
            with self._lock():
                self._keep(record, place.nodes)
            return root

    def add_folder(self, files: Mapping[str, Path]) -> Cid:
        """
        Keep files as one folder by their paths in it. Raises `PathInvalid`.

        What a file's SHA-256 is elsewhere is here that of the root's block: the CID's own digest.
        """
        with answering():
            folder = folder_of(files)
            self._keep_folder(folder)
            return Cid.parse(folder.record.cid)

    def take_folder(self, other: BlockStore, cid: Cid) -> None:
        """Keep a folder that another store keeps, without reading it. Raises `BlockMissing`."""
        with answering():
            record = other._find_record(cid)
            if record is None:
                raise BlockMissing(str(cid))
            places = {place[0] for place in record.members.values()}
            nodes = {
                name: _checked(other._read(other._file(name), 0, MAX_BLOCK_BYTES, cid), name)
                for name in record.nodes
            }
            self._keep_folder(Folder(record, nodes, {name: other._file(name) for name in places}))

    def _keep_folder(self, folder: Folder) -> None:
        with self._lock():
            for name, source in folder.files.items():
                self._link(source, name)
            self._keep(folder.record, folder.nodes)

    def remove(self, cid: Cid) -> bool:
        """Forget a root and every byte that no other root uses; false if it is not here."""
        with answering(), self._lock():
            record = self._find_record(cid)
            if record is None:
                return False
            self._tree(cid).unlink()
            sync_folder(self._tree(cid).parent)
            self._record.cache_clear()
            for name in record.parts:
                marker = self._part(name) / cid.digest.hex()
                marker.unlink(missing_ok=True)
                if not _is_empty(self._part(name)):
                    continue
                self._part(name).rmdir()
                self._file(name).unlink(missing_ok=True)
            return True

    def has(self, cid: Cid) -> bool:
        """Whether `cid` is a root that is kept here, by any version and base."""
        with answering():
            return self._tree(cid).exists()

    def roots(self) -> Iterator[str]:
        """The CIDs of all roots, in no order."""
        with answering():
            for path in (self.folder / "trees").glob("*/*"):
                yield TreeRecord.decode(path.read_bytes()).cid

    def roots_of(self, file: str) -> list[Cid]:
        """Every root that is made of one file, whatever the profile."""
        with answering():
            folder = self._part(file)
            names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
            trees = [tree for name in names if (tree := self._tree_named(name)).exists()]
            records = [self._record(tree) for tree in trees]
        return [Cid.parse(record.cid) for record in records if record.file == file]

    def find_record(self, cid: Cid) -> TreeRecord | None:
        """What a root is made of."""
        with answering():
            return self._find_record(cid)

    def find_file(self, sha256: bytes) -> Path | None:
        """The file with that SHA-256, for whoever hashes it while reading."""
        path = self._file(sha256.hex())
        with answering():
            return path if path.is_file() else None

    def open(self, root: Cid) -> Get:
        """A function giving blocks by CID, quickest for those below `root`."""
        record = self.find_record(root)

        def get(cid: Cid) -> bytes:
            if record is not None:
                block = self._leaf(record, cid)
                if block is not None:
                    return block
            return self.get(cid)

        return get

    def get(self, cid: Cid) -> bytes:
        """
        The block of a CID: a root, a node or a leaf of any root kept here.

        Raises `BlockMissing`, or `StoreUnavailable` when the bytes on disk have changed.
        """
        name = cid.digest.hex()
        with answering():
            if not self._part(name).is_dir():
                raise BlockMissing(str(cid))
            path = self._file(name)
            if path.is_file() and path.stat().st_size <= MAX_BLOCK_BYTES:
                return _checked(self._read(path, 0, MAX_BLOCK_BYTES, cid), name)
            for marker in self._part(name).iterdir():
                tree = self._tree_named(marker.name)
                block = self._leaf(self._record(tree), cid) if tree.exists() else None
                if block is not None:
                    return block
        raise BlockMissing(str(cid))

    def _read(self, path: Path, offset: int, length: int, cid: Cid) -> bytes:
        try:
            return read_at(path, offset, length)
        except FileNotFoundError as error:
            raise BlockMissing(str(cid)) from error  # removed since we looked

    def _leaf(self, record: TreeRecord, cid: Cid) -> bytes | None:
        name = cid.digest.hex()
        place = record.leaves.get(name)
        member = (record.file, *place) if place else record.members.get(name)
        if member is None:
            return None
        file, offset, length = member
        with answering():
            chunk = self._read(self._file(file), offset, length, cid)
        return _checked(leaf_block(PROFILES[record.profile], chunk), name)

    def _keep(self, record: TreeRecord, nodes: Mapping[str, bytes]) -> None:
        if self._tree(Cid.parse(record.cid)).exists():
            return
        for name, block in nodes.items():
            if not self._file(name).exists():
                write_whole(self._file(name), block, scratch=self._scratch)
        self._mark(record)
        write_whole(self._tree(Cid.parse(record.cid)), record.encode(), scratch=self._scratch)

    def _link_to(self, name: str, cid: Cid) -> Link:
        record = self._find_record(cid)
        if record is None:
            raise BlockMissing(str(cid))
        blocks = sum(self._file(node).stat().st_size for node in record.nodes)
        # Of a wrapped leaf the block is larger than its bytes; only raw leaves are added up here.
        if not PROFILES[record.profile].raw_leaves:
            raise BlockMissing(str(cid))
        return Link(cid=cid, tsize=blocks + record.size, name=name)

    def _link(self, source: Path, name: str) -> None:
        path = self._file(name)
        if path.exists():
            return
        make_folder(path.parent)
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            path.hardlink_to(source)
        except OSError:
            # Another file system, or one without links.
            write_pieces(path, pieces_of(source), scratch=self._scratch)
        path.chmod(0o444)
        sync_folder(path.parent)

    def _mark(self, record: TreeRecord) -> None:
        root = Cid.parse(record.cid).digest.hex()
        touched: set[Path] = set()
        for name in record.parts:
            folder = self._part(name)
            make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            (folder / root).touch()
            touched.update((folder, folder.parent))
        for folder in touched:
            sync_folder(folder)

    def _find_record(self, cid: Cid) -> TreeRecord | None:
        return self._record(self._tree(cid)) if self._tree(cid).exists() else None

    def _read_record(self, path: Path) -> TreeRecord:
        try:
            return TreeRecord.decode(path.read_bytes())
        except (ValueError, KeyError, TypeError) as error:
            raise StoreUnavailable(f"the record {path.name} is damaged") from error

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self.folder / "lock")

    def _file(self, name: str) -> Path:
        return self.folder / "files" / name[:2] / name

    def _part(self, name: str) -> Path:
        return self.folder / "parts" / name[:2] / name

    def _tree(self, cid: Cid) -> Path:
        return self._tree_named(cid.digest.hex())

    def _tree_named(self, name: str) -> Path:
        return self.folder / "trees" / name[:2] / name


def _record_of(imported: Imported, profile: Profile, place: Places) -> TreeRecord:
    return TreeRecord(
        cid=str(imported.roots[profile.name].cid),
        profile=profile.name,
        file=imported.sha256.hex(),
        size=imported.size,
        nodes=tuple(sorted(place.nodes)),
        leaves=place.leaves,
    )


def _checked(block: bytes, name: str) -> bytes:
    if hashlib.sha256(block).hexdigest() != name:
        raise StoreUnavailable(f"the bytes kept under {name} have changed on disk")
    return block


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and next(folder.iterdir(), None) is None
