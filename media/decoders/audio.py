"""
Sound: every sample decoded and counted; the cover inside, if there is one, is its poster.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from media.decoders import images, streams
from media.decoders.results import Finding, answer_of
from media.formats import JPEG, PNG, WEBP, Structure, Unfit, read_structure
from media.formats.kinds import FLAC

_SLACK_SECONDS = 1.0
_COVERS = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP"}


def decode(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    """Decode all of it; headers that promise another length are not believed."""
    cover: bytes | None = None
    samples = 0
    last = b""
    with streams.opened(path, structure.type) as container:
        if len(container.streams.audio) != 1:
            raise Unfit("FileDamaged", f"the file has {len(container.streams.audio)} sounds")
        sound = container.streams.audio[0]
        streams.prepare(sound)
        for packet in container.demux():
            if packet.stream is sound:
                last = bytes(packet) if packet.size and structure.type == FLAC else last
                samples += streams.count_sound(iter(packet.decode()))
            elif cover is None and packet.size and streams.is_cover(packet.stream):
                cover = bytes(packet)
        rate, channels = sound.codec_context.sample_rate, sound.codec_context.channels
        findings = streams.metadata_findings(container)
    seconds = _check_length(structure, samples, rate)
    # Zeros behind a frame leave its sum at zero, so what stands before them is looked at too.
    is_padded = last.endswith(bytes(3)) and not _crc16(last[:-3])
    if structure.type == FLAC and (_crc16(last) or is_padded):
        raise Unfit("TrailingData", "the last frame of the FLAC does not end where the file does")
    poster, told = _opened_cover(cover)
    details = {"duration": seconds, "sample_rate": rate, "channels": channels}
    return answer_of(structure, folder, poster=poster, findings=findings + told, details=details)


def _check_length(structure: Structure, samples: int, rate: int) -> float:
    if not samples or not rate:
        raise Unfit("FileDamaged", "the file has no sound that can be decoded")
    seconds = samples / rate
    promised = float(structure.details["duration"])
    if promised and abs(seconds - promised) > _SLACK_SECONDS + promised / 50:
        raise Unfit(
            "FileDamaged", f"the sound takes {seconds:.1f} seconds; the file says {promised:.1f}"
        )
    return round(seconds, 3)


def _opened_cover(cover: bytes | None) -> tuple[Any, list[Finding]]:
    """The cover by Pillow, under the rules for pictures; one that breaks them is left out."""
    if cover is None:
        return None, []
    from PIL import Image

    try:
        kind = read_structure(memoryview(cover)).type
        image = Image.open(io.BytesIO(cover), formats=[_COVERS[kind]])
        image.load()
    except (Unfit, KeyError, OSError, ValueError, SyntaxError) as error:
        detail = f"The cover inside cannot be used ({error}); add a cover image of your own."
        return None, [{"code": "CoverUnreadable", "detail": detail}]
    return image, images.camera_findings(image)


def _crc16(data: bytes) -> int:
    """FLAC's sum over a frame; over a whole frame, its own sum included, it is zero."""
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ _CRC[value >> 8 ^ byte]
    return value


def _crc_line(byte: int) -> int:
    value = byte << 8
    for _ in range(8):
        value = (value << 1 ^ 0x8005 if value & 0x8000 else value << 1) & 0xFFFF
    return value


_CRC = tuple(_crc_line(byte) for byte in range(256))
