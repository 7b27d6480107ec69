"""
Sound files: MP3, WAV, FLAC and Ogg, walked frame by frame, chunk by chunk, page by page.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from media.formats.base import Structure, Unfit
from media.formats.kinds import FLAC, MP3, OGG, WAV
from media.formats.timed import MAX_SECONDS

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_WAV_CODINGS = {1: "pcm", 3: "pcm_float"}
_EXTENSIBLE = 0xFFFE


def _sound(media_type: str, codec: str, rate: int, samples: int, end: int) -> Structure:
    if not rate:
        raise Unfit("FileDamaged", "the sound says no sample rate")
    seconds = samples / rate
    if seconds > MAX_SECONDS:
        raise Unfit("TooLong", f"the work takes {seconds:.0f} seconds; at most {MAX_SECONDS}")
    details = {
        "duration": round(seconds, 3),
        "codec": codec,
        "sample_rate": rate,
        "has_sound": True,
    }
    return Structure(media_type, 0, 0, frames=0, end=end, details=details)


@dataclass(frozen=True, slots=True)
class _Frame:
    """One frame of an MP3 by its header."""

    size: int
    rate: int
    samples: int


def is_mp3(head: bytes) -> bool:
    """Whether the bytes begin with an ID3 tag, or with a frame of layer III."""
    return head[:3] == b"ID3" or (len(head) >= 4 and _mp3_frame(memoryview(head), 0) is not None)


def walk_mp3(data: memoryview) -> Structure:
    """Tags before and after, and nothing but whole frames between them."""
    at = _after_tags(data)
    first = _mp3_frame(data, at)
    if first is None:
        raise Unfit("FileDamaged", f"the MP3 has no frame at byte {at}")
    samples = count = 0
    promised = _promised(data, at, first)
    while (frame := _mp3_frame(data, at)) is not None:
        if at + frame.size > len(data):
            raise IndexError
        samples += frame.samples
        count += 1
        at += frame.size
    if promised and count < promised:
        raise Unfit("FileDamaged", f"the MP3 has {count} frames and promises {promised}")
    return _sound(MP3, "mp3", first.rate, samples, _after_trailers(data, at))


def _mp3_frame(data: memoryview, at: int) -> _Frame | None:
    if at + 4 > len(data):
        return None
    (head,) = struct.unpack_from(">I", data, at)
    version, layer = head >> 19 & 3, head >> 17 & 3
    bits, rate = head >> 12 & 15, head >> 10 & 3
    if head >> 21 != 0x7FF or version == 1 or layer != 1 or bits in (0, 15) or rate == 3:
        return None
    speed = _RATES[version][rate]
    kilobits = (_BITRATES_1 if version == 3 else _BITRATES_2)[bits]
    samples = 1152 if version == 3 else 576
    return _Frame(samples // 8 * kilobits * 1000 // speed + (head >> 9 & 1), speed, samples)


def _after_tags(data: memoryview) -> int:
    at = 0
    while bytes(data[at : at + 3]) == b"ID3":
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    while at < len(data) and data[at] == 0 and at < 1 << 20:
        at += 1  # padding that some taggers leave
    return at


def _promised(data: memoryview, at: int, first: _Frame) -> int:
    """How many frames the Xing header announces, that header's own among them; 0 without one."""
    body = bytes(data[at : at + min(first.size, 64)])
    for name in (b"Xing", b"Info"):
        found = body.find(name)
        if found >= 0 and body[found + 7] & 1:
            return int.from_bytes(body[found + 8 : found + 12], "big")
    return 0


def _after_trailers(data: memoryview, at: int) -> int:
    """APE and ID3v1 tags stand behind the sound."""
    if bytes(data[at : at + 8]) == b"APETAGEX":
        size, _, flags = struct.unpack_from("<III", data, at + 12)
        at += size + (32 if flags & 1 << 31 else 0)
    if bytes(data[at : at + 3]) == b"TAG" and at + 128 == len(data):
        at += 128
    return at


