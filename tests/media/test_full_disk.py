"""
A disk that is full, read-only or gone under us, at every stage that writes (R40).

What cannot be written is said by name, no row stands without its file, and when the disk is well
again the same step goes through.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from media import keeping, ledger, uploads
from media.disk import free_bytes, writable_bytes
from media.embedded import EmbeddedPinner
from media.store import BlockStore
from media.tables import ContentRow, UploadRow
from media.work import MediaParts
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.profiles import DEFAULT
from nft.errors import PinFailed, StoreUnavailable
from tests.media import pictures
from tests.media.conftest import MANY, NOON, Uploader

DISK_BYTES = 6 * 1024 * 1024
PICTURE = pictures.png(300, 200)

Harm = Callable[[Path], object]


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of the test's own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def artist(parts: MediaParts, disk: Path) -> Uploader:
    """Somebody whose files lie on the small disk."""
    private, public = BlockStore(disk / "private"), BlockStore(disk / "public")
    moved = replace(
        parts,
        rules=uploads.UploadRules(folder=disk / "uploads", max_bytes=MANY),
        private=private,
        public=public,
        pinners={"embedded": EmbeddedPinner(private, public)},
    )
    moved.prepare()
    return Uploader(moved)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    yield
    ballast.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Mounted so that nothing can be written."""
    mount("-o", "remount,ro", str(disk))
    yield
    mount("-o", f"remount,rw,size={DISK_BYTES}", str(disk))


@contextmanager
def removed(disk: Path) -> Iterator[None]:
    """The folders are somewhere else."""
    names = ("uploads", "private", "public")
    for name in names:
        (disk / name).rename(disk / f"{name}.gone")
    yield
    for name in names:
        (disk / f"{name}.gone").rename(disk / name)


HARMS = pytest.mark.parametrize("harm", [full, read_only, removed])


def rows(artist: Uploader, kind: type) -> int:
    with artist.parts.sessions() as session:
        return session.query(kind).count()


@pytest.mark.parametrize("harm", [read_only, removed])
def test_begins_no_upload_whose_file_cannot_be(artist: Uploader, disk: Path, harm: Harm) -> None:
    with harm(disk), pytest.raises(StoreUnavailable):
        artist.create(100)

    assert rows(artist, UploadRow) == 0
    artist.create(100)


@HARMS
def test_counts_no_byte_that_is_not_on_disk(artist: Uploader, disk: Path, harm: Harm) -> None:
    data = os.urandom(300_000)
    upload_id = artist.create(len(data))
    artist.append(upload_id, data[:100_000])

    with harm(disk), pytest.raises(StoreUnavailable):
        artist.append(upload_id, data[100_000:], offset=100_000)

    assert artist.offset(upload_id) == 100_000
    artist.append(upload_id, data[100_000:], offset=100_000)
    assert artist.parts.rules.part(upload_id).read_bytes() == data


def test_takes_no_last_byte_while_what_it_is_cannot_be_kept(artist: Uploader, disk: Path) -> None:
    upload_id = artist.create(4096)
    artist.append(upload_id, bytes(4095))

    with full(disk), pytest.raises(StoreUnavailable):
        # The last byte fits into its page; the outline does not fit anywhere.
        artist.append(upload_id, b"\0", offset=4095)

    assert artist.offset(upload_id) == 4095
    assert artist.facts(upload_id)["state"] == "receiving"
    artist.append(upload_id, b"\0", offset=4095)
    assert artist.facts(upload_id)["stage"] == "hashed"


@HARMS
def test_leaves_a_file_to_be_checked_again(artist: Uploader, disk: Path, harm: Harm) -> None:
    upload_id = artist.send(PICTURE)

    with harm(disk), pytest.raises(StoreUnavailable):
        artist.check(upload_id)

    assert artist.facts(upload_id)["state"] == "checking"
    assert rows(artist, ContentRow) == 0
    artist.check(upload_id)
    facts = artist.facts(upload_id)
    assert facts["state"] == "ready"
    root = Cid.parse(facts["media"]["cids"][DEFAULT.name])
    assert b"".join(read_file(artist.parts.private.open(root), root)) == PICTURE


@HARMS
def test_makes_nothing_public_by_half(artist: Uploader, disk: Path, harm: Harm) -> None:
    upload_id = artist.send(PICTURE)
    artist.check(upload_id)
    cid = artist.facts(upload_id)["media"]["cids"][DEFAULT.name]
    with artist.parts.sessions.begin() as session:
        ledger.want(session, [cid], stores=["embedded"], holder="intent:1", now=NOON)

    with harm(disk), pytest.raises((StoreUnavailable, PinFailed)):
        keeping.pin(artist.parts, cid, "embedded", now=NOON)

    with artist.parts.sessions() as session:
        assert ledger.states(session, [cid])[0].state != "read_back"
    assert keeping.pin(artist.parts, cid, "embedded", now=NOON) == "read_back"
    root = Cid.parse(cid)
    assert b"".join(read_file(artist.parts.public.open(root), root)) == PICTURE


def test_ends_no_upload_whose_file_would_stay(artist: Uploader, disk: Path) -> None:
    upload_id = artist.send(PICTURE)

    with read_only(disk), pytest.raises(StoreUnavailable):
        artist.end(upload_id)

    assert rows(artist, UploadRow) == 1
    artist.end(upload_id)
    assert list(artist.parts.rules.folder.iterdir()) == []


@HARMS
def test_says_what_it_can_take(artist: Uploader, disk: Path, harm: Harm) -> None:
    folder = artist.parts.private.folder
    well = writable_bytes(folder)

    with harm(disk):
        ill = writable_bytes(folder)

    assert well == free_bytes(folder) > 0
    assert not ill
