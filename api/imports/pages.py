"""
`/mint/import`: a sheet and its folder, checked before anything is sent, signed in groups.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.accounts.deps import MaybeAccountDep
from api.chains.queries import chain_out
from api.chains.schemas import ChainOut
from api.deps import NowDep, PartsDep, ReadSessionDep
from api.imports import queries, service
from api.imports.schemas import ImportDetailOut, ImportOut
from api.imports.wording import column_words, trait_words
from api.mints.schemas import MAX_WORKS
from api.pages import render, speaker
from api.parts import Parts
from nft.sheets.columns import COLUMNS
from nft.sheets.tables import MAX_ROWS
from nft.types import Address

router = APIRouter(include_in_schema=False)


def import_context(
    chain: ChainOut,
    imports: Sequence[ImportOut],
    present: ImportDetailOut | None,
    say: Callable[[str], str],
) -> dict[str, Any]:
    """What the page needs; the same for the route and for the showroom of the tests."""
    known = column_words(say)
    return {
        "section": "mint",
        "imports": [one for one in imports if present is None or one.id != present.id],
        "present": present,
        "chain": chain,
        "columns": [(one, known.get(one.name, trait_words(say))) for one in COLUMNS],
        "max_rows": MAX_ROWS,
        "max_works": MAX_WORKS,
    }


@router.get("/mint/import")
async def import_page(
    request: Request, session: ReadSessionDep, parts: PartsDep, now: NowDep, viewer: MaybeAccountDep
) -> Response:
    """An empty table for a sheet, and the imports that were begun."""
    return await _page(request, session, parts, viewer, import_id=None, now=now)


@router.get("/mint/import/{import_id}")
async def one_import_page(
    request: Request,
    import_id: str,
    session: ReadSessionDep,
    parts: PartsDep,
    now: NowDep,
    viewer: MaybeAccountDep,
) -> Response:
    """An import as it stands, on whichever device."""
    return await _page(request, session, parts, viewer, import_id=import_id, now=now)


async def _page(
    request: Request,
    session: AsyncSession,
    parts: Parts,
    viewer: Address | None,
    *,
    import_id: str | None,
    now: datetime,
) -> Response:
    imports: list[ImportOut] = []
    present = None
    if viewer is not None:
        imports = (await queries.list_imports(session, parts, viewer, now=now)).items
        if import_id is not None:
            row = await service.find(session, viewer, import_id)
            present = await queries.get_import(session, parts, row, now=now)
    chain = chain_out(parts.chains[min(parts.chains)])
    context = import_context(chain, imports, present, speaker(request))
    return render(request, "imports/import.html", {"viewer": viewer} | context)
