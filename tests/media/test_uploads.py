import hashlib
import os
from base64 import b64encode
from dataclasses import replace

import pytest

from media import keeping, ledger, uploads
from media.disk import free_bytes
from media.errors import DiskAlmostFull, PrivateSpaceUsed
from media.jobs import CHECK_UPLOAD
from media.receiving import SETTLE_EVERY_BYTES, Checksum
from media.tables import UploadRow
from media.uploads import shown_name
from nft.content.profiles import DEFAULT
from nft.errors import (
    ChecksumMismatch,
    ChecksumNotKnown,
    FileEmpty,
    FileTooLarge,
    NoSuchUpload,
    NotYourUpload,
    OffsetMismatch,
    StoreUnavailable,
    TooManyUploads,
    UploadBusy,
    UploadExpired,
    UploadNotReady,
)
from nft.types import Digest
from tests.media import pictures
from tests.media.conftest import MANY

DATA = os.urandom(100_000)


def checksum_of(data, algorithm="sha256"):
    digest = hashlib.new(algorithm, data).digest()
    return Checksum.parse(f"{algorithm} {b64encode(digest).decode()}")


def part(artist, upload_id):
    return artist.parts.rules.part(upload_id)


class TestCreate:
    def test_begins_at_zero(self, artist):
        upload_id = artist.create(len(DATA))

        assert artist.offset(upload_id) == 0
        assert artist.facts(upload_id)["state"] == "receiving"
        assert artist.facts(upload_id)["media"] is None

    @pytest.mark.parametrize("length", [0, -1])
    def test_refuses_an_empty_file(self, artist, length):
        with pytest.raises(FileEmpty):
            artist.create(length)

    def test_refuses_a_length_above_the_limit_and_names_both(self, artist):
        with pytest.raises(FileTooLarge, match=f"{MANY + 1} bytes.*{MANY}"):
            artist.create(MANY + 1)

        assert list(artist.parts.rules.folder.iterdir()) == []

    def test_bounds_how_many_one_account_may_have_open(self, artist, forger):
        for _ in range(50):
            artist.create(1)

        with pytest.raises(TooManyUploads):
            artist.create(1)
        forger.create(1)

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\pictures\\work.png", "work.png"),
            ("gnp\u202eexe.png", "gnpexe.png"),
            ("a\0b\n.png", "ab.png"),
            ("", "unnamed"),
            ("x" * 500, "x" * 200),
        ],
    )
    def test_keeps_a_name_for_showing_only(self, given, shown):
        assert shown_name(given) == shown


class TestRoom:
    def test_bounds_what_one_account_may_have_unpublished(self, artist, forger):
        rules = replace(artist.parts.rules, max_private_bytes=250_000)
        tight = replace(artist, parts=replace(artist.parts, rules=rules))
        tight.create(100_000)
        tight.send(DATA)

        with pytest.raises(PrivateSpaceUsed, match=r"50001 bytes beside the 200000.*250000"):
            tight.create(50_001)

        tight.create(50_000)
        forger.create(200_000)

    def test_counts_neither_what_was_removed_nor_what_expired_nor_what_is_public(self, artist):
        rules = replace(artist.parts.rules, max_private_bytes=100_000)
        tight = replace(artist, parts=replace(artist.parts, rules=rules))
        tight.end(tight.send(DATA))
        public = tight.send(pictures.png(90, 60))
        tight.check(public)
        cid = tight.facts(public)["media"]["cids"][DEFAULT.name]
        with tight.parts.sessions.begin() as session:
            ledger.want(session, [cid], stores=["embedded"], holder="intent:1", now=tight.now)
        with pytest.raises(PrivateSpaceUsed):
            tight.create(100_000)

        keeping.pin(tight.parts, cid, "embedded", now=tight.now)
        tight.create(100_000)

        tight.later(hours=25).create(100_000)

    def test_leaves_so_much_of_the_disk_free(self, artist):
        free = free_bytes(artist.parts.rules.folder)
        rules = replace(artist.parts.rules, min_free_bytes=free * 2)
        begun = artist.create(len(DATA))
        full = replace(artist, parts=replace(artist.parts, rules=rules))

        with pytest.raises(DiskAlmostFull, match=str(free * 2)):
            full.create(1)
        with pytest.raises(DiskAlmostFull):
            full.append(begun, DATA)

        assert artist.offset(begun) == 0
        assert artist.append(begun, DATA) == [CHECK_UPLOAD]


