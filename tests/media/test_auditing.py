"""Audits: what does not come back falls, is told, and is brought again (R33, R34)."""

import os
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select, text, update
from sqlmodel import col

from media import auditing, keeping, ledger
from media.auditing import EVERYTHING, AuditPlan
from media.embedded import EmbeddedPinner
from media.pinning import PlaceSilent
from media.store import BlockStore
from media.tables import ContentRow, MetadataRow
from media.tables_pins import HealthRow, MediaOutboxRow, PinEventRow, PinRow, PlaceRow
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import BlockMissing, PinFailed
from nft.types import Digest
from tests.media.conftest import NOON

WORK = os.urandom(2_500_000)
LATER = NOON + timedelta(days=4)


class Vault(EmbeddedPinner):
    """A place of its own folder, standing for a foreign one, that does as it is told."""

    def __init__(self, name, private, folder):
        store = BlockStore(folder)
        store.prepare()
        super().__init__(private, store)
        self.name = name
        self.store = store
        self.trouble = None
        self.spoils = False

    def _check(self, cid):
        if self.trouble is not None:
            raise self.trouble(self.name, str(cid), "so it was told")

    def pin(self, source):
        self._check(source.cid)
        return super().pin(source)

    def read(self, source):
        self._check(source.cid)
        for piece in super().read(source):
            yield piece[:-1] + b"?" if self.spoils else piece


@pytest.fixture
def vault(parts, tmp_path):
    return Vault("vault", parts.private, tmp_path / "vault")


@pytest.fixture
def house(parts, vault):
    """Media with two places."""
    return replace(parts, pinners={**parts.pinners, "vault": vault})


@pytest.fixture
def work(house):
    """The CID of a work that is kept in both."""
    return keep(house, WORK)


def keep(parts, data, holder="token:1", replicas=None):
    made = parts.private.add_bytes(data, profiles=list(PROFILES.values()))
    cid = made.cids[DEFAULT.name]
    with parts.sessions.begin() as session:
        session.add(
            ContentRow(
                sha256=Digest(made.sha256),
                cid=cid,
                profile=DEFAULT.name,
                size=made.size,
                type="image/png",
            )
        )
        jobs = ledger.want(
            session, [cid], stores=list(parts.pinners), holder=holder, now=NOON, replicas=replicas
        )
    for job in jobs:
        keeping.pin(parts, **job.args, now=NOON)
    return cid


def states(parts, cid):
    with parts.sessions() as session:
        return {pin.store: pin.state for pin in ledger.states(session, [cid])}


def health(parts, cid):
    with parts.sessions() as session:
        row = session.get(HealthRow, cid)
        return row and (row.state, row.standing, row.wanted)


def told(parts):
    with parts.sessions() as session:
        query = select(col(MediaOutboxRow.kind)).order_by(col(MediaOutboxRow.id))
        return list(session.execute(query).scalars())


def history(parts, cid, store):
    with parts.sessions() as session:
        query = select(PinEventRow).where(
            col(PinEventRow.cid) == cid, col(PinEventRow.store) == store
        )
        return [row.to_state for row in session.execute(query.order_by("id")).scalars()]


def audit(parts, store, plan=EVERYTHING, now=LATER, **more):
    return auditing.audit(parts, store, plan, now=now, **more)


def forget(vault, cid):
    vault.unpin(Cid.parse(cid))


