"""
Beginning a mint: the artist consents, everything is pinned, nothing can be signed yet.

The transaction is made by `api.mints.preparation` once every file and the metadata were read back
from every place (U11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from anyio import to_thread
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.collections.ours import Ours, find_ours
from api.deps import chain_of
from api.drafts import service as drafts
from api.intents.abandon import holder_of
from api.intents.service import Subject, new_row
from api.likenesses import service as likenesses
from api.mints.covers import Covers, covers_of
from api.mints.errors import (
    CollectionNotOpen,
    CopiesOfSeveral,
    CreatorNotYou,
    FindingsNotAccepted,
    LazyMintNeedsPrice,
    ListingNotYours,
    ReceiverTwice,
    RoyaltyReceiverMissing,
    TooManyCopies,
)
from api.mints.schemas import MAX_MINTED_COPIES, ListAtIn, MintIn, RoyaltyIn, WorkIn
from api.mints.serials import reserve
from api.mints.works import Written, write
from api.orders.kinds.listings import Wanted, fresh_work, order_for, seconds_of
from api.orders.works import Work
from api.parts import ChainParts, Parts
from api.queue import PREPARE_MINT, enqueue
from api.sales.house import rules_now
from api.sales.money import addresses, currency_of
from api.tables import IntentRow
from api.uploads import service as uploads
from api.vouchers.facts import may_mint
from media import ledger
from media.jobs import Job
from media.tables import MetadataRow, UploadRow
from media.uploads import READY
from nft.chain.contracts import SplitterFactory
from nft.content.cid import cid_of_digest
from nft.errors import ExchangeError, MetadataInvalid, UploadNotReady
from nft.orders import check_order
from nft.royalties import Share
from nft.tokens import check_royalty, token_id
from nft.types import WHOLE_BPS, ZERO_ADDRESS, Address, Digest, TokenRef, parse_uint


async def begin(
    session: AsyncSession, parts: Parts, body: MintIn, *, account: Address, now: datetime
) -> IntentRow:
    """
    Check everything, reserve the token ids, start pinning; the intent is `preparing`.

    Raises the rule that is broken, before anything is pinned or reserved.
    """
    part = chain_of(parts, body.chain_id)
    collection = await _check_place(session, part, body, account)
    royalty = await _royalty(part, body)
    works = body.all_works()
    await _check_sales(session, part, body, collection, now)
    files = await _files(session, works, owner=account, now=now)
    alike = await _compare(session, parts, files, body.creator, now=now)
    if not body.accept_findings:
        _check_findings(files, alike)
    covers = await covers_of(session, files.values())
    written = _write(works, files, covers, is_one=body.works is None)
    for one in written:
        await to_thread.run_sync(partial(parts.private.add_bytes, one.body))

    first = await reserve(
        session,
        chain_id=part.deployment.chain_id,
        contract=collection.contract,
        creator=body.creator,
        count=len(works) * body.copies,
    )
    row = new_row(
        kind="lazy_mint" if body.lazy else "mint",
        account=account,
        chain_id=part.deployment.chain_id,
        request=body.model_dump(mode="json", exclude_unset=True),
        subject=Subject(contract=collection.contract, token_id=token_id(body.creator, first)),
        facts=_facts(body, works, written, royalty=royalty, first=first),
        now=now,
    )
    session.add(row)
    await session.flush()
    await _keep_metadata(session, written, now=now)
    await _want(session, parts, row, written, now=now)
    if body.draft_id is not None:
        draft = await drafts.find(session, account, body.draft_id, for_update=True)
        draft.intent_id = row.id
        session.add(draft)
    return row


async def _check_place(
    session: AsyncSession, part: ChainParts, body: MintIn, account: Address
) -> Ours:
    """The collection, if this account may mint the creator's works there."""
    house = part.deployment.house_collection.address
    contract = body.contract or house
    collection = await find_ours(session, part, contract)
    if collection is None or collection.artist not in (None, body.creator):
        raise CollectionNotOpen(str(contract), str(house))
    chain_id = part.deployment.chain_id
    if not await may_mint(session, chain_id, contract, body.creator, account):
        raise CreatorNotYou(str(body.creator), str(account))
    if body.creator != account and not body.lazy and _has_price(body):
        raise ListingNotYours(str(body.creator))
    return collection


