"""
What holds for everything that takes time: which codecs are taken, and how much of them.

Codecs are those that today's browsers play without anything installed. HEVC is taken although
some play it only with the right hardware, since telephones make it; its artist is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from media.formats.base import Unfit

H264, HEVC, AV1, VP8, VP9 = "h264", "hevc", "av1", "vp8", "vp9"
AAC, MP3_CODEC, OPUS, VORBIS, FLAC_CODEC = "aac", "mp3", "opus", "vorbis", "flac"

MAX_SIDE = 8192
MAX_SECONDS = 4 * 3600
MAX_FRAMES_PER_SECOND = 240
MAX_TRACKS = 16


@dataclass(frozen=True, slots=True)
class Track:
    """One track as the container describes it; `seconds` is 0 where it does not say."""

    kind: str
    codec: str
    width: int = 0
    height: int = 0
    frames: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Movie:
    """All tracks of a file that are shown or heard, and how long it takes."""

    tracks: tuple[Track, ...]
    seconds: float

    @property
    def video(self) -> Track | None:
        """The track that is shown: the first one."""
        return next((track for track in self.tracks if track.kind == "video"), None)

    @property
    def audio(self) -> Track | None:
        """The track that is heard: the first one."""
        return next((track for track in self.tracks if track.kind == "audio"), None)


def codec_named(name: str, known: Mapping[str, str], container: str) -> str:
    """Our name of a codec. Raises `Unfit` for one that browsers do not play."""
    if name in known:
        return known[name]
    shown = ", ".join(dict.fromkeys(known.values()))
    raise Unfit(
        "CodecNotAccepted",
        f"a track of the {container} file is coded as {name!r}; browsers play {shown}",
    )


def check_movie(movie: Movie) -> None:
    """Refuse by the headers what would be too much to decode or to show."""
    if not movie.tracks:
        raise Unfit("FileDamaged", "the file has no track that is shown or heard")
    if len(movie.tracks) > MAX_TRACKS:
        raise Unfit("TooManyTracks", f"the file has {len(movie.tracks)} tracks, over {MAX_TRACKS}")
    if movie.seconds > MAX_SECONDS:
        raise Unfit(
            "TooLong",
            f"the work takes {movie.seconds:.0f} seconds; at most {MAX_SECONDS} are taken",
        )
    for track in movie.tracks:
        if track.kind == "video":
            _check_video(track, track.seconds or movie.seconds)


def _check_video(track: Track, seconds: float) -> None:
    if not track.width or not track.height:
        raise Unfit("FileDamaged", "the video says no width or height")
    if max(track.width, track.height) > MAX_SIDE:
        raise Unfit(
            "TooManyPixels",
            f"the video is {track.width} × {track.height}; a side may have {MAX_SIDE} pixels",
        )
    if track.frames > MAX_FRAMES_PER_SECOND * (seconds + 1):
        raise Unfit(
            "TooManyFrames",
            f"the video has {track.frames} frames in {seconds:.1f} seconds; at most "
            f"{MAX_FRAMES_PER_SECOND} a second are taken",
        )
