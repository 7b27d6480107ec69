"""
The certificate as PDF: printed when it is asked for, the same bytes each time.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache, partial
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.certificates.versions import Certificate
from api.etags import etag_of, matches, public_bytes
from api.forms.links import PDF, link_header, public_language
from api.forms.sheets import FORMATS, Picture, Sheet, printed
from api.languages import HTML_TAG
from api.parts import Parts
from api.tokens.cards import file_of, small_picture
from api.tokens.queries import get_token
from api.tokens.schemas import TokenOut
from media.typesetting import Press

FACES = Path(__file__).resolve().parents[1] / "faces"
LAYOUT = 1
"""Raised with every change of the sheet, so that readers who keep a copy fetch it anew."""
_LIMITER = CapacityLimiter(2)


@lru_cache
def press() -> Press:
    """The one typesetter of this process; its faces are read when the first sheet is set."""
    return Press(FACES)


def picture_of(parts: Parts, work: TokenOut) -> Picture | None:
    """The variant that is printed, once it is public."""
    shown = small_picture(work)
    file = file_of(parts, work) if shown is not None and shown.type in FORMATS else None
    if shown is None or file is None:
        return None
    return Picture(file=file, type=shown.type, width=shown.width, height=shown.height)


async def sheet_of(
    session: AsyncSession, parts: Parts, certificate: Certificate, language: str
) -> Sheet:
    """What is printed of a certificate. Raises `NoSuchToken`."""
    work = await get_token(session, parts, certificate.token)
    return Sheet(
        body=certificate.body,
        code=certificate.code,
        language=language,
        public_url=parts.public_url,
        picture=await to_thread.run_sync(picture_of, parts, work),
    )


async def drawn(sheet: Sheet) -> bytes:
    """The PDF, made off the event loop."""
    return await to_thread.run_sync(partial(printed, press(), sheet), limiter=_LIMITER)


def tag_of(sheet: Sheet) -> str:
    """A strong tag without printing: the PDF is a pure function of this."""
    named = sheet.picture.file.name if sheet.picture else None
    facts = [LAYOUT, sheet.language, sheet.code, sheet.public_url, named]
    return etag_of(hashlib.sha256(sheet.body).digest() + json.dumps(facts).encode())


async def answer(
    request: Request, session: AsyncSession, parts: Parts, certificate: Certificate
) -> Response:
    """The PDF of a certificate in the reader's language, or 304."""
    sheet = await sheet_of(session, parts, certificate, public_language(request))
    tag = tag_of(sheet)
    body = b"" if matches(request, tag) else await drawn(sheet)
    return public_bytes(
        request,
        body,
        media_type=PDF,
        tag=tag,
        headers={
            "Content-Disposition": f'inline; filename="certificate-{certificate.code}.pdf"',
            "Content-Language": HTML_TAG[sheet.language],
            "Link": link_header(certificate.token, parts.public_url),
        },
    )
