"""
Kill -9 of web and worker over every stage of a work: nothing half visible, nothing lost (R35).

An artist sends one work after another while two killers end the web and the worker processes at
random moments, mostly once the process works again; both may be down at once. A visitor asks
the media origin for the file that is on its way, all the time: it is not there, or whole.
"""

from __future__ import annotations

import io
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest

from api.demo.node import Node
from api.demo.patience import Patience
from api.demo.people import ILKA_MARROW
from api.demo.visitor import Visitor
from api.local.processes import wait_until
from nft.content.car import CarReader
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.importer import import_pieces
from nft.content.profiles import DEFAULT
from tests.media.likenesses import composition
from tests.support.persistence import persist as keep_trying
from tests.support.stack import Stack, running_stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

CHAIN_ID = "31337"
PIECE = 40_000
STAGES = ("sending", "checking", "pinning", "minting", "exporting")
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
NAMED = {"filename": "work.png", "mime": "image/png"}
METADATA = "filename d29yay5wbmc=,filetype aW1hZ2UvcG5n"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("media-kills") / "data", "--no-demo") as running:
        yield running


MANY = 53


@dataclass(frozen=True)
class Campaign:
    """How often each of the two processes is killed, and by which chance."""

    each: int
    seed: int


@pytest.fixture(
    params=[
        Campaign(3, 35),
        # Two that may run side by side, 212 kills together.
        pytest.param(Campaign(MANY, 36), marks=pytest.mark.long),
        pytest.param(Campaign(MANY, 37), marks=pytest.mark.long),
    ],
    ids=["few", "many", "many-others"],
)
def campaign(request: pytest.FixtureRequest) -> Campaign:
    found: Campaign = request.param
    return found


