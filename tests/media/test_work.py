from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import select
from sqlmodel import col

from media import checking, keeping, ledger, sweeping, uploads
from media.embedded import EmbeddedPinner
from media.jobs import PIN, UNPIN
from media.pinning import MAX_ATTEMPTS, are_kept, wait_after
from media.store import BlockStore
from media.tables import ContentRow, PinRow, UploadRow, VariantRow
from nft.content import cid_of_digest
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.importer import import_pieces
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import BlockMissing, PinFailed, StoreUnavailable
from tests.media import pictures
from tests.media.conftest import NOON

PICTURE = pictures.png(1200, 800)


def check(person, upload_id):
    checking.check_upload(person.parts, upload_id, now=person.now)
    return person.facts(upload_id)


def want(parts, cid, holder="intent:1", stores=("embedded",)):
    with parts.sessions.begin() as session:
        return ledger.want(session, [cid], stores=stores, holder=holder, now=NOON)


def let_go(parts, holder="intent:1"):
    with parts.sessions.begin() as session:
        return ledger.let_go(session, holder=holder)


def pin_states(parts, cid):
    with parts.sessions() as session:
        return {pin.store: pin.state for pin in ledger.states(session, [cid])}


def public_files(parts):
    return list((parts.public.folder / "files").glob("*/*"))


def killed(*_):
    raise KeyboardInterrupt


def run(parts, jobs):
    for job in jobs:
        body = {PIN: keeping.pin, UNPIN: keeping.unpin}[job.name]
        body(parts, **job.args, now=NOON)


class TestCheckUpload:
    def test_finds_the_facts_of_a_good_file(self, artist):
        upload_id = artist.send(PICTURE)

        facts = check(artist, upload_id)

        expected = import_pieces([PICTURE], list(PROFILES.values()))
        assert facts["state"] == "ready"
        assert facts["problem"] is None
        assert facts["media"] == {
            "type": "image/png",
            "size": len(PICTURE),
            "sha256": "0x" + expected.sha256.hex(),
            "cids": expected.cids,
            "width": 1200,
            "height": 800,
            "frames": 1,
            "blur": facts["media"]["blur"],
            "kind": "image",
            "details": {},
            "pins": [],
        }

    def test_publishes_nothing(self, artist):
        check(artist, artist.send(PICTURE))

        assert public_files(artist.parts) == []
        assert artist.parts.private.find_file(import_pieces([PICTURE], []).sha256)

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"MZ" + bytes(99), "TypeNotAccepted"),
            (pictures.huge_png(), "TooManyPixels"),
            (PICTURE + b"<html>", "TrailingData"),
            (PICTURE[:1000], "FileDamaged"),
        ],
    )
    def test_refuses_a_bad_file_and_keeps_nothing_of_it(self, artist, data, code):
        upload_id = artist.send(data)

        facts = check(artist, upload_id)

        assert (facts["state"], facts["problem"]["code"]) == ("refused", code)
        assert facts["media"] is None
        assert list((artist.parts.private.folder / "files").glob("*/*")) == []
        assert list(artist.parts.rules.folder.iterdir()) == []

    def test_tells_the_artist_what_the_file_reveals(self, artist):
        upload_id = artist.send(pictures.jpeg(exif=pictures.geotagged_exif()))

        facts = check(artist, upload_id)

        assert facts["state"] == "ready"
        assert [finding["code"] for finding in facts["findings"]] == [
            "GpsPosition",
            "CameraDetails",
        ]

    def test_changes_nothing_when_it_runs_again(self, artist):
        upload_id = artist.send(PICTURE)
        first = check(artist, upload_id)

        assert check(artist, upload_id) == first

    def test_goes_on_after_it_was_killed_before_its_end(self, artist):
        upload_id = artist.send(PICTURE)
        artist.parts.private.add_file(artist.parts.rules.part(upload_id))

        assert check(artist, upload_id)["state"] == "ready"

    def test_says_when_the_file_is_gone(self, artist):
        upload_id = artist.send(PICTURE)
        artist.parts.rules.part(upload_id).unlink()

        with pytest.raises(StoreUnavailable):
            checking.check_upload(artist.parts, upload_id, now=NOON)

    def test_stores_once_what_two_people_upload(self, artist, forger):
        first, second = artist.send(PICTURE), forger.send(PICTURE)

        mine, theirs = check(artist, first), check(forger, second)

        assert mine["media"] == theirs["media"]
        with artist.parts.sessions() as session:
            assert len(session.execute(select(ContentRow)).all()) == 1

    def test_records_variants_with_their_cids(self, artist):
        check(artist, artist.send(PICTURE))

        with artist.parts.sessions() as session:
            rows = session.execute(select(VariantRow)).scalars().all()
        assert {row.name for row in rows} >= {"w480.webp", "w480.jpg"}
        assert all(artist.parts.private.has(Cid.parse(row.cid)) for row in rows)


