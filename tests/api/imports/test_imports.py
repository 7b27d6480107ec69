"""
Imports over HTTP: what is taken, what is told, and what is never minted twice.
"""

import asyncio
from datetime import timedelta

import pytest

from api.imports import minting, service
from tests.media.pictures import geotagged_exif, jpeg
from tests.support.exchange import ETHER
from tests.support.importing import Gallery, row
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain


@pytest.fixture
async def gallery(studio: Studio) -> Gallery:
    made = await Gallery.open(studio)
    made.hang("1.png", "2.png", "3.png")
    return made


def kept(studio: Studio) -> list[str]:
    found = studio.rows("SELECT work->>'title' FROM book_import_rows ORDER BY row")
    return [title for (title,) in found]


class TestDryRun:
    async def test_reports_as_the_real_one_and_keeps_nothing(
        self, studio: Studio, gallery: Gallery
    ):
        rows = [row(1, price="x"), row(2), row(9)]

        dry = await gallery.taken(*rows, dry_run=True, partial=True)
        nothing = studio.rows("SELECT count(*) FROM book_imports")
        real = await gallery.taken(*rows, partial=True)

        assert dry["report"] == real["report"]
        assert dry["missing"] == real["missing"] == ["2.png"]
        assert (dry["id"], dry["kept"]) == (None, False)
        assert nothing == [(0,)]
        told = [(one["cell"], one["rule"]) for one in real["report"]["problems"]]
        assert told == [("C2", "NotANumber"), ("A4", "FileMissing")]

    async def test_of_a_changed_sheet_changes_nothing_of_the_taken_one(
        self, studio: Studio, gallery: Gallery
    ):
        await gallery.taken(row(1), row(2))

        dry = await gallery.taken(row(1, title="Fog"), row(3), dry_run=True)

        report = dry["report"]
        assert (report["new"], report["changed"], report["removed"]) == (1, 1, 1)
        assert kept(studio) == ["Tide 1", "Tide 2"]


class TestTaking:
    async def test_with_problems_keeps_nothing_unless_asked(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1), row(9))

        assert (answer["kept"], answer["report"]["accepted"]) == (False, 1)
        assert kept(studio) == []

    async def test_partly_takes_what_is_right(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1), row(9), partial=True)

        detail = await gallery.ask(f"/{answer['id']}")
        assert kept(studio) == ["Tide 1"]
        assert [one["rule"] for one in detail["report"]] == ["FileMissing"]
        assert (detail["rows"], detail["counts"]) == (2, {"missing": 1})

    async def test_a_second_time_does_nothing_twice(self, studio: Studio, gallery: Gallery):
        first = await gallery.taken(row(1), row(2))
        before = studio.rows("SELECT id, digest FROM book_import_rows ORDER BY row")

        second = await gallery.taken(row(1), row(2))

        assert second["id"] == first["id"]
        assert second["report"]["unchanged"] == 2
        assert studio.rows("SELECT id, digest FROM book_import_rows ORDER BY row") == before

    async def test_under_another_name_moves_the_rows(self, studio: Studio, gallery: Gallery):
        await gallery.taken(row(1), row(2))

        second = await gallery.taken(row(1), name="Summer")

        listed = (await gallery.ask())["items"]
        assert second["report"]["unchanged"] == 1
        counts = {one["name"]: one["counts"] for one in listed}
        assert counts == {"Summer": {"missing": 1}, "Spring": {"missing": 1}}

    async def test_a_corrected_row_takes_the_place_of_the_old_one(
        self, studio: Studio, gallery: Gallery
    ):
        await gallery.taken(row(1, external_id="A"), row(2, external_id="B"))

        answer = await gallery.taken(
            row(2, external_id="A", title="Swapped"), row(1, external_id="B")
        )

        assert answer["report"]["changed"] == 2
        found = studio.rows("SELECT external_id, work->>'title' FROM book_import_rows ORDER BY row")
        assert found == [("A", "Swapped"), ("B", "Tide 1")]

    async def test_is_its_accounts_alone(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1))
        thief = await Gallery.open(studio, "thief")

        got = await studio.client.get(f"/api/imports/{answer['id']}", headers=thief.auth)
        gone = await studio.client.delete(f"/api/imports/{answer['id']}", headers=thief.auth)

        assert (got.status_code, got.json()["code"]) == (404, "NoSuchImport")
        assert gone.status_code == 404
        assert (await thief.ask())["items"] == []
        assert kept(studio) == ["Tide 1"]

    async def test_a_creator_who_named_no_minter_is_refused(self, studio: Studio, gallery: Gallery):
        artist = studio.person("artist")

        answer = await gallery.take(row(1), creator=str(artist))

        assert (answer.status_code, answer.json()["code"]) == (403, "CreatorNotYou")
        assert kept(studio) == []

    async def test_needs_a_session(self, studio: Studio, gallery: Gallery):
        gallery.auth = {}

        answer = await gallery.take(row(1))

        assert answer.status_code == 401

    async def test_a_file_named_twice_is_refused(self, studio: Studio, gallery: Gallery):
        gallery.files = {"é.png": b"1", "e\u0301.png": b"2"}

        answer = await gallery.take({"file": "é.png", "title": "T"})

        assert answer.json()["code"] == "FileNamedTwice"