@dataclass
class Killers:
    """One thread for each process, and what the artist was doing when it was killed."""

    stack: Stack
    campaign: Campaign
    stage: str = "sending"
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[BaseException] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin to kill."""
        for number, name in enumerate(("web", "worker")):
            seeded = random.Random(2 * self.campaign.seed + number)
            thread = threading.Thread(target=self._kill, args=(name, seeded))
            self.threads.append(thread)
            thread.start()

    @property
    def are_done(self) -> bool:
        """Whether nobody is killed any more."""
        return not any(thread.is_alive() for thread in self.threads)

    def _kill(self, name: str, seeded: random.Random) -> None:
        pause = threading.Event()
        try:
            for _ in range(self.campaign.each):
                before = newest_worker(self.stack)
                self.done[name, self.stage] += 1
                self.stack.kill(name)
                # A start is a moment like any other; more often something must get done first.
                if seeded.random() < 0.8:
                    wait_until(lambda before=before: self._works(name, before), patience=60)
                pause.wait(4 * seeded.random())
        except BaseException as error:
            self.failures.append(error)

    def _works(self, name: str, before: int) -> bool:
        return self.stack.is_ready() if name == "web" else newest_worker(self.stack) > before


def newest_worker(stack: Stack) -> int:
    """The number of the last worker that began."""
    with psycopg.connect(stack.ready["database_url"]) as connection:
        query = "SELECT coalesce(max(id), 0) FROM procrastinate_workers"
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


@dataclass
class Looker:
    """Asks for one file again and again."""

    url: str
    failures: list[str] = field(default_factory=list)
    seen: Counter[int] = field(default_factory=Counter)
    cid: str = ""
    data: bytes = b""

    @contextmanager
    def looking(self) -> Iterator[None]:
        """From now until the end of the block."""
        over = threading.Event()
        thread = threading.Thread(target=self._look, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _look(self, over: threading.Event) -> None:
        with httpx.Client(timeout=20) as client:
            while not over.wait(0.05):
                wanted = self.cid, self.data
                with suppress(httpx.TransportError):
                    answer = client.get(f"{self.url}/ipfs/{wanted[0]}")
                    self.seen[answer.status_code] += 1
                    is_whole = answer.status_code == 200 and answer.content == wanted[1]
                    if not is_whole and answer.status_code not in (404, 503):
                        self.failures.append(f"{answer.status_code} for {wanted[0]}")


persist = partial(keep_trying, patience=600)
"""Longer than elsewhere: two processes fall again and again."""


@dataclass
class Artist:
    """Sends, mints and exports one work after another, whatever falls over."""

    visitor: Visitor
    http: httpx.Client
    killers: Killers
    looker: Looker
    acknowledged: int = 0

    def make(self, number: int) -> bytes:
        """One work, from its first byte to the export that holds it; its file."""
        held = io.BytesIO()
        composition(number, width=640, height=480).save(held, "PNG")
        data = held.getvalue()
        self.looker.data = data
        self.looker.cid = import_pieces(iter([data]), [DEFAULT]).cids[DEFAULT.name]

        self.killers.stage = "sending"
        self._send(data, f"work-{number}")
        self.killers.stage = "checking"
        upload = persist(lambda: self.visitor.upload(data, key=f"work-{number}", **NAMED))
        self.killers.stage = "pinning"
        intent = persist(lambda: self._intend(upload, number))
        prepared = persist(lambda: self.visitor.prepared(intent))
        self.killers.stage = "minting"
        persist(lambda: self.visitor.carry_out(self.visitor.get(f"/api/intents/{prepared['id']}")))
        self.killers.stage = "exporting"
        persist(lambda: self._export(data))
        return data

    def _send(self, data: bytes, key: str) -> None:
        """In small pieces; every offset that was acknowledged stands for ever."""
        facts = {"Upload-Length": str(len(data)), "Upload-Metadata": METADATA}
        headers = {**TUS, **facts, "Idempotency-Key": key}
        begun = persist(lambda: self._ask("POST", "/api/uploads", headers=headers))
        place = begun.headers["Location"]
        self.acknowledged = 0
        while self.acknowledged < len(data):
            offset = persist(lambda: self._offset(place))
            assert offset >= self.acknowledged, "acknowledged bytes were lost"
            self.acknowledged = offset
            with suppress(httpx.TransportError):
                while self.acknowledged < len(data):
                    self.acknowledged = self._piece(place, data)

    def _piece(self, place: str, data: bytes) -> int:
        headers = {**TUS, "Upload-Offset": str(self.acknowledged)}
        part = data[self.acknowledged : self.acknowledged + PIECE]
        return int(
            self._ask("PATCH", place, content=part, headers=headers).headers["Upload-Offset"]
        )

    def _offset(self, place: str) -> int:
        return int(self._ask("HEAD", place, headers=TUS).headers["Upload-Offset"])

    def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        given["headers"] = {**given["headers"], **self.visitor.signed_in()}
        return self.visitor.ask(method, path, **given)

    def _intend(self, upload: str, number: int) -> dict[str, Any]:
        body = {
            "chain_id": CHAIN_ID,
            "creator": self.visitor.address,
            "media": [{"upload_id": upload, "role": "image"}],
            "title": f"Work {number}",
            "description": "Made while things fell over",
            "alt_text": "Discs and lines",
            "work": {"edition": {"number": 1, "size": 1}},
            "attributes": [],
            "royalties": [{"receiver": self.visitor.address, "bps": 500}],
            "accept_findings": True,
        }
        return self.visitor.intend("/api/mints", body, f"mint-{number}")

    def _export(self, data: bytes) -> None:
        """The whole of it, or an answer that says by its length that it broke off."""
        path = f"/api/artists/{self.visitor.address}/export.car"
        car = self.visitor.ask("GET", path).content
        reader = CarReader(io.BytesIO(car))
        blocks = {cid.digest: block for cid, block in reader}
        root = Cid.parse(self.looker.cid)
        if root not in reader.roots:
            # The mirror has not seen the block of this mint yet.
            raise httpx.ReadError("the work is not in the export yet")
        assert b"".join(read_file(lambda cid: blocks[cid.digest], root)) == data


def jobs_left(stack: Stack) -> int:
    """Jobs that wait or are being done, but for those that come by the clock."""
    query = (
        "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') "
        "AND task_name NOT LIKE 'house.%' AND task_name NOT LIKE 'media.look%'"
    )
    with psycopg.connect(stack.ready["database_url"]) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def expect_all(stack: Stack, artist: Artist, works: dict[int, bytes]) -> None:
    """Every work once, whole, with all its copies; and nothing left lying about."""
    visitor = artist.visitor
    assert wait_until(stack.is_ready, patience=60)
    assert wait_until(lambda: jobs_left(stack) == 0, patience=90), jobs_left(stack)
    items, cursor = [], ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        page = visitor.get("/api/tokens", creator=visitor.address, limit="100", **more)
        items += page["items"]
        cursor = page["next"]
    assert sorted(item["title"] for item in items) == sorted(f"Work {one}" for one in works)
    for number, data in works.items():
        cid = import_pieces(iter([data]), [DEFAULT]).cids[DEFAULT.name]
        found = artist.http.get(f"{artist.looker.url}/ipfs/{cid}")
        assert (found.status_code, found.content == data) == (200, True), number
    # What a killed check left in folders of its own is swept an hour later.
    assert [*(stack.folder / "media").rglob("*.part")] == []


@pytest.mark.timeout(3600)
def test_of_web_and_worker_loses_nothing_and_shows_nothing_half(
    stack: Stack, campaign: Campaign
) -> None:
    killers = Killers(stack, campaign)
    looker = Looker(stack.ready["media_url"])
    works: dict[int, bytes] = {}
    with httpx.Client(base_url=stack.url, timeout=30, follow_redirects=True) as http:
        visitor = Visitor(
            ILKA_MARROW,
            http=http,
            node=Node(http, stack.rpc_url),
            chain_id=CHAIN_ID,
            patience=Patience(),
        )
        artist = Artist(visitor, http, killers, looker)
        with looker.looking():
            killers.start()
            while not killers.are_done:
                number = 1000 * campaign.seed + len(works)
                works[number] = artist.make(number)
        assert killers.failures == []
        assert looker.failures == []
        assert looker.seen[200] > 0
        expect_all(stack, artist, works)

    # What a campaign came to; it is shown with `-s` alone.
    print(f"{len(works)} works, {dict(killers.done)}, seen {dict(looker.seen)}")  # noqa: T201
    if campaign.each == MANY:
        # Minting passes in a moment and touches no file; `test_kills` aims at it.
        assert {stage for _, stage in killers.done} >= {*STAGES} - {"minting"}