@pytest.fixture
def picture(artist):
    """The CID of a checked picture."""
    upload_id = artist.send(PICTURE)
    return check(artist, upload_id)["media"]["cids"][DEFAULT.name]


class TestPin:
    def test_is_done_when_the_bytes_were_read_back(self, parts, picture):
        jobs = want(parts, picture)

        run(parts, jobs)

        assert pin_states(parts, picture) == {"embedded": "read_back"}
        root = Cid.parse(picture)
        assert b"".join(read_file(parts.public.open(root), root)) == PICTURE

    def test_publishes_the_variants_and_the_other_profiles_roots(self, parts, picture):
        run(parts, want(parts, picture))

        with parts.sessions() as session:
            variants = session.execute(select(col(VariantRow.cid))).scalars().all()
        others = import_pieces([PICTURE], list(PROFILES.values())).roots.values()
        assert all(parts.public.has(Cid.parse(cid)) for cid in variants)
        assert all(parts.public.has(link.cid) for link in others)

    def test_pins_a_metadata_document(self, parts):
        made = parts.private.add_bytes(b'{"name":"Work"}')
        cid = cid_of_digest(made.sha256)

        run(parts, want(parts, cid))

        assert pin_states(parts, cid) == {"embedded": "read_back"}

    def test_wants_nothing_twice(self, parts, picture):
        run(parts, want(parts, picture))

        assert want(parts, picture, holder="intent:2") == []

    def test_lets_a_mint_go_on_only_when_every_store_has_it(self, parts, picture):
        run(parts, want(parts, picture))
        with parts.sessions() as session:
            pins = ledger.states(session, [picture])

        assert are_kept(pins, cids=[picture], stores=["embedded"])
        assert not are_kept(pins, cids=[picture], stores=["embedded", "kubo"])
        assert not are_kept(pins, cids=[picture, "another"], stores=["embedded"])
        assert not are_kept(pins, cids=[picture], stores=[])

    def test_changes_nothing_when_it_runs_again(self, parts, picture):
        jobs = want(parts, picture)
        run(parts, jobs + jobs)

        assert pin_states(parts, picture) == {"embedded": "read_back"}

    def test_waits_longer_after_each_failure(self):
        assert [wait_after(number).total_seconds() for number in (1, 2, 3, 20)] == [2, 4, 8, 600]


class Liar(EmbeddedPinner):
    """Stands for a foreign service; says yes, and gives back what it likes."""

    name = "kubo"
    answer: Iterator[bytes] | None = None

    def read(self, source):
        if self.answer is None:
            raise PinFailed(self.name, str(source.cid), "it does not answer")
        return self.answer


