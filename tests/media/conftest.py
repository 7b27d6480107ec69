"""A database with our tables, stores on disk, and people, for the tests of media."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from api.migrations.metadata import schema
from media import checking, uploads
from media.checks import inspect
from media.embedded import EmbeddedPinner
from media.pinning import Pinner
from media.receiving import Checksum
from media.shelves import Shelves
from media.store import BlockStore
from media.tables import ContentRow, MetadataRow, UploadRow, VariantRow
from media.tables_copies import ComparisonRow, FingerprintRow, LikenessRow, ShelfRow
from media.tables_pins import (
    HealthRow,
    MediaOutboxRow,
    PinEventRow,
    PinRow,
    PlaceRow,
    ReferenceRow,
)
from media.uploads import NewUpload, UploadRules
from media.work import MediaParts
from nft.database import make_engine
from nft.types import Address
from tests.support.kubo import running_kubo
from tests.support.pinning_service import running_service
from tests.support.servers import Databases

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
ARTIST = Address(b"\xaa" * 20)
FORGER = Address(b"\xff" * 20)
MANY = 50_000_000

ROWS = (
    *(ContentRow, MetadataRow, UploadRow, VariantRow),
    *(HealthRow, MediaOutboxRow, PinEventRow, PinRow, PlaceRow, ReferenceRow),
    *(ComparisonRow, FingerprintRow, LikenessRow, ShelfRow),
)


@pytest.fixture(scope="session")
def media_template(databases: Databases) -> str:
    """A database with the tables of media alone."""
    url = databases.make()
    engine = make_engine(url)
    whole = schema()
    whole.create_all(engine, tables=[whole.tables[row.__tablename__] for row in ROWS])
    engine.dispose()
    return url.rpartition("/")[2]


@pytest.fixture
def parts(databases: Databases, media_template: str, tmp_path: Path) -> Iterator[MediaParts]:
    """All of media on an empty database and empty folders."""
    url = databases.make(template=media_template)
    engine = make_engine(url)
    private, public = BlockStore(tmp_path / "private"), BlockStore(tmp_path / "public")
    embedded: Pinner = EmbeddedPinner(private, public)
    made = MediaParts(
        engine=engine,
        sessions=sessionmaker(engine, class_=Session),
        rules=UploadRules(folder=tmp_path / "uploads", max_bytes=MANY),
        private=private,
        public=public,
        pinners={embedded.name: embedded},
        shelves=Shelves(tmp_path / "likenesses"),
    )
    made.prepare()
    yield made
    engine.dispose()
    databases.drop(url)


@dataclass
class Uploader:
    """Somebody who uploads, one request after another."""

    parts: MediaParts
    owner: Address = ARTIST
    now: datetime = NOON
    count: list[int] = field(default_factory=list)

    def later(self, **span: int) -> "Uploader":
        """The same person after some time."""
        return replace(self, now=self.now + timedelta(**span))

    def create(self, length: int, filename: str = "work.png", **announced: Any) -> str:
        """POST: the new upload's id."""
        self.count.append(length)
        upload_id = f"{len(self.count):032x}"
        new = NewUpload(
            owner=self.owner,
            length=length,
            filename=filename,
            filetype="image/png",
            **announced,
        )
        with self.parts.sessions.begin() as session:
            uploads.create(session, self.parts.rules, new, upload_id=upload_id, now=self.now)
        return upload_id

    def offset(self, upload_id: str) -> int:
        """HEAD: where the upload stands."""
        with self.parts.sessions() as session:
            return uploads.find(session, upload_id, owner=self.owner, now=self.now).received

    def append(
        self,
        upload_id: str,
        data: bytes,
        *,
        offset: int = 0,
        checksum: Checksum | None = None,
        is_whole: bool = True,
    ) -> list[str]:
        """PATCH: the names of the jobs that it caused."""
        with self.parts.sessions() as session:
            row = uploads.find(session, upload_id, owner=self.owner, now=self.now)
        receiving = uploads.receive(row, self.parts.rules, offset=offset, checksum=checksum)
        try:
            receiving.write(data)
            with self.parts.sessions.begin() as session:
                jobs = uploads.settle(
                    session, receiving, self.parts.rules, is_whole=is_whole, now=self.now
                )
        finally:
            receiving.close()
        return [job.name for job in jobs]

    def facts(self, upload_id: str) -> dict:
        """GET: what is told of the upload."""
        with self.parts.sessions() as session:
            row = uploads.find(session, upload_id, owner=self.owner, now=self.now)
            return uploads.facts(session, row)

    def check(self, upload_id: str) -> None:
        """What the worker does next."""
        checking.check_upload(self.parts, upload_id, now=self.now)

    def end(self, upload_id: str) -> None:
        """DELETE."""
        with self.parts.sessions.begin() as session:
            uploads.terminate(session, self.parts.rules, upload_id, owner=self.owner, now=self.now)

    def send(self, data: bytes, **announced: Any) -> str:
        """A whole upload in one request."""
        upload_id = self.create(len(data), **announced)
        self.append(upload_id, data)
        return upload_id


@pytest.fixture
def artist(parts: MediaParts) -> Uploader:
    """The artist."""
    return Uploader(parts)


@pytest.fixture
def forger(parts: MediaParts, artist: Uploader) -> Uploader:
    """Somebody else."""
    return Uploader(parts, owner=FORGER, count=artist.count)


@pytest.fixture
def look(tmp_path: Path):
    """Inspect bytes as a file; `look.folder` then holds the variants."""

    def inspected(data, **options):
        path = tmp_path / "upload"
        path.write_bytes(data)
        inspected.folder.mkdir(exist_ok=True)
        return inspect(path, inspected.folder, **options)

    inspected.folder = tmp_path / "variants"
    return inspected


@pytest.fixture(scope="module")
def ours(kubo_program):
    """A Kubo of the house's own, which others can fetch from."""
    with running_kubo(kubo_program, is_online=True) as node:
        yield node


@pytest.fixture(scope="module")
def theirs(kubo_program):
    """The Kubo behind a pinning service."""
    with running_kubo(kubo_program, is_online=True) as node:
        yield node


@pytest.fixture
def service(theirs):
    """A pinning service that keeps what it is asked to on `theirs`."""
    with running_service(theirs) as running:
        yield running
