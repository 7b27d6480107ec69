"""
Video: every frame decoded, up to a budget of pixels; a poster; what its tags tell.

How much is decoded: all frames until `PIXELS` have been seen, then, to the end of the file, the
key frames alone, until as many again. Of a longer work the rest is read packet by packet without
being decoded, and the artist is told where decoding ended. Twenty-four thousand million pixels are
six minutes of 1080p at 30 frames a second, or 48 seconds of 4K at 60.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from media.decoders import streams
from media.decoders.results import Finding, answer_of
from media.formats import Structure, Unfit
from media.formats.timed import HEVC

PIXELS = 24_000_000_000
_FLAT = 12.0
_TRIED = 600
"""Frames that are looked at for a poster; most works show something in their first seconds."""

_EVERYWHERE = ("yuv420p", "yuvj420p", "yuva420p")
"""8 bits, colours at half size: what every browser decodes in H.264."""


def decode(
    path: Path, structure: Structure, folder: Path, *, budget: int = PIXELS
) -> dict[str, Any]:
    """The poster is the first frame that is not of one colour, upright."""
    with streams.opened(path, structure.type) as container:
        watched = _Watch(container, structure, budget)
        for _ in watched.frames():
            pass
        poster, rotation = watched.poster()
        width, height = watched.size
        findings = streams.metadata_findings(container) + watched.findings()
        details = {**watched.details(), **({"rotation": rotation} if rotation else {})}
    return answer_of(
        structure,
        folder,
        poster=poster,
        width=height if rotation % 180 else width,
        height=width if rotation % 180 else height,
        frames=structure.frames or watched.count,
        findings=findings,
        details=details,
    )


class _Watch:
    """One pass over a file: every packet read, as much decoded as the budget allows."""

    def __init__(self, container: Any, structure: Structure, budget: int) -> None:
        self._budget = budget
        self._structure = structure
        self._container = container
        shown = [found for found in container.streams.video if not streams.is_cover(found)]
        if not shown:
            raise Unfit("FileDamaged", "the file has no video that can be decoded")
        self._video = shown[0]
        sounds = container.streams.audio
        self._sound = sounds[0] if sounds else None
        for stream in (*shown[:1], *sounds[:1]):
            streams.prepare(stream)
        self.count = 0
        self.size = (0, 0)
        self._pixels = 0
        self._best: Any = None
        self._has_best = False
        self._stopped_at: float | None = None
        self._format = ""
        self._until = 0.0

    def frames(self) -> Iterator[None]:
        """Read everything; yields after each frame."""
        wanted = [stream for stream in (self._video, self._sound) if stream is not None]
        for packet in self._container.demux(wanted):
            if packet.stream is not self._video:
                streams.count_sound(iter(packet.decode()))
                continue
            if self._pixels > 2 * self._budget:
                continue
            for frame in packet.decode():
                self._see(frame)
                yield

    def _see(self, frame: Any) -> None:
        if frame.is_corrupt:
            raise Unfit("FileDamaged", f"frame {self.count} of the video is damaged")
        if self.count and (frame.width, frame.height) != self.size:
            raise Unfit("FileDamaged", "the video changes its size on the way")
        self.size = (frame.width, frame.height)
        self._format = frame.format.name
        if not self.count:
            _check_size_of_frame(frame, self._structure)
        if not self._has_best and self.count < _TRIED and not self.is_partly:
            is_first = self._best is None
            is_good = not _is_flat(frame)
            if is_first or is_good:
                self._best = (frame.to_image(), int(frame.rotation))
            self._has_best = is_good
        self.count += 1
        self._until = max(self._until, float((frame.time or 0) + _seconds_of(frame)))
        self._pixels += frame.width * frame.height
        if self._pixels > self._budget and self._stopped_at is None:
            self._stopped_at = float(frame.time or 0)
            self._video.codec_context.skip_frame = "NONKEY"

    @property
    def is_partly(self) -> bool:
        """Whether the budget is spent."""
        return self._stopped_at is not None

    def poster(self) -> tuple[Any, int]:
        """The picture that stands for the work, upright, and by how much it was turned."""
        if self._best is None:
            raise Unfit("FileDamaged", "the video has no frame")
        image, degrees = self._best
        turned = degrees % 360
        return (image.rotate(turned, expand=True) if turned else image), turned

    def details(self) -> dict[str, Any]:
        """Frames a second, and how far the video was decoded where that was not to its end."""
        rate = self._video.average_rate or self._video.guessed_rate
        found: dict[str, Any] = {"fps": round(float(rate), 3)} if rate else {}
        if self._until > self._structure.details["duration"] and not self.is_partly:
            # Fragments do not say how long they are before they are read.
            found["duration"] = round(self._until, 3)
        if self._stopped_at is not None:
            found["decoded"] = round(self._stopped_at, 1)
        return found

    def findings(self) -> list[Finding]:
        """What may keep it from being seen everywhere, or whole."""
        found: list[Finding] = []
        codec = str(self._structure.details.get("codec"))
        if codec == HEVC or (codec == "h264" and self._format not in _EVERYWHERE):
            found.append(
                {
                    "code": "NotPlayedEverywhere",
                    "detail": f"The video is coded as {codec} ({self._format}), which some "
                    "browsers cannot play; H.264 with 8 bits and 4:2:0 colours is played by all.",
                }
            )
        if self._stopped_at is not None:
            found.append(
                {
                    "code": "PartlyDecoded",
                    "detail": f"The video was decoded whole up to second {self._stopped_at:.0f}; "
                    "behind it key frames only. Look at the rest yourself.",
                }
            )
        return found


def _check_size_of_frame(frame: Any, structure: Structure) -> None:
    if frame.width * frame.height > structure.width * structure.height * 1.1 + 4096:
        raise Unfit(
            "TooManyPixels",
            f"the header says {structure.width} × {structure.height}, the frames are "
            f"{frame.width} × {frame.height}",
        )


def _seconds_of(frame: Any) -> float:
    return float(frame.duration * frame.time_base) if frame.duration else 0.0


def _is_flat(frame: Any) -> bool:
    """Whether a frame is of one colour, or nearly: black before a fade, mostly."""
    small = frame.reformat(width=64, height=64, format="gray").to_ndarray()
    return float(small.std()) < _FLAT