def walk_wav(data: memoryview) -> Structure:
    """Chunks up to the size that RIFF declares."""
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size + (size & 1 if 8 + size < len(data) else 0)
    if end > len(data):
        raise IndexError
    at = 12
    form: tuple[int, ...] = ()
    length = -1
    while at + 8 <= end:
        kind, inner = struct.unpack_from("<4sI", data, at)
        if at + 8 + inner > end:
            raise IndexError
        if kind == b"fmt ":
            form = struct.unpack_from("<HHIIHH", data, at + 8)
            if form[0] == _EXTENSIBLE:
                form = (*struct.unpack_from("<H", data, at + 32), *form[1:])
        elif kind == b"data":
            length = inner
        at += 8 + inner + (inner & 1)
    if not form or length < 0 or at < end:
        raise Unfit("FileDamaged", "the WAV's parts do not fill it")
    coding, channels, rate, _, block, bits = form
    if coding not in _WAV_CODINGS or bits not in (8, 16, 24, 32, 64) or not 1 <= channels <= 8:
        raise Unfit(
            "CodecNotAccepted",
            f"the WAV is coded as {coding:#x} with {bits} bits and {channels} channels; taken are "
            "PCM of up to 32 bits and floats, in up to 8 channels",
        )
    if block != channels * bits // 8:
        raise Unfit("FileDamaged", f"the WAV's samples take {block} bytes each")
    return _sound(WAV, _WAV_CODINGS[coding], rate, length // block, end)


def walk_flac(data: memoryview) -> Structure:
    """
    The metadata blocks; frames can be told apart by decoding only.

    The decoder therefore counts samples and checks the last frame's sum over every byte up to the
    end of the file.
    """
    at = 4
    rate = samples = 0
    is_last = False
    while not is_last:
        (head,) = struct.unpack_from(">I", data, at)
        is_last, kind, size = bool(head >> 31), head >> 24 & 0x7F, head & 0xFFFFFF
        if kind == 127 or at + 4 + size > len(data):
            raise IndexError
        if at == 4:
            if kind != 0 or size != 34:
                raise Unfit("FileDamaged", "the FLAC does not begin with its stream's facts")
            facts = int.from_bytes(data[at + 14 : at + 22], "big")
            rate, samples = facts >> 44, facts & (1 << 36) - 1
        at += 4 + size
    if at + 2 > len(data) or data[at] != 0xFF or data[at + 1] & 0xFC != 0xF8:
        raise Unfit("FileDamaged", f"the FLAC has no frame at byte {at}")
    return _sound(FLAC, "flac", rate, samples, len(data))


_BACKWARDS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _ogg_sum(page: bytes) -> int:
    """Ogg's checksum by zlib's: the same polynomial with every byte's bits the other way round."""
    found = zlib.crc32(page.translate(_BACKWARDS), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{found:032b}"[::-1], 2)


def walk_ogg(data: memoryview) -> Structure:
    """Pages of one stream, each with its sum, from its first flag to its last."""
    codec, rate, skip = _ogg_codec(data)
    (serial,) = struct.unpack_from("<I", data, 14)
    at = number = granule = 0
    is_over = False
    while at < len(data) and not is_over:
        if bytes(data[at : at + 5]) != b"OggS\0":
            raise Unfit("FileDamaged", f"the Ogg has no page at byte {at}")
        flags = data[at + 5]
        position, stream, sequence, told = struct.unpack_from("<QIII", data, at + 6)
        count = data[at + 26]
        size = 27 + count + sum(data[at + 27 : at + 27 + count])
        if at + size > len(data):
            raise IndexError
        page = bytes(data[at : at + size])
        if _ogg_sum(page[:22] + bytes(4) + page[26:]) != told:
            raise Unfit("FileDamaged", f"the page at byte {at} does not have its sum")
        if stream != serial or sequence != number:
            raise Unfit("FileDamaged", "the Ogg has several streams, or lacks a page")
        if position != 2**64 - 1:
            granule = max(granule, position)
        number += 1
        at += size
        is_over = bool(flags & 4)
    if not is_over:
        raise Unfit("FileDamaged", "the Ogg ends before its last page")
    return _sound(OGG, codec, rate, max(granule - skip, 0), at)


def _ogg_codec(data: memoryview) -> tuple[str, int, int]:
    """Codec, sample rate that positions count in, samples to skip: from the first packet."""
    start = 27 + data[26]
    packet = bytes(data[start : start + 32])
    if packet.startswith(b"OpusHead"):
        return "opus", 48_000, int.from_bytes(packet[10:12], "little")
    if packet.startswith(b"\x01vorbis"):
        return "vorbis", int.from_bytes(packet[12:16], "little"), 0
    raise Unfit("CodecNotAccepted", "the Ogg holds neither Opus nor Vorbis")
