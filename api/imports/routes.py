"""
Imports: check a sheet, take it, see what is missing, answer findings, mint group by group.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api import idempotency
from api.accounts.deps import AccountDep
from api.deps import NowDep, PartsDep, ReadSessionDep, SessionDep
from api.idempotency import Made
from api.imports import minting, queries, service
from api.imports.schemas import (
    AnswerIn,
    CostOut,
    ImportDetailOut,
    ImportedOut,
    ImportIn,
    ImportList,
    RowList,
    RowState,
)
from api.imports.tables import ImportRow
from api.intents import queries as intents
from api.intents.schemas import IntentOut
from nft.sheets.writing import template, write_report

router = APIRouter(prefix="/api/imports", tags=["imports"])

CSV = "text/csv; charset=utf-8"


async def own_import(import_id: str, account: AccountDep, session: ReadSessionDep) -> ImportRow:
    """An import of the caller's, for whoever only reads it."""
    return await service.find(session, account, import_id)


ImportDep = Annotated[ImportRow, Depends(own_import)]


def _csv(body: bytes, name: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=CSV, headers={"Cache-Control": "no-store", **named})


@router.get("/template.csv", operation_id="import_template", response_class=Response)
async def import_template() -> Response:
    """An empty sheet: every column, and one example row."""
    return _csv(template(), "vernissage-works.csv")


@router.post("", operation_id="import_works")
async def import_works(
    body: ImportIn,
    account: AccountDep,
    session: SessionDep,
    parts: PartsDep,
    now: NowDep,
    response: Response,
) -> ImportedOut:
    """
    Take a sheet, or with `dry_run` say what taking it would do.

    Every problem is in the report, by row and column. Doing it again with the same sheet, or with
    a corrected one, does nothing twice: rows are known by inventory number and file.
    """
    response.headers["Cache-Control"] = "no-store"
    return await service.take(session, parts, body, account=account, now=now)


@router.get("", operation_id="list_imports")
async def list_imports(
    account: AccountDep, session: ReadSessionDep, parts: PartsDep, now: NowDep, response: Response
) -> ImportList:
    """Your imports, the last touched first."""
    response.headers["Cache-Control"] = "no-store"
    return await queries.list_imports(session, parts, account, now=now)


@router.get("/{import_id}", operation_id="get_import")
async def get_import(
    row: ImportDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    response: Response,
) -> ImportDetailOut:
    """How far it is, what is missing, what waits to be signed."""
    response.headers["Cache-Control"] = "no-store"
    return await queries.get_import(session, parts, row, now=now)


@router.get("/{import_id}/rows", operation_id="list_import_rows")
async def list_import_rows(
    row: ImportDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    response: Response,
    cursor: Annotated[int, Query(ge=0)] = 0,
    state: RowState | None = None,
) -> RowList:
    """The rows that were taken, a page at a time."""
    response.headers["Cache-Control"] = "no-store"
    return await queries.list_rows(session, parts, row, after=cursor, only=state, now=now)


@router.get("/{import_id}/report.csv", operation_id="import_report", response_class=Response)
async def import_report(row: ImportDep) -> Response:
    """The problems of the sheet that was taken last, as a sheet."""
    return _csv(write_report(row.problems), "vernissage-report.csv")


@router.get("/{import_id}/cost", operation_id="import_cost")
async def import_cost(
    row: ImportDep,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    response: Response,
) -> CostOut:
    """What minting all that is ready costs at most, by the node's fee of now."""
    response.headers["Cache-Control"] = "no-store"
    return await minting.cost_of(session, parts, row, now=now)


@router.post("/{import_id}/findings", operation_id="answer_findings")
async def answer_findings(
    import_id: str,
    body: AnswerIn,
    account: AccountDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, int]:
    """Say that what files reveal may become public: of named rows, or of all."""
    row = await service.find(session, account, import_id, for_update=True)
    return {"answered": await service.answer(session, row, body, now=now)}


@router.post(
    "/{import_id}/mints",
    status_code=201,
    operation_id="mint_import",
    response_model=IntentOut,
)
async def mint_import(
    import_id: str,
    request: Request,
    account: AccountDep,
    session: SessionDep,
    parts: PartsDep,
    now: NowDep,
) -> Response:
    """
    Consent to publish the next group of rows, at most 50 works, and ask for its steps.

    Repeat until `NothingReady` (409). Each answer is the intent of a mint, as `POST /api/mints`
    gives it.
    """

    async def make() -> Made:
        row = await service.find(session, account, import_id, for_update=True)
        intent = await minting.begin(session, parts, row, now=now)
        found = await intents.describe(session, parts, intent, now=now)
        return Made(found, {"Location": f"/api/intents/{intent.id}", "Cache-Control": "no-store"})

    return await idempotency.once(request, session, parts, account=account, now=now, make=make)


@router.delete("/{import_id}", status_code=204, operation_id="delete_import")
async def delete_import(
    import_id: str, account: AccountDep, session: SessionDep, parts: PartsDep, now: NowDep
) -> Response:
    """Throw an import away. What was minted stays minted, and known."""
    row = await service.find(session, account, import_id, for_update=True)
    await service.forget(session, parts, row, now=now)
    return Response(status_code=204)
