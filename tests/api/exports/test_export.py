"""
The way out as people take it: over HTTP and on the command line, of works that were really minted.
"""

import io
import json

import pytest

from api.cli import media as media_command
from api.exports import routes
from nft.content.car import CarReader
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.database import libpq_url
from tests.media.pictures import png
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain

PICTURE = png(90, 60)


def opened(car: bytes):
    reader = CarReader(io.BytesIO(car))
    blocks = {cid.digest: block for cid, block in reader}
    return reader.roots, lambda cid: blocks[cid.digest]


@pytest.fixture
async def artist(studio: Studio):
    """An artist with one minted work."""
    person = studio.person("artist")
    auth = await studio.sign_in(person)
    intent = await studio.mint_through(person, auth, PICTURE)
    studio.send_step(person, step_of(intent))
    studio.catch_up()
    return person


@pytest.fixture
def settings(studio: Studio, monkeypatch, tmp_path):
    """The environment that the command line finds the same exchange by."""
    monkeypatch.setenv("DATABASE_URL", libpq_url(studio.database_url))
    monkeypatch.setenv("DATA_DIR", str(studio.folder))
    return tmp_path


class TestOverHttp:
    async def test_an_artist_takes_everything_along(self, studio: Studio, artist):
        answer = await studio.client.get(f"/api/artists/{artist}/export.car")

        roots, get = opened(answer.content)
        manifest = json.loads(b"".join(read_file(get, roots[0])))
        (work,) = manifest["works"]
        (file,) = work["files"]
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/vnd.ipld.car")
        assert (work["creator"], file["role"]) == (str(artist), "image")
        assert b"".join(read_file(get, Cid.parse(file["cid"]))) == PICTURE
        assert get(Cid.parse(work["metadata"]["cid"]))[:1] == b"{"

    async def test_a_collection_holds_what_its_work_does(self, studio: Studio, artist):
        work = (await studio.get("/api/tokens", creator=str(artist)))["items"][0]
        contract = f"{work['chain_id']}/{work['contract']}"

        # The chain has works of others in it, whose files are elsewhere.
        collection = await studio.client.get(
            f"/api/collections/{contract}/export.car", params={"allow_missing": True}
        )
        single = await studio.client.get(f"/api/tokens/{contract}/{work['token_id']}/export.car")

        (everything, kept), (roots, get) = (opened(one.content) for one in (collection, single))
        assert len(roots) > 1
        assert set(roots[1:]) <= set(everything)
        assert [kept(cid) for cid in roots[1:]] == [get(cid) for cid in roots[1:]]

    async def test_is_not_sent_again_to_whoever_has_it(self, studio: Studio, artist):
        path = f"/api/artists/{artist}/export.car"
        first = await studio.client.get(path)

        again = await studio.client.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert (again.status_code, again.content) == (304, b"")

    async def test_says_that_somebody_has_no_works(self, studio: Studio):
        nobody = studio.person("nobody")

        answer = await studio.client.get(f"/api/artists/{nobody}/export.car")

        assert (answer.status_code, answer.json()["code"]) == (404, "NothingToExport")

    async def test_names_what_is_not_kept_and_leaves_it_out_on_request(
        self, studio: Studio, artist
    ):
        lost = studio.mint(artist, 7)
        path = f"/api/tokens/{lost.path}/export.car"

        refused = await studio.client.get(path)
        partial = await studio.client.get(path, params={"allow_missing": True})

        roots, get = opened(partial.content)
        manifest = json.loads(b"".join(read_file(get, roots[0])))
        assert (refused.status_code, refused.json()["code"]) == (409, "ExportIncomplete")
        assert "not kept here: bafy" in refused.json()["detail"]
        assert manifest["works"][0]["files"][0]["kept"] is False

    async def test_sends_those_who_come_when_all_turns_are_taken_away(self, studio: Studio, artist):
        for _ in range(routes.AT_ONCE):
            assert routes._turns.acquire(blocking=False)
        try:
            answer = await studio.client.get(f"/api/artists/{artist}/export.car")
        finally:
            routes._turns.release(routes.AT_ONCE)

        assert (answer.status_code, answer.json()["code"]) == (503, "ExportsBusy")
        assert answer.headers["retry-after"] == "30"

    async def test_gives_its_turn_back(self, studio: Studio, artist):
        path = f"/api/artists/{artist}/export.car"

        answers = [(await studio.client.get(path)).status_code for _ in range(3 * routes.AT_ONCE)]

        assert set(answers) == {200}


class TestOnTheCommandLine:
    async def test_writes_the_same_bytes(self, studio: Studio, artist, settings, capsys):
        online = await studio.client.get(f"/api/artists/{artist}/export.car")
        out = settings / "works.car"

        code = media_command.main(["export", "--artist", str(artist), "-o", str(out), "--json"])

        said = json.loads(capsys.readouterr().out)
        assert code == 0
        assert out.read_bytes() == online.content
        assert (said["works"], said["car_bytes"]) == (1, len(online.content))

    async def test_answers_1_and_writes_nothing_when_a_file_is_not_kept(
        self, studio: Studio, artist, settings, capsys
    ):
        lost = studio.mint(artist, 7)
        out = settings / "works.car"

        code = media_command.main(["export", "--work", lost.path, "-o", str(out)])

        assert code == 1
        assert not out.exists()
        assert "not kept here: bafy" in capsys.readouterr().err
