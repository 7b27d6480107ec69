"""
Works, one or a page, and their history: the answers of JSON and pages alike.

A page of works is seven queries whatever its length: the works with their documents, their best
listings, files, variants, the mirror's heads and the blocks. Hot reads are Core, not ORM objects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.chains import mirror
from api.chains.mirror import Blocks
from api.orders.facts import TOKENS, Known
from api.orders.queries import best_listings
from api.orders.reading import moment, order_out
from api.pagination import DEFAULT_LIMIT, encode_cursor
from api.parts import Parts
from api.sales.house import House, house_rules
from api.sales.notes import NOTHING_SAID, Said, said_of
from api.tokens import documents, history, kept
from api.tokens import filters as cuts
from api.tokens.changes import Since, since
from api.tokens.described import NOT_DESCRIBED, Described, described
from api.tokens.documents import Picture, Pictures
from api.tokens.filters import METADATA, TokenFilters
from api.tokens.missing import missing
from api.tokens.schemas import (
    MediaOut,
    MintedOut,
    ProvenanceItem,
    RoyaltyOut,
    TokenList,
    TokenOut,
    UserOut,
    VariantOut,
)
from media.recipes import is_current
from nft.content import cid_of_digest
from nft.errors import NotADigest
from nft.types import ZERO_ADDRESS, Digest, TokenRef

CONTENTS = SQLModel.metadata.tables["media_contents"]
VARIANTS = SQLModel.metadata.tables["media_variants"]


def _works() -> Select[Any]:
    """Works with the documents that their digests stand for."""
    return select(*TOKENS.c, METADATA.c.document).select_from(
        TOKENS.outerjoin(METADATA, METADATA.c.digest == TOKENS.c.metadata_digest)
    )


def _ref(row: Row[Any]) -> TokenRef:
    return TokenRef(row.chain_id, row.contract, row.token_id)


async def get_token(session: AsyncSession, parts: Parts, ref: TokenRef) -> TokenOut:
    """One work as of its last change. Raises `NoSuchToken` or `NoLongerFollowed`."""
    found = await session.execute(
        _works().where(
            TOKENS.c.chain_id == ref.chain_id,
            TOKENS.c.contract == ref.contract,
            TOKENS.c.token_id == ref.token_id,
        )
    )
    row = found.first()
    if row is None:
        raise await missing(session, ref)
    return (await _tokens_out(session, parts, [row]))[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which page of a list."""

    limit: int
    behind: Sequence[Any] | None
    """The last row of the page before; None for the first."""


def works_page(
    filters: TokenFilters, house: House, now: int, place: Place, since: Since | None = None
) -> tuple[Select[Any], list[str]]:
    """One row more than a page, and the names of the columns that say a row's place."""
    offered = cuts.offers(filters, house, now) if filters.needs_offers else None
    query = _works()
    if offered is not None:
        query = query.join(offered, cuts.join_offers(offered), isouter=not filters.by_price)
    order = cuts.order_of(filters.sort, offered)
    query = query.where(*cuts.conditions(filters, offered, since))
    if place.behind is not None:
        query = query.where(order.after(place.behind))
    places = [column.label(f"place_{n}") for n, column in enumerate(order.columns)]
    query = query.add_columns(*places).order_by(*order.clauses()).limit(place.limit + 1)
    return query, [place.name for place in places]


async def list_tokens(
    session: AsyncSession,
    parts: Parts,
    filters: TokenFilters,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> TokenList:
    """A page of works, in the order that `filters.sort` names."""
    now = int(parts.clock().timestamp())
    house = await house_rules(session, parts.chains.values(), now) if filters.needs_offers else {}
    behind = cuts.cursor_values(parts.secret_key, cursor, filters) if cursor is not None else None
    moment = filters.updated_since
    after = await since(session, moment) if moment is not None else None
    query, places = works_page(filters, house, now, Place(limit=limit, behind=behind), after)
    rows = (await session.execute(query)).all()
    items = await _tokens_out(session, parts, rows[:limit])
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]._mapping
        key = cuts.cursor_key(filters.sort, [last[place] for place in places])
        following = encode_cursor(parts.secret_key, key)
    return TokenList(items=items, next=following, as_of=mirror.newest(item.as_of for item in items))


