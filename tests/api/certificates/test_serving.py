"""Certificates out of memory: what the route says, byte for byte, and never what is over."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.app import create_app
from api.certificates.memory import OVERHEAD_BYTES, Answer, Memory
from api.certificates.reading import Reader, Wanted
from api.certificates.serving import Desk, desk_of
from api.tokens.deps import read_token
from nft.chain.contracts import Collection
from nft.database import libpq_url
from tests.support.exchange import CHAIN_ID, PUBLIC_URL, Exchange

pytestmark = pytest.mark.chain

PATIENCE_SECONDS = 20.0

Headers = dict[str, str]


def settle(exchange: Exchange) -> None:
    """Blocks on top, so that what was done is safe."""
    exchange.contracts.node.mine(2)
    exchange.catch_up()


@dataclass
class Counter:
    """The short way and the long way to the same certificates."""

    exchange: Exchange
    desk: Desk
    swift: httpx.AsyncClient

    @property
    def slow(self) -> httpx.AsyncClient:
        return self.exchange.client

    async def both(
        self, path: str, headers: Headers | None = None, method: str = "GET"
    ) -> tuple[httpx.Response, httpx.Response]:
        """Answers of both ways."""
        given = headers or {}
        return (
            await self.swift.request(method, path, headers=given),
            await self.slow.request(method, path, headers=given),
        )

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for news that make it so."""
        heard = -1
        while not is_so():
            news = self.desk.memory.news
            heard = news.count if heard < 0 else heard
            assert await news.wait(heard, PATIENCE_SECONDS) or is_so()
            heard = news.count


