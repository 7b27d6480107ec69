"""
What certifies a work before its token: the newest voucher in force that covers its id.

A voucher is in force while its works can still be had by it: it is not hidden, cancelled or over,
and its signer may still mint. Anything else was refused when it was posted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates.facts import CertificateNotReady, Facts, find_facts
from api.certificates.versions import Certificate
from api.deps import chain_of
from api.parts import Parts
from api.sales.signers import is_keys
from api.tables import VoucherRow
from api.vouchers.facts import Known, known_of
from nft.certificates import Offer, Statement
from nft.errors import Missing, NoSuchToken
from nft.types import TokenRef
from nft.vouchers import LONGEST_EDITION

MOST = 100
"""Vouchers of one id that are looked at, the newest first: posting them is free."""


class CertificateHidden(Missing):
    """The certificate has a voucher in it that its signer asked us not to hand out."""

    def __init__(self, token: TokenRef) -> None:
        super().__init__(
            f"the certificate of {token.caip19} holds a signed sale that its signer hid: "
            "it is shown again once nobody can buy by it any more"
        )


class NotMintedYet(Missing):
    """A form that only the certificate of a minted work has."""

    def __init__(self, token: TokenRef, form: str) -> None:
        super().__init__(
            f"{token.caip19} is offered and not minted yet: {form} is of a mint, "
            "and comes with the certificate that follows it"
        )


async def find_any(session: AsyncSession, parts: Parts, token: TokenRef, *, now: datetime) -> Facts:
    """
    What a certificate would say: of the mint where there was one, else of the offer.

    Raises `NoSuchToken`, `CertificateNotReady`.
    """
    try:
        return await find_facts(session, parts, token)
    except NoSuchToken:
        return await find_offer(session, parts, token, now=now)


async def find_offer(
    session: AsyncSession, parts: Parts, token: TokenRef, *, now: datetime
) -> Facts:
    """Of a work that is not minted. Raises `NoSuchToken` unless a voucher in force covers it."""
    chain = chain_of(parts, token.chain_id)
    rows = await _covering(session, token)
    known = await known_of(session, parts, rows)
    found = next((one for one in known if _is_in_force(one, token, now)), None)
    if found is None:
        raise NoSuchToken(token.caip19)
    if not found.document:
        raise CertificateNotReady(token)
    statement = Statement(
        token=token,
        metadata_digest=found.voucher.metadata_digest,
        metadata=dict(found.document),
        offer=Offer(
            voucher=found.voucher,
            signer=found.signer,
            signature=found.signature,
            by_contract=not is_keys(found.name, found.signature, found.signer),
            taken_at=int(found.created_at.timestamp()),
        ),
        is_test=chain.is_test,
        is_provisional=False,
    )
    return Facts(statement, described_block=0, safe_number=0, voucher_hash=found.name)


async def check_shown(
    session: AsyncSession, parts: Parts, certificate: Certificate, *, now: datetime
) -> None:
    """
    Keep back what would hand out a hidden voucher. Raises `CertificateHidden`.

    Who hides a voucher was promised that we stop handing it out, and a certificate has its
    signature. Once it is cancelled, over or used up there is nothing left to keep back.
    """
    if certificate.voucher is None:
        return
    row = await session.get(VoucherRow, certificate.voucher)
    if row is None or row.hidden_at is None or row.end < int(now.timestamp()):
        return
    known = (await known_of(session, parts, [row]))[0]
    if not _is_taken_back(known) and known.next_number is not None:
        raise CertificateHidden(certificate.token)


async def _covering(session: AsyncSession, token: TokenRef) -> Sequence[VoucherRow]:
    """Vouchers that are shown and whose ids have this one, the newest first."""
    row, number = VoucherRow, token.token_id
    first = max(number - LONGEST_EDITION + 1, 0)
    query = (
        select(row)
        .where(
            col(row.chain_id) == token.chain_id,
            col(row.contract) == token.contract,
            col(row.hidden_at).is_(None),
            col(row.is_awaited).is_(False),
            or_(
                col(row.token_id) == number,
                and_(col(row.edition_size) > 1, col(row.token_id).between(first, number)),
            ),
        )
        .order_by(col(row.created_at).desc(), col(row.voucher_hash).desc())
    )
    found = (await session.execute(query)).scalars()
    return [one for one in found if number < one.token_id + one.edition_size][:MOST]


def _is_in_force(known: Known, token: TokenRef, now: datetime) -> bool:
    return (
        token.token_id not in known.minted
        and known.facts.may_sign
        and now.timestamp() <= known.voucher.end
        and not _is_taken_back(known)
    )


def _is_taken_back(known: Known) -> bool:
    return known.facts.is_nonce_used or known.facts.counter > known.voucher.counter
