"""
tus 1.0: begin an upload, send its bytes, ask where it stands, end it, read what was found.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api import idempotency
from api.accounts.deps import AccountDep
from api.deps import NowDep, PartsDep, ReadSessionDep, SessionDep
from api.events.listen import subjects_of
from api.idempotency import Made
from api.uploads import cleaning, service, stream, tus
from api.uploads.schemas import UploadOut
from media import uploads
from media.receiving import Checksum

router = APIRouter(prefix="/api/uploads", tags=["uploads"])


@router.options("", status_code=204, operation_id="upload_options")
@router.options("/{upload_id}", status_code=204, operation_id="one_upload_options")
async def say_what_is_spoken(parts: PartsDep) -> Response:
    """Which tus extensions, sizes and checksums are taken."""
    return Response(status_code=204, headers=tus.options(parts.uploads.max_bytes))


@router.post("", status_code=201, operation_id="create_upload")
async def create_upload(
    request: Request, account: AccountDep, parts: PartsDep, now: NowDep
) -> Response:
    """Begin an upload; bytes may come along in the same request (`creation-with-upload`)."""
    tus.check_version(request)
    new = tus.new_upload(request, account)
    brings_bytes = tus.brings_bytes(request)
    checksum = _checksum(request) if brings_bytes else None
    if brings_bytes:
        tus.check_room(request, 0, new.length)

    async with parts.sessions.begin() as session:

        async def make() -> Made:
            begin = partial(
                uploads.create, rules=parts.uploads, new=new, upload_id=upload_id, now=now
            )
            row = await session.run_sync(begin)
            location = f"/api/uploads/{upload_id}"
            return Made(None, {"Location": location, **tus.standing(row)})

        upload_id = secrets.token_hex(16)
        response = await idempotency.once(
            request,
            session,
            parts,
            account=account,
            now=now,
            make=make,
            fingerprint=f"{new.length}\n{new.metadata}".encode(),
        )
    is_new = "idempotency-replayed" not in response.headers
    if brings_bytes and is_new:
        async with parts.sessions() as session:
            row = await service.find(session, upload_id, owner=account, now=now)
        offset = await service.receive(parts, row, request.stream(), offset=0, checksum=checksum)
        response.headers["Upload-Offset"] = str(offset)
    return response


@router.head("/{upload_id}", operation_id="upload_offset")
async def upload_offset(
    upload_id: str, request: Request, account: AccountDep, session: ReadSessionDep, now: NowDep
) -> Response:
    """Where the upload stands: send the rest from there."""
    tus.check_version(request)
    row = await service.find(session, upload_id, owner=account, now=now)
    service.check_whole(row)
    return Response(status_code=200, headers=tus.standing(row))


@router.patch("/{upload_id}", status_code=204, operation_id="send_bytes")
async def send_bytes(
    upload_id: str, request: Request, account: AccountDep, parts: PartsDep, now: NowDep
) -> Response:
    """Send bytes from an offset on; with the last one the file is checked."""
    tus.check_version(request)
    tus.check_content_type(request)
    offset, checksum = tus.number(request, "upload-offset"), _checksum(request)
    async with parts.sessions() as session:
        row = await service.find(session, upload_id, owner=account, now=now)
    service.check_whole(row)
    tus.check_room(request, offset, row.length)
    stands_at = await service.receive(
        parts, row, request.stream(), offset=offset, checksum=checksum
    )
    headers = tus.place(stands_at, expires_at=now + parts.uploads.idle)
    return Response(status_code=204, headers=headers)


@router.delete("/{upload_id}", status_code=204, operation_id="end_upload")
async def end_upload(
    upload_id: str,
    request: Request,
    account: AccountDep,
    session: SessionDep,
    parts: PartsDep,
    now: NowDep,
) -> Response:
    """End an upload and forget its file, unless a work or another upload uses it."""
    tus.check_version(request)
    await service.find(session, upload_id, owner=account, now=now)
    end = partial(
        uploads.terminate, rules=parts.uploads, upload_id=upload_id, owner=account, now=now
    )
    await session.run_sync(end)
    return Response(status_code=204, headers={"Tus-Resumable": tus.VERSION})


@router.get("/events", operation_id="follow_uploads")
async def follow_uploads(
    request: Request,
    account: AccountDep,
    parts: PartsDep,
    ids: Annotated[list[str], Query(alias="id")],
) -> StreamingResponse:
    """
    Server-sent events: each upload now, and again whenever it moves (`event: upload`).

    Name several with `?id=…&id=…`. The stream ends when nothing more can come of any of them, and
    after ten minutes; connect again then. What is no upload of yours is told as `event: gone`.
    """
    subjects = subjects_of(request.app)
    stream.check_room(subjects, account, ids)
    who = stream.Follower(account, tuple(dict.fromkeys(ids)), request.is_disconnected)
    return StreamingResponse(
        stream.follow(parts, subjects, who),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.get("/{upload_id}", operation_id="get_upload")
async def get_upload(
    upload_id: str,
    account: AccountDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    response: Response,
) -> UploadOut:
    """How far the upload is, and what was found in the file."""
    row = await service.find(session, upload_id, owner=account, now=now)
    response.headers["Cache-Control"] = "no-store"
    return await service.describe(session, parts, row)


@router.post("/{upload_id}/clean", status_code=201, operation_id="clean_upload")
async def clean_upload(
    upload_id: str, account: AccountDep, parts: PartsDep, now: NowDep, response: Response
) -> UploadOut:
    """
    Make a new upload of the same content without positions, cameras, names and notes.

    The decoded pixels, the colour profile and the rotation stay; the upload that it is made of
    stays as it was. JPEG, PNG, WebP, MP4 and MOV. The copy is checked as any upload is.
    """
    copy_id = await cleaning.clean(parts, upload_id, account, now=now)
    async with parts.sessions() as session:
        row = await service.find(session, copy_id, owner=account, now=now)
        found = await service.describe(session, parts, row)
    response.headers["Location"] = f"/api/uploads/{copy_id}"
    response.headers["Cache-Control"] = "no-store"
    return found


def _checksum(request: Request) -> Checksum | None:
    header = request.headers.get("upload-checksum")
    return Checksum.parse(header) if header else None