@pytest.fixture
async def counter(exchange: Exchange) -> AsyncIterator[Counter]:
    app = create_app(exchange.parts)
    desk = desk_of(app)
    async with (
        desk.open(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as swift,
    ):
        made = Counter(exchange, desk, swift)
        await made.until(lambda: desk.memory.is_hearing)
        yield made


@pytest.fixture
async def path(exchange: Exchange) -> str:
    """A certificate that is in force."""
    ref = exchange.mint(exchange.person("artist"))
    settle(exchange)
    found = f"/api/certificates/{ref.path}"
    assert (await exchange.client.get(found)).headers["Certificate-Version"] == "1"
    return found


def seen(answer: httpx.Response) -> tuple[Any, ...]:
    """All of an answer but what names the request."""
    headers = [pair for pair in answer.headers.multi_items() if pair[0] != "x-request-id"]
    return answer.status_code, headers, answer.content


class TestEquality:
    async def test_every_form_is_the_routes(self, counter: Counter, path: str) -> None:
        tag = (await counter.slow.get(path)).headers["ETag"]
        forms: list[tuple[str, Headers]] = [
            ("GET", {}),
            ("HEAD", {}),
            ("GET", {"Accept": "application/vc"}),
            ("GET", {"Accept": "application/json;q=0.5, application/vc", "Origin": "https://a.b"}),
            ("GET", {"If-None-Match": tag}),
            ("HEAD", {"If-None-Match": tag, "Accept": "application/vc"}),
            ("GET", {"If-None-Match": f'"x", W/{tag}'}),
            ("GET", {"If-None-Match": "*"}),
            ("GET", {"If-None-Match": '"another"'}),
            ("GET", {"Accept": "text/html"}),
        ]

        answers = [await counter.both(path, headers, method) for method, headers in forms]
        again = [await counter.both(path, headers, method) for method, headers in forms]

        assert [seen(swift) for swift, _ in answers] == [seen(slow) for _, slow in answers]
        assert [seen(swift) for swift, _ in again] == [seen(slow) for _, slow in again]
        assert [swift.status_code for swift, _ in again] == [200] * 4 + [304] * 4 + [200] * 2
        assert len({swift.headers["x-request-id"] for swift, _ in again}) == len(forms)
        assert counter.desk.memory.find(path) is not None

    async def test_what_is_printed_of_it_is_the_routes(self, counter: Counter, path: str) -> None:
        swift, slow = await counter.both(path + ".pdf")
        again, _ = await counter.both(path + ".pdf")

        assert seen(swift) == seen(slow)
        assert seen(again) == seen(swift)
        assert swift.status_code == 200
        assert counter.desk.memory.find(path) is not None

    async def test_a_name_may_be_written_in_lower_case(self, counter: Counter, path: str) -> None:
        swift, slow = await counter.both(path.lower())

        assert seen(swift) == seen(slow)
        assert swift.status_code == 200

    async def test_what_is_not_in_force_is_left_to_the_route(
        self, counter: Counter, path: str
    ) -> None:
        draft = counter.exchange.mint(counter.exchange.person("other"))
        known, _, token_id = path.rpartition("/")
        others = [
            f"/api/certificates/{draft.path}",
            f"{known}/{int(token_id) + 1}",
            f"{known}/-1",
            f"{known}/",
            known,
            path.replace(str(CHAIN_ID), "77"),
            path + "/versions",
            path + "/nothing",
        ]

        answers = [await counter.both(other) for other in others]

        codes = [swift.status_code for swift, _ in answers]
        assert codes == [slow.status_code for _, slow in answers]
        assert codes[:3] == [200, 404, 422]
        assert answers[0][0].json()["credentialSubject"]["provisional"] is True
        assert counter.desk.memory.size == 0


class TestNews:
    async def test_a_block_shows_in_the_head_and_keeps_the_bytes(
        self, counter: Counter, path: str
    ) -> None:
        before = await counter.swift.get(path)
        kept = counter.desk.memory.find(path)
        settle(counter.exchange)
        await counter.until(lambda: counter.desk.memory.find(path) is None)

        swift, slow = await counter.both(path)

        assert seen(swift) == seen(slow)
        assert swift.headers["Mirror-Head"] != before.headers["Mirror-Head"]
        now = counter.desk.memory.find(path)
        assert kept is not None
        assert now is not None
        assert now.body is kept.body

    async def test_a_corrected_description_is_a_new_version(
        self, counter: Counter, path: str
    ) -> None:
        exchange = counter.exchange
        artist = exchange.person("corrector")
        ref = exchange.mint(artist)
        settle(exchange)
        mine = f"/api/certificates/{ref.path}"
        await exchange.client.get(mine)
        first, _ = await counter.both(mine)
        printed = await counter.swift.get(mine + ".pdf")
        digest = exchange.describe(title=f"Corrected {exchange.seed}")
        call = Collection(ref.contract).set_metadata(ref.token_id, digest)
        exchange.send(artist, call)
        exchange.catch_up()
        settle(exchange)
        await counter.until(lambda: counter.desk.memory.find(mine) is None)

        issuing = await counter.swift.get(mine)
        swift, slow = await counter.both(mine)
        reprinted = await counter.both(mine + ".pdf")

        assert (first.headers["Certificate-Version"], first.status_code) == ("1", 200)
        assert seen(reprinted[0]) == seen(reprinted[1])
        assert reprinted[0].headers["ETag"] != printed.headers["ETag"]
        assert reprinted[0].content != printed.content
        assert issuing.headers["Certificate-Version"] == "2"
        assert seen(swift) == seen(slow)
        assert swift.json()["credentialSubject"]["metadata"]["sha256"] == str(digest)

    async def test_a_new_version_is_heard_of(self, counter: Counter, path: str) -> None:
        await counter.swift.get(path)
        insert = (
            "INSERT INTO book_certificates (chain_id, contract, token_id, version, code, body,"
            " mint_block_hash, metadata_digest) SELECT chain_id, contract, token_id, 2, code, body,"
            " mint_block_hash, metadata_digest FROM book_certificates"
        )
        async with counter.exchange.parts.sessions.begin() as session:
            await session.execute(text(insert))
            told = path.removeprefix("/api/certificates/")
            await session.execute(
                text("SELECT pg_notify('vernissage_certificates', :told)"), {"told": told}
            )
        await counter.until(lambda: counter.desk.memory.find(path) is None)

        swift, slow = await counter.both(path)

        assert seen(swift) == seen(slow)
        assert swift.headers["Certificate-Version"] == "2"

    async def test_a_mint_that_falls_takes_its_certificate_along(
        self, counter: Counter, path: str
    ) -> None:
        await counter.swift.get(path)
        async with counter.exchange.parts.sessions.begin() as session:
            await session.execute(text("DELETE FROM chain_tokens"))
            await session.execute(
                text("SELECT pg_notify('vernissage_chain', :told)"),
                {"told": f'{{"chain_id": {CHAIN_ID}, "block": 1}}'},
            )
        await counter.until(lambda: counter.desk.memory.find(path) is None)

        swift, slow = await counter.both(path)

        assert (swift.status_code, slow.status_code) == (404, 404)
        assert counter.desk.memory.size == 0

    async def test_a_lost_connection_empties_the_counter_until_it_hears_again(
        self, counter: Counter, path: str
    ) -> None:
        await counter.swift.get(path)
        end = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE query ILIKE 'LISTEN vernissage_certificates%' AND pid <> pg_backend_pid() "
            "AND datname = current_database()"
        )
        heard = counter.desk.memory.news.count
        async with counter.exchange.parts.sessions.begin() as session:
            ended = (await session.execute(text(end))).scalars().all()

        assert await counter.desk.memory.news.wait(heard, PATIENCE_SECONDS)
        await counter.until(lambda: counter.desk.memory.is_hearing)
        swift, slow = await counter.both(path)

        assert ended == [True]
        assert seen(swift) == seen(slow)


STUCK = text("SELECT pid FROM pg_locks WHERE NOT granted AND pid <> 0")


@pytest.fixture
async def reader(exchange: Exchange) -> AsyncIterator[Reader]:
    made = Reader(libpq_url(exchange.parts.engine.url.render_as_string(hide_password=False)))
    yield made
    await made.close()