class TestLyingStore:
    @pytest.fixture
    def liar(self, parts, tmp_path):
        place = BlockStore(tmp_path / "elsewhere")
        place.prepare()
        return Liar(parts.private, place)

    @pytest.fixture
    def with_liar(self, parts, liar):
        return replace(parts, pinners={**parts.pinners, "kubo": liar})

    @pytest.mark.parametrize("answer", [[b""], [b"wrong"], [PICTURE, b"more"], [PICTURE[:-1]]])
    def test_is_not_done_when_other_bytes_come_back(self, with_liar, liar, picture, answer):
        want(with_liar, picture, stores=["kubo"])
        liar.answer = iter(answer)

        with pytest.raises(PinFailed, match="other bytes"):
            keeping.pin(with_liar, picture, "kubo", now=NOON)

        assert pin_states(with_liar, picture) == {"kubo": "wanted"}

    def test_is_done_as_soon_as_the_right_bytes_come_back(self, with_liar, liar, picture):
        want(with_liar, picture, stores=["kubo"])
        with pytest.raises(PinFailed):
            keeping.pin(with_liar, picture, "kubo", now=NOON)

        liar.answer = iter([PICTURE])

        assert keeping.pin(with_liar, picture, "kubo", now=NOON) == "read_back"

    def test_gives_up_after_some_attempts_and_begins_again_when_wanted(
        self, with_liar, liar, picture
    ):
        want(with_liar, picture, stores=["kubo"])
        for _ in range(MAX_ATTEMPTS - 1):
            with pytest.raises(PinFailed):
                keeping.pin(with_liar, picture, "kubo", now=NOON)

        assert keeping.pin(with_liar, picture, "kubo", now=NOON) == "failed"
        assert pin_states(with_liar, picture) == {"kubo": "failed"}
        want(with_liar, picture, stores=["kubo"])
        assert pin_states(with_liar, picture) == {"kubo": "wanted"}

    def test_gives_up_on_a_store_that_drips(self, with_liar, liar, picture):
        seconds = count(step=100)
        slow = replace(with_liar, monotonic=lambda: next(seconds))
        want(slow, picture, stores=["kubo"])
        liar.answer = iter([PICTURE[:1], PICTURE[1:]])

        with pytest.raises(PinFailed, match="too slowly"):
            keeping.pin(slow, picture, "kubo", now=NOON)

    def test_leaves_the_embedded_store_alone(self, with_liar, picture):
        jobs = want(with_liar, picture, stores=["embedded", "kubo"])

        with pytest.raises(PinFailed):
            run(with_liar, jobs)

        assert pin_states(with_liar, picture) == {"embedded": "read_back", "kubo": "wanted"}

    def test_is_tried_again_by_the_sweep_of_unfinished_pins(self, with_liar, picture):
        want(with_liar, picture, stores=["kubo"])

        with with_liar.sessions() as session:
            early = ledger.unfinished(session, now=NOON)
            late = ledger.unfinished(session, now=NOON.replace(hour=13))

        assert [(job.name, job.args["store"]) for job in late] == [(PIN, "kubo")]
        assert early == []


