"""
The headers of tus 1.0, read strictly and written in one place.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from datetime import datetime
from email.utils import format_datetime

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media.receiving import ALGORITHMS
from media.tables import UploadRow
from media.uploads import NewUpload
from nft.errors import FileTooLarge, Unacceptable
from nft.types import Address, Digest

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CONTENT_TYPE = "application/offset+octet-stream"
MAX_METADATA = 4_000
PATH = "/api/uploads"


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


def metadata(request: Request) -> dict[str, bytes]:
    """`Upload-Metadata`: pairs of a key, which stands there once, and a base64 value or none."""
    text = request.headers.get("upload-metadata", "")
    if len(text) > MAX_METADATA:
        raise UploadHeaderInvalid("Upload-Metadata", f"longer than {MAX_METADATA} characters")
    found: dict[str, bytes] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = pair.partition(" ")
        if key in found:
            raise UploadHeaderInvalid("Upload-Metadata", f"{key[:40]!r} stands there twice")
        try:
            found[key] = b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            why = f"the value of {key[:40]!r} is not base64"
            raise UploadHeaderInvalid("Upload-Metadata", why) from error
    return found


def new_upload(request: Request, owner: Address) -> NewUpload:
    """What the headers of a creation announce."""
    if "upload-defer-length" in request.headers:
        why = "an upload's length must be known when it begins (creation-defer-length is not taken)"
        raise UploadHeaderInvalid("Upload-Defer-Length", why)
    if "upload-concat" in request.headers:
        raise UploadHeaderInvalid("Upload-Concat", "uploads are not put together here")
    named = metadata(request)
    return NewUpload(
        owner=owner,
        length=number(request, "upload-length"),
        filename=_text(named, "filename", "name"),
        filetype=_text(named, "filetype", "type"),
        sha256=_sha256(named["sha256"]) if "sha256" in named else None,
        metadata=request.headers.get("upload-metadata", ""),
    )


def _text(named: dict[str, bytes], *keys: str) -> str:
    found = next((named[key] for key in keys if key in named), b"")
    try:
        return found.decode()
    except UnicodeDecodeError as error:
        raise UploadHeaderInvalid("Upload-Metadata", f"{keys[0]} is not UTF-8") from error


def _sha256(value: bytes) -> Digest:
    """The digest itself or its hex digits, which clients that send only text can say."""
    text = value.removeprefix(b"0x")
    if re.fullmatch(rb"[0-9a-fA-F]{64}", text):
        return Digest(bytes.fromhex(text.decode()))
    if len(value) != 32:
        why = "sha256 is neither 32 bytes nor 64 hex digits"
        raise UploadHeaderInvalid("Upload-Metadata", why)
    return Digest(value)


def brings_bytes(request: Request) -> bool:
    """Whether a creation is followed by the file's first bytes."""
    found = request.headers.get("content-type", "")
    return found.split(";")[0].strip().lower() == CONTENT_TYPE


def check_room(request: Request, offset: int, length: int) -> None:
    """Refuse a body that announces more than is missing, before a byte of it is read."""
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and offset + int(said[:19]) > length:
        raise FileTooLarge(offset + int(said[:19]), length)


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
    found = place(row.received, length=row.length, expires_at=row.expires_at)
    return {**found, "Upload-Metadata": row.upload_metadata} if row.upload_metadata else found


class TusHeaders:
    """
    What tus asks of every request and answer, refusals included.

    `X-HTTP-Method-Override` stands for the method where a proxy lets only POST through; the
    version stands in every answer but those to GET, which is ours alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the method from the header, and name the version."""
        is_upload = scope["type"] == "http" and scope["path"].startswith(PATH)
        if not is_upload or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-http-method-override", b"").decode("latin-1")
        if scope["method"] == "POST" and given.upper() in ("PATCH", "DELETE"):
            scope = {**scope, "method": given.upper()}

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Tus-Resumable", VERSION)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_version)
