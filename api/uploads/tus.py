"""
The headers of tus 1.0, read strictly and written in one place.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import datetime
from email.utils import format_datetime

from fastapi import Request

from media.receiving import ALGORITHMS
from media.tables import UploadRow
from nft.errors import Unacceptable

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CONTENT_TYPE = "application/offset+octet-stream"
MAX_METADATA = 4_000


class TusVersionUnknown(Unacceptable):
    """The client speaks another version of tus."""

    status = 412
    headers = {"Tus-Version": VERSION, "Tus-Resumable": VERSION}  # noqa: RUF012

    def __init__(self, found: str) -> None:
        super().__init__(f"tus {found[:20]!r} is not spoken here; {VERSION} is")


class UploadHeaderInvalid(Unacceptable):
    """A tus header is missing or cannot be read."""

    status = 400

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


class ContentTypeNotTus(Unacceptable):
    """Bytes come as `application/offset+octet-stream` and as nothing else."""

    status = 415

    def __init__(self, found: str) -> None:
        super().__init__(f"Content-Type must be {CONTENT_TYPE}, not {found[:60]!r}")


def check_version(request: Request) -> None:
    """Refuse another version than ours; a client that names none is taken at its word."""
    found = request.headers.get("tus-resumable", VERSION)
    if found != VERSION:
        raise TusVersionUnknown(found)


def check_content_type(request: Request) -> None:
    """Refuse bytes that are announced as anything else."""
    found = request.headers.get("content-type", "")
    if found.split(";")[0].strip().lower() != CONTENT_TYPE:
        raise ContentTypeNotTus(found)


def number(request: Request, name: str) -> int:
    """A header that is a whole number of bytes."""
    text = request.headers.get(name)
    if text is None:
        raise UploadHeaderInvalid(name, "the header is missing")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise UploadHeaderInvalid(name, f"{text[:40]!r} is not a number of bytes")
    return int(text)


def metadata(request: Request) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a key and a base64 value."""
    text = request.headers.get("upload-metadata", "")
    if len(text) > MAX_METADATA:
        raise UploadHeaderInvalid("Upload-Metadata", f"longer than {MAX_METADATA} characters")
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            why = f"the value of {key[:40]!r} is not base64 of UTF-8"
            raise UploadHeaderInvalid("Upload-Metadata", why) from error
    return found


def options(max_bytes: int) -> dict[str, str]:
    """What this server can do."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Cache-Control": "no-store",
    }


def place(offset: int, *, length: int | None = None, expires_at: datetime) -> dict[str, str]:
    """Where an upload stands."""
    found = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(offset),
        "Upload-Expires": format_datetime(expires_at, usegmt=True),
        "Cache-Control": "no-store",
    }
    return found if length is None else {**found, "Upload-Length": str(length)}


def standing(row: UploadRow) -> dict[str, str]:
    """What HEAD answers."""
    return place(row.received, length=row.length, expires_at=row.expires_at)