class TestFiles:
    async def test_are_known_by_their_bytes(self, studio: Studio, gallery: Gallery):
        await gallery.send_files("1.png")
        gallery.files["renamed.png"] = gallery.files.pop("1.png")

        answer = await gallery.taken({"file": "renamed.png", "title": "T"}, row(2))

        assert answer["missing"] == ["2.png"]
        assert (await gallery.ask(f"/{answer['id']}"))["counts"] == {"ready": 1, "missing": 1}

    async def test_of_somebody_else_do_not_count(self, studio: Studio, gallery: Gallery):
        other = await Gallery.open(studio, "other")
        await studio.upload(other.auth, gallery.files["1.png"])

        answer = await gallery.taken(row(1))

        assert answer["missing"] == ["1.png"]

    async def test_that_are_refused_say_why(self, studio: Studio, gallery: Gallery):
        gallery.files["1.png"] = b"no picture at all"
        answer = await gallery.taken(row(1))
        begun = await studio.begin_upload(gallery.auth, 17, filename="1.png")
        await studio.send_bytes(gallery.auth, begun.headers["Location"], b"no picture at all")
        await studio.work()

        (found,) = (await gallery.ask(f"/{answer['id']}/rows"))["items"]

        assert found["state"] == "refused"
        assert found["problem"]["detail"]

    async def test_whose_upload_is_over_are_missing_again(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1))
        await gallery.send_files("1.png")
        studio.clock.ahead = timedelta(days=31)
        gallery.auth = await studio.sign_in(gallery.person)

        detail = await gallery.ask(f"/{answer['id']}")

        assert [one["name"] for one in detail["missing"]] == ["1.png"]


class TestFindings:
    async def test_hold_a_row_until_they_are_answered(self, studio: Studio, gallery: Gallery):
        gallery.files["1.jpg"] = jpeg(60, 40, exif=geotagged_exif())
        answer = await gallery.taken({"file": "1.jpg", "title": "Where I live"}, row(2))
        await gallery.send_files("1.jpg", "2.png")
        place = f"/api/imports/{answer['id']}"

        before = await gallery.ask(f"/{answer['id']}")
        none = await studio.client.post(f"{place}/findings", json={}, headers=gallery.auth)
        (held,) = (await gallery.ask(f"/{answer['id']}/rows", state="unanswered"))["items"]
        said = await studio.client.post(
            f"{place}/findings", json={"rows": [held["id"]]}, headers=gallery.auth
        )
        after = await gallery.ask(f"/{answer['id']}")

        assert before["counts"] == {"unanswered": 1, "ready": 1}
        assert sum(before["findings"].values()) >= 1
        assert none.json() == {"answered": 0}
        assert said.json()["answered"] == len(held["findings"])
        assert after["counts"] == {"ready": 2}

    async def test_stay_answered_when_the_sheet_comes_again(self, studio: Studio, gallery: Gallery):
        gallery.files["1.jpg"] = jpeg(60, 40, exif=geotagged_exif())
        rows = [{"file": "1.jpg", "title": "Where I live"}]
        answer = await gallery.taken(*rows)
        await gallery.send_files("1.jpg")
        place = f"/api/imports/{answer['id']}/findings"
        await studio.client.post(place, json={"all": True}, headers=gallery.auth)

        await gallery.taken(*rows)

        assert (await gallery.ask(f"/{answer['id']}"))["counts"] == {"ready": 1}


