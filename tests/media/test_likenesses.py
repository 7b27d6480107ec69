"""
From an upload to what it resembles: rows, shelves, and who may be told of whom.
"""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlmodel import col

from media import checking, ledger, shelves, sweeping
from media import likenesses as alike
from media.fingerprints import of
from media.shelves import Shelves
from media.tables_copies import ComparisonRow, FingerprintRow, LikenessRow, ShelfRow
from nft.types import Digest
from tests.media import likenesses, pictures
from tests.media.conftest import NOON

SMALL = {"width": 320, "height": 240}
WORK = likenesses.composition(20, **SMALL)
STRANGER = likenesses.composition(21, **SMALL)


def upload(person, picture):
    """An upload, checked: its content's hash and CID."""
    upload_id = person.send(pictures.encoded(picture, "PNG"))
    checking.check_upload(person.parts, upload_id, now=person.now)
    media = person.facts(upload_id)["media"]
    return Digest.parse(media["sha256"]), media["cids"]["unixfs-v1-2025"]


def publish(parts, cid, holder="intent:1"):
    with parts.sessions.begin() as session:
        ledger.want(session, [cid], stores=("embedded",), holder=holder, now=NOON)


def withdraw(parts, holder="intent:1"):
    with parts.sessions.begin() as session:
        ledger.let_go(session, holder=holder)


def found(parts, sha256):
    with parts.sessions() as session:
        compared = alike.last(session, sha256)
    return [(one.other, one.distance) for one in compared.found]


def seal(parts, size):
    with parts.sessions.begin() as session:
        return shelves.seal(session, size=size)


def small_shelves(parts, size):
    return replace(parts, shelves=Shelves(parts.shelves.folder, size=size))


class TestUpload:
    def test_finds_a_published_work(self, parts, artist, forger):
        original, cid = upload(artist, WORK)
        publish(parts, cid)

        copy, _ = upload(forger, likenesses.NEAR["mirror"](WORK))

        [(other, distance)] = found(parts, copy)
        assert other == original
        assert distance <= 8

    def test_says_nothing_of_a_private_upload(self, parts, artist, forger):
        upload(artist, WORK)

        copy, _ = upload(forger, likenesses.NEAR["mirror"](WORK))

        assert found(parts, copy) == []

    def test_says_nothing_of_what_was_withdrawn(self, parts, artist, forger):
        _, cid = upload(artist, WORK)
        publish(parts, cid)
        withdraw(parts)

        copy, _ = upload(forger, likenesses.NEAR["grey"](WORK))

        assert found(parts, copy) == []

    def test_does_not_find_itself(self, parts, artist, forger):
        _, cid = upload(artist, WORK)
        publish(parts, cid)

        again, _ = upload(forger, WORK)

        assert found(parts, again) == []

    def test_finds_the_same_pixels_in_another_file(self, parts, artist, forger):
        original, cid = upload(artist, WORK)
        publish(parts, cid)
        other_file = pictures.encoded(WORK, "PNG", compress_level=1)
        upload_id = forger.send(other_file)

        checking.check_upload(parts, upload_id, now=NOON)

        copy = Digest.parse(forger.facts(upload_id)["media"]["sha256"])
        assert found(parts, copy) == [(original, 0)]

    def test_leaves_evidence_of_what_it_was_compared_by(self, parts, artist, forger):
        _, cid = upload(artist, WORK)
        publish(parts, cid)
        copy, _ = upload(forger, STRANGER)

        with parts.sessions() as session:
            made = alike.last(session, copy).made

        assert (made.occasion, made.algorithm) == ("upload", "pdq-320-1")
        assert (made.near, made.possible, made.pictures) == (31, 80, 1)
        assert made.hashes >= 9

    def test_is_compared_once_however_often_its_job_runs(self, parts, artist):
        upload_id = artist.send(pictures.encoded(WORK, "PNG"))
        checking.check_upload(parts, upload_id, now=NOON)

        checking.check_upload(parts, upload_id, now=NOON)

        with parts.sessions() as session:
            assert len(session.execute(select(ComparisonRow)).all()) == 1

    def test_of_a_flat_picture_is_recorded_as_not_comparable(self, parts, artist):
        flat = pictures.Image.new("RGB", (200, 100), "red")

        sha256, _ = upload(artist, flat)

        with parts.sessions() as session:
            compared = alike.last(session, sha256)
            assert compared.made.hashes == 0
            assert session.execute(select(FingerprintRow)).all() == []

    def test_keeps_a_later_likeness_for_the_earlier_work(self, parts, artist, forger):
        original, cid = upload(artist, WORK)
        publish(parts, cid)
        copy, copy_cid = upload(forger, likenesses.NEAR["grey"](WORK))

        with parts.sessions() as session:
            before = alike.resembling(session, original)
        publish(parts, copy_cid, holder="intent:2")
        with parts.sessions() as session:
            after = alike.resembling(session, original)

        assert before == []
        assert [subject for subject, _ in after] == [copy]