async def provenance(session: AsyncSession, parts: Parts, ref: TokenRef) -> list[ProvenanceItem]:
    """The whole history of a work, oldest first. Raises `NoSuchToken`."""
    page = await history.page(session, parts, ref, limit=None, cursor=None)
    return page.items


async def _tokens_out(
    session: AsyncSession, parts: Parts, rows: Sequence[Row[Any]]
) -> list[TokenOut]:
    now = parts.clock()
    listings = await best_listings(session, parts, [_ref(row) for row in rows], now)
    pictures = await pictures_of(session, parts.media_url, (row.document for row in rows))
    foreign = [_ref(row) for row in rows if row.metadata_digest is None]
    found, said = await described(session, foreign), await said_of(session, foreign)
    heads = await mirror.heads(session)
    keys = {(row.chain_id, height) for row in rows for height in (row.minted_block, _last(row))}
    keys |= {(one.chain_id, one.last_block) for one in listings.values() if one.last_block}
    keys |= {(ref.chain_id, one.last_block) for ref, one in said.items() if one.last_block}
    blocks = await mirror.blocks_at(session, heads, keys)
    tokens = [
        _token_out(row, parts, _Around(listings.get(_ref(row)), pictures, blocks, now, found, said))
        for row in rows
    ]
    await kept.add(session, (file for token in tokens for file in token.media))
    return tokens


def _last(row: Row[Any]) -> int:
    height: int = row.updated_block
    return height


class _Around:
    """What stands around one work's row."""

    __slots__ = ("blocks", "found", "listing", "now", "pictures", "said")

    def __init__(
        self,
        listing: Known | None,
        pictures: Pictures,
        blocks: Blocks,
        now: datetime,
        found: Mapping[TokenRef, Described],
        said: Mapping[TokenRef, Said],
    ) -> None:
        self.listing = listing
        self.pictures = pictures
        self.blocks = blocks
        self.now = now
        self.found = found
        self.said = said


async def pictures_of(
    session: AsyncSession, media_url: str, told: Iterable[Mapping[str, Any] | None]
) -> dict[str, Picture]:
    """Sizes, placeholders and variants of every file that the documents name."""
    wanted = {digest for document in told for digest in _digests(document)}
    if not wanted:
        return {}
    variants = await _variants_of(session, media_url, wanted)
    known = CONTENTS.c
    columns = (known.sha256, known.width, known.height, known.blur, known.details)
    kept = await session.execute(select(*columns).where(known.sha256.in_(wanted)))
    pictures = {
        str(row.sha256): Picture(row.width, row.height, row.blur, details=row.details)
        for row in kept
    }
    for name, several in variants.items():
        found = pictures.get(name, Picture())
        pictures[name] = replace(found, variants=several)
    return pictures


async def variants_shown(
    session: AsyncSession, media_url: str, document: Mapping[str, Any]
) -> list[MediaOut]:
    """The files of one document, each with its variants and nothing else: a single query."""
    found = await _variants_of(session, media_url, set(_digests(document)))
    pictures = {name: Picture(variants=several) for name, several in found.items()}
    return documents.media(document, pictures, media_url)


async def _variants_of(
    session: AsyncSession, media_url: str, wanted: Collection[Digest]
) -> dict[str, tuple[VariantOut, ...]]:
    """The variants of these files, the narrowest first."""
    variants: dict[str, tuple[VariantOut, ...]] = {}
    made = await session.execute(
        select(VARIANTS)
        .where(VARIANTS.c.sha256.in_(wanted), is_current())
        .order_by(VARIANTS.c.width, VARIANTS.c.name)
    )
    for row in made:
        one = VariantOut(
            name=row.name,
            url=f"{media_url}/ipfs/{row.cid}",
            width=row.width,
            height=row.height,
            type=row.type,
        )
        name = str(row.sha256)
        variants[name] = (*variants.get(name, ()), one)
    return variants


