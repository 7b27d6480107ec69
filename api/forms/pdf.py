"""
The certificate as PDF: printed when it is asked for, the same bytes each time.
"""

from __future__ import annotations

import structlog
from anyio import to_thread
from fastapi import Request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.responses import Response

from api.certificates.anchor import anchored_at
from api.certificates.versions import Certificate
from api.etags import matches, public_bytes
from api.forms.links import PDF, link_header, public_language
from api.forms.prints import drawn, prints_of, tag_of
from api.forms.sheets import FORMATS, Picture, Sheet
from api.languages import HTML_TAG, LANGUAGES
from api.parts import Parts
from api.tables import CertificateRow
from api.tokens import documents
from api.tokens.cards import file_of, small_picture
from api.tokens.queries import variants_shown
from api.tokens.schemas import VariantOut

log = structlog.get_logger(__name__)


def picture_of(parts: Parts, shown: VariantOut) -> Picture | None:
    """The variant that is printed, once it is public."""
    file = file_of(parts, shown) if shown.type in FORMATS else None
    if file is None:
        return None
    return Picture(file=file, type=shown.type, width=shown.width, height=shown.height)


async def sheet_of(
    session: AsyncSession, parts: Parts, certificate: Certificate, language: str
) -> Sheet:
    """
    What is printed of a certificate: the picture is of the files that it names itself.

    Before the mint also since when it is anchored, which is all that a chain then shows.
    """
    since = None if certificate.is_minted else await anchored_at(session, certificate)
    subject = documents.part(certificate.document, "credentialSubject")
    files = {"properties": {"media": documents.parts(subject, "media")}}
    shown = small_picture(await variants_shown(session, parts.media_url, files))
    return Sheet(
        body=certificate.body,
        code=certificate.code,
        language=language,
        public_url=parts.public_url,
        picture=await to_thread.run_sync(picture_of, parts, shown) if shown else None,
        anchored_on=since.date() if since else None,
    )


async def warm(parts: Parts) -> None:
    """
    Print a certificate, any one, and throw it away: so that the first reader waits no longer than
    the second for faces, templates and catalogues.
    """
    query = select(col(CertificateRow.body), col(CertificateRow.code)).limit(1)
    try:
        async with parts.sessions() as session:
            found = (await session.execute(query)).one_or_none()
    except (SQLAlchemyError, OSError) as error:
        log.info("nothing was printed beforehand", error=str(error)[:200])
        return
    if found is None:
        return
    body, code = found.tuple()
    for language in LANGUAGES:
        sheet = Sheet(
            body=body, code=code, language=language, public_url=parts.public_url, picture=None
        )
        await drawn(sheet)


async def answer(
    request: Request, session: AsyncSession, parts: Parts, certificate: Certificate
) -> Response:
    """The PDF of a certificate in the reader's language, or 304."""
    sheet = await sheet_of(session, parts, certificate, public_language(request))
    tag = tag_of(sheet)
    await session.close()  # Who waits for the press needs no connection, and there are few.
    body = b"" if matches(request, tag) else await prints_of(request.app).of(sheet, tag)
    return public_bytes(
        request,
        body,
        media_type=PDF,
        tag=tag,
        headers={
            "Content-Disposition": f'inline; filename="certificate-{certificate.code}.pdf"',
            "Content-Language": HTML_TAG[sheet.language],
            "Link": link_header(
                certificate.token, parts.public_url, is_minted=certificate.is_minted
            ),
        },
    )
