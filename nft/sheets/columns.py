"""
The columns of a sheet, in the order of the template.

A header may write them with spaces or hyphens and in any case. `trait:Name` columns become
attributes; a column that nobody knows is a problem, because a misspelt one would be ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

TRAIT = "trait:"


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds, and what the template's example row shows."""

    name: str
    what: str
    example: str = ""
    required: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("file", "name of the work's file in the folder", "tide-01.png", required=True),
    Column("cover", "name of a picture that stands for a film, a sound or a model", ""),
    Column("title", "at most 200 characters", "Tide, Morning", required=True),
    Column("artist", "the name as shown", "Ilka Marrow"),
    Column("description", "at most 10,000 characters; lines may be broken", "First of three."),
    Column("alt_text", "what is to be seen, for those who cannot see it", "A grey sea at dawn"),
    Column("date", "as a label says it", "2026"),
    Column("medium", "as a label says it", "ink on paper, photographed"),
    Column("dimensions", "as a label says it", "40 × 60 cm"),
    Column("edition_number", "which of the edition; 1 when empty", "1"),
    Column("edition_size", "of how many; 1 when empty, `open` when nobody knows", "3"),
    Column("copies", "mints so many numbered works under this one description", ""),
    Column("royalty", "per cent of every later sale, at most 25", "7.5"),
    Column("royalty_receivers", "`0x… 5; 0x… 2.5`: who gets which per cent; empty: you", ""),
    Column("price", "for sale at once at this price; empty: not for sale", "0.8"),
    Column("currency", "symbol or address of what the price counts; the chain's coin", "ETH"),
    Column("rights", "what its owner may do with it, in your words", "CC BY-NC 4.0"),
    Column(
        "external_id", "your inventory number; tells rows apart when you import again", "MA-001"
    ),
    Column("collection", "name or address of a collection of yours; empty: the house's", ""),
    Column(f"{TRAIT}Paper", "any number of columns `trait:Name` become attributes", "rag"),
)

NAMES = tuple(column.name for column in COLUMNS if not column.name.startswith(TRAIT))
REQUIRED = tuple(column.name for column in COLUMNS if column.required)

ALIASES = {
    "filename": "file",
    "file_name": "file",
    "image": "file",
    "cover_file": "cover",
    "poster": "cover",
    "alt": "alt_text",
    "year": "date",
    "size": "dimensions",
    "edition": "edition_size",
    "royalty_percent": "royalty",
    "royalty_%": "royalty",
    "royalties": "royalty",
    "inventory_number": "external_id",
    "inventory": "external_id",
    "id": "external_id",
    "文件": "file",
    "封面": "cover",
    "标题": "title",
    "艺术家": "artist",
    "描述": "description",
    "替代文字": "alt_text",
    "日期": "date",
    "材质": "medium",
    "尺寸": "dimensions",
    "版本号": "edition_number",
    "版数": "edition_size",
    "份数": "copies",
    "版税": "royalty",
    "版税收款人": "royalty_receivers",
    "价格": "price",
    "货币": "currency",
    "权利": "rights",
    "藏品编号": "external_id",
    "系列": "collection",
}


def column_of(header: str) -> str | None:
    """The column that a header names, `trait:Name` with its name as written; None when unknown."""
    text = header.strip()
    if text.lower().startswith(TRAIT):
        name = text[len(TRAIT) :].strip()
        return TRAIT + name if name else None
    plain = re.sub(r"[\s\-_]+", "_", text.lower()).strip("_")
    if plain in NAMES:
        return plain
    return ALIASES.get(plain)


def nearest(header: str) -> str | None:
    """The column that was probably meant."""
    plain = re.sub(r"[\s\-_]+", "_", header.strip().lower())
    found = get_close_matches(plain, NAMES, n=1, cutoff=0.6)
    return found[0] if found else None