def _has_price(body: MintIn) -> bool:
    return any(work.list_at is not None for work in body.all_works())


@dataclass(frozen=True, slots=True)
class _Royalty:
    """What later sales owe, and behind which splitter, if there are several receivers."""

    bps: int
    receiver: Address
    shares: tuple[Share, ...] = ()


async def _royalty(part: ChainParts, body: MintIn) -> _Royalty:
    """Raises `RoyaltyTooHigh`, `RoyaltyReceiverMissing` or `ReceiverTwice`."""
    named = [one for one in body.royalties if one.bps]
    for position, one in enumerate(body.royalties):
        _check_royalty(position, one)
        if one.receiver in [other.receiver for other in body.royalties[:position]]:
            raise ReceiverTwice(position, str(one.receiver))
    total = sum(one.bps for one in named)
    try:
        check_royalty(total)
    except ExchangeError as error:
        error.field = "royalties"
        raise
    if not named:
        return _Royalty(0, body.creator)
    if len(named) == 1:
        return _Royalty(total, named[0].receiver)
    parts = shares_of({one.receiver: one.bps for one in named})
    factory = SplitterFactory(part.deployment.splitter_factory.address)
    splitter = await to_thread.run_sync(lambda: factory.predict(parts).ask(part.chain))
    return _Royalty(total, splitter, parts)


