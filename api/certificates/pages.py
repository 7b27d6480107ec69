"""
`/c/…`, `/v/{code}` and `/verify`: the paper of a work, answers first, and a desk to check any.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.accounts.deps import MaybeAccountDep
from api.certificates import service, versions
from api.certificates.routes import MAX_DOCUMENT_BYTES, DocumentTooLarge
from api.certificates.verifying import report_on
from api.certificates.versions import Certificate
from api.chains.mirror import heads
from api.chains.schemas import AsOf
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.forms import negotiation
from api.forms.links import forms_of, link_header
from api.pages import qr_svg, render, speaker
from api.parts import Parts
from api.statements import queries as statements
from api.tokens.cards import card_path
from api.tokens.deps import TokenDep
from api.tokens.queries import get_token, provenance
from api.tokens.schemas import TokenOut
from nft.verification import NotACertificate, Report, read_claims

router = APIRouter(include_in_schema=False)


def check_words(say: Callable[[str], str]) -> Callable[[str], str]:
    """What a check of a report asks, in the reader's words."""
    known = {
        "document": say("It is a document that we know how to check"),
        "issuer.signature": say("The signature under it holds"),
        "issuer.identity": say("The key that signed is known"),
        "creator": say("The token’s number names the address that minted it"),
        "artist.statement": say("The artist signed what it says of the work"),
        "evidence": say("Every proof inside it holds"),
        "chain.id": say("The chain is the one it speaks of"),
        "chain.contract": say("The contract stands at its address"),
        "chain.mint": say("The mint is on the chain"),
        "chain.metadata": say("The token carries exactly this description"),
        "chain.royalty": say("The royalty is the one that the chain keeps"),
        "chain.owner": say("The chain names an owner"),
        "provenance.chain": say("The owners follow each other without a gap"),
        "status.revocation": say("It was not revoked"),
        "status.suspension": say("It is not suspended"),
        "anchor": say("It existed when it was anchored"),
        "description": say("Words and files are those of the work’s own description"),
        "media.other": say("Every file given belongs to it"),
    }
    roles = {
        "image": say("The picture equals its stated hash"),
        "animation": say("The moving work equals its stated hash"),
        "document": say("The document file equals its stated hash"),
    }

    first = {
        "block": say("The hash of block %(number)s is believed"),
        "provenance": say("Line %(number)s of the history is on the chain"),
        "countersignature": say("Countersignature %(number)s holds"),
        "bundle": say("The file %(number)s belongs to it"),
    }

    def words(check: str) -> str:
        kind, _, rest = check.partition(".")
        if kind == "extract":
            return say("Extract: %(check)s") % {"check": words(rest)}
        if kind == "media" and check not in known:
            return roles.get(check.rpartition(".")[2], check)
        if check not in known and kind in first:
            counted = str(int(rest) + 1) if kind in ("provenance", "countersignature") else rest
            return first[kind] % {"number": counted}
        return known.get(check, check)

    return words


@router.get("/c/{chain_id}/{contract}/{token_id}")
async def certificate_page(
    request: Request,
    token: TokenDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """The certificate of a work, checked while you wait; by `Accept` also as JSON and as PDF."""
    certificate = await service.get_certificate(session, parts, token, now=now)
    other = await negotiation.other_form(request, session, parts, certificate)
    if other is not None:
        return other
    media = await service.media_read_back(session, certificate.document)
    found = await get_token(session, parts, token)
    history = await provenance(session, parts, token)
    head = (await heads(session))[token.chain_id]
    report = await report_on(parts, certificate.body, media=media)
    context = {
        "section": "verify",
        "viewer": viewer,
        "token": found,
        "statement": await statements.of_work(session, found),
        "provenance": history,
        "provisional": certificate.is_provisional,
        "state": AsOf(
            block_number=str(head.number),
            block_hash=str(head.block_hash),
            timestamp=datetime.fromtimestamp(head.timestamp, UTC),
            finality=head.finality(head.number),
        ),
    }
    context |= other_forms(parts, certificate, found)
    return render(
        request,
        "certificates/certificate.html",
        context | report_context(request, report),
        headers={"Link": link_header(token, parts.public_url)},
    )


def other_forms(parts: Parts, certificate: Certificate, found: TokenOut) -> dict[str, Any]:
    """What leads to the certificate from paper and from elsewhere, and its other forms."""
    short_url = f"{parts.public_url}/v/{certificate.code}"
    return {
        "qr": qr_svg(short_url),
        "short_url": short_url,
        "json_url": f"/api/certificates/{certificate.token.path}",
        "card_path": card_path(found),
        "forms": forms_of(certificate.token),
    }


def report_context(request: Request, report: Report) -> dict[str, Any]:
    """What the list of checks needs."""
    chain = next((check.detail for check in report.checks if check.id == "chain.id"), "")
    return {
        "report": report,
        "check_name": check_words(speaker(request)),
        "token_chain": chain.removeprefix("chain "),
    }


@router.get("/v/{code}")
async def short_link(code: str, session: ReadSessionDep) -> Response:
    """Where the QR code leads: to the page, never to an action."""
    token = await versions.find_by_code(session, code)
    return RedirectResponse(f"/c/{token.path}", status_code=302)


@router.get("/verify")
async def verify_page(
    request: Request,
    viewer: MaybeAccountDep,
    code: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """The desk; with a code or an address of ours it opens that certificate."""
    path = urlsplit(code.strip()).path
    if path.startswith(("/c/", "/v/")):
        return RedirectResponse(path, status_code=302)
    if code.strip().isalnum():
        return RedirectResponse(f"/v/{code.strip()}", status_code=302)
    return render(request, "certificates/verify.html", desk(viewer, code=code))


def desk(viewer: object, **more: Any) -> dict[str, Any]:
    """The page with nothing on it yet."""
    empty = {"report": None, "wrong": "", "code": "", "page_url": ""}
    return {"section": "verify", "viewer": viewer} | empty | more


@router.post("/verify")
async def verify_text(request: Request, parts: PartsDep, viewer: MaybeAccountDep) -> Response:
    """Check a pasted certificate and show the report, with or without JavaScript."""
    say = speaker(request)
    text = parse_qs((await _read_form(request)).decode("utf-8", "replace")).get("document", [""])[0]
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        wrong = say("That is not the text of a certificate: it is not a JSON document.")
        context = desk(viewer, wrong=wrong)
        return render(request, "certificates/verify.html", context, status=422)
    report = await report_on(parts, text.encode())
    context = desk(viewer, page_url=_page_of(document)) | report_context(request, report)
    return render(request, "certificates/verify.html", context)


async def _read_form(request: Request) -> bytes:
    """A form percent-encodes its text, so it may be three times as long as the document."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > 3 * MAX_DOCUMENT_BYTES:
            raise DocumentTooLarge(len(body))
    return body


def _page_of(document: dict[str, Any]) -> str:
    try:
        return f"/c/{read_claims(document).token.path}"
    except NotACertificate:
        return ""
