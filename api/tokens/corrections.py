"""
Correcting what is said of a work, until its creator freezes it.

The files stay: a work with another picture is another work. As with a mint, the transaction is
handed out only when the new document was read back from every place where works are pinned.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from anyio import to_thread
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.deps import chain_of
from api.intents import service as intents
from api.intents.abandon import holder_of
from api.parts import Parts
from api.queue import PREPARE_MINT, enqueue
from api.statements.steps import step_for
from api.statements.works import Wanted
from api.tables import IntentRow
from api.tokens import documents
from api.tokens.actions import Action, check_creator, tried_step
from api.tokens.deps import read_address
from api.tokens.queries import get_token
from api.tokens.schemas import MetadataIn, TokenOut
from media import ledger
from media.jobs import Job
from media.tables import MetadataRow
from nft.chain.contracts import Collection
from nft.content import cid_of_digest
from nft.errors import Conflict, NotADigest
from nft.metadata import (
    Asset,
    Attribute,
    Edition,
    Work,
    canonical_bytes,
    check_work,
    document,
    metadata_digest,
)
from nft.types import Address, Digest, TokenRef


class NothingChanged(Conflict):
    """The new description says what the old one says."""

    def __init__(self) -> None:
        super().__init__("the description is the same as before")


class MetadataUnknown(Conflict):
    """What the work says of itself has not reached us, so it cannot be corrected here."""

    def __init__(self, token: str) -> None:
        super().__init__(f"the metadata of {token} is not known here")


async def begin(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    ref: TokenRef,
    body: MetadataIn,
    account: Address,
) -> IntentRow:
    """
    Check the correction and start pinning it; the intent is `preparing`.

    Raises `NotTheCreator`, `AlreadyFrozen`, `MetadataInvalid` or `NothingChanged`.
    """
    work = await get_token(session, parts, ref)
    for claimed in (account, read_address("creator", body.creator)):
        check_creator(work, claimed)
    corrected = await _corrected(session, work, body)
    content = canonical_bytes(corrected)
    digest = metadata_digest(content)
    if str(digest) == work.metadata_digest:
        raise NothingChanged
    cid = str(cid_of_digest(digest))
    await to_thread.run_sync(partial(parts.private.add_bytes, content))
    row = intents.new_row(
        kind="metadata",
        account=account,
        chain_id=ref.chain_id,
        request=body.model_dump(mode="json", exclude_unset=True),
        subject=intents.Subject(contract=ref.contract, token_id=ref.token_id),
        facts={"metadata_digest": str(digest), "cids": [cid], "title": corrected["name"]},
        now=now,
    )
    session.add(row)
    await session.flush()
    values = {"digest": digest, "body": content, "document": corrected, "created_at": now}
    await session.execute(insert(MetadataRow).values(values).on_conflict_do_nothing())
    want = partial(
        ledger.want,
        cids=[cid],
        stores=parts.pin_stores,
        replicas=parts.replicas,
        holder=holder_of(row),
        now=now,
    )
    await enqueue(session, parts.jobs, await session.run_sync(want))
    await enqueue(session, parts.jobs, [Job(PREPARE_MINT, {"intent_id": row.id})])
    return row


async def plan(session: AsyncSession, parts: Parts, row: IntentRow) -> dict[str, Any]:
    """
    The steps of a correction that is kept everywhere: the creator's statement of the new words,
    and the transaction. Raises what the node refuses.
    """
    assert row.contract is not None
    assert row.token_id is not None
    digest = Digest.parse(row.facts["metadata_digest"])
    action = Action(
        kind="metadata",
        account=row.account,
        call=Collection(row.contract).set_metadata(row.token_id, digest),
        title="Correct the description",
        explain=(
            f"“{row.facts['title']}” is described anew on the chain; the earlier description stays "
            "readable in its history. The files do not change."
        ),
        request={},
        facts={},
    )
    part = chain_of(parts, row.chain_id)
    step, network_max = await to_thread.run_sync(tried_step, part, action)
    stated = await step_for(
        session,
        [Wanted(row.token_id, 1, digest)],
        chain_id=row.chain_id,
        contract=row.contract,
        signer=row.account,
    )
    return await intents.plan_of(
        session,
        chain_id=row.chain_id,
        steps=[stated, step],
        cost=intents.Cost(network_max=network_max, prompts=2),
        main="metadata",
    )


async def _corrected(session: AsyncSession, work: TokenOut, body: MetadataIn) -> dict[str, Any]:
    """The document with what the body names put anew. Raises `MetadataInvalid`."""
    if work.metadata_digest is None:
        raise MetadataUnknown(work.asset)
    digest = Digest.parse(work.metadata_digest)
    present = await session.scalar(
        select(col(MetadataRow.document)).where(col(MetadataRow.digest) == digest)
    )
    if present is None:
        raise MetadataUnknown(work.asset)
    told = Work(
        title=work.title,
        assets=_assets(present, work.asset),
        artist=work.artist,
        description=work.description,
        alt_text=work.alt_text,
        date=work.date,
        medium=work.medium,
        dimensions=work.dimensions,
        edition=Edition(work.edition.number, work.edition.size),
        attributes=tuple(Attribute(one.trait_type, one.value) for one in work.attributes),
        rights=work.rights,
        external_id=work.external_id,
    )
    changed = replace(told, **_changes(body))
    check_work(changed)
    return document(changed)


def _changes(body: MetadataIn) -> dict[str, Any]:
    found = body.model_dump(exclude_unset=True, exclude_none=True, exclude={"creator"})
    found |= found.pop("work", {})
    if "edition" in found:
        found["edition"] = Edition(found["edition"]["number"], found["edition"]["size"])
    if "attributes" in found:
        found["attributes"] = tuple(
            Attribute(one["trait_type"], str(one["value"])) for one in found["attributes"]
        )
    return found


def _assets(present: dict[str, Any], token: str) -> tuple[Asset, ...]:
    try:
        return tuple(
            Asset(
                role=documents.text(one, "role"),
                cid=documents.text(one, "cid"),
                profile=documents.text(one, "profile"),
                sha256=Digest.parse(documents.text(one, "sha256")),
                type=documents.text(one, "type"),
                size=documents.number(one, "size") or 0,
                width=documents.number(one, "width"),
                height=documents.number(one, "height"),
            )
            for one in documents.assets(present)
        )
    except NotADigest as error:
        raise MetadataUnknown(token) from error
