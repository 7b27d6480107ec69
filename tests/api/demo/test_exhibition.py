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
from api.demo.lives import LIVES, OWN_COLLECTIONS, Auction, Falling, Hanging, wei
from api.demo.people import EDDA_QUIST, HALFMOON_ROOMS, ILKA_MARROW, TEODOR_BRASK
from api.demo.visitor import account_of

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.xdist_group("exhibition")]
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


def of_slug(slug: str) -> DemoWork:
    return next(work for work in works() if work.slug == slug)


def provenance(api: httpx.Client, token: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/api/tokens/{token['chain_id']}/{token['contract']}/{token['token_id']}"
    lines: list[dict[str, Any]] = api.get(f"{path}/provenance").json()["items"]
    return lines


def contracts(api: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/api/chains").json()["items"][0]["contracts"]
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
        shared = sum(one.bps for one in LIVES[work.slug].collaborators)
        assert token["royalty"]["bps"] == work.royalty_bps + shared

    @every_work
    def test_every_work_has_lived_its_life_once(self, hung: Hung, work: DemoWork) -> None:
        api, _ = hung
        (token,) = find(api, work)
        life = LIVES[work.slug]

        lines = provenance(api, token)

        hands = [line["to"] for line in lines if line["event"] in ("sale", "transfer")]
        holders = [
            account_of(person).address for person in (work.maker, *(t.to for t in life.turns))
        ]
        if isinstance(life.hanging, Auction):  # It is kept from the first bid on.
            holders.append(contracts(api)["auctions"])
        assert hands == holders[1:]
        assert token["owner"] == holders[-1]

    def test_the_artist_was_paid_at_every_resale(self, hung: Hung) -> None:
        api, _ = hung
        (token,) = find(api, works()[0])

        lines = provenance(api, token)

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

        is_public = isinstance(hanging, Hanging) and hanging.reserved_for is None

        listing = token["listing"]
        if isinstance(hanging, Falling):
            asked = (wei(hanging.price_eth), wei(hanging.end_price_eth))
            assert (listing["start_price"], listing["end_price"]) == asked
            assert int(asked[0]) >= int(listing["price"]) >= int(asked[1])
        elif isinstance(hanging, Hanging) and is_public:
            assert listing["price"] == wei(hanging.price_eth)
        else:
            assert listing is None

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

    def test_one_auction_runs_and_the_one_who_was_outbid_has_the_coin_back(
        self, hung: Hung
    ) -> None:
        api, _ = hung

        (auction,) = api.get("/api/auctions").json()["items"]

        detail = api.get(f"/api/auctions/{auction['hash']}").json()
        assert auction["state"] == "running"
        assert [bid["bidder"] for bid in detail["bids"]] == [
            account_of(HALFMOON_ROOMS).address,
            account_of(EDDA_QUIST).address,
        ]
        assert auction["standing_bid"]["amount"] == wei("0.8")

    def test_one_offer_in_wrapped_coin_can_be_accepted(self, hung: Hung) -> None:
        api, _ = hung
        weth = api.get("/api/chains").json()["items"][0]["currencies"][1]

        (offer,) = api.get("/api/orders", params={"kind": "offer"}).json()["items"]

        assert (offer["currency"], offer["price"]) == (weth["address"], wei("1.6"))
        assert offer["state"] == "fillable"

    def test_what_its_buyer_minted_came_from_its_artist(self, hung: Hung) -> None:
        api, _ = hung
        work = of_slug("four-oclock-after-the-move")
        (token,) = find(api, work)

        minted, sold = provenance(api, token)[:2]

        artist = account_of(work.maker).address
        assert (minted["event"], minted["to"]) == ("mint", artist)
        assert (sold["event"], sold["from"], sold["price"]) == ("sale", artist, wei("0.9"))
        assert minted["transaction_hash"] == sold["transaction_hash"]

    def test_one_royalty_is_divided_between_two(self, hung: Hung) -> None:
        api, _ = hung
        (token,) = find(api, of_slug("blanket-for-a-cold-spring"))

        receiver = token["royalty"]["receiver"]

        people = {account_of(one).address for one in (TEODOR_BRASK, ILKA_MARROW)}
        assert receiver not in people
        (sale,) = [line for line in provenance(api, token) if line["event"] == "sale"]
        assert sale["royalty_receiver"] == receiver
        assert int(sale["royalty_paid"]) == int(sale["price"]) * 750 // 10_000

    def test_one_artists_works_are_in_a_collection_of_the_artists_own(self, hung: Hung) -> None:
        api, _ = hung
        ((artist, wanted),) = OWN_COLLECTIONS.items()

        found = api.get("/api/collections").json()["items"]

        (own,) = (one for one in found if one["artist"] is not None)
        assert (own["artist"], own["name"], own["works"]) == (
            account_of(artist).address,
            wanted.name,
            sum(work.maker == artist for work in works()),
        )