class TestAnnouncedHash:
    def test_takes_the_file_that_was_announced(self, artist):
        upload_id = artist.send(DATA, sha256=Digest(hashlib.sha256(DATA).digest()))

        assert artist.facts(upload_id)["state"] == "checking"

    def test_refuses_another_file_and_says_so(self, artist):
        upload_id = artist.create(len(DATA), sha256=Digest(b"\1" * 32))

        jobs = artist.append(upload_id, DATA)

        facts = artist.facts(upload_id)
        assert jobs == []
        assert (facts["state"], facts["problem"]["code"]) == ("refused", "ChecksumMismatch")
        assert facts["media"] is None
        with pytest.raises(UploadNotReady, match="refused"):
            artist.append(upload_id, b"", offset=len(DATA))


class TestAppend:
    def test_takes_a_file_in_pieces_and_then_has_it_checked(self, artist):
        upload_id = artist.create(len(DATA))

        first = artist.append(upload_id, DATA[:40_000])
        second = artist.append(upload_id, DATA[40_000:], offset=40_000)

        assert (first, second) == ([], [CHECK_UPLOAD])
        assert part(artist, upload_id).read_bytes() == DATA
        assert artist.facts(upload_id)["state"] == "checking"

    @pytest.mark.parametrize("offset", [1, 39_999, 40_001])
    def test_refuses_bytes_for_another_place(self, artist, offset):
        upload_id = artist.create(len(DATA))
        artist.append(upload_id, DATA[:40_000])

        with pytest.raises(OffsetMismatch) as caught:
            artist.append(upload_id, b"x", offset=offset)

        assert caught.value.stands_at == 40_000
        assert artist.offset(upload_id) == 40_000

    def test_refuses_the_first_byte_beyond_the_length(self, artist):
        upload_id = artist.create(10)

        with pytest.raises(FileTooLarge, match="11 bytes"):
            artist.append(upload_id, b"x" * 11)

        assert artist.offset(upload_id) == 0

    def test_keeps_what_came_before_a_cut(self, artist):
        upload_id = artist.create(len(DATA))

        artist.append(upload_id, DATA[:30_000], is_whole=False)
        artist.append(upload_id, DATA[30_000:], offset=artist.offset(upload_id))

        assert part(artist, upload_id).read_bytes() == DATA

    def test_cuts_off_what_a_killed_server_wrote_beyond_the_row(self, artist):
        upload_id = artist.create(len(DATA))
        artist.append(upload_id, DATA[:10_000])
        with part(artist, upload_id).open("ab") as file:
            file.write(b"half of something")

        artist.append(upload_id, DATA[10_000:], offset=10_000)

        assert part(artist, upload_id).read_bytes() == DATA

    def test_says_so_when_the_disk_lost_what_was_counted(self, artist):
        upload_id = artist.create(len(DATA))
        artist.append(upload_id, DATA[:10_000])
        os.truncate(part(artist, upload_id), 5_000)

        with pytest.raises(StoreUnavailable, match="gone"):
            artist.append(upload_id, DATA[10_000:], offset=10_000)

    def test_lets_one_request_write_at_a_time(self, artist):
        upload_id = artist.create(len(DATA))
        with artist.parts.sessions() as session:
            row = session.get(UploadRow, upload_id)
        busy = uploads.receive(row, artist.parts.rules, offset=0, checksum=None)

        with pytest.raises(UploadBusy):
            artist.append(upload_id, DATA)

        busy.close()
        assert artist.append(upload_id, DATA) == [CHECK_UPLOAD]

    def test_settles_a_long_request_on_its_way(self, artist):
        data = os.urandom(SETTLE_EVERY_BYTES + 5)
        upload_id = artist.create(len(data))
        with artist.parts.sessions() as session:
            row = session.get(UploadRow, upload_id)
        receiving = uploads.receive(row, artist.parts.rules, offset=0, checksum=None)

        receiving.write(data[:-5])
        assert receiving.is_due
        with artist.parts.sessions.begin() as session:
            uploads.settle(session, receiving, artist.parts.rules, is_whole=False, now=artist.now)

        assert artist.offset(upload_id) == SETTLE_EVERY_BYTES
        assert not receiving.is_due
        receiving.close()

    def test_takes_nothing_more_once_all_is_there(self, artist):
        upload_id = artist.send(DATA)

        with pytest.raises(UploadNotReady, match="checking"):
            artist.append(upload_id, b"", offset=len(DATA))