class TestShelves:
    def ask(self, parts, picture):
        with parts.sessions() as session:
            question = alike.gather(session, parts.shelves, Digest(bytes(32)), of(picture))
            return alike.answer(session, question, question.hits())

    def publish_some(self, parts, artist, count=5):
        made = []
        for seed in range(count):
            sha256, cid = upload(artist, likenesses.composition(seed, **SMALL))
            publish(parts, cid, holder=f"intent:{seed}")
            made.append(sha256)
        return made

    def test_answer_as_the_rows_did(self, parts, artist):
        works = self.publish_some(parts, artist)
        picture = likenesses.NEAR["mirror"](likenesses.composition(1, **SMALL))
        before = self.ask(parts, picture)
        parts = small_shelves(parts, 2)

        sealed = seal(parts, 2)

        assert sealed == 2
        assert self.ask(parts, picture) == before
        assert [one.other for one in before] == [works[1]]
        assert len(list(parts.shelves.folder.glob("*.shelf"))) == 2

    def test_are_sealed_once(self, parts, artist):
        self.publish_some(parts, artist)
        seal(parts, 2)

        assert seal(parts, 2) == 0

        with parts.sessions() as session:
            numbers = session.execute(select(col(FingerprintRow.number))).scalars().all()
        assert sorted(number for number in numbers if number is not None) == [0, 1, 2, 3]

    @pytest.mark.parametrize("damage", [b"", b"x" * 20, None])
    def test_are_made_again_where_a_file_is_damaged_or_gone(self, parts, artist, damage):
        self.publish_some(parts, artist)
        seal(parts, 2)
        picture = likenesses.composition(0, **SMALL)
        before = self.ask(small_shelves(parts, 2), picture)
        for path in (parts.shelves.folder).glob("*.shelf"):
            path.chmod(0o600)
            path.unlink() if damage is None else path.write_bytes(damage)

        after = self.ask(small_shelves(parts, 2), picture)

        assert after == before
        assert len(after) == 1

    def test_of_another_history_are_not_believed(self, parts, artist):
        works = self.publish_some(parts, artist, count=3)
        seal(parts, 1)
        self.ask(small_shelves(parts, 1), WORK)
        # A backup from before is put back, and then other works are published first.
        with parts.sessions.begin() as session:
            session.execute(ShelfRow.__table__.delete())
            for place, row in enumerate(session.execute(select(FingerprintRow)).scalars()):
                row.number = None
                row.created_at = NOON.replace(hour=23 - place)
        seal(parts, 1)

        found = self.ask(small_shelves(parts, 1), likenesses.composition(2, **SMALL))

        assert [one.other for one in found] == [works[2]]

    def test_leave_out_what_went_with_its_content(self, parts, artist):
        works = self.publish_some(parts, artist, count=2)
        seal(parts, 1)
        with parts.sessions.begin() as session:
            alike.forget(session, works[1])

        assert self.ask(small_shelves(parts, 1), likenesses.composition(1, **SMALL)) == []

    def test_are_tidied_of_what_nobody_names(self, parts, artist):
        self.publish_some(parts, artist, count=2)
        seal(parts, 2)
        parts = small_shelves(parts, 2)
        self.ask(parts, WORK)
        half = parts.shelves.folder / "half"
        half.write_bytes(b"left by a killed process")

        parts.shelves.tidy(before=half.stat().st_mtime + 1)

        assert [path.suffix for path in parts.shelves.folder.iterdir()] == [".shelf"]


class TestSweep:
    def test_forgets_what_a_private_upload_looked_like(self, parts, artist, forger):
        _, cid = upload(artist, WORK)
        publish(parts, cid)
        upload(forger, likenesses.NEAR["grey"](WORK))

        sweeping.sweep(parts, now=NOON.replace(year=2031))

        with parts.sessions() as session:
            assert len(session.execute(select(FingerprintRow)).all()) == 1
            assert session.execute(select(LikenessRow)).all() == []