class TestReader:
    async def test_many_at_once_have_each_their_own(
        self, exchange: Exchange, reader: Reader, path: str
    ) -> None:
        other = exchange.mint(exchange.person("other"))
        settle(exchange)
        await exchange.client.get(f"/api/certificates/{other.path}")
        mine = read_token(*path.split("/")[-3:])
        nobody = replace(mine, token_id=mine.token_id + 1)
        wanted = [Wanted(mine), Wanted(nobody), Wanted(other), Wanted(mine, known=1)] * 50

        found = await asyncio.gather(*map(reader.read, wanted))

        bodies = [read.body if read else None for read in found]
        mine_body, other_body = bodies[0], bodies[2]
        assert mine_body is not None
        assert other_body is not None
        assert bodies == [mine_body, None, other_body, None] * 50
        assert [read is None for read in found] == [False, True, False, False] * 50
        assert str(mine.token_id) in mine_body.decode()
        assert str(other.token_id) in other_body.decode()

    async def test_a_server_that_says_nothing_does_not_keep_the_process(
        self, exchange: Exchange, reader: Reader, path: str
    ) -> None:
        wanted = Wanted(read_token(*path.split("/")[-3:]))
        found = await reader.read(wanted)
        async with exchange.parts.sessions.begin() as session:
            await session.execute(text("LOCK TABLE book_certificates IN ACCESS EXCLUSIVE MODE"))
            asked = asyncio.create_task(reader.read(wanted))
            while not (await session.execute(STUCK)).scalars().all():
                pass

            async with asyncio.timeout(2.5):  # The server would give up after five seconds.
                await reader.close()

        assert found is not None
        assert found.version == 1
        assert await asked is None

    async def test_a_server_that_is_silent_is_not_waited_for(
        self, exchange: Exchange, path: str
    ) -> None:
        url = libpq_url(exchange.parts.engine.url.render_as_string(hide_password=False))
        known, new = Reader(url, patience_seconds=1.5), Reader(url, patience_seconds=1.5)
        wanted = Wanted(read_token(*path.split("/")[-3:]))
        before = await known.read(wanted)
        async with exchange.parts.sessions.begin() as session:
            await session.execute(text("LOCK TABLE book_certificates IN ACCESS EXCLUSIVE MODE"))
            async with asyncio.timeout(4.5):  # The server would give up after five seconds.
                silent = await asyncio.gather(known.read(wanted), new.read(wanted))
        await asyncio.gather(known.close(), new.close())

        assert before is not None
        assert silent == [None, None]

    async def test_a_connection_that_is_lost_is_made_anew(
        self, exchange: Exchange, reader: Reader, path: str
    ) -> None:
        wanted = Wanted(read_token(*path.split("/")[-3:]))
        await reader.read(wanted)
        async with exchange.parts.sessions.begin() as session:
            await session.execute(text("LOCK TABLE book_certificates IN ACCESS EXCLUSIVE MODE"))
            asked = asyncio.create_task(reader.read(wanted))
            while not (stuck := (await session.execute(STUCK)).scalars().all()):
                pass
            await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": stuck[0]})
            lost = await asked

        async with asyncio.timeout(PATIENCE_SECONDS), exchange.parts.sessions() as session:
            while (found := await reader.read(wanted)) is None:
                await session.execute(text("SELECT 1"))  # Others are asked for a second.

        assert lost is None
        assert found.version == 1


class TestMemory:
    def test_nothing_is_found_while_nobody_listens(self) -> None:
        memory = Memory(10_000)
        memory.hear()
        memory.keep("a", replace(ANSWER, mark=memory.mark(1)))

        heard = memory.find("a")
        memory.deafen()
        deaf = memory.find("a")
        memory.hear()

        assert heard is not None
        assert deaf is None
        assert memory.find("a") is None

    def test_news_of_another_chain_change_nothing(self) -> None:
        memory = Memory(10_000)
        memory.hear()
        memory.keep("a", replace(ANSWER, mark=memory.mark(1)))

        memory.tell(2)

        assert memory.find("a") is not None
        memory.tell(1)
        assert memory.find("a") is None

    def test_what_was_read_before_the_news_is_not_used_after(self) -> None:
        memory = Memory(10_000)
        memory.hear()
        mark = memory.mark(1)
        memory.tell(1)

        memory.keep("a", replace(ANSWER, mark=mark))

        assert memory.find("a") is None

    def test_the_longest_unasked_leaves_when_it_is_full(self) -> None:
        memory = Memory(2 * (OVERHEAD_BYTES + 4))
        memory.hear()
        for name in ("a", "b"):
            memory.keep(name, replace(ANSWER, mark=memory.mark(1)))
        memory.find("a")

        memory.keep("c", replace(ANSWER, mark=memory.mark(1)))

        assert [memory.find(name) is not None for name in "abc"] == [True, False, True]
        assert memory.size == 2 * (OVERHEAD_BYTES + 4)

    def test_without_room_nothing_is_kept(self) -> None:
        memory = Memory(0)
        memory.hear()

        memory.keep("a", replace(ANSWER, mark=memory.mark(1)))

        assert memory.find("a") is None
        assert memory.size == 0


ANSWER = Answer(chain_id=1, version=1, body=b"body", tag='"t"', headers=[])
