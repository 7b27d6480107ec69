"""
One address for a certificate, and by `Accept` the form that the reader can use.
"""

from __future__ import annotations

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.certificates.versions import Certificate
from api.etags import public_bytes
from api.forms import pdf
from api.forms.links import JSON, PDF, VC, link_header, wanted
from api.parts import Parts


async def other_form(
    request: Request, session: AsyncSession, parts: Parts, certificate: Certificate
) -> Response | None:
    """The credential or the PDF for who asks for them; None: the page is what is wanted."""
    form = wanted(request)
    if form == PDF:
        return await pdf.answer(request, session, parts, certificate)
    if form in (JSON, VC):
        return public_bytes(
            request,
            certificate.body,
            media_type=form,
            headers={
                "Certificate-Version": str(certificate.version),
                "Link": link_header(
                    certificate.token, parts.public_url, is_minted=certificate.is_minted
                ),
            },
        )
    return None
