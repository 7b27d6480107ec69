"""
Between a sheet and the book: what holds for this account's sheets, and rows as they are kept.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.collections.studios import studios_of
from api.imports.tables import ImportedRow, ImportRow
from api.mints.errors import CreatorNotYou
from api.mints.schemas import MAX_MINTED_COPIES, ListAtIn, MediaIn, RoyaltyIn, WorkIn
from api.parts import ChainParts
from nft.sheets.cells import Money
from nft.sheets.works import FileFact, SheetWork, Terms
from nft.types import Address, Digest


async def terms_of(
    session: AsyncSession,
    part: ChainParts,
    creator: Address,
    *,
    account: Address,
    folder: Mapping[str, FileFact],
    most: int,
) -> Terms:
    """
    Currencies taken, collections that the account may mint the creator's works into, limits, and
    the folder. Raises `CreatorNotYou` when there is no such collection.
    """
    accepted = part.deployment.accepted
    monies = [Money(one.symbol, one.address, one.decimals) for one in accepted]
    by_name = {money.symbol.lower(): money for money in monies}
    by_address = {str(money.address).lower(): money for money in monies}
    studios = [
        one
        for one in await studios_of(session, part, creator)
        if account == creator or str(account) in one.minters
    ]
    if not studios:
        raise CreatorNotYou(str(creator), str(account))
    names = Counter(one.name.lower() for one in studios)
    collections = {str(one.contract).lower(): Address.parse(one.contract) for one in studios}
    # A name that two collections bear says nothing; their addresses do.
    collections |= {
        one.name.lower(): Address.parse(one.contract)
        for one in studios
        if names[one.name.lower()] == 1
    }
    return Terms(
        currencies={**by_name, **by_address},
        collections=collections,
        max_copies=MAX_MINTED_COPIES,
        max_file_bytes=most,
        files=folder,
        may_sell=account == creator,
    )


def row_of(
    row: ImportRow,
    work: SheetWork,
    folder: Mapping[str, FileFact],
    *,
    digest: Digest,
    before: ImportedRow | None,
) -> ImportedRow:
    """A work as it is kept; what was answered about an unchanged row stays answered."""
    facts = [_fact(folder[name]) for name in (work.file, work.cover) if name]
    sha256 = folder[work.file].sha256
    assert sha256 is not None
    kept: dict[str, Any] = {"id": secrets.token_hex(16)}
    if before is not None:
        kept = {name: getattr(before, name) for name in ("id", "accepted", "created_at")}
    return ImportedRow(
        **kept,
        import_id=row.id,
        owner=row.owner,
        chain_id=row.chain_id,
        row=work.row,
        digest=digest,
        external_id=work.external_id,
        file_sha256=sha256,
        edition_number=work.edition_number,
        work=_described(row, work),
        files=facts,
    )


def _fact(file: FileFact) -> dict[str, Any]:
    return {"name": file.name, "size": file.size, "sha256": str(file.sha256)}


def _described(row: ImportRow, work: SheetWork) -> dict[str, Any]:
    """The words of a mint, and beside them what holds for its whole transaction."""
    named = work.royalties or ((row.creator, work.royalty_bps),)
    said: dict[str, Any] = {
        "title": work.title,
        "artist": work.artist,
        "description": work.description,
        "alt_text": work.alt_text,
        "work": {
            "date": work.date,
            "medium": work.medium,
            "dimensions": work.dimensions,
            "edition": {"number": work.edition_number, "size": work.edition_size},
        },
        "attributes": [
            {"trait_type": one.trait_type, "value": one.value} for one in work.attributes
        ],
        "rights": work.rights,
        "external_id": work.external_id,
        "contract": str(work.contract) if work.contract else None,
        "royalties": [{"receiver": str(one), "bps": bps} for one, bps in named if bps],
        "copies": work.copies,
    }
    if work.price is not None:
        said["list_at"] = {"price": str(work.price), "currency": str(work.currency)}
    return said


_OF_THE_MINT = ("contract", "royalties", "copies")


def work_in(row: ImportedRow, media: list[MediaIn]) -> WorkIn:
    """The row as one of a mint's works."""
    said = {name: value for name, value in row.work.items() if name not in _OF_THE_MINT}
    return WorkIn.model_validate({**said, "media": [one.model_dump() for one in media]})


def royalties_in(row: ImportedRow) -> list[RoyaltyIn]:
    """Who is paid of later sales."""
    return [RoyaltyIn.model_validate(one) for one in row.work["royalties"]]


def list_at_in(row: ImportedRow) -> ListAtIn | None:
    """The price, if the work is for sale at once."""
    said = row.work.get("list_at")
    return ListAtIn.model_validate(said) if said else None
