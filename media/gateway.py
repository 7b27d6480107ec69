"""
`/ipfs/<cid>[/path]` as a function: what was asked for, to verified bytes or a clear refusal.

Answers from the store that it is given, block by block, each hashed before it leaves. Names and
bytes come from strangers on both sides: a path is never a path on disk, and what is answered is
served as `media.serving` says (sandbox, `nosniff`, a type that we found ourselves). A directory
with an `index.html` is that page; files called `_headers` or `_redirects` mean nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from media.serving import NO_PERMISSIONS, content_type, is_shown, policy_of, type_of
from media.store import BlockStore
from nft.content.car import write_car
from nft.content.cid import Cid
from nft.content.exporter import (
    Get,
    file_size,
    is_directory,
    list_directory,
    read_file,
    resolve,
    verified,
)
from nft.errors import NoSuchPath, PathInvalid, RangeNotSatisfiable

MAX_PATH_BYTES = 4096
MAX_SEGMENTS = 32
_MAX_LISTED = 10_000
_WINDOWS_ABSOLUTE = re.compile(r"^[A-Za-z]:")

RAW_TYPE = "application/vnd.ipld.raw"
CAR_TYPE = "application/vnd.ipld.car"
_FORMATS = {"raw": RAW_TYPE, "car": CAR_TYPE}

_EXPOSED = "ETag, Link, Retry-After, Mirror-Head, Content-Range, X-Ipfs-Roots"

_INDEX = "index.html"
_PUBLIC = "public, max-age=29030400, immutable"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the api's route gives it, undecoded where decoding is ours."""

    cid: str
    path: str = ""
    """What stands behind the CID in the URL, percent-encoded, without the first slash."""
    is_slashed: bool = False
    """Whether that slash was there."""
    form: str | None = None
    """`?format=`; beats `Accept`."""
    accept: str = ""
    range_header: str | None = None
    filename: str | None = None
    as_attachment: bool = False
    """True under PUBLIC_URL, where nothing of a stranger's may be shown."""
    origin: str = ""
    """Scheme and host that this is served from: the policy of a bundle names its own files."""
    place: str = "/ipfs/"
    """The path before the CID. Elsewhere than at `/ipfs/` the content is not public."""

    @property
    def root_path(self) -> str:
        """The path of the root, without a slash at its end."""
        return f"{self.place}{self.cid}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send; for HEAD and 304, which the caller decides, without the pieces."""

    status: int
    headers: dict[str, str]
    pieces: Iterator[bytes]
    etag: str


def answer(store: BlockStore, asked: Asked) -> Answer:
    """
    Resolve and open. The first block is read and hashed here, so that what is missing or damaged
    is an error with a status; a later block that fails breaks the answer off.

    Raises `NotACid`, `PathInvalid`, `BlockMissing`, `NoSuchPath`, `RangeNotSatisfiable`,
    `BlockInvalid` or `StoreUnavailable`.
    """
    root = Cid.parse(asked.cid)
    segments = path_segments(asked.path)
    get = store.open(root)
    cid = resolve(get, root, segments)
    if store.has(cid):
        get = store.open(cid)
    form = _form(asked)
    if form == RAW_TYPE:
        return _raw(get, cid, asked)
    if form == CAR_TYPE:
        return _car(get, cid, asked)
    if is_directory(get, cid):
        return _directory(get, cid, asked)
    return _file(get, cid, asked, name=segments[-1] if segments else "")


def path_segments(path: str) -> list[str]:
    """
    The names in a percent-encoded path. Raises `PathInvalid` for any that no file has.

    Decoded once and checked after, so that `%2e%2e` and `%2f` are seen for what they are.
    """
    if not path:
        return []
    if len(path) > MAX_PATH_BYTES:
        raise PathInvalid(path, f"longer than {MAX_PATH_BYTES} bytes")
    parts = path.removesuffix("/").split("/")
    if len(parts) > MAX_SEGMENTS:
        raise PathInvalid(path, f"more than {MAX_SEGMENTS} parts")
    names = []
    for part in parts:
        try:
            name = unquote_to_bytes(part).decode()
        except UnicodeDecodeError as error:
            raise PathInvalid(path, "not UTF-8") from error
        if name in ("", ".", ".."):
            raise PathInvalid(path, "an empty or dotted part")
        if "/" in name or "\\" in name or any(ord(sign) < 0x20 or sign == "\x7f" for sign in name):
            raise PathInvalid(path, "a separator or control sign in a part")
        if _WINDOWS_ABSOLUTE.match(name):
            raise PathInvalid(path, "an absolute path in a part")
        names.append(name)
    return names


def _form(asked: Asked) -> str | None:
    if asked.form:
        if asked.form not in _FORMATS:
            raise PathInvalid(f"format={asked.form}", "known formats are raw and car")
        return _FORMATS[asked.form]
    accepted = {entry.split(";")[0].strip() for entry in asked.accept.split(",")}
    return next((form for form in _FORMATS.values() if form in accepted), None)