class TestChecksum:
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512", "md5"])
    def test_takes_bytes_that_match(self, artist, algorithm):
        upload_id = artist.create(len(DATA))

        jobs = artist.append(upload_id, DATA, checksum=checksum_of(DATA, algorithm))

        assert jobs == [CHECK_UPLOAD]

    def test_counts_nothing_that_does_not_match(self, artist):
        upload_id = artist.create(len(DATA))
        artist.append(upload_id, DATA[:1000])

        with pytest.raises(ChecksumMismatch):
            artist.append(upload_id, b"wrong", offset=1000, checksum=checksum_of(DATA))

        assert artist.offset(upload_id) == 1000
        assert part(artist, upload_id).stat().st_size == 1000

    def test_counts_nothing_of_a_request_that_was_cut(self, artist):
        upload_id = artist.create(len(DATA))

        artist.append(upload_id, DATA[:1000], checksum=checksum_of(DATA), is_whole=False)

        assert artist.offset(upload_id) == 0

    @pytest.mark.parametrize(
        "header", ["", "sha256", "crc32 AAAA", "sha256 !!!", "sha256 AAAA", "sha1  ", "\u0660 x"]
    )
    def test_refuses_a_header_that_says_nothing(self, header):
        with pytest.raises(ChecksumNotKnown):
            Checksum.parse(header)


class TestOwner:
    def test_shows_and_gives_nothing_to_others(self, artist, forger):
        upload_id = artist.create(len(DATA))

        with pytest.raises(NotYourUpload):
            forger.offset(upload_id)
        with pytest.raises(NotYourUpload):
            forger.append(upload_id, DATA)
        with pytest.raises(NotYourUpload), forger.parts.sessions.begin() as session:
            uploads.terminate(
                session, forger.parts.rules, upload_id, owner=forger.owner, now=forger.now
            )
        assert artist.offset(upload_id) == 0

    @pytest.mark.parametrize("upload_id", ["", "0" * 32, "../../etc/passwd", "x" * 10_000])
    def test_knows_only_its_own_ids(self, artist, upload_id):
        with pytest.raises(NoSuchUpload):
            artist.offset(upload_id)

    @pytest.mark.parametrize("upload_id", ["", "../passwd", "0" * 31, "A" * 32])
    def test_makes_no_path_of_a_strangers_id(self, artist, upload_id):
        with pytest.raises(NoSuchUpload):
            artist.parts.rules.part(upload_id)


class TestEnd:
    def test_ends_at_its_owners_word(self, artist):
        upload_id = artist.create(len(DATA))
        artist.append(upload_id, DATA[:1000])

        with artist.parts.sessions.begin() as session:
            uploads.terminate(
                session, artist.parts.rules, upload_id, owner=artist.owner, now=artist.now
            )

        with pytest.raises(NoSuchUpload):
            artist.offset(upload_id)
        assert list(artist.parts.rules.folder.iterdir()) == []

    def test_tells_a_request_that_it_was_ended_meanwhile(self, artist):
        upload_id = artist.create(len(DATA))
        with artist.parts.sessions() as session:
            row = session.get(UploadRow, upload_id)
        receiving = uploads.receive(row, artist.parts.rules, offset=0, checksum=None)
        receiving.write(DATA)

        with artist.parts.sessions.begin() as session:
            uploads.terminate(
                session, artist.parts.rules, upload_id, owner=artist.owner, now=artist.now
            )

        with pytest.raises(NoSuchUpload), artist.parts.sessions.begin() as session:
            uploads.settle(session, receiving, artist.parts.rules, is_whole=True, now=artist.now)
        receiving.close()

    def test_expires_after_a_day_without_a_byte(self, artist):
        idle, busy = artist.create(len(DATA)), artist.create(len(DATA))
        artist.later(hours=20).append(busy, DATA[:1])
        tomorrow = artist.later(hours=25)

        with pytest.raises(UploadExpired):
            tomorrow.offset(idle)
        assert tomorrow.offset(busy) == 1

    def test_removes_what_expired_and_files_without_a_row(self, artist):
        idle = artist.create(len(DATA))
        stray = artist.parts.rules.part("f" * 32)
        stray.write_bytes(b"left by a killed server")
        looked_at = artist.parts.rules.folder / "checking-killed"
        looked_at.mkdir()
        (looked_at / "w480.webp").write_bytes(b"half")
        for path in (stray, looked_at, part(artist, idle)):
            os.utime(path, (artist.now.timestamp(), artist.now.timestamp()))
        fresh = artist.later(hours=20).create(1)

        with artist.parts.sessions.begin() as session:
            ended = uploads.expire(session, artist.parts.rules, now=artist.later(hours=25).now)

        assert ended == 1
        assert [path.stem for path in artist.parts.rules.folder.iterdir()] == [fresh]

    def test_is_not_ready_for_a_mint_before_it_was_checked(self, artist):
        upload_id = artist.create(len(DATA))

        with pytest.raises(UploadNotReady, match="receiving"), artist.parts.sessions() as session:
            uploads.ready(session, upload_id, owner=artist.owner, now=artist.now)
