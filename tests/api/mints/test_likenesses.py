"""
What a picture resembles is told before it is minted, and stands with the work afterwards.
"""

import zlib
from dataclasses import dataclass

import pytest

from tests.media import likenesses
from tests.media.pictures import encoded
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain


@dataclass(frozen=True)
class Files:
    """A picture, and what a copyist made of it."""

    original: bytes
    mirrored: bytes


@pytest.fixture
def files(request: pytest.FixtureRequest) -> Files:
    """Of this test alone: the chain is everybody's, and remembers what others minted."""
    seed = zlib.crc32(request.node.name.encode())
    work = likenesses.composition(seed, width=320, height=240)
    return Files(encoded(work, "PNG"), encoded(likenesses.NEAR["mirror"](work), "PNG"))


async def minted(studio: Studio, person, auth, data, **more):
    intent = await studio.mint_through(person, auth, data, **more)
    studio.send_step(person, step_of(intent))
    studio.catch_up()
    return (await studio.intent(intent["id"]))["result"]["work_url"]


async def checked(studio: Studio, auth, data):
    upload = await studio.upload(auth, data)
    answer = await studio.client.get(f"/api/uploads/{upload}", headers=auth)
    return upload, answer.json()


async def evidence(studio: Studio, work_url):
    path = work_url.partition("/works/")[2]
    return (await studio.client.get(f"/api/tokens/{path}/likenesses")).json()


class TestCopyOfAnother:
    async def test_is_told_answered_and_kept_as_evidence(self, studio: Studio, files: Files):
        artist, copyist = studio.person("artist"), studio.person("copyist")
        auth, theirs = await studio.sign_in(artist), await studio.sign_in(copyist)
        original = await minted(studio, artist, auth, files.original)

        upload, facts = await checked(studio, theirs, files.mirrored)
        body = studio.mint_body(copyist, upload)
        refused = await studio.client.post("/api/mints", json=body, headers=theirs)
        copy = await minted(studio, copyist, theirs, files.mirrored, accept_findings=True)

        [finding] = facts["findings"]
        [match] = finding["matches"]
        assert (finding["code"], match["work_url"], match["own"]) == ("NearCopy", original, False)
        assert match["transformation"] == ["mirrored"]
        assert match["distance"] <= 8
        assert (refused.status_code, refused.json()["code"]) == (409, "FindingsNotAccepted")
        found, later = await evidence(studio, copy), await evidence(studio, original)
        assert [one["work_url"] for one in found["found"]] == [original]
        assert found["compared"]["pictures"] == 1
        assert [one["work_url"] for one in later["later"]] == [copy]
        assert later["found"] == []

    async def test_that_is_the_same_file_is_told_as_such(self, studio: Studio, files: Files):
        artist, copyist = studio.person("artist"), studio.person("copyist")
        auth, theirs = await studio.sign_in(artist), await studio.sign_in(copyist)
        original = await minted(studio, artist, auth, files.original)

        _, facts = await checked(studio, theirs, files.original)

        [finding] = facts["findings"]
        assert finding["code"] == "SameFile"
        assert [one["work_url"] for one in finding["matches"]] == [original]

    async def test_stands_on_both_works_pages(self, studio: Studio, files: Files):
        artist, copyist = studio.person("artist"), studio.person("copyist")
        auth, theirs = await studio.sign_in(artist), await studio.sign_in(copyist)
        original = await minted(studio, artist, auth, files.original)
        copy = await minted(studio, copyist, theirs, files.mirrored, accept_findings=True)

        page = (await studio.client.get(copy)).text
        earlier = (await studio.client.get(original)).text

        assert "very close, mirrored" in page
        assert original.partition("/works/")[2] in page
        assert "Published later" in earlier


class TestOwnWork:
    async def test_is_no_finding(self, studio: Studio, files: Files):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        await minted(studio, artist, auth, files.original)

        _, facts = await checked(studio, auth, files.mirrored)
        second = await minted(studio, artist, auth, files.mirrored)

        assert facts["findings"] == []
        found = await evidence(studio, second)
        assert [one["own"] for one in found["found"]] == [True]


class TestRace:
    async def test_who_comes_second_is_told_at_the_mint(self, studio: Studio, files: Files):
        artist, copyist = studio.person("artist"), studio.person("copyist")
        auth, theirs = await studio.sign_in(artist), await studio.sign_in(copyist)
        _, before = await checked(studio, theirs, files.mirrored)
        upload, _ = await checked(studio, theirs, files.mirrored)
        await studio.mint_through(artist, auth, files.original)

        body = studio.mint_body(copyist, upload)
        refused = await studio.client.post("/api/mints", json=body, headers=theirs)

        assert before["findings"] == []
        [finding] = refused.json()["findings"]
        assert finding["code"] == "NearCopy"
        assert finding["matches"][0]["work_url"] is None

    async def test_who_accepted_sees_it_before_signing(self, studio: Studio, files: Files):
        artist, copyist = studio.person("artist"), studio.person("copyist")
        auth, theirs = await studio.sign_in(artist), await studio.sign_in(copyist)
        await minted(studio, artist, auth, files.original)

        second = await studio.mint_through(copyist, theirs, files.mirrored, accept_findings=True)

        assert [warning["code"] for warning in second["warnings"]] == ["NearCopy"]


class TestPrivacy:
    async def test_nobody_learns_of_a_private_upload(self, studio: Studio, files: Files):
        artist, stranger = studio.person("artist"), studio.person("stranger")
        auth, theirs = await studio.sign_in(artist), await studio.sign_in(stranger)
        await studio.upload(auth, files.original)

        _, facts = await checked(studio, theirs, files.original)
        _, mirrored = await checked(studio, theirs, files.mirrored)

        assert (facts["findings"], mirrored["findings"]) == ([], [])