class TestMinting:
    async def test_makes_one_transaction_of_many_rows(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1), row(2, royalty="5"), row(3))
        await gallery.send_files("1.png", "2.png", "3.png")

        first = await gallery.mint_next(answer["id"])
        second = await gallery.mint_next(answer["id"])
        none_left = await gallery.begin(answer["id"])

        assert first["cost"]["prompts"] == second["cost"]["prompts"] == 2
        assert gallery.minted() == ["Tide 1", "Tide 3", "Tide 2"]
        assert (none_left.status_code, none_left.json()["code"]) == (409, "NothingReady")
        rows = (await gallery.ask(f"/{answer['id']}/rows"))["items"]
        assert [one["state"] for one in rows] == ["minted"] * 3
        assert len({one["work_url"] for one in rows}) == 3

    async def test_goes_on_without_the_rows_that_wait(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1), row(2), row(9), partial=True)
        await gallery.send_files("2.png")

        await gallery.mint_next(answer["id"])

        assert gallery.minted() == ["Tide 2"]
        assert (await gallery.ask(f"/{answer['id']}"))["counts"] == {"missing": 1, "minted": 1}

    async def test_lists_all_of_a_group_by_one_signature(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1, price="0.8"), row(2, price="1,25"))
        await gallery.send_files("1.png", "2.png")

        intent = await gallery.mint_next(answer["id"])
        approve, signing = intent["steps"][2:]
        studio.send_step(gallery.person, approve)
        posted = await studio.post_signed(gallery.person, signing)
        prices = studio.rows("SELECT price FROM book_orders ORDER BY token_id")

        assert posted.status_code == 201, posted.text
        names = [step["id"] for step in intent["steps"]]
        assert names == ["sign-statement", "mint", approve["id"], "sign-bulk"]
        assert [int(price) for (price,) in prices] == [ETHER * 8 // 10, ETHER * 5 // 4]

    async def test_mints_an_edition_by_itself(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1, copies="3"), row(2))
        await gallery.send_files("1.png", "2.png")

        cost = await gallery.ask(f"/{answer['id']}/cost")
        await gallery.mint_next(answer["id"])
        await gallery.mint_next(answer["id"])

        assert (cost["works"], cost["groups"], cost["prompts"]) == (4, 2, 4)
        assert int(cost["network_max"]) == int(cost["gas"]) * int(cost["fee"]) > 0
        assert gallery.minted() == ["Tide 1"] * 3 + ["Tide 2"]

    async def test_is_refused_for_others_without_a_trace(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1))
        await gallery.send_files("1.png")
        thief = await Gallery.open(studio, "thief")

        refused = await thief.begin(answer["id"])

        assert refused.status_code == 404
        assert studio.rows("SELECT count(*) FROM book_intents") == [(0,)]


