"""
What a file is, known when its last byte lands: hashed beside receiving, from the disk's cache.

An upload has a `Follower` that reads what counts so far and keeps the state of its hashes: the
SHA-256 of the whole and the trees of all profiles. It never reads beyond the counted offset, so
nothing that is cut off later was ever hashed. Hash state cannot be put on disk; after a restart
the next request begins a new follower at the first byte, which catches up while bytes come in.
"""

from __future__ import annotations

import hashlib
import json
import threading
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media.disk import read_at
from media.trees import Places
from nft.content.cid import Cid
from nft.content.dagpb import Link
from nft.content.importer import FileImporter, Imported
from nft.content.profiles import DEFAULT, KUBO_V1_256K, PROFILES, UNIXFS_V0_2015, Profile
from nft.errors import StoreUnavailable

STEP_BYTES = 2 * 1024 * 1024
THREADS = 2
"""Steps that are hashed at once, of all uploads together: hashing leaves the rest of us room."""
MAX_FOLLOWERS = 64
"""Uploads whose hash state is kept; beyond it the one that was quiet for longest starts anew."""

LANES: tuple[tuple[Profile, ...], ...] = ((DEFAULT,), (KUBO_V1_256K, UNIXFS_V0_2015))
"""Profiles hashed in one thread; the first also hashes the whole."""


