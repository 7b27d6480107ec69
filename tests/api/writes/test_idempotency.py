"""
A request sent twice is done once; and what cannot be committed was never answered as done.
"""

import asyncio
from datetime import timedelta

import pytest

from tests.media.pictures import png
from tests.support.studio import Studio

pytestmark = pytest.mark.chain


async def keep(studio: Studio, auth: dict[str, str], body: object, key: str):
    headers = {**auth, "Idempotency-Key": key}
    return await studio.client.post("/api/drafts", json={"body": body}, headers=headers)


def drafts(studio: Studio) -> int:
    return int(studio.rows("SELECT count(*) FROM book_drafts")[0][0])


class TestKey:
    async def test_used_twice_gives_the_first_answer(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        first = await keep(studio, auth, {"a": 1}, "one")

        again = await keep(studio, auth, {"a": 1}, "one")

        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["Idempotency-Replayed"] == "true"
        assert drafts(studio) == 1

    async def test_used_for_another_body_is_refused(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        await keep(studio, auth, {"a": 1}, "one")

        answer = await keep(studio, auth, {"a": 2}, "one")

        assert (answer.status_code, answer.json()["code"]) == (422, "IdempotencyKeyReused")
        assert drafts(studio) == 1

    async def test_is_ones_own(self, studio: Studio):
        artist = await studio.sign_in(studio.person("artist"))
        other = await studio.sign_in(studio.person("other"))
        first = await keep(studio, artist, {"a": 1}, "one")

        theirs = await keep(studio, other, {"a": 1}, "one")

        assert theirs.status_code == 201
        assert theirs.json()["id"] != first.json()["id"]

    async def test_used_by_many_at_once_is_done_once(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        body = studio.mint_body(artist, await studio.upload(auth, png(40, 30)))
        headers = {**auth, "Idempotency-Key": "one"}

        answers = await asyncio.gather(
            *(studio.client.post("/api/mints", json=body, headers=headers) for _ in range(6))
        )

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert 201 in {answer.status_code for answer in answers}
        assert studio.rows("SELECT count(*) FROM book_intents") == [(1,)]
        assert studio.rows("SELECT next_serial FROM book_serials") == [(2,)]

    async def test_of_a_refused_request_is_free_again(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        body = await studio.mint_too_early(artist, auth)
        headers = {**auth, "Idempotency-Key": "one"}
        refused = await studio.client.post("/api/mints", json=body, headers=headers)

        body["media"][0]["upload_id"] = await studio.upload(auth, png(40, 30))
        answer = await studio.client.post("/api/mints", json=body, headers=headers)

        assert refused.status_code == 409
        assert answer.status_code == 201

    async def test_that_still_runs_is_a_conflict(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        await keep(studio, auth, {"a": 1}, "one")
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE book_idempotency SET status = NULL, body = NULL")

        answer = await keep(studio, auth, {"a": 1}, "one")
        studio.clock.ahead = timedelta(seconds=61)
        later = await keep(studio, auth, {"a": 1}, "one")

        assert (answer.status_code, answer.json()["code"]) == (409, "RequestStillRunning")
        assert answer.headers["Retry-After"] == "1"
        assert later.status_code == 201

    async def test_is_forgotten_after_a_day(self, studio: Studio):
        artist = studio.person("artist")
        await keep(studio, await studio.sign_in(artist), {"a": 1}, "one")
        studio.clock.ahead = timedelta(hours=24, seconds=1)

        answer = await keep(studio, await studio.sign_in(artist), {"a": 2}, "one")

        assert answer.status_code == 201
        assert drafts(studio) == 2

    @pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
    async def test_that_is_none_is_refused(self, studio: Studio, key: str):
        auth = await studio.sign_in(studio.person("artist"))

        answer = await keep(studio, auth, {}, key)

        assert (answer.status_code, answer.json()["code"]) == (400, "IdempotencyKeyInvalid")
        assert drafts(studio) == 0


FAIL_AT_COMMIT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
CREATE CONSTRAINT TRIGGER refuse_at_commit AFTER INSERT ON book_drafts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
"""


class TestCommit:
    """A transaction that fails at its very end; FastAPI would answer 201 before noticing."""

    @pytest.mark.parametrize("key", [None, "one"])
    async def test_that_fails_is_not_answered_as_done(self, studio: Studio, key: str | None):
        auth = await studio.sign_in(studio.person("artist"))
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql(FAIL_AT_COMMIT)
        headers = {**auth, "Idempotency-Key": key} if key else auth

        answer = await studio.client.post("/api/drafts", json={"body": {}}, headers=headers)

        assert answer.status_code == 500
        assert answer.json()["code"] == "InternalError"
        assert drafts(studio) == 0
        assert studio.rows("SELECT body FROM book_idempotency WHERE status IS NOT NULL") == []
