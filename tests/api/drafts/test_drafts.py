"""
Drafts: nothing typed is lost, and nobody else's is seen.
"""

import json
from typing import Any

import pytest

from tests.support.studio import Studio

pytestmark = pytest.mark.chain


async def keep(studio: Studio, auth: dict[str, str], body: dict[str, Any]):
    return (await studio.client.post("/api/drafts", json={"body": body}, headers=auth)).json()


class TestDraft:
    async def test_comes_back_as_it_went_in(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        body = {"title": "雾 <b>", "price": "0.5", "files": [{"name": "a.png", "size": 3}]}

        draft = await keep(studio, auth, body)
        listed = (await studio.client.get("/api/drafts", headers=auth)).json()["items"]

        assert (draft["revision"], draft["body"]) == (1, body)
        assert [one["body"] for one in listed] == [body]

    async def test_is_edited(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        draft = await keep(studio, auth, {"title": "a"})
        place = f"/api/drafts/{draft['id']}"

        put = await studio.client.put(
            place, json={"revision": 1, "body": {"title": "b"}}, headers=auth
        )
        got = await studio.client.get(place, headers=auth)

        assert put.json()["revision"] == 2
        assert got.json()["body"] == {"title": "b"}
        assert got.headers["ETag"] == '"2"'

    async def test_edited_in_two_tabs_loses_neither(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        draft = await keep(studio, auth, {"title": "a"})
        place = f"/api/drafts/{draft['id']}"
        first = {"revision": 1, "body": {"title": "of the first tab"}}
        second = {"revision": 1, "body": {"title": "of the second tab"}}
        await studio.client.put(place, json=first, headers=auth)

        answer = await studio.client.put(place, json=second, headers=auth)
        by_tag = await studio.client.put(
            place, json={"body": {}}, headers={**auth, "If-Match": '"1"'}
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "DraftChanged")
        assert answer.json()["draft"]["body"] == {"title": "of the first tab"}
        assert by_tag.status_code == 412
        assert studio.rows("SELECT body->>'title' FROM book_drafts") == [("of the first tab",)]

    @pytest.mark.parametrize(
        "body", [{"title": "a\x00b"}, {"title": "\ud800"}, {"title": "x" * 140_000}]
    )
    async def test_that_cannot_be_kept_is_refused(self, studio: Studio, body: dict[str, str]):
        auth = await studio.sign_in(studio.person("artist"))
        headers = {**auth, "Content-Type": "application/json"}

        answer = await studio.client.post(
            "/api/drafts", content=json.dumps({"body": body}), headers=headers
        )

        assert answer.status_code == 422
        assert studio.rows("SELECT count(*) FROM book_drafts") == [(0,)]

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    async def test_of_somebody_else_does_not_exist(self, studio: Studio, method: str):
        auth = await studio.sign_in(studio.person("artist"))
        thief = await studio.sign_in(studio.person("thief"))
        draft = await keep(studio, auth, {"title": "mine"})

        answer = await studio.client.request(
            method, f"/api/drafts/{draft['id']}", json={"body": {}}, headers=thief
        )

        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchDraft")
        assert studio.rows("SELECT body->>'title' FROM book_drafts") == [("mine",)]

    async def test_is_thrown_away(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        draft = await keep(studio, auth, {})

        answer = await studio.client.delete(f"/api/drafts/{draft['id']}", headers=auth)

        assert answer.status_code == 204
        assert studio.rows("SELECT count(*) FROM book_drafts") == [(0,)]