class TestNeverTwice:
    async def test_what_is_on_its_way_is_not_begun_again(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1))
        await gallery.send_files("1.png")
        begun = await gallery.begin(answer["id"])

        again = await gallery.begin(answer["id"])
        report = (await gallery.taken(row(1, title="Renamed")))["report"]

        assert again.json()["code"] == "NothingReady"
        assert (report["bound"], [one["rule"] for one in report["notices"]]) == (
            1,
            ["ChangedAfterMint"],
        )
        (group,) = (await gallery.ask(f"/{answer['id']}"))["groups"]
        assert (group["intent_id"], group["works"]) == (begun.json()["id"], 1)

    @pytest.mark.parametrize(
        "second",
        [
            {"file": "1.png", "title": "Tide 1"},
            {"file": "1.png", "title": "Corrected"},
            {"file": "1.png", "title": "Tide 1", "external_id": "A-1"},
        ],
    )
    async def test_what_is_minted_stays_minted(
        self, studio: Studio, gallery: Gallery, second: dict[str, str]
    ):
        answer = await gallery.taken(row(1))
        await gallery.send_files("1.png")
        await gallery.mint_next(answer["id"])

        report = (await gallery.taken(second, name="Another folder"))["report"]

        assert (report["bound"], report["new"], report["changed"]) == (1, 0, 0)
        assert gallery.minted() == ["Tide 1"]

    async def test_another_file_under_a_minted_number_is_not_minted(
        self, studio: Studio, gallery: Gallery
    ):
        answer = await gallery.taken(row(1, external_id="A"))
        await gallery.send_files("1.png", "2.png")
        await gallery.mint_next(answer["id"])

        report = (await gallery.taken(row(2, external_id="A")))["report"]
        begun = await gallery.begin(answer["id"])

        assert report["bound"] == 1
        assert report["notices"][0]["rule"] == "ChangedAfterMint"
        assert begun.json()["code"] == "NothingReady"

    async def test_a_minted_file_under_another_number_is_a_problem(
        self, studio: Studio, gallery: Gallery
    ):
        answer = await gallery.taken(row(1, external_id="A"))
        await gallery.send_files("1.png")
        await gallery.mint_next(answer["id"])

        report = (await gallery.taken(row(1, external_id="B")))["report"]

        assert [one["rule"] for one in report["problems"]] == ["FileMinted"]

    async def test_thrown_away_and_taken_again_it_is_known(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1), row(2))
        await gallery.send_files("1.png")
        await gallery.mint_next(answer["id"])
        place = f"/api/imports/{answer['id']}"

        gone = await studio.client.delete(place, headers=gallery.auth)
        again = await gallery.taken(row(1), row(2))

        assert gone.status_code == 204
        assert (again["report"]["bound"], again["report"]["new"]) == (1, 1)

    async def test_a_sheet_waits_for_a_mint_that_is_just_begun(
        self, studio: Studio, gallery: Gallery
    ):
        answer = await gallery.taken(row(1))
        await gallery.send_files("1.png")

        async with studio.parts.sessions.begin() as session:
            kept = await service.find(
                session, gallery.person.address, answer["id"], for_update=True
            )
            await minting.begin(session, studio.parts, kept, now=studio.clock())
            sheet = asyncio.create_task(gallery.taken(row(1, title="Corrected")))
            done, _ = await asyncio.wait({sheet}, timeout=2)
        report = (await sheet)["report"]

        assert done == set()
        assert (report["bound"], report["changed"]) == (1, 0)
        assert studio.rows("SELECT count(intent_id) FROM book_import_rows") == [(1,)]

    async def test_an_abandoned_group_is_free_again(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1), row(2))
        await gallery.send_files("1.png", "2.png")
        begun = (await gallery.begin(answer["id"])).json()
        place = f"/api/imports/{answer['id']}"
        kept_on = await studio.client.delete(place, headers=gallery.auth)

        await studio.client.delete(f"/api/intents/{begun['id']}", headers=gallery.auth)
        detail = await gallery.ask(f"/{answer['id']}")
        await gallery.mint_next(answer["id"])

        assert (kept_on.status_code, kept_on.json()["code"]) == (409, "ImportSigning")
        assert (detail["counts"], detail["groups"]) == ({"ready": 2}, [])
        assert gallery.minted() == ["Tide 1", "Tide 2"]

    async def test_sent_and_then_abandoned_it_is_not_free(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1))
        await gallery.send_files("1.png")
        begun = (await gallery.begin(answer["id"])).json()
        await studio.work()
        intent = await studio.intent(begun["id"])
        receipt = studio.send_step(gallery.person, step_of(intent))
        reported = {"step": "mint", "hash": receipt["transactionHash"]}
        await studio.client.post(f"/api/intents/{begun['id']}/transactions", json=reported)
        await studio.client.delete(f"/api/intents/{begun['id']}", headers=gallery.auth)

        again = await gallery.begin(answer["id"])
        before = (await gallery.ask(f"/{answer['id']}"))["counts"]
        studio.catch_up()
        after = (await gallery.ask(f"/{answer['id']}"))["counts"]

        assert again.json()["code"] == "NothingReady"
        assert (before, after) == ({"sent": 1}, {"minted": 1})
        assert gallery.minted() == ["Tide 1"]


class TestDocuments:
    async def test_the_template_is_for_everybody(self, studio: Studio):
        answer = await studio.client.get("/api/imports/template.csv")

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["content-disposition"]
        assert answer.content.startswith(b"\xef\xbb\xbffile,")

    async def test_the_report_is_a_sheet_without_formulas(self, studio: Studio, gallery: Gallery):
        answer = await gallery.taken(row(1), row(2, price="=1+1"), partial=True)

        report = await studio.client.get(
            f"/api/imports/{answer['id']}/report.csv", headers=gallery.auth
        )

        lines = report.text.splitlines()
        assert lines[1].startswith("3,price,C3,'=1+1,NotANumber,")


class TestWorksWithoutAPicture:
    async def test_wait_for_a_cover_that_is_one(self, studio: Studio, gallery: Gallery):
        gallery.files["page.html"] = b"<!doctype html><title>Tide</title><p>Tide</p>"
        film = {"file": "page.html", "title": "Tide, Moving"}
        answer = await gallery.taken(film)
        await gallery.send_files("page.html", "1.png")
        place = f"/{answer['id']}"

        (bare,) = (await gallery.ask(f"{place}/rows"))["items"]
        begun = await gallery.begin(answer["id"])
        await gallery.taken({**film, "cover": "1.png"})
        counts = (await gallery.ask(place))["counts"]
        await gallery.mint_next(answer["id"])

        assert (bare["state"], bare["problem"]["code"]) == ("refused", "CoverMissing")
        assert begun.json()["code"] == "NothingReady"
        assert counts == {"ready": 1}
        assert gallery.minted() == ["Tide, Moving"]