def _digests(document: Mapping[str, Any] | None) -> list[Digest]:
    found = []
    for asset in documents.assets(document or documents.NO_DOCUMENT):
        try:
            found.append(Digest.parse(documents.text(asset, "sha256")))
        except NotADigest:
            continue  # A stranger's document; the file is simply not known here.
    return found


def _minted(row: Row[Any], around: _Around) -> MintedOut:
    block = around.blocks[row.chain_id, row.minted_block]
    return MintedOut(
        block_number=str(block.number),
        transaction_hash=str(row.mint_transaction),
        timestamp=block.time,
    )


def _newest(row: Row[Any], listing: Known | None, said: Said) -> int:
    """The block of the last change: of the work, of its listing, of what its contract says."""
    listed = listing.last_block if listing is not None else None
    return max(_last(row), listed or 0, said.last_block or 0)


def _user(said: Said, now: datetime) -> UserOut | None:
    user = said.user_at(int(now.timestamp()))
    return UserOut(account=str(user), expires_at=moment(said.expires)) if user else None


def _metadata(row: Row[Any], told: Described) -> dict[str, Any]:
    """What a work is described by, where that lies, and since when."""
    cid = str(cid_of_digest(row.metadata_digest)) if row.metadata_digest else None
    return {
        "metadata_digest": str(row.metadata_digest) if row.metadata_digest else None,
        "metadata_cid": cid,
        "metadata_known": row.document is not None or told.is_known,
        "token_uri": _uri(cid, told),
        "foreign": row.metadata_digest is None,
        "image_url": told.image_url,
        "metadata_versions": told.versions,
    }


def _uri(cid: str | None, told: Described) -> str | None:
    """Where the description lies: said by the digest, or as the contract answered last."""
    if cid is not None:
        return f"ipfs://{cid}"
    return next((one.uri for one in reversed(told.versions) if one.uri), None)


def _token_out(row: Row[Any], parts: Parts, around: _Around) -> TokenOut:
    ref = _ref(row)
    told = around.found.get(ref, NOT_DESCRIBED)
    document: Mapping[str, Any] = row.document or told.believed
    stated = documents.part(document, "properties")
    listing, said = around.listing, around.said.get(ref, NOTHING_SAID)
    return TokenOut(
        chain_id=str(ref.chain_id),
        contract=str(ref.contract),
        token_id=str(ref.token_id),
        asset=ref.caip19,
        test=ref.chain_id in parts.chains and parts.chains[ref.chain_id].is_test,
        title=documents.text(document, "name"),
        description=documents.text(document, "description"),
        artist=documents.text(stated, "artist"),
        alt_text=documents.text(stated, "alt_text"),
        date=documents.text(stated, "date"),
        medium=documents.text(stated, "medium"),
        dimensions=documents.text(stated, "dimensions"),
        edition=documents.edition(document),
        attributes=documents.attributes(document),
        rights=documents.text(stated, "rights"),
        external_id=documents.text(stated, "external_id"),
        creator=str(row.creator),
        owner=str(row.owner),
        held_for=str(row.held_for) if row.held_for else None,
        transfer_count=row.transfer_count,
        royalty=RoyaltyOut(receiver=str(row.royalty_receiver), bps=row.royalty_bps),
        media=documents.media(document, around.pictures, parts.media_url),
        **_metadata(row, told),
        locked=said.is_locked,
        user=_user(said, around.now),
        frozen=row.is_frozen,
        burned=row.owner == ZERO_ADDRESS,
        minted=_minted(row, around),
        listing=order_out(listing, parts, around.blocks, around.now) if listing else None,
        work_url=f"{parts.public_url}/works/{ref.path}",
        certificate_url=f"{parts.public_url}/c/{ref.path}",
        as_of=around.blocks[row.chain_id, _newest(row, listing, said)].as_of(),
    )
