"""
A process to be killed: `python -m tests.media.killed STAGE DATABASE FOLDER ARGUMENT`.

`send` uploads the bytes of a file in small requests and prints each offset once it is settled;
`check` checks an upload; `pin` pins a CID. `go` says that the work begins, `done` that it ended.
"""

import sys
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from media import checking, keeping, uploads
from media.embedded import EmbeddedPinner
from media.shelves import Shelves
from media.store import BlockStore
from media.tables import UploadRow
from media.uploads import UploadRules
from media.work import MediaParts
from nft.database import make_engine
from tests.media.conftest import MANY, NOON

REQUEST_BYTES = 20_000


def parts_in(url: str, folder: Path) -> MediaParts:
    """The same parts that the test has, in this process."""
    engine = make_engine(url)
    private, public = BlockStore(folder / "private"), BlockStore(folder / "public")
    return MediaParts(
        engine=engine,
        sessions=sessionmaker(engine, class_=Session),
        rules=UploadRules(folder=folder / "uploads", max_bytes=MANY),
        private=private,
        public=public,
        pinners={"embedded": EmbeddedPinner(private, public)},
        shelves=Shelves(folder / "likenesses"),
    )


def say(word: object) -> None:
    """One line, at once."""
    print(word, flush=True)  # noqa: T201


def send(parts: MediaParts, upload_id: str, data: bytes) -> None:
    """Upload what is missing."""
    with parts.sessions() as session:
        row = session.get(UploadRow, upload_id)
    offset = row.received
    while offset < len(data):
        with parts.sessions() as session:
            row = session.get(UploadRow, upload_id)
        receiving = uploads.receive(row, parts.rules, offset=offset, checksum=None)
        receiving.write(data[offset : offset + REQUEST_BYTES])
        with parts.sessions.begin() as session:
            uploads.settle(session, receiving, parts.rules, is_whole=True, now=NOON)
        receiving.close()
        offset = receiving.offset
        say(offset)


def main(stage: str, url: str, folder: Path, argument: str) -> None:
    """Do one stage."""
    parts = parts_in(url, folder)
    say("go")
    if stage == "send":
        send(parts, argument, (folder / "data").read_bytes())
    elif stage == "check":
        checking.check_upload(parts, argument, now=NOON)
    else:
        keeping.pin(parts, argument, "embedded", now=NOON)
    say("done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
