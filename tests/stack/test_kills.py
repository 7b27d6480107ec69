"""
Kill -9 of each process in the middle of a mint and of a sale.

Whoever goes through it repeats a request that was cut off, as a script does; every request that
makes something carries its idempotency key. Afterwards nothing acknowledged is lost, and nothing
has happened twice. What the chain itself loses of its last moment is sent again.
"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import pytest

from api.demo.node import Node
from api.demo.patience import Patience
from api.demo.people import EDDA_QUIST, ILKA_MARROW
from api.demo.visitor import Visitor
from api.local.processes import wait_until
from tests.support.journey import picture
from tests.support.persistence import persist
from tests.support.stack import PROCESSES, Stack, running_stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400), pytest.mark.xdist_group("stack")]

PRICE, ROYALTY_BPS, FEE_BPS = 10**18, 750, 200
MOMENTS = ("preparing", "minting", "listing", "buying")
T = TypeVar("T")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("kills") / "data", "--no-demo") as running:
        yield running


@dataclass(slots=True)
class Accident:
    """Kills one process at one moment of the journey."""

    stack: Stack
    name: str
    moment: str
    thread: threading.Thread | None = field(default=None)

    def at(self, moment: str) -> None:
        """Tell where the journey is; the kill happens beside it."""
        if moment == self.moment:
            self.thread = threading.Thread(target=self.stack.kill, args=(self.name,))
            self.thread.start()

    def join(self) -> None:
        """Wait until the process has come back, when it was killed already."""
        if self.thread is not None:
            self.thread.join()

    def over(self) -> None:
        """The same, at the end: the accident must have happened."""
        assert self.thread is not None
        self.thread.join()


@dataclass(slots=True)
class Journey:
    """One picture's way from the artist to a collector."""

    artist: Visitor
    collector: Visitor
    node: Node
    seed: int
    accident: Accident

    @property
    def stack(self) -> Stack:
        """The exchange."""
        return self.accident.stack

    def mint(self) -> dict[str, Any]:
        """Upload and mint; the token's place."""
        file, name = picture(self.seed), f"work-{self.seed}.png"
        upload = persist(
            lambda: self.artist.upload(file, filename=name, mime="image/png", key=f"file-{name}")
        )
        body = {
            "chain_id": "31337",
            "creator": self.artist.address,
            "media": [{"upload_id": upload, "role": "image"}],
            "title": f"Work {self.seed}",
            "description": "Made while things fell over",
            "alt_text": "A set",
            "work": {"edition": {"number": 1, "size": 1}},
            "attributes": [],
            "royalties": [{"receiver": self.artist.address, "bps": ROYALTY_BPS}],
        }
        intent = persist(lambda: self.artist.intend("/api/mints", body, f"mint-{self.seed}"))
        self.accident.at("preparing")
        prepared = persist(lambda: self.artist.prepared(intent))
        self.accident.at("minting")
        return self._until_final(
            lambda: self._done(self.artist, prepared)["result"],
            lambda token: self._is_final(token),
        )

    def list(self, token: dict[str, Any]) -> str:
        """Put it up for sale; the order's hash."""
        body = {
            "kind": "listing",
            "maker": self.artist.address,
            "price": str(PRICE),
            **{name: token[name] for name in ("chain_id", "contract", "token_id")},
        }
        path, key = "/api/orders/prepare", f"list-{self.seed}"
        intent = persist(lambda: self.artist.intend(path, body, key))
        self.accident.at("listing")
        query = {name: token[name] for name in ("contract", "token_id")}

        def orders() -> list[Any]:
            found: list[Any] = persist(
                lambda: self.artist.get("/api/orders", state="fillable", **query)["items"]
            )
            return found

        self._until_final(lambda: self._done(self.artist, intent), lambda _: len(orders()) == 1)
        return str(orders()[0]["hash"])

    def buy(self, token: dict[str, Any], order_hash: str) -> None:
        """Fill the order."""
        body = {"taker": self.collector.address}
        path, key = f"/api/orders/{order_hash}/fill", f"fill-{self.seed}"
        intent = persist(lambda: self.collector.intend(path, body, key))
        self.accident.at("buying")
        self._until_final(
            lambda: self._done(self.collector, intent),
            lambda _: self._is_final(token, owner=self.collector.address),
        )

    def _is_final(self, token: dict[str, Any], **wanted: str) -> bool:
        place = f"/api/tokens/{token['chain_id']}/{token['contract']}/{token['token_id']}"
        status, body = persist(lambda: self.stack.get(place))
        found = json.loads(body) if status == 200 else {"as_of": {"finality": "lost"}}
        return found["as_of"]["finality"] == "final" and wanted.items() <= found.items()

    def _until_final(self, act: Callable[[], T], holds: Callable[[T], bool]) -> T:
        """
        Act until what came of it is past being lost.

        A killed local chain loses what it had not saved; its intents are open again, and a
        script that has not seen its transaction become final sends it again.
        """
        for _ in range(4):
            done = act()
            self.accident.join()
            if wait_until(lambda done=done: holds(done), patience=25):
                return done
        raise AssertionError("what was sent four times never became final")

    def _done(self, who: Visitor, intent: dict[str, Any]) -> dict[str, Any]:
        def carry_out() -> dict[str, Any]:
            return who.carry_out(who.get(f"/api/intents/{intent['id']}"))

        return persist(carry_out)


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=20, follow_redirects=True) as client:
        yield client


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", PROCESSES)
def test_nothing_is_lost_or_doubled(
    stack: Stack, http: httpx.Client, name: str, moment: str
) -> None:
    node, patience = Node(http, stack.rpc_url), Patience()
    artist, collector = (
        Visitor(person, http=http, node=node, chain_id="31337", patience=patience)
        for person in (ILKA_MARROW, EDDA_QUIST)
    )
    accident = Accident(stack, name, moment)
    seed = 1 + PROCESSES.index(name) * len(MOMENTS) + MOMENTS.index(moment)
    journey = Journey(artist, collector, node, seed=seed, accident=accident)

    token = journey.mint()
    order_hash = journey.list(token)
    journey.buy(token, order_hash)
    accident.over()

    assert wait_until(stack.is_ready, patience=60)
    place = f"{token['chain_id']}/{token['contract']}/{token['token_id']}"
    assert wait_until(
        lambda: artist.get(f"/api/tokens/{place}")["owner"] == collector.address, patience=60
    )
    lines = artist.get(f"/api/tokens/{place}/provenance")["items"]
    assert [line["event"] for line in lines] == ["mint", "sale"]
    assert lines[1]["price"] == str(PRICE)
    assert lines[1]["royalty_paid"] == str(PRICE * ROYALTY_BPS // 10_000)
    assert lines[1]["platform_fee"] == str(PRICE * FEE_BPS // 10_000)
    mine = artist.get("/api/tokens", creator=artist.address, limit="100")["items"]
    assert [one["title"] for one in mine].count(f"Work {seed}") == 1
