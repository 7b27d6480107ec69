"""
The page of imports: an empty table, one that is under way, and a stranger's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.chains.schemas import ChainOut
from api.imports.pages import import_context
from api.imports.schemas import (
    CostOut,
    FileIn,
    FindingOut,
    GroupOut,
    ImportDetailOut,
    RowList,
    RowOut,
    RowState,
)
from api.languages import catalogue
from nft.types import Digest
from tests.pages import exhibits

Scene = tuple[str, dict[str, Any]]

IMPORT = "ab" * 16
STATES: tuple[RowState, ...] = ("minted", "prepared", "ready", "unanswered", "refused", "missing")


def detail() -> ImportDetailOut:
    """Sixty rows, some of every kind."""
    return ImportDetailOut(
        id=IMPORT,
        name="Spring 2026 — works on paper",
        chain_id="31337",
        creator=str(exhibits.MARLOWE),
        rows=62,
        counts=dict.fromkeys(STATES, 10),
        problems=2,
        created_at=exhibits.NOON,
        updated_at=exhibits.NOON,
        report=[],
        missing=[FileIn(name="valley-06.tif", size=9_000_000, sha256=Digest(bytes(32)))],
        groups=[
            GroupOut(
                intent_id="cd" * 16,
                works=10,
                first_row=2,
                title="Valley 1",
                state=state,
                unlisted=False,
                sign_url="/sign/" + "cd" * 16,
            )
            for state in STATES[:2]
        ],
        findings={"GpsPosition": 4, "NearCopy": 6},
    )


def rows() -> RowList:
    """The first of them."""
    items = [
        RowOut(
            id=f"{number:032x}",
            row=number + 2,
            file=f"valley-{number:02}-scanned-at-the-printers-in-full-size.tif",
            title=f"Valley {number}, Looking West",
            external_id=f"VAL-{number}",
            state=state,
            problem={"code": "TypeNotAccepted", "detail": "the file is a TIFF"}
            if state == "refused"
            else None,
            findings=[FindingOut(code="GpsPosition", detail="it says where", accepted=False)]
            if state == "unanswered"
            else [],
            work_url="/works/1/2/3" if state == "minted" else None,
        )
        for number, state in enumerate(STATES * 10)
    ]
    return RowList(items=items, next=None)


def cost() -> CostOut:
    """Of ten works."""
    return CostOut(
        works=10,
        groups=1,
        prompts=1,
        gas="670000",
        fee="1000000007",
        network_max="670000004690000",
        each="67000000469000",
        quoted_at=exhibits.NOON,
    )


def scenes(chain: ChainOut) -> dict[str, Callable[[], Scene]]:
    """By name, for a chain of the showroom."""
    say = catalogue("en").gettext

    def scene(viewer: bool, present: ImportDetailOut | None) -> Scene:
        context = import_context(chain, [detail()] if viewer else [], present, say)
        who = str(exhibits.MARLOWE) if viewer else None
        return "imports/import.html", context | {"viewer": who}

    return {
        "import": lambda: scene(True, None),
        "import-begun": lambda: scene(True, detail()),
        "import-stranger": lambda: scene(False, None),
    }
