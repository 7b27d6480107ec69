"""
A process to be killed: `python -m tests.media.killed STAGE DATABASE FOLDER ARGUMENT`.

`send` uploads the bytes of a file in small requests and prints each offset once it is settled;
`check` checks an upload; `pin` pins a CID; `places` brings one to three places; `sweep` sweeps as
if a month were over. `go` says that the work begins, `done` that it ended.
"""

import sys
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from media import checking, keeping, sweeping, uploads
from media.embedded import EmbeddedPinner
from media.ipfs import KuboPinner
from media.pinning_services import Gateway, PinningService, ServicePinner
from media.shelves import Shelves
from media.store import BlockStore
from media.tables import UploadRow
from media.uploads import UploadRules
from media.work import MediaParts
from nft.database import make_engine
from nft.errors import PinFailed
from tests.media.conftest import MANY, NOON
from tests.support.pinning_service import TOKEN

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


def everywhere(parts: MediaParts, cid: str, kubo: str, service: str, gateway: str) -> None:
    """Bring a content to three places, again and again until all have it."""
    node = KuboPinner(kubo)
    vault = ServicePinner(
        PinningService("vault", service, TOKEN), gateway=Gateway("vault", gateway), node=node
    )
    wide = replace(parts, pinners={**parts.pinners, "kubo": node, "vault": vault})
    for _ in range(20):
        for store in wide.pinners:
            with suppress(PinFailed):
                keeping.pin(wide, cid, store, now=NOON)


def main(stage: str, url: str, folder: Path, argument: str) -> None:
    """Do one stage."""
    parts = parts_in(url, folder)
    say("go")
    if stage == "send":
        send(parts, argument, (folder / "data").read_bytes())
    elif stage == "check":
        checking.check_upload(parts, argument, now=NOON)
    elif stage == "places":
        everywhere(parts, *argument.split(" "))
    elif stage == "sweep":
        sweeping.sweep(parts, now=NOON + timedelta(days=31))
    else:
        keeping.pin(parts, argument, "embedded", now=NOON)
    say("done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
