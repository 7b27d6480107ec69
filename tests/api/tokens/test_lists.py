"""
Lists of works: every filter, every order, pages that miss nothing, and 304.
"""

from datetime import timedelta

import pytest

from nft.chain.contracts import Collection, Erc721
from tests.support.exchange import ETHER, Exchange, Person

pytestmark = pytest.mark.chain


@pytest.fixture
def artist(exchange: Exchange) -> Person:
    return exchange.person("artist")


@pytest.fixture
def collector(exchange: Exchange) -> Person:
    return exchange.person("collector")


def ids(found: dict) -> list[int]:
    """The serials of the works in an answer."""
    return [int(item["token_id"]) & (2**96 - 1) for item in found["items"]]


class TestFilters:
    async def test_by_people(self, exchange, artist, collector):
        exchange.mint(artist, 1)
        exchange.mint(artist, 2, to=collector)
        exchange.mint(collector, 3)

        assert ids(await exchange.get("/api/tokens", creator=str(artist))) == [2, 1]
        assert ids(await exchange.get("/api/tokens", owner=str(collector))) == [3, 2]
        both = {"creator": str(artist), "owner": str(collector)}
        assert ids(await exchange.get("/api/tokens", **both)) == [2]

    async def test_by_words_of_any_script(self, exchange, artist):
        exchange.mint(artist, 1, title="夜雨寄北", artist="李商隱")
        exchange.mint(artist, 2, title="Ridges in Haze", artist="Mira Okafor")
        exchange.mint(artist, 3, title="100%_sure\\")

        assert ids(await exchange.get("/api/tokens", q="雨寄")) == [1]
        assert ids(await exchange.get("/api/tokens", q="haze okafor")) == [2]
        assert ids(await exchange.get("/api/tokens", q="%_")) == [3]
        assert ids(await exchange.get("/api/tokens", q="'; drop table")) == []

    async def test_by_content_and_number_of_a_gallery(self, exchange, artist):
        ref = exchange.mint(artist, 1, title="One", external_id="INV-7")
        exchange.mint(artist, 2, title="Two")
        token = await exchange.token(ref)
        asset = token["media"][0]

        assert ids(await exchange.get("/api/tokens", sha256=asset["sha256"])) == [1]
        assert ids(await exchange.get("/api/tokens", cid=token["metadata_cid"])) == [1]
        assert ids(await exchange.get("/api/tokens", external_id="INV-7")) == [1]
        assert ids(await exchange.get("/api/tokens", external_id="INV-")) == []

    async def test_by_name(self, exchange, artist):
        refs = [exchange.mint(artist, serial) for serial in (1, 2, 3)]
        wanted = [refs[0].caip19, refs[2].caip19]

        assert sorted(ids(await exchange.get("/api/tokens", asset=wanted))) == [1, 3]
        assert sorted(ids(await exchange.get("/api/tokens", asset=",".join(wanted)))) == [1, 3]

    async def test_by_price(self, exchange, artist):
        for serial, price in ((1, 3), (2, 1), (3, 2)):
            await exchange.list(artist, exchange.mint(artist, serial), price * ETHER)
        exchange.mint(artist, 4)
        get = exchange.get

        assert ids(await get("/api/tokens", for_sale="true", sort="price_asc")) == [2, 3, 1]
        assert ids(await get("/api/tokens", for_sale="true", sort="price_desc")) == [1, 3, 2]
        assert ids(await get("/api/tokens", max_price=str(2 * ETHER))) == [3, 2]
        assert ids(await get("/api/tokens", min_price=str(2 * ETHER + 1))) == [1]
        assert ids(await get("/api/tokens", for_sale="false", creator=str(artist))) == [4]

    async def test_by_change(self, exchange, artist):
        old = exchange.mint(artist, 1)
        since = (await exchange.token(old))["as_of"]["timestamp"]
        later = (exchange.clock() + timedelta(hours=1)).isoformat()

        assert ids(await exchange.get("/api/tokens", updated_since=since, creator=str(artist))) == [
            1
        ]
        assert (
            ids(await exchange.get("/api/tokens", updated_since=later, creator=str(artist))) == []
        )

    async def test_by_change_on_the_book(self, exchange, artist):
        _, listed = exchange.mint(artist, 1), exchange.mint(artist, 2)
        exchange.clock.ahead += timedelta(hours=1)
        since = exchange.clock().isoformat()
        query = {"updated_since": since, "creator": str(artist)}
        before = ids(await exchange.get("/api/tokens", **query))

        await exchange.list(artist, listed)

        assert before == []
        assert ids(await exchange.get("/api/tokens", **query)) == [2]

    async def test_leave_burned_works_out_unless_named(self, exchange, artist):
        ref = exchange.mint(artist, 1)
        exchange.send(artist, Collection(ref.contract).burn(ref.token_id))
        exchange.catch_up()

        assert ids(await exchange.get("/api/tokens", creator=str(artist))) == []
        found = await exchange.get("/api/tokens", asset=ref.caip19)
        assert found["items"][0]["burned"] is True

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("owner", "0x12"),
            ("min_price", "-1"),
            ("asset", "eip155:1/erc20:0x12/1"),
            ("asset", f"eip155:{2**70}/erc721:0x{'11' * 20}/1"),
            ("sha256", "12"),
            ("cid", "bafy"),
            ("q", "a\0b"),
            ("external_id", "\0"),
            ("cursor", "made up"),
            ("sort", "owner"),
            ("limit", "101"),
            ("updated_since", "yesterday"),
            ("chain_id", str(2**64)),
        ],
    )
    async def test_refuse_what_they_cannot_read(self, exchange, name, value):
        answer = await exchange.client.get("/api/tokens", params={name: value})

        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