def shares_of(bps: Mapping[Address, int]) -> tuple[Share, ...]:
    """
    Royalties as shares of a whole, receivers ascending.

    A splitter divides what it is paid by parts of 10,000; what rounding leaves goes to the first
    ones, one part each.
    """
    total = sum(bps.values())
    whole = {one: share * WHOLE_BPS // total for one, share in sorted(bps.items())}
    left = WHOLE_BPS - sum(whole.values())
    return tuple(
        Share(receiver, part + (1 if place < left else 0))
        for place, (receiver, part) in enumerate(whole.items())
    )


def _check_royalty(position: int, royalty: RoyaltyIn) -> None:
    try:
        check_royalty(royalty.bps)
    except ExchangeError as error:
        error.field = f"royalties/{position}/bps"
        raise
    if royalty.bps and royalty.receiver == ZERO_ADDRESS:
        raise RoyaltyReceiverMissing(position)


async def _check_sales(
    session: AsyncSession, part: ChainParts, body: MintIn, collection: Ours, now: datetime
) -> None:
    """Refuse now what could not be listed, or redeemed, afterwards."""
    if body.copies > 1 and body.works is not None:
        raise CopiesOfSeveral
    if body.copies > MAX_MINTED_COPIES and not body.lazy:
        raise TooManyCopies(body.copies, MAX_MINTED_COPIES)
    seconds = int(now.timestamp())
    exchange = part.deployment.exchange.address
    rules = await rules_now(session, part, exchange, seconds)
    for position, work in enumerate(body.all_works()):
        if work.list_at is None:
            if body.lazy:
                is_one = body.works is None
                raise LazyMintNeedsPrice("list_at" if is_one else f"works/{position}/list_at")
            continue
        token = TokenRef(part.deployment.chain_id, collection.contract, 0)
        try:
            currency_of(part, work.list_at.currency)
            fresh = fresh_work(token, royalty_bps=0, receiver=body.creator, title="")
            wanted = wanted_listing(work.list_at, body.creator, fresh, fee_bps=rules.fee_bps)
            order = order_for(wanted, nonce=0, counter=0, now=seconds)
            check_order(order, now=seconds, currencies=addresses(part))
        except ExchangeError as error:
            error.field = f"list_at/{(error.field or '').removeprefix('list_at/')}"
            raise


def wanted_listing(list_at: ListAtIn, creator: Address, work: Work, *, fee_bps: int) -> Wanted:
    """A work of the creator's that is to be sold at once: at transfer count 0."""
    try:
        price = parse_uint(list_at.price)
    except ExchangeError as error:
        error.field = "list_at/price"
        raise
    return Wanted(
        maker=creator,
        works=[work],
        answers=[work.answer(price)],
        price=price,
        currency=list_at.currency,
        starts_at=seconds_of(list_at.starts_at),
        expires_at=seconds_of(list_at.expires_at),
        fee_bps=fee_bps,
    )


async def _files(
    session: AsyncSession, works: Sequence[WorkIn], *, owner: Address, now: datetime
) -> dict[str, UploadRow]:
    """The caller's uploads by id. Raises `NoSuchUpload` or `UploadNotReady`."""
    found: dict[str, UploadRow] = {}
    for one in (media for work in works for media in work.media):
        if one.upload_id not in found:
            row = await uploads.find(session, one.upload_id, owner=owner, now=now)
            if row.state != READY:
                raise UploadNotReady(row.id, row.state)
            found[one.upload_id] = row
    return found


async def _compare(
    session: AsyncSession,
    parts: Parts,
    files: Mapping[str, UploadRow],
    creator: Address,
    *,
    now: datetime,
) -> dict[str, list[dict[str, Any]]]:
    """What each upload resembles by now; something may have been published since it came."""
    found = {}
    for upload_id, row in files.items():
        assert row.sha256 is not None
        await likenesses.compare(session, parts, row.sha256, now=now)
        found[upload_id] = await likenesses.findings_of(session, parts, row.sha256, creator)
    return found


def _check_findings(
    files: Mapping[str, UploadRow], alike: Mapping[str, list[dict[str, Any]]]
) -> None:
    findings = [
        {**finding, "upload_id": row.id}
        for row in files.values()
        for finding in [*row.findings, *alike[row.id]]
    ]
    if findings:
        raise FindingsNotAccepted(findings)


def _write(
    works: Sequence[WorkIn], files: dict[str, UploadRow], covers: Covers, *, is_one: bool
) -> list[Written]:
    written: list[Written] = []
    for position, work in enumerate(works):
        at = "" if is_one else f"works/{position}/"
        one = write(work, files, covers, at=at)
        if one.digest in [other.digest for other in written]:
            raise MetadataInvalid(
                f"works/{position}",
                "two works with the same files and words cannot be told apart; number the edition",
            )
        written.append(one)
    return written


def _facts(
    body: MintIn,
    works: Sequence[WorkIn],
    written: Sequence[Written],
    *,
    royalty: _Royalty,
    first: int,
) -> dict[str, Any]:
    """What the steps are made from, and what the outcome is recognised by."""
    count = len(works) * body.copies
    return {
        "metadata_digest": str(written[0].digest),
        "digests": [str(one.digest) for one in written],
        "creator": str(body.creator),
        "token_ids": [str(token_id(body.creator, first + n)) for n in range(count)],
        "first_serial": str(first),
        "copies": body.copies,
        "royalty_bps": royalty.bps,
        "royalty_receiver": str(royalty.receiver),
        "splitter": [
            {"receiver": str(share.receiver), "bps": share.bps} for share in royalty.shares
        ],
        "titles": [work.title for work in works],
        "list_at": [
            work.list_at.model_dump(mode="json") if work.list_at else None for work in works
        ],
        "cids": _cids(written),
        "sha256s": sorted({str(sha256) for one in written for sha256 in one.sha256s}),
    }


def _cids(written: Sequence[Written]) -> list[str]:
    of_files = {cid for one in written for cid in one.cids}
    return sorted(of_files | {metadata_cid(one.digest) for one in written})


def metadata_cid(digest: Digest) -> str:
    """The one raw block that a metadata document is."""
    return str(cid_of_digest(digest))


async def _keep_metadata(
    session: AsyncSession, written: Sequence[Written], *, now: datetime
) -> None:
    for one in written:
        values = {
            "digest": one.digest,
            "body": one.body,
            "document": one.document,
            "created_at": now,
        }
        await session.execute(insert(MetadataRow).values(values).on_conflict_do_nothing())


async def _want(
    session: AsyncSession,
    parts: Parts,
    row: IntentRow,
    written: Sequence[Written],
    *,
    now: datetime,
) -> None:
    """Have everything pinned everywhere; the jobs are there when this transaction is."""
    want = partial(
        ledger.want,
        cids=_cids(written),
        stores=parts.pin_stores,
        replicas=parts.replicas,
        holder=holder_of(row),
        now=now,
    )
    jobs = await session.run_sync(want)
    await enqueue(session, parts.jobs, jobs)
    await enqueue(session, parts.jobs, [Job(PREPARE_MINT, {"intent_id": row.id})])
