"""The demo exhibition hung on a real exchange, interrupted, and hung to the end."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.demo.art.catalogue import DemoWork, works
from api.demo.exhibition import hang
from api.demo.lives import LIVES, wei
from api.demo.people import EDDA_QUIST, HALFMOON_ROOMS
from api.demo.visitor import account_of

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]
every_work = pytest.mark.parametrize("work", works(), ids=lambda work: work.slug)


class Interrupted(Exception):
    """Stands for the kill: raised from within, at the line that was to be told next."""


class Teller:
    """Keeps what it is told, and at a given line interrupts whoever tells it."""

    def __init__(self, last: int | None = None) -> None:
        self.lines: list[str] = []
        self._last = last

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        if self._last is not None and len(self.lines) >= self._last:
            raise Interrupted


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A whole exchange with nothing on its walls."""
    folder = tmp_path_factory.mktemp("exchange")
    command = [sys.executable, "-m", "api.cli", "up", "--no-demo", "--json", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data-dir", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout is not None
        ready = json.loads(child.stdout.readline())
        try:
            yield ready
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(timeout=30)


@pytest.fixture(scope="module")
def hung(exchange: dict[str, Any]) -> Iterator["Hung"]:
    """The exhibition after being interrupted while minting, while selling, and once at leisure."""
    told = []
    for last in (5, 12, None, None):
        teller = Teller(last)
        if last is None:
            hang(exchange["url"], exchange["rpc_url"], say=teller)
        else:
            with pytest.raises(Interrupted):
                hang(exchange["url"], exchange["rpc_url"], say=teller)
        told.append(teller.lines)
    with httpx.Client(base_url=exchange["url"]) as api:
        yield api, told


def find(api: httpx.Client, work: DemoWork) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(
        "/api/tokens", params={"external_id": work.inventory}
    ).json()["items"]
    return found


Hung = tuple[httpx.Client, list[list[str]]]


class TestHang:
    def test_goes_on_where_it_was_interrupted_and_then_has_nothing_to_do(self, hung: Hung) -> None:
        _, told = hung

        assert told[-1] == ["12 works hang."]
        said = Counter(line for lines in told for line in lines if "12 works" not in line)
        acts = {line: times for line, times in said.items() if not line.startswith("Drawing")}
        assert max(acts.values()) == 1

    @every_work
    def test_mints_each_work_once(self, hung: Hung, work: DemoWork) -> None:
        api, _ = hung

        (token,) = find(api, work)

        assert token["title"] == work.title
        assert token["creator"] == account_of(work.maker).address
        assert token["royalty"]["bps"] == work.royalty_bps

    @every_work
    def test_every_work_has_lived_its_life_once(self, hung: Hung, work: DemoWork) -> None:
        api, _ = hung
        (token,) = find(api, work)
        path = f"/api/tokens/{token['chain_id']}/{token['contract']}/{token['token_id']}"

        lines = api.get(f"{path}/provenance").json()["items"]

        turns = LIVES[work.slug].turns
        hands = [line for line in lines if line["event"] in ("sale", "transfer")]
        assert [line["to"] for line in hands] == [account_of(turn.to).address for turn in turns]
        assert token["owner"] == account_of([work.maker, *(turn.to for turn in turns)][-1]).address

    def test_the_artist_was_paid_at_every_resale(self, hung: Hung) -> None:
        api, _ = hung
        (token,) = find(api, works()[0])
        path = f"/api/tokens/{token['chain_id']}/{token['contract']}/{token['token_id']}"

        lines = api.get(f"{path}/provenance").json()["items"]

        resales = [line for line in lines if line["event"] == "sale"][1:]
        assert len(resales) == 3
        assert all(
            int(line["royalty_paid"]) == int(line["price"]) * works()[0].royalty_bps // 10_000
            for line in resales
        )

    @every_work
    def test_hangs_at_its_price(self, hung: Hung, work: DemoWork) -> None:
        api, _ = hung
        hanging = LIVES[work.slug].hanging
        (token,) = find(api, work)

        is_public = hanging is not None and hanging.reserved_for is None

        shown = token["listing"]["price"] if token["listing"] else None
        assert shown == (wei(hanging.price_eth) if hanging is not None and is_public else None)

    def test_one_listing_is_for_one_collector_alone(self, hung: Hung) -> None:
        api, _ = hung

        orders = api.get("/api/orders", params={"state": "fillable", "limit": "100"}).json()[
            "items"
        ]

        takers = [order["taker"] for order in orders if order["taker"]]
        assert takers == [account_of(EDDA_QUIST).address]

    def test_the_gallery_was_given_one(self, hung: Hung) -> None:
        api, _ = hung
        gallery = account_of(HALFMOON_ROOMS).address

        titles = {
            token["title"]
            for token in api.get("/api/tokens", params={"owner": gallery}).json()["items"]
        }

        assert "One Breath" in titles
