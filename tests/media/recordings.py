"""Works that take time, and documents, made by code: each real, small, and the same every time."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
import numpy as np
import pikepdf
from PIL import Image

from tests.media import pictures

RATE = 48_000


def _tone(seconds: float, rate: int) -> np.ndarray:
    times = np.arange(int(seconds * rate)) / rate
    wave = (np.sin(times * 440 * 2 * np.pi) * 12_000).astype(np.int16)
    return np.stack([wave, wave // 2])


def _feed_sound(container, stream, seconds: float, rate: int) -> None:
    samples = _tone(seconds, rate)
    resampler = av.AudioResampler(
        format=stream.codec_context.format,
        layout="stereo",
        rate=rate,
        frame_size=stream.codec_context.frame_size or 1024,
    )
    frame = av.AudioFrame.from_ndarray(samples.T.reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate = rate
    frame.pts = 0
    frame.time_base = Fraction(1, rate)
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))


@contextmanager
def _as_patient_as_before() -> Iterator[None]:
    """
    Leave this thread's priority as it was.

    SVT-AV1, opened by root, gives its caller real-time priority for good (`SCHED_FIFO` 99). Every
    browser and server that a test starts later would inherit it, and starve what runs beside it.
    """
    policy, param = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, param)


def video(
    form: str = "mp4",
    codec: str = "libx264",
    *,
    sound: str | None = "aac",
    frames: int = 24,
    size: tuple[int, int] = (160, 120),
    pix_fmt: str = "yuv420p",
    black: int = 4,
    metadata: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
) -> bytes:
    """A moving picture at 12 frames a second; the first ones are black."""
    out = io.BytesIO()
    with (
        _as_patient_as_before(),
        av.open(out, "w", format=form, options=options or {}) as container,
    ):
        container.metadata.update(metadata or {})
        shown = container.add_stream(codec, rate=12, options=codec_options or {})
        shown.width, shown.height = size
        shown.pix_fmt = pix_fmt
        heard = container.add_stream(sound, rate=RATE, layout="stereo") if sound else None
        painting = np.asarray(pictures.painting(*size))
        for index in range(frames):
            picture = np.roll(painting, index * 3, axis=1) if index >= black else painting * 0
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = index
            frame.time_base = Fraction(1, 12)
            container.mux(shown.encode(frame))
        container.mux(shown.encode(None))
        if heard is not None:
            _feed_sound(container, heard, frames / 12, RATE)
    return out.getvalue()


def sound(
    form: str,
    codec: str,
    *,
    seconds: float = 2.0,
    metadata: dict[str, str] | None = None,
    cover: bytes | None = None,
    rate: int = RATE,
) -> bytes:
    """A tone in two channels."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        _feed_sound(container, stream, seconds, rate)
    made = out.getvalue()
    return id3(metadata or {}, cover) + made if cover else made


def id3(tags: dict[str, str], cover: bytes | None = None) -> bytes:
    """An ID3v2.3 tag as a tagger writes it."""
    frames = b""
    if cover:
        body = b"\0image/png\0\x03\0" + cover
        frames += b"APIC" + len(body).to_bytes(4, "big") + b"\0\0" + body
    for name, value in tags.items():
        if len(name) == 4:
            body = b"\0" + value.encode("latin-1")
            frames += name.encode() + len(body).to_bytes(4, "big") + b"\0\0" + body
    size = len(frames)
    safe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + safe + frames


SOUNDS = {
    "audio/mpeg": ("mp3", "libmp3lame"),
    "audio/wav": ("wav", "pcm_s16le"),
    "audio/flac": ("flac", "flac"),
    "audio/ogg": ("ogg", "libopus"),
    "audio/mp4": ("ipod", "aac"),
}


def pdf(
    *, pages: int = 2, size: tuple[int, int] = (300, 400), change=None, **saved: object
) -> bytes:
    """A document whose pages show a picture; `change` may add to it before it is saved."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            page = document.add_blank_page(page_size=size)
            picture = pikepdf.Stream(document, pictures.jpeg(200, 200))
            picture.update(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.XObject,
                    Subtype=pikepdf.Name.Image,
                    Width=200,
                    Height=200,
                    BitsPerComponent=8,
                    ColorSpace=pikepdf.Name.DeviceRGB,
                    Filter=pikepdf.Name.DCTDecode,
                )
            )
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
            page.Contents = pikepdf.Stream(document, b"q 200 0 0 200 50 100 cm /Im0 Do Q")
        if change:
            change(document)
        document.save(out, **saved)
    return out.getvalue()


def cover(side: int = 300) -> bytes:
    """A cover image."""
    return pictures.encoded(pictures.painting(side, side), "PNG")


def opened(path) -> Image.Image:
    """A picture that was made."""
    with Image.open(path) as image:
        image.load()
        return image