class TestUnpin:
    def test_lets_go_of_every_byte(self, parts, picture):
        run(parts, want(parts, picture))

        run(parts, let_go(parts))

        assert public_files(parts) == []
        assert pin_states(parts, picture) == {}

    def test_keeps_what_somebody_else_wants(self, parts, picture):
        run(parts, want(parts, picture, holder="intent:1"))
        run(parts, want(parts, picture, holder="intent:2"))

        assert let_go(parts, "intent:1") == []

        assert pin_states(parts, picture) == {"embedded": "read_back"}

    def test_keeps_what_is_wanted_again_before_it_went(self, parts, picture):
        run(parts, want(parts, picture))
        jobs = let_go(parts)
        again = want(parts, picture, holder="intent:2")

        run(parts, jobs + again)

        assert pin_states(parts, picture) == {"embedded": "read_back"}
        assert parts.public.has(Cid.parse(picture))

    def test_takes_back_a_pin_that_was_let_go_while_it_was_made(self, parts, picture):
        jobs = want(parts, picture)
        unpins = let_go(parts)

        run(parts, jobs + unpins)

        assert not parts.public.has(Cid.parse(picture))
        assert pin_states(parts, picture) == {}

    def test_takes_back_variants_of_a_pin_let_go_at_its_end(self, parts, picture, monkeypatch):
        jobs = want(parts, picture)
        unpins = []
        publish = keeping.publish_variants

        def let_go_meanwhile(*given):
            publish(*given)
            unpins.extend(let_go(parts))

        monkeypatch.setattr(keeping, "publish_variants", let_go_meanwhile)
        run(parts, jobs)
        run(parts, unpins)

        assert public_files(parts) == []
        assert pin_states(parts, picture) == {}

    def test_takes_variants_back_though_killed_on_the_way(self, parts, picture, monkeypatch):
        run(parts, want(parts, picture))
        jobs = let_go(parts)
        withdraw = keeping._withdraw_variants
        monkeypatch.setattr(keeping, "_withdraw_variants", killed)
        with pytest.raises(KeyboardInterrupt):
            run(parts, jobs)
        monkeypatch.setattr(keeping, "_withdraw_variants", withdraw)

        run(parts, jobs)

        assert public_files(parts) == []

    def test_waits_for_a_wish_that_is_about_to_be_written(self, parts, picture):
        run(parts, want(parts, picture))
        with ThreadPoolExecutor(1) as pool, parts.sessions.begin() as session:
            ledger.want(session, [picture], stores=["embedded"], holder="intent:2", now=NOON)
            ending = pool.submit(let_go, parts)
            with pytest.raises(TimeoutError):
                ending.result(timeout=1)
            session.commit()
            unpins = ending.result(timeout=10)

        assert unpins == []
        assert pin_states(parts, picture) == {"embedded": "read_back"}

    def test_hands_a_works_content_on_to_its_token(self, parts, picture):
        run(parts, want(parts, picture))

        with parts.sessions.begin() as session:
            ledger.hand_on(session, holder="intent:1", to="token:x", now=NOON)

        assert let_go(parts, "intent:1") == []
        assert len(let_go(parts, "token:x")) == 1


class TestSweep:
    def test_drops_what_no_work_uses_after_a_month(self, artist, picture):
        gone = sweeping.sweep(artist.parts, now=artist.later(days=31).now)

        assert gone == 2  # the upload and its content
        assert list((artist.parts.private.folder / "files").glob("*/*")) == []
        with artist.parts.sessions() as session:
            assert session.execute(select(VariantRow)).all() == []

    def test_keeps_what_is_pinned(self, artist, picture):
        run(artist.parts, want(artist.parts, picture))

        sweeping.sweep(artist.parts, now=artist.later(days=31).now)

        assert artist.parts.public.has(Cid.parse(picture))
        with artist.parts.sessions() as session:
            assert len(session.execute(select(PinRow)).all()) == 1

    def test_takes_nothing_from_a_file_that_is_being_uploaded_again(
        self, artist, picture, monkeypatch
    ):
        late = artist.later(days=31)
        with late.parts.sessions.begin() as session:
            uploads.expire(session, late.parts.rules, now=late.now)
        monkeypatch.setattr(uploads, "expire", lambda *_, now: 0)
        again = late.send(PICTURE)
        with late.parts.sessions.begin() as session:
            # The sweep looked before the last byte came: it does not know whose file this is.
            session.get(UploadRow, again).sha256 = None
        add = BlockStore.add_file
        swept = []

        def add_and_sweep(store, *given, **named):
            added = add(store, *given, **named)
            if not swept:
                swept.append(sweeping.sweep(late.parts, now=late.now))
            return added

        monkeypatch.setattr(BlockStore, "add_file", add_and_sweep)

        assert check(late, again)["state"] == "ready"

        assert swept == [1]
        assert late.parts.private.has(Cid.parse(picture))
        assert keeping.source_of(late.parts, picture).size == len(PICTURE)

    def test_says_that_swept_content_cannot_be_pinned(self, artist, picture):
        sweeping.sweep(artist.parts, now=artist.later(days=31).now)

        with pytest.raises(BlockMissing):
            keeping.source_of(artist.parts, picture)

    def test_lets_a_finished_upload_wait_for_its_mint(self, artist, picture):
        assert sweeping.sweep(artist.parts, now=artist.later(days=29).now) == 0

        with artist.parts.sessions() as session:
            upload_id = f"{1:032x}"
            row = uploads.ready(
                session, upload_id, owner=artist.owner, now=artist.later(days=29).now
            )
        assert row.cids[DEFAULT.name] == picture
