"""
FFmpeg's reading side, held to one file: what `video` and `audio` have in common.

The format is named, never guessed; the file is handed over open, so that FFmpeg needs no protocol;
every wish for another file or address is refused by `_nothing_else`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from media.decoders.results import Finding
from media.decoders.tags import told_by
from media.formats import Unfit
from media.formats.kinds import FLAC, M4A, MOV, MP3, MP4, OGG, WAV, WEBM

if TYPE_CHECKING:
    from av.container import InputContainer

DEMUXERS = {
    **dict.fromkeys((MP4, MOV, M4A), "mov"),
    WEBM: "matroska",
    MP3: "mp3",
    WAV: "wav",
    FLAC: "flac",
    OGG: "ogg",
}
_STRICT = {"err_detect": "crccheck+bitstream+buffer+explode"}
_CONTAINER = {"protocol_whitelist": "", "enable_drefs": "0", "use_absolute_path": "0"}


@contextmanager
def opened(path: Path, media_type: str) -> Iterator[InputContainer]:
    """The file as FFmpeg sees it. Raises `Unfit` for whatever FFmpeg cannot make sense of."""
    import av  # after the limits
    import av.logging

    av.logging.set_level(None)
    name = DEMUXERS[media_type]
    options = {key: value for key, value in _CONTAINER.items() if name == "mov" or "proto" in key}
    with path.open("rb") as file:
        try:
            container = av.open(
                file,
                mode="r",
                format=name,
                container_options=options,
                io_open=_nothing_else,
                metadata_errors="replace",
            )
            try:
                yield container
            finally:
                container.close()
        except (av.FFmpegError, av.error.BlockingIOError) as error:
            raise Unfit("FileDamaged", f"the work cannot be decoded: {error.strerror}") from error


def _nothing_else(url: str, flags: int, options: Mapping[str, str]) -> NoReturn:
    raise PermissionError(f"a work may not open {url!r}")


def prepare(stream: Any) -> None:
    """Have a stream's decoder stop at every error that it would hide otherwise."""
    stream.codec_context.options = dict(_STRICT)
    stream.codec_context.thread_count = 1


def is_cover(stream: Any) -> bool:
    """Whether a stream is no video but a picture that goes with the sound."""
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


def metadata_findings(container: InputContainer) -> list[Finding]:
    """What tags of the file and of its streams tell about their maker."""
    tags: dict[str, str] = {}
    for holder in (container, *container.streams):
        for key, value in holder.metadata.items():
            tags.setdefault(key.lower(), str(value))
    return told_by(tags)


def count_sound(frames: Iterator[Any]) -> int:
    """Decode sound to its end; how many samples there were."""
    return sum(int(frame.samples) for frame in frames)