def _raw(get: Get, cid: Cid, asked: Asked) -> Answer:
    block = verified(get, cid)
    headers = _headers(cid, asked, suffix=".raw", media_type=RAW_TYPE, name=f"{cid}.bin")
    headers["Content-Length"] = str(len(block))
    headers["Content-Disposition"] = _attachment(f"{cid}.bin")
    return Answer(200, headers, iter((block,)), headers["ETag"])


def _car(get: Get, cid: Cid, asked: Asked) -> Answer:
    verified(get, cid)
    full_type = f"{CAR_TYPE}; version=1; order=dfs; dups=n"
    headers = _headers(cid, asked, suffix=".car", media_type=full_type, name=f"{cid}.car")
    headers["Content-Disposition"] = _attachment(f"{cid}.car")
    headers["Accept-Ranges"] = "none"
    return Answer(200, headers, write_car(cid, get), headers["ETag"])


def _directory(get: Get, cid: Cid, asked: Asked) -> Answer:
    """Its page, if it has one and may be shown; else what is in it."""
    if asked.as_attachment:
        return _listing(get, cid, asked)
    try:
        index = resolve(get, cid, [_INDEX])
    except NoSuchPath:
        return _listing(get, cid, asked)
    if asked.path.endswith("/") or (not asked.path and asked.is_slashed):
        return _file(get, index, asked, name=_INDEX)
    # Without the slash the page's own links would lead beside it.
    headers = _headers(cid, asked, suffix=".dir", media_type="text/plain", name=str(cid))
    headers["Location"] = f"{asked.root_path}/{asked.path}".rstrip("/") + "/"
    headers["Content-Length"] = "0"
    return Answer(301, headers, iter(()), headers["ETag"])


def _listing(get: Get, cid: Cid, asked: Asked) -> Answer:
    """A directory as JSON; names stay data."""
    entries: list[dict[str, object]] = []
    for link in list_directory(get, cid):
        if len(entries) == _MAX_LISTED:
            raise NoSuchPath(str(cid), f"(more than {_MAX_LISTED} entries are not listed)")
        entries.append({"name": link.name, "cid": str(link.cid), "size": link.tsize})
    body = json.dumps({"cid": str(cid), "entries": entries}, ensure_ascii=False).encode()
    headers = _headers(cid, asked, suffix=".dir", media_type="application/json", name=f"{cid}.json")
    headers["Content-Length"] = str(len(body))
    return Answer(200, headers, iter((body,)), headers["ETag"])


def _file(get: Get, cid: Cid, asked: Asked, *, name: str) -> Answer:
    size = file_size(get, cid)
    head = b"".join(read_file(get, cid, start=0, stop=min(size, 4096)))
    media_type = type_of(head, name)
    headers = _headers(cid, asked, suffix="", media_type=media_type, name=name or str(cid))
    headers["Content-Type"] = content_type(media_type, head)
    own = f"{asked.origin}{asked.root_path}/" if name else None
    headers["Content-Security-Policy"] = policy_of(media_type, own)
    headers["Accept-Ranges"] = "bytes"
    wanted = parse_range(asked.range_header, size)
    start, stop = wanted or (0, size)
    headers["Content-Length"] = str(stop - start)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    pieces = read_file(get, cid, start=start, stop=stop) if stop > start else iter(())
    return Answer(206 if wanted else 200, headers, pieces, headers["ETag"])


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """
    The one range asked for as (start, stop); None when the whole is to be sent.

    Several ranges, other units and nonsense get the whole, as RFC 9110 permits, so that the work
    stays bounded. Raises `RangeNotSatisfiable`.
    """
    match = re.fullmatch(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", header or "")
    first, last = match.groups() if match else ("", "")
    if not first and not last:
        return None
    if not first:
        length = min(int(last), size)
        if not length:
            raise RangeNotSatisfiable(size)
        return size - length, size
    start = int(first)
    stop = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, stop


def _headers(cid: Cid, asked: Asked, *, suffix: str, media_type: str, name: str) -> dict[str, str]:
    headers = {
        "Content-Type": media_type,
        "ETag": f'"{cid.v1()}{suffix}"',
        "Cache-Control": _PUBLIC if asked.place == "/ipfs/" else "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": policy_of(media_type, None),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "no-referrer",
        "X-DNS-Prefetch-Control": "off",
        "Permissions-Policy": NO_PERMISSIONS,
        "X-Ipfs-Roots": str(cid),
        "X-Ipfs-Path": quote(f"/ipfs/{asked.cid}/{asked.path}".rstrip("/"), safe="/%"),
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": _EXPOSED,
        "Vary": "Accept",
    }
    if asked.as_attachment or not is_shown(media_type):
        headers["Content-Disposition"] = _attachment(asked.filename or name)
    return headers


def _attachment(name: str) -> str:
    """RFC 6266 with an encoded name alone: no quoting to get wrong."""
    clean = re.sub(r"[\x00-\x1f\x7f/\\]", "_", name)[:150]
    return f"attachment; filename*=UTF-8''{quote(clean, safe='')}"