def rot(store, data):
    """One bit of a file on disk turns, under every name that it has."""
    import hashlib

    path = store.find_file(hashlib.sha256(data).digest())
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(len(data) // 2)
        byte = file.read(1)[0]
        file.seek(len(data) // 2)
        file.write(bytes([byte ^ 1]))


class TestAudit:
    def test_reads_every_copy_and_says_when(self, house, work):
        found = audit(house, "vault")

        with house.sessions() as session:
            row = ledger.find(session, work, "vault")
        assert (found.checked, found.problems, found.repaired) == (1, [], 0)
        assert row.read_at == LATER
        assert told(house) == []

    def test_brings_again_what_a_place_forgot(self, house, vault, work):
        forget(vault, work)

        found = audit(house, "vault")

        assert (found.repaired, found.problems) == (1, [])
        assert states(house, work) == {"embedded": "read_back", "vault": "read_back"}
        assert history(house, work, "vault") == [
            "wanted",
            "pinned",
            "read_back",
            "at_risk",
            "read_back",
        ]
        assert told(house) == ["media.at_risk", "media.restored"]

    def test_only_says_so_without_repair(self, house, vault, work):
        forget(vault, work)

        found = audit(house, "vault", repair=False)

        assert [problem["state"] for problem in found.problems] == ["at_risk"]
        assert health(house, work) == ("at_risk", 1, 2)
        assert told(house) == ["media.at_risk"]

    def test_does_not_believe_other_bytes(self, house, vault, work):
        vault.spoils = True

        found = audit(house, "vault")

        assert "at_risk" in found.problems[0]["state"]
        assert health(house, work) == ("at_risk", 1, 2)

    def test_restores_when_the_place_is_well_again(self, house, vault, work):
        vault.spoils = True
        audit(house, "vault")
        vault.spoils = False

        with house.sessions.begin() as session:
            jobs = ledger.unfinished(session, now=LATER + timedelta(hours=1))
        for job in jobs:
            keeping.pin(house, **job.args, now=LATER + timedelta(hours=1))

        assert [job.priority for job in jobs] == [-10]
        assert health(house, work) == ("kept", 2, 2)
        assert told(house) == ["media.at_risk", "media.restored"]

    def test_tells_nothing_while_enough_copies_stand(self, house, vault):
        cid = keep(house, WORK, replicas=1)
        vault.spoils = True

        audit(house, "vault")

        assert states(house, cid)["vault"] == "at_risk"
        assert health(house, cid) == ("kept", 1, 1)
        assert told(house) == []

    def test_forgives_a_place_that_is_silent_for_a_while(self, house, vault, work):
        vault.trouble = PlaceSilent

        audit(house, "vault")
        audit(house, "vault")
        before = states(house, work)
        vault.trouble = None
        audit(house, "vault")

        assert before["vault"] == "read_back"
        with house.sessions() as session:
            assert ledger.find(session, work, "vault").attempts == 0
        assert told(house) == []

    def test_counts_a_copy_as_fallen_when_the_place_stays_silent(self, house, vault, work):
        vault.trouble = PlaceSilent

        for _ in range(3):
            audit(house, "vault")

        assert states(house, work)["vault"] == "at_risk"
        with house.sessions() as session:
            place = session.get(PlaceRow, "vault")
        assert place.silent_since == LATER
        assert told(house) == ["media.at_risk"]

    def test_does_not_go_on_in_a_place_that_is_silent(self, house, vault):
        for number in range(6):
            keep(house, bytes([number]) * 1000, holder=f"token:{number}")
        vault.trouble = PlaceSilent

        found = audit(house, "vault")

        assert found.checked == 3

    def test_gives_up_on_a_place_that_drips(self, house, vault, work):
        seconds = count(step=70)
        slow = replace(house, monotonic=lambda: next(seconds))

        found = audit(slow, "vault")

        assert "too slowly" in found.problems[0]["problem"]
        assert states(house, work)["vault"] == "read_back"

    def test_leaves_a_place_to_one_worker_at_a_time(self, house, work):
        with house.engine.connect() as other:
            key = text("select pg_advisory_lock(hashtextextended('media audit:vault', 0))")
            other.execute(key)

            assert audit(house, "vault").checked == 0


class TestSample:
    PLAN = AuditPlan(days=7)

    def test_reads_nothing_before_half_of_the_time(self, house, work):
        assert audit(house, "vault", self.PLAN, now=NOON + timedelta(days=3)).checked == 0
        assert audit(house, "vault", self.PLAN, now=NOON + timedelta(days=4)).checked == 1
        assert audit(house, "vault", self.PLAN, now=NOON + timedelta(days=4)).checked == 0

    def test_goes_round_through_everything_within_its_budget(self, house):
        works = [keep(house, bytes([n]) * 1000, holder=f"token:{n}") for n in range(6)]
        plan = AuditPlan(days=7, most_bytes=2000)

        runs = [audit(house, "vault", plan).checked for _ in range(4)]

        with house.sessions() as session:
            read = session.execute(
                select(col(PinRow.cid)).where(
                    col(PinRow.store) == "vault", col(PinRow.read_at) == LATER
                )
            )
            assert sorted(read.scalars()) == sorted(works)
        assert runs == [2, 2, 2, 0]

    def test_reads_the_oldest_first(self, house):
        first, second = keep(house, b"first"), keep(house, b"second", holder="token:2")
        with house.sessions.begin() as session:
            session.execute(
                update(PinRow)
                .where(col(PinRow.cid) == first)
                .values(read_at=NOON + timedelta(hours=1))
            )

        audit(house, "vault", AuditPlan(days=7, most_bytes=1))

        with house.sessions() as session:
            assert ledger.find(session, second, "vault").read_at == LATER
            assert ledger.find(session, first, "vault").read_at != LATER

    def test_takes_a_share_that_covers_all_in_half_of_the_time(self):
        plan = AuditPlan(days=7)

        assert plan.share(1_000_000) * plan.runs_a_day * 3.5 >= 1_000_000
        assert plan.share(0) == 20


class TestRot:
    def test_mends_our_own_store_from_another_place(self, house, vault, work, tmp_path):
        vault.store.mend(
            house.private.find_file(digest(WORK)), sha256=digest(WORK), profiles=[DEFAULT]
        )
        rot(house.public, WORK)
        rot_is_in_both = not same(house.private, work)

        found = audit(house, "embedded")

        assert rot_is_in_both
        assert (found.repaired, found.problems) == (1, [])
        assert same(house.public, work)
        assert same(house.private, work)
        assert told(house) == ["media.at_risk", "media.restored"]

    def test_makes_a_foreign_copy_again_from_a_third_place(self, house, vault, work, tmp_path):
        third = Vault("third", house.private, tmp_path / "third")
        wide = replace(house, pinners={**house.pinners, "third": third})
        with wide.sessions.begin() as session:
            jobs = ledger.extend(session, stores=list(wide.pinners), replicas=3, now=NOON)
        for job in jobs:
            keeping.pin(wide, **job.args, now=NOON)
        third.store.mend(
            house.private.find_file(digest(WORK)), sha256=digest(WORK), profiles=[DEFAULT]
        )
        rot(house.private, WORK)
        forget(vault, work)

        found = audit(wide, "vault")

        assert (found.repaired, found.problems) == (1, [])
        assert same(house.private, work)
        assert b"".join(vault.read(keeping.source_of(house, work))) == WORK

    def test_mends_a_document_from_its_row(self, house, vault):
        body = b'{"name":"Work"}'
        made = house.private.add_bytes(body)
        cid = made.cids[DEFAULT.name]
        with house.sessions.begin() as session:
            session.add(MetadataRow(digest=Digest(made.sha256), body=body, document={}))
            jobs = ledger.want(session, [cid], stores=["embedded"], holder="x", now=NOON)
        for job in jobs:
            keeping.pin(house, **job.args, now=NOON)
        rot(house.public, body)

        found = audit(house, "embedded")

        assert (found.repaired, found.problems) == (1, [])
        assert same(house.public, cid, body)

    def test_mends_a_lost_record(self, house, work):
        for store in (house.public, house.private):
            path = next((store.folder / "trees").glob(f"*/{Cid.parse(work).digest.hex()}"))
            path.chmod(0o644)
            path.write_bytes(b"{")

        found = audit(house, "embedded")

        assert (found.repaired, found.problems) == (1, [])
        assert same(house.public, work)

    def test_says_that_a_work_is_lost_when_nobody_has_its_bytes(self, house, vault, work):
        forget(vault, work)
        rot(house.private, WORK)

        audit(house, "vault", repair=False)
        found = audit(house, "embedded")

        assert [problem["state"] for problem in found.problems] == ["lost"]
        assert states(house, work) == {"embedded": "lost", "vault": "at_risk"}
        assert health(house, work) == ("lost", 0, 2)
        assert told(house) == ["media.at_risk", "media.lost"]

    def test_does_not_call_lost_what_a_silent_place_may_have(self, house, vault, work):
        rot(house.private, WORK)
        vault.trouble = PlaceSilent

        audit(house, "embedded")

        assert states(house, work)["embedded"] == "at_risk"

    def test_brings_back_what_was_lost_when_somebody_has_it_after_all(self, house, vault, work):
        saved = house.private.find_file(digest(WORK)).read_bytes()
        forget(vault, work)
        rot(house.private, WORK)
        audit(house, "vault", repair=False)
        audit(house, "embedded")
        for store in (house.private, house.public):
            path = store.folder / "saved"
            path.write_bytes(saved)
            store.mend(path, sha256=digest(WORK), profiles=list(PROFILES.values()))

        for store in house.pinners:
            audit(house, store)

        assert health(house, work) == ("kept", 2, 2)
        assert told(house) == ["media.at_risk", "media.lost", "media.at_risk", "media.restored"]

    def test_mends_a_folder_from_another_place(self, house, vault, tmp_path):
        files = {}
        for name in ("index.html", "js/app.js"):
            files[name] = tmp_path / name.replace("/", "_")
            files[name].write_bytes(os.urandom(100_000))
        root = house.private.add_folder(files)
        with house.sessions.begin() as session:
            session.add(
                ContentRow(
                    sha256=Digest(root.digest),
                    cid=str(root),
                    profile=DEFAULT.name,
                    size=200_000,
                    type="application/zip",
                )
            )
            jobs = ledger.want(
                session, [str(root)], stores=list(house.pinners), holder="x", now=NOON
            )
        for job in jobs:
            keeping.pin(house, **job.args, now=NOON)
        data = files["js/app.js"].read_bytes()
        vault.store.mend_folder(files, root=root)
        for path in files.values():
            path.unlink()
        rot(house.public, data)

        found = audit(house, "embedded")

        assert (found.repaired, found.problems) == (1, [])
        assert audit(house, "embedded").problems == []
        assert house.private.find_file(digest(data)).read_bytes() == data


def digest(data):
    import hashlib

    return hashlib.sha256(data).digest()


def same(store, cid, data=WORK):
    fresh = BlockStore(store.folder)
    root = Cid.parse(cid)
    try:
        return b"".join(read_file(fresh.open(root), root)) == data
    except Exception:
        return False


class TestPlaces:
    def test_come_and_the_works_follow(self, parts, vault):
        cid = keep(parts, WORK)
        wide = replace(parts, pinners={**parts.pinners, "vault": vault})

        with wide.sessions.begin() as session:
            jobs = ledger.extend(session, stores=list(wide.pinners), replicas=2, now=NOON)
        coming = health(wide, cid)
        for job in jobs:
            keeping.pin(wide, **job.args, now=NOON)

        assert [(job.args["store"], job.priority) for job in jobs] == [("vault", -10)]
        assert coming == ("coming", 1, 2)
        assert health(wide, cid) == ("kept", 2, 2)
        assert told(wide) == []

    def test_go_and_their_pins_end(self, house, work):
        with house.sessions.begin() as session:
            count = ledger.retire(session, stores=["embedded"], now=NOON)

        assert count == 1
        assert states(house, work) == {"embedded": "read_back"}
        assert history(house, work, "vault")[-2:] == ["unwanted", "removed"]

    def test_of_whose_word_is_all_there_is_count_for_nothing(self, house, vault):
        vault.can_be_read = False

        cid = keep(house, WORK, replicas=1)

        assert states(house, cid) == {"embedded": "read_back", "vault": "pinned"}
        assert health(house, cid) == ("kept", 1, 1)

    def test_of_that_kind_are_asked_in_an_audit(self, house, vault):
        vault.can_be_read = False
        cid = keep(house, WORK, replicas=1)
        forget(vault, cid)

        found = audit(house, "vault")

        assert found.repaired == 1
        assert history(house, cid, "vault") == ["wanted", "pinned", "at_risk", "pinned"]


class TestFetching:
    def test_waits_and_begins_anew_after_an_hour(self, house, vault):
        unpinned = []

        def queue(source):
            return False

        vault.pin = queue
        vault.unpin = unpinned.append
        made = house.private.add_bytes(WORK)
        cid = made.cids[DEFAULT.name]
        with house.sessions.begin() as session:
            ledger.want(session, [cid], stores=["vault"], holder="x", now=NOON)

        with pytest.raises(PinFailed, match="still fetching"):
            keeping.pin(house, cid, "vault", now=NOON)
        with pytest.raises(PinFailed, match="still fetching"):
            keeping.pin(house, cid, "vault", now=NOON + timedelta(minutes=59))
        first = states(house, cid)
        with pytest.raises(PinFailed, match="fetching since 12:00"):
            keeping.pin(house, cid, "vault", now=NOON + timedelta(minutes=61))

        assert first == {"vault": "sent"}
        assert states(house, cid) == {"vault": "wanted"}
        assert [str(one) for one in unpinned] == [cid]
        assert history(house, cid, "vault") == ["wanted", "sent", "wanted"]


class TestHistory:
    def test_stays_when_the_pin_is_gone(self, house, work):
        with house.sessions.begin() as session:
            jobs = ledger.let_go(session, holder="token:1", now=NOON)
        for job in jobs:
            keeping.unpin(house, **job.args, now=NOON)

        assert states(house, work) == {}
        assert health(house, work) is None
        assert history(house, work, "vault") == [
            *("wanted", "pinned", "read_back", "unwanted", "removed"),
        ]

    def test_says_nothing_of_a_work_that_nobody_wants(self, house, vault, work):
        vault.spoils = True
        audit(house, "vault")
        with house.sessions.begin() as session:
            jobs = ledger.let_go(session, holder="token:1", now=NOON)
        for job in jobs:
            keeping.unpin(house, **job.args, now=NOON)

        assert told(house) == ["media.at_risk"]
        with pytest.raises(BlockMissing):
            house.public.get(Cid.parse(work))
