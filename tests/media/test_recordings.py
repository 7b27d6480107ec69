"""Video and sound as works."""

import random
import socket
import struct

import pytest
from PIL import Image

from media.checks import Inspection, Problem, inspect
from media.decoders import streams
from media.decoders.video import decode as decode_video
from media.formats import Unfit, read_structure
from tests.media import recordings
from tests.media.recordings import SOUNDS, sound, video

VIDEOS = {
    "h264": ("mp4", "libx264", "aac", "video/mp4"),
    "hevc": ("mp4", "libx265", "aac", "video/mp4"),
    "av1": ("mp4", "libsvtav1", "libopus", "video/mp4"),
    "vp9": ("webm", "libvpx-vp9", "libopus", "video/webm"),
    "vp8": ("webm", "libvpx", None, "video/webm"),
    "quicktime": ("mov", "libx264", "aac", "video/quicktime"),
}
MP4 = video()
WEBM = video("webm", "libvpx-vp9", sound="libopus")
SOUND_FILES = {kind: sound(*how) for kind, how in SOUNDS.items()}


def boxed(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def codes(found) -> list[str]:
    assert isinstance(found, Inspection), found
    return [finding["code"] for finding in found.findings]


class TestVideo:
    @pytest.mark.parametrize("name", VIDEOS)
    def test_takes_what_browsers_play(self, look, name):
        form, codec, heard, media_type = VIDEOS[name]

        found = look(video(form, codec, sound=heard))

        assert isinstance(found, Inspection), found
        facts = (found.type, found.width, found.height, found.frames)
        assert facts == (media_type, 160, 120, 24)
        assert found.details["codec"] == ("h264" if name == "quicktime" else name)
        assert found.details["has_sound"] is (heard is not None)
        assert found.details["duration"] == pytest.approx(2.0, abs=0.2)
        assert found.details["fps"] == pytest.approx(12)

    def test_shows_the_first_frame_that_is_no_black(self, look):
        found = look(video(frames=24, black=10))

        assert [made.name for made in found.variants][:1] != []
        poster = recordings.opened(look.folder / found.variants[-1].name).convert("L")
        low, high = poster.getextrema()
        assert high - low > 100

    def test_makes_the_same_poster_every_time(self, look):
        look(MP4)
        first = {path.name: path.read_bytes() for path in look.folder.iterdir()}
        look(MP4)

        assert {path.name: path.read_bytes() for path in look.folder.iterdir()} == first

    def test_turns_what_was_taken_upright(self, look):
        # The matrix that a telephone held upright writes: a quarter turn.
        turned = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
        straight = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
        at = MP4.index(straight, MP4.index(b"tkhd"))

        found = look(MP4[:at] + turned + MP4[at + 36 :])

        assert isinstance(found, Inspection), found
        assert (found.width, found.height) == (120, 160)
        assert found.variants[0].height > found.variants[0].width

    def test_takes_a_file_in_fragments(self, look):
        found = look(video(options={"movflags": "frag_keyframe+empty_moov"}))

        assert isinstance(found, Inspection), found
        assert (found.frames, found.details["duration"]) == (24, pytest.approx(2.1, abs=0.2))

    @pytest.mark.parametrize(
        ("form", "codec", "pix_fmt", "told"),
        [
            ("mp4", "mpeg4", "yuv420p", "mp4v"),
            ("mov", "prores_ks", "yuv422p10le", "apch"),
        ],
    )
    def test_refuses_what_browsers_do_not_play(self, look, form, codec, pix_fmt, told):
        problem = look(video(form, codec, pix_fmt=pix_fmt, sound=None))

        assert isinstance(problem, Problem)
        assert problem.code == "CodecNotAccepted"
        assert told in problem.detail

    def test_refuses_sound_that_browsers_do_not_play(self, look):
        problem = look(video("mov", "libx264", sound="pcm_s16le"))

        assert isinstance(problem, Problem)
        assert problem.code == "CodecNotAccepted"

    def test_refuses_matroska_that_is_no_webm(self, look):
        problem = look(video("matroska", "libx264", sound=None))

        assert isinstance(problem, Problem)
        assert (problem.code, "WebM" in problem.detail) == ("TypeNotAccepted", True)

    @pytest.mark.parametrize("name", ["hevc", "h264"])
    def test_tells_what_is_not_played_everywhere(self, look, name):
        data = video(codec="libx265") if name == "hevc" else video(pix_fmt="yuv444p")

        assert codes(look(data)) == ["NotPlayedEverywhere"]

    def test_refuses_by_its_header_what_is_too_large(self, look):
        entry = MP4.index(b"avc1", MP4.index(b"stsd")) + 4
        changed = bytearray(MP4)
        struct.pack_into(">HH", changed, entry + 24, 30_000, 30_000)

        problem = look(bytes(changed))

        assert isinstance(problem, Problem)
        assert (problem.code, "30000 × 30000" in problem.detail) == ("TooManyPixels", True)

    def test_refuses_frames_that_are_larger_than_the_header_says(self, look):
        big = video(size=(640, 480))
        entry = big.index(b"avc1", big.index(b"stsd")) + 4
        changed = bytearray(big)
        struct.pack_into(">HH", changed, entry + 24, 64, 48)

        problem = look(bytes(changed))

        assert isinstance(problem, Problem)
        assert problem.code == "TooManyPixels"

    @pytest.mark.parametrize("data", [MP4, WEBM], ids=["mp4", "webm"])
    def test_refuses_a_file_cut_short(self, look, data):
        for part in (len(data) // 3, len(data) // 2, len(data) - 10):
            problem = look(data[:part])

            assert isinstance(problem, Problem), part
            assert problem.code in ("FileDamaged", "TrailingData")

    @pytest.mark.parametrize("data", [MP4, WEBM], ids=["mp4", "webm"])
    def test_refuses_a_second_file_behind_it(self, look, data):
        problem = look(data + b"<html><script>alert(1)</script>")

        assert isinstance(problem, Problem)
        assert problem.code == "TrailingData"

    def test_refuses_a_damaged_frame(self, look):
        start = MP4.index(b"mdat") + 4
        changed = bytearray(MP4)
        for at in range(start + 3000, min(start + 3400, len(changed))):
            changed[at] ^= 0x5A

        problem = look(bytes(changed))

        assert isinstance(problem, Problem)
        assert problem.code == "FileDamaged"

    def test_tells_where_it_was_taken(self, look):
        found = look(video(metadata={"location": "+48.8582+002.2945/"}))

        assert "GpsPosition" in codes(found)

    def test_tells_what_a_telephone_wrote(self, look):
        tags = {
            "com.apple.quicktime.location.ISO6709": "+48.8582+002.2945/",
            "com.apple.quicktime.make": "Apple",
            "com.apple.quicktime.model": "iPhone 17",
        }

        found = look(video("mov", metadata=tags, options={"movflags": "use_metadata_tags"}))

        assert codes(found) == ["GpsPosition", "CameraDetails"]
        assert "iPhone 17" in found.findings[1]["detail"]


class TestBudget:
    """Beyond so many pixels only key frames are decoded, and beyond twice as many nothing."""

    def decoded(self, tmp_path, seconds: float, **more):
        path = tmp_path / "long"
        data = video(frames=96, sound=None, codec_options={"g": "12", "bf": "0"}, **more)
        path.write_bytes(data)
        structure = read_structure(memoryview(data))
        budget = int(seconds * 12) * 160 * 120
        return decode_video(path, structure, tmp_path, budget=budget)

    def test_is_enough_for_all_of_a_short_work(self, tmp_path):
        answer = self.decoded(tmp_path, 9)

        assert answer["findings"] == []
        assert "decoded" not in answer["details"]

    def test_tells_up_to_where_a_longer_one_was_decoded(self, tmp_path):
        answer = self.decoded(tmp_path, 2)

        assert [finding["code"] for finding in answer["findings"]] == ["PartlyDecoded"]
        assert answer["details"]["decoded"] == pytest.approx(2.0, abs=0.2)
        assert answer["details"]["duration"] == pytest.approx(8.0, abs=0.2)
        assert answer["frames"] == 96


class TestOtherFiles:
    """A file that names others is refused, and nothing is asked of them."""

    def test_refuses_tracks_that_lie_elsewhere(self, look):
        at = MP4.index(b"url \0\0\0\1")
        changed = MP4[: at + 7] + b"\0" + MP4[at + 8 :]

        problem = look(changed)

        assert isinstance(problem, Problem)
        assert problem.code == "ExternalReference"

    def test_refuses_a_movie_of_references(self, look):
        moov = MP4.index(b"moov") - 4
        (size,) = struct.unpack_from(">I", MP4, moov)
        body = MP4[moov + 8 : moov + size] + boxed(b"rmra", bytes(8))
        data = MP4[:moov] + boxed(b"moov", body) + MP4[moov + size :]

        problem = look(data)

        assert isinstance(problem, Problem)
        assert problem.code == "ExternalReference"

    @pytest.mark.parametrize("media_type", streams.DEMUXERS)
    @pytest.mark.parametrize(
        "text",
        [
            "#EXTM3U\n#EXTINF:5,\n{target}\n#EXT-X-ENDLIST\n",
            "ffconcat version 1.0\nfile '{target}'\n",
            "<?xml version='1.0'?><MPD><Period><BaseURL>{target}</BaseURL></Period></MPD>",
        ],
        ids=["hls", "concat", "dash"],
    )
    def test_follows_no_playlist_even_past_our_own_walk(self, tmp_path, media_type, text):
        secret, listed = tmp_path / "secret.mp4", tmp_path / "list"
        secret.write_bytes(MP4)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            for target in (secret, f"http://127.0.0.1:{listener.getsockname()[1]}/a.mp4"):
                listed.write_text(text.format(target=target))

                packets = packets_of(listed, media_type)

                # The FLAC reader hands on any bytes; those of the list itself, at most.
                assert all(packet in listed.read_bytes() for packet in packets)
            assert not is_called(listener)

    def test_asks_no_address_for_a_track_even_past_our_own_walk(self, tmp_path):
        path = tmp_path / "work"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/a.mp4".encode() + b"\0"
            path.write_bytes(with_reference(video(sound=None), address))

            packets_of(path, "video/mp4")

            assert not is_called(listener)
            problem = inspect(path, tmp_path)
        assert isinstance(problem, Problem)
        assert problem.code == "ExternalReference"


def with_reference(data: bytes, address: bytes) -> bytes:
    """The file with its one track at an address; every box around that grows by as much."""
    made = bytearray(data)
    at = made.index(b"url \0\0\0\1")
    made[at + 4 : at + 8] = bytes(4)
    made[at + 8 : at + 8] = address
    parents = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref", b"url ")
    for name in parents:
        where = made.index(name) - 4
        (size,) = struct.unpack_from(">I", made, where)
        struct.pack_into(">I", made, where, size + len(address))
    return bytes(made)


def packets_of(path, media_type) -> list[bytes]:
    try:
        with streams.opened(path, media_type) as container:
            return [bytes(packet) for packet in container.demux()]
    except Unfit:
        return []


def is_called(listener: socket.socket) -> bool:
    listener.settimeout(0.05)
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


class TestSound:
    @pytest.mark.parametrize("media_type", SOUNDS)
    def test_takes_each_type(self, look, media_type):
        found = look(SOUND_FILES[media_type])

        assert isinstance(found, Inspection), found
        assert (found.type, found.width, found.frames) == (media_type, None, None)
        assert found.details["duration"] == pytest.approx(2.0, abs=0.05)
        assert (found.details["sample_rate"], found.details["channels"]) == (48_000, 2)
        assert (found.variants, found.blur, found.findings) == ((), None, ())

    def test_shows_the_cover_inside(self, look):
        found = look(sound("mp3", "libmp3lame", cover=recordings.cover(600)))

        assert isinstance(found, Inspection), found
        assert [made.name for made in found.variants][:2] != []
        assert {made.width for made in found.variants} == {480, 600}

    def test_leaves_out_a_cover_that_is_none(self, look):
        found = look(sound("mp3", "libmp3lame", cover=b"\x89PNG\r\n\x1a\n and no more"))

        assert "CoverUnreadable" in codes(found)
        assert found.variants == ()

    @pytest.mark.parametrize("media_type", SOUNDS)
    @pytest.mark.parametrize("tail", [b"<html><script>alert(1)</script>", b"\0" * 400])
    def test_refuses_a_second_file_behind_it(self, look, media_type, tail):
        problem = look(SOUND_FILES[media_type] + tail)

        assert isinstance(problem, Problem), problem
        assert problem.code in ("TrailingData", "FileDamaged")

    @pytest.mark.parametrize("media_type", SOUNDS)
    def test_refuses_a_file_cut_short(self, look, media_type):
        data = SOUND_FILES[media_type]

        for part in (len(data) // 2, len(data) - 7):
            problem = look(data[:part])

            assert isinstance(problem, Problem), part
            assert problem.code in ("FileDamaged", "TrailingData")

    def test_refuses_a_page_of_an_ogg_whose_sum_is_wrong(self, look):
        data = bytearray(SOUND_FILES["audio/ogg"])
        data[len(data) // 2] ^= 1

        problem = look(bytes(data))

        assert isinstance(problem, Problem)
        assert (problem.code, "sum" in problem.detail) == ("FileDamaged", True)

    def test_names_whom_the_tags_name(self, look):
        found = look(sound("flac", "flac", metadata={"artist": "Ann", "LOCATION": "48.1,2.2"}))

        assert codes(found) == ["GpsPosition", "AuthorDetails"]
        assert "Ann" in found.findings[1]["detail"]

    def test_refuses_what_takes_too_long_by_its_header(self, look):
        data = bytearray(SOUND_FILES["audio/flac"])
        facts = int.from_bytes(data[18:26], "big")
        data[18:26] = ((facts >> 36 << 36) | (1 << 36) - 1).to_bytes(8, "big")

        problem = look(bytes(data))

        assert isinstance(problem, Problem)
        assert problem.code == "TooLong"


MUTATED = {"mp4": MP4, "webm": WEBM, **{kind: data for kind, data in SOUND_FILES.items()}}


class TestMutations:
    @pytest.mark.parametrize("name", MUTATED)
    def test_walks_or_refuses_any_changed_file(self, name):
        """Headers are changed more often than what they describe; that is where walks decide."""
        chance = random.Random(name)
        for _ in range(400):
            data = changed(MUTATED[name], chance)
            try:
                structure = read_structure(memoryview(data))
            except Unfit:
                continue
            assert structure.end == len(data)

    @pytest.mark.parametrize("name", MUTATED)
    def test_answers_for_any_changed_file(self, name, tmp_path):
        chance = random.Random(f"{name} decoded")
        path, folder = tmp_path / "file", tmp_path / "variants"
        folder.mkdir()
        for _ in range(12):
            path.write_bytes(changed(MUTATED[name], chance))

            found = inspect(path, folder)

            assert isinstance(found, Inspection | Problem)


def changed(data: bytes, chance: random.Random) -> bytes:
    """The file with some bytes altered, taken out, doubled, or its end taken off."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        reach = len(made) if chance.random() < 0.4 else min(len(made), 1200)
        at = chance.randrange(reach)
        how = chance.randrange(4)
        if how == 0:
            made[at] = chance.randrange(256)
        elif how == 1:
            made[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\0\0\0"))
        elif how == 2:
            del made[at : at + chance.randint(1, 40)]
        else:
            made[at:at] = made[at : at + chance.randint(1, 200)]
        if len(made) < 16:
            break
    return bytes(made)


def test_poster_is_a_picture(look):
    found = look(MP4)

    with Image.open(look.folder / found.variants[0].name) as image:
        assert image.size == (160, 120)