class Leaves:
    """A sink that remembers leaves by their digests alone, 32 bytes each, and blocks above them."""

    def __init__(self) -> None:
        self.digests = bytearray()
        self.size = 0
        self.nodes: dict[str, bytes] = {}

    def leaf(self, cid: Cid, *, offset: int, length: int) -> None:
        """The next leaf; where it stands follows from the profile."""
        self.digests += cid.digest
        self.size = offset + length

    def node(self, cid: Cid, block: bytes) -> None:
        """A block above the leaves."""
        self.nodes[cid.digest.hex()] = block

    def places(self, profile: Profile) -> dict[str, tuple[int, int]]:
        """Leaves by digest, as (offset, length) of where each first stands."""
        found: dict[str, tuple[int, int]] = {}
        for index in range(len(self.digests) // 32):
            offset = index * profile.chunk_bytes
            length = min(profile.chunk_bytes, self.size - offset)
            found.setdefault(self.digests[index * 32 : index * 32 + 32].hex(), (offset, length))
        return found


@dataclass(frozen=True, slots=True)
class Measured:
    """A file measured once: what it is, and what its trees are made of, by profile."""

    imported: Imported
    leaves: dict[str, Leaves]

    def places(self, profile: Profile) -> Places:
        """What an import by this profile would have remembered."""
        made, leaves = Places(), self.leaves[profile.name]
        made.nodes, made.leaves = leaves.nodes, leaves.places(profile)
        return made

    def encode(self) -> bytes:
        """As JSON, for another process that is to keep the file without reading it again."""
        profiles = {
            name: {
                "cid": str(link.cid),
                "tsize": link.tsize,
                "digests": b64encode(self.leaves[name].digests).decode(),
                "nodes": {
                    digest: b64encode(block).decode()
                    for digest, block in self.leaves[name].nodes.items()
                },
            }
            for name, link in self.imported.roots.items()
        }
        found = {
            "size": self.imported.size,
            "sha256": self.imported.sha256.hex(),
            "profiles": profiles,
        }
        return json.dumps(found, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes) -> Measured:
        """From JSON. Raises `ValueError`, `KeyError` or `TypeError` for anything else."""
        found = json.loads(data)
        roots, leaves = {}, {}
        for name, kept in found["profiles"].items():
            size = int(found["size"])
            cid = Cid.parse(kept["cid"])
            roots[name] = Link(cid=cid, tsize=int(kept["tsize"]), file_bytes=size)
            sink = leaves[name] = Leaves()
            sink.digests, sink.size = bytearray(b64decode(kept["digests"])), size
            sink.nodes = {digest: b64decode(text) for digest, text in kept["nodes"].items()}
        imported = Imported(size=size, sha256=bytes.fromhex(found["sha256"]), roots=roots)
        return cls(imported=imported, leaves=leaves)


class _Lane:
    """Some of an upload's hashes, fed in order by one thread at a time."""

    def __init__(self, profiles: Sequence[Profile], *, is_whole: bool) -> None:
        self.sinks = {profile.name: Leaves() for profile in profiles}
        self.importers = {
            profile.name: FileImporter(profile, self.sinks[profile.name]) for profile in profiles
        }
        self.whole = hashlib.sha256() if is_whole else None
        self.position = 0
        self.is_running = False
        self.problem: Exception | None = None

    def feed(self, piece: bytes) -> None:
        if self.whole is not None:
            self.whole.update(piece)
        for importer in self.importers.values():
            importer.update(piece)
        self.position += len(piece)


class Follower:
    """The hashes of one upload, on their way to the offset that counts."""

    def __init__(self, path: Path, turns: threading.Semaphore) -> None:
        self._path = path
        self._turns = turns
        self._changed = threading.Condition()
        self._target = 0
        self._lanes = [_Lane(profiles, is_whole=index == 0) for index, profiles in enumerate(LANES)]

    @property
    def position(self) -> int:
        """How far all of its hashes are."""
        return min(lane.position for lane in self._lanes)

    def reach(self, offset: int) -> None:
        """Hash up to here, beside the caller."""
        with self._changed:
            self._target = max(self._target, offset)
            for lane in self._lanes:
                if lane.position < self._target and not lane.is_running:
                    lane.is_running = True
                    threading.Thread(target=self._run, args=(lane,), daemon=True).start()

    def finish(self, length: int) -> Measured:
        """Wait until the whole file is hashed. Raises `StoreUnavailable`; call it once."""
        self.reach(length)
        with self._changed:
            self._changed.wait_for(lambda: not any(lane.is_running for lane in self._lanes))
        problem = next((lane.problem for lane in self._lanes if lane.problem), None)
        if problem is not None:
            raise StoreUnavailable(f"the bytes received cannot be read: {problem}") from problem
        roots, leaves = {}, {}
        for lane in self._lanes:
            for name, importer in lane.importers.items():
                roots[name], leaves[name] = importer.finish(), lane.sinks[name]
        whole = self._lanes[0].whole
        assert whole is not None
        ordered = {name: roots[name] for name in PROFILES}
        imported = Imported(size=length, sha256=whole.digest(), roots=ordered)
        return Measured(imported=imported, leaves=leaves)

    def _run(self, lane: _Lane) -> None:
        while True:
            with self._changed:
                left = self._target - lane.position
                if left <= 0 or lane.problem is not None:
                    lane.is_running = False
                    self._changed.notify_all()
                    return
            try:
                with self._turns:
                    piece = read_at(self._path, lane.position, min(left, STEP_BYTES))
                    lane.feed(piece)
                if not piece:
                    raise OSError("the file is shorter than what counts")
            except OSError as error:
                lane.problem = error


class Hashing:
    """The followers of one process, by upload."""

    def __init__(self, *, threads: int = THREADS, kept: int = MAX_FOLLOWERS) -> None:
        self._turns = threading.BoundedSemaphore(threads)
        self._kept = kept
        self._lock = threading.Lock()
        self._followers: OrderedDict[str, Follower] = OrderedDict()

    def reach(self, upload_id: str, path: Path, offset: int) -> None:
        """Bytes up to `offset` count and may be hashed; returns at once."""
        self._follower(upload_id, path).reach(offset)

    def finish(self, upload_id: str, path: Path, length: int) -> Measured:
        """What the whole file is. Raises `StoreUnavailable`."""
        follower = self._follower(upload_id, path)
        try:
            return follower.finish(length)
        finally:
            self.forget(upload_id)

    def forget(self, upload_id: str) -> None:
        """An upload ended."""
        with self._lock:
            self._followers.pop(upload_id, None)

    def position(self, upload_id: str) -> int:
        """How far the hashes of an upload are in this process."""
        with self._lock:
            follower = self._followers.get(upload_id)
        return follower.position if follower else 0

    def _follower(self, upload_id: str, path: Path) -> Follower:
        with self._lock:
            found = self._followers.get(upload_id)
            if found is None:
                found = self._followers[upload_id] = Follower(path, self._turns)
            self._followers.move_to_end(upload_id)
            while len(self._followers) > self._kept:
                self._followers.popitem(last=False)
            return found