class TestPages:
    @pytest.mark.parametrize("sort", ["newest", "oldest", "updated", "price_asc", "price_desc"])
    async def test_miss_nothing_and_repeat_nothing(self, exchange, artist, sort):
        for serial in range(1, 6):
            await exchange.list(artist, exchange.mint(artist, serial), 7 + serial // 2)
        chosen = {"sort": sort, "creator": str(artist)}
        whole = ids(await exchange.get("/api/tokens", **chosen))

        seen, params = [], {**chosen, "limit": 2}
        while params:
            page = await exchange.get("/api/tokens", **params)
            seen += ids(page)
            params = {**params, "cursor": page["next"]} if page["next"] else {}

        assert seen == whole
        assert sorted(seen) == [1, 2, 3, 4, 5]

    async def test_link_to_the_next(self, exchange, artist):
        exchange.mint(artist, 1)
        exchange.mint(artist, 2)

        answer = await exchange.client.get("/api/tokens", params={"limit": 1, "q": "artist"})
        target = answer.headers["link"].split(">")[0].removeprefix("<")

        assert ids((await exchange.client.get(target)).json()) == [1]

    async def test_refuse_the_cursor_of_another_list(self, exchange, artist):
        exchange.mint(artist, 1)
        exchange.mint(artist, 2)
        page = await exchange.get("/api/tokens", limit=1)

        other = await exchange.client.get(
            "/api/tokens", params={"sort": "updated", "cursor": page["next"]}
        )

        assert other.json()["code"] == "CursorInvalid"


class TestToken:
    async def test_says_what_the_artist_stated_and_the_chain_says(self, exchange, artist):
        ref = exchange.mint(
            artist, 1, title="Haze", artist="Mira", medium="ink", external_id="9", royalty_bps=500
        )

        token = await exchange.token(ref)

        assert (token["title"], token["artist"], token["medium"]) == ("Haze", "Mira", "ink")
        assert (token["creator"], token["owner"]) == (str(artist), str(artist))
        assert token["royalty"] == {"receiver": str(artist), "bps": 500}
        assert token["test"] is True
        assert token["transfer_count"] == 0
        assert token["token_uri"] == f"ipfs://{token['metadata_cid']}"
        assert token["media"][0]["url"].startswith("http://media.test/ipfs/")
        assert token["as_of"]["finality"] in ("pending", "safe", "final")

    async def test_answers_304_while_nothing_of_it_changes(self, exchange, artist, collector):
        ref = exchange.mint(artist, 1)
        exchange.contracts.node.mine(3)
        exchange.catch_up()
        path = f"/api/tokens/{ref.path}"
        first = await exchange.client.get(path)
        exchange.mint(artist, 2)

        same = await exchange.client.get(path, headers={"If-None-Match": first.headers["etag"]})
        away = Erc721(ref.contract).transfer(artist.address, collector.address, ref.token_id)
        exchange.send(artist, away)
        exchange.catch_up()
        changed = await exchange.client.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert same.status_code == 304
        assert same.headers["mirror-head"] != first.headers["mirror-head"]
        assert changed.status_code == 200
        assert changed.headers["access-control-allow-origin"] == "*"

    async def test_is_told_from_one_that_is_not_there(self, exchange, artist):
        ref = exchange.mint(artist, 1)

        answer = await exchange.client.get(f"/api/tokens/31337/{ref.contract}/5")

        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchToken")


class TestProvenance:
    async def test_has_a_line_for_each_transfer_and_the_rest_between(
        self, exchange, artist, collector
    ):
        ref = exchange.mint(artist, 1, title="First")
        collection = Collection(ref.contract)
        corrected = exchange.describe(title="Second")
        exchange.send(artist, collection.set_metadata(ref.token_id, corrected))
        away = collection.transfer(artist.address, collector.address, ref.token_id)
        exchange.send(artist, away)
        exchange.catch_up()
        order = await exchange.list(collector, ref)
        await exchange.buy(artist, order)
        exchange.send(artist, collection.burn(ref.token_id))
        exchange.catch_up()
        path = f"/api/tokens/{ref.path}/provenance"

        whole = (await exchange.get(path))["items"]
        first = await exchange.get(path, limit=2)
        rest = await exchange.get(path, limit=4, cursor=first["next"])

        events = ["mint", "metadata", "transfer", "sale", "burn"]
        assert [item["event"] for item in whole] == events
        assert first["items"] + rest["items"] == whole
        assert rest["next"] is None
        assert [item["price"] for item in whole] == [None, None, None, str(ETHER), None]
        assert whole[0]["metadata_cid"] != whole[1]["metadata_cid"]

    async def test_names_the_log_of_the_transfer(self, exchange, artist, collector):
        ref = exchange.mint(artist, 1)
        receipt = await exchange.buy(collector, await exchange.list(artist, ref))
        transfer = next(
            log
            for log in receipt["logs"]
            if len(log["topics"]) == 4 and log["address"].lower() == str(ref.contract).lower()
        )

        sale = (await exchange.get(f"/api/tokens/{ref.path}/provenance"))["items"][-1]

        assert sale["log_index"] == int(transfer["logIndex"], 16)
        assert sale["transaction_hash"] == receipt["transactionHash"]
