"""
Beginning a mint: the artist consents, everything is pinned, nothing can be signed yet.

The transaction is made by `api.mints.preparation` once every file and the metadata were read back
from every place (U11).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from anyio import to_thread
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.drafts import service as drafts
from api.intents.abandon import holder_of
from api.intents.service import Subject, new_row
from api.mints.errors import (
    CollectionNotOpen,
    CreatorNotYou,
    FindingsNotAccepted,
    RoyaltyReceiverMissing,
    SplitterNotOffered,
)
from api.mints.schemas import ListAtIn, MintIn, WorkIn
from api.mints.serials import reserve
from api.mints.works import Written, write
from api.orders.listing import Wanted, order_for
from api.parts import ChainParts, Parts
from api.queue import PREPARE_MINT, enqueue
from api.tables import IntentRow
from api.uploads import service as uploads
from media import ledger
from media.jobs import Job
from media.tables import MetadataRow, UploadRow
from media.uploads import READY
from nft.content.cid import cid_of_digest
from nft.errors import ExchangeError, MetadataInvalid, UploadNotReady
from nft.orders import check_order
from nft.tokens import check_royalty, token_id
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef, parse_uint


async def begin(
    session: AsyncSession, parts: Parts, body: MintIn, *, account: Address, now: datetime
) -> IntentRow:
    """
    Check everything, reserve the token ids, start pinning; the intent is `preparing`.

    Raises the rule that is broken, before anything is pinned or reserved.
    """
    part = chain_of(parts, body.chain_id)
    contract = _check_place(part, body, account)
    _check_royalty(body)
    works = body.all_works()
    _check_prices(part, works, creator=account, contract=contract, now=now)
    files = await _files(session, works, owner=account, now=now)
    if not body.accept_findings:
        _check_findings(files)
    written = _write(works, files, is_one=body.works is None)
    for one in written:
        await to_thread.run_sync(partial(parts.private.add_bytes, one.body))

    first = await reserve(
        session,
        chain_id=part.deployment.chain_id,
        contract=contract,
        creator=account,
        count=len(works),
    )
    row = new_row(
        kind="mint",
        account=account,
        chain_id=part.deployment.chain_id,
        request=body.model_dump(mode="json", exclude_unset=True),
        subject=Subject(contract=contract, token_id=token_id(account, first)),
        facts=_facts(body, works, written, creator=account, first=first),
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


def _check_place(part: ChainParts, body: MintIn, account: Address) -> Address:
    if body.creator != account:
        raise CreatorNotYou(str(body.creator), str(account))
    house = part.deployment.house_collection.address
    if body.contract is not None and body.contract != house:
        raise CollectionNotOpen(str(body.contract), str(house))
    return house


def _check_royalty(body: MintIn) -> None:
    if len(body.royalties) > 1:
        raise SplitterNotOffered(len(body.royalties))
    for royalty in body.royalties:
        try:
            check_royalty(royalty.bps)
        except ExchangeError as error:
            error.field = "royalties/0/bps"
            raise
        if royalty.bps and royalty.receiver == ZERO_ADDRESS:
            raise RoyaltyReceiverMissing


def _check_prices(
    part: ChainParts,
    works: Sequence[WorkIn],
    *,
    creator: Address,
    contract: Address,
    now: datetime,
) -> None:
    """Refuse now what `api/orders` would refuse to list after the mint."""
    for work in works:
        if work.list_at is not None:
            token = TokenRef(part.deployment.chain_id, contract, 0)
            wanted = wanted_listing(work.list_at, creator, token, royalty=(0, creator))
            order = order_for(wanted, part, nonce=0, counter=0, now=now)
            try:
                check_order(order, now=int(now.timestamp()))
            except ExchangeError as error:
                error.field = f"list_at/{error.field}"
                raise


def wanted_listing(
    list_at: ListAtIn,
    creator: Address,
    token: TokenRef,
    *,
    royalty: tuple[int, Address],
    title: str = "",
) -> Wanted:
    """A work of the creator's that is to be sold at once: at transfer count 0."""
    try:
        price = parse_uint(list_at.price)
    except ExchangeError as error:
        error.field = "list_at/price"
        raise
    return Wanted(
        maker=creator,
        token=token,
        price=price,
        transfer_count=0,
        royalty_bps=royalty[0],
        royalty_receiver=royalty[1],
        currency=list_at.currency,
        title=title,
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


def _check_findings(files: dict[str, UploadRow]) -> None:
    findings = [
        {**finding, "upload_id": row.id} for row in files.values() for finding in row.findings
    ]
    if findings:
        raise FindingsNotAccepted(findings)


def _write(works: Sequence[WorkIn], files: dict[str, UploadRow], *, is_one: bool) -> list[Written]:
    written: list[Written] = []
    for position, work in enumerate(works):
        at = "" if is_one else f"works/{position}/"
        one = write(work, files, at=at)
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
    creator: Address,
    first: int,
) -> dict[str, Any]:
    """What the steps are made from, and what the outcome is recognised by."""
    royalty = body.royalties[0] if body.royalties else None
    has_royalty = royalty is not None and royalty.bps > 0
    return {
        "metadata_digest": str(written[0].digest),
        "digests": [str(one.digest) for one in written],
        "token_ids": [str(token_id(creator, first + n)) for n in range(len(works))],
        "first_serial": str(first),
        "royalty_bps": royalty.bps if royalty and has_royalty else 0,
        "royalty_receiver": str(royalty.receiver if royalty and has_royalty else creator),
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
        holder=holder_of(row),
        now=now,
    )
    jobs = await session.run_sync(want)
    await enqueue(session, parts.jobs, jobs)
    await enqueue(session, parts.jobs, [Job(PREPARE_MINT, {"intent_id": row.id})])
