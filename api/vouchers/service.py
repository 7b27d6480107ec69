"""
Redeeming a voucher: the purchase that mints, and taking a voucher back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anyio import to_thread
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.deps import chain_of
from api.intents.service import Subject
from api.orders.filling import check_tokens_held, token_needs
from api.orders.schemas import CancelIn
from api.parts import ChainParts, Parts
from api.sales import acts, cancelling, money
from api.sales.acts import Act
from api.sales.cancelling import Cancellable
from api.sales.hiding import check_hiding
from api.tables import IntentRow, VoucherRow
from api.tokens.deps import read_address
from api.vouchers.facts import Known
from api.vouchers.queries import get_known
from api.vouchers.reading import standing
from api.vouchers.schemas import RedeemIn
from nft import explain
from nft.chain.contracts import Collection, Validator
from nft.errors import OrderExpired, OrderNotFillable
from nft.settlement import split_voucher
from nft.types import Address, Digest
from nft.vouchers import reasons_not_redeemable

REDEEM_GAS = 260_000
"""In a token, measured at 150,000."""


async def prepare_redeem(
    session: AsyncSession, parts: Parts, now: datetime, *, name: Digest, body: RedeemIn
) -> IntentRow:
    """
    An intent that ends in one transaction: the work is minted by its artist and comes to you.

    Raises `OrderExpired`, `OrderNotFillable` with every reason, or `TakerCannotPay`.
    """
    known = await get_known(session, parts, name)
    part = chain_of(parts, known.chain_id)
    taker = read_address("taker", body.taker)
    number = known.next_number if body.number is None else body.number
    state, reasons = standing(known, now)
    if state == "expired":
        raise OrderExpired(str(name))
    found = [(one.code, one.detail) for one in reasons]
    if state not in ("filled", "cancelled"):
        found = await _obstacles(known, part, taker, number or 0, now)
    if known.is_hidden:
        found.append(("OrderHidden", "its signer asked us not to hand it out"))
    if found or number is None:
        raise OrderNotFillable(str(name), found)
    act = _act(part, known, taker, number)
    await check_tokens_held(part, taker, act.needs)
    return await acts.prepare(session, act, now)


async def _obstacles(
    known: Known, part: ChainParts, taker: Address, number: int, now: datetime
) -> list[tuple[str, str]]:
    voucher, taken = known.voucher, 0
    if voucher.max_per_recipient:
        question = Collection(known.contract).taken_of(known.name, taker)
        taken = await to_thread.run_sync(lambda: question.ask(part.chain))
    facts = replace(known.facts, is_minted=voucher.token_id + number in known.minted, taken=taken)
    reasons = reasons_not_redeemable(
        voucher, facts, now=int(now.timestamp()), number=number, taker=taker
    )
    found = [(one.code, one.detail) for one in reasons]
    _, general = standing(known, now)
    codes = {code for code, _ in found}
    found += [
        (one.code, one.detail)
        for one in general
        if one.code == "WalletNotDeployed" and one.code not in codes
    ]
    return found


def _act(part: ChainParts, known: Known, taker: Address, number: int) -> Act:
    voucher = known.voucher
    token = voucher.token_id + number
    price = money.amount(part, voucher.price, voucher.currency)
    split = split_voucher(voucher)
    title = str(known.document.get("name", ""))
    what = explain.work(known.contract, token, title)
    divided = money.divided(part, split, voucher.currency)
    return Act(
        kind="redeem",
        account=taker,
        part=part,
        call=Collection(known.contract).redeem(voucher, known.signer, known.signature, number),
        title=f"Buy and mint for {price}",
        explain=(
            f"You pay {price}. In the same transaction {what} is minted by {voucher.creator} and "
            f"goes to {taker}: {divided}."
        ),
        request={"voucher": str(known.name), "taker": str(taker), "number": number},
        fallback_gas=REDEEM_GAS,
        needs=token_needs(part, taker, known.contract, voucher.currency, voucher.price),
        subject=Subject(contract=known.contract, token_id=token, order_hash=known.name),
        platform_fee=split.platform_fee,
        currency=voucher.currency,
        order_name=str(known.name),
        why=Validator(part.deployment.validator.address).check_voucher(
            known.contract, voucher, known.signer, known.signature, number=number, taker=taker
        ),
    )


async def prepare_cancel(
    session: AsyncSession, parts: Parts, now: datetime, *, name: Digest, body: CancelIn
) -> IntentRow:
    """Take a voucher back, what is left of it. Raises `NotTheMaker` or `OrderIsOver`."""
    known = await get_known(session, parts, name)
    what = Cancellable(
        name=name,
        maker=known.signer,
        exchange=known.exchange,
        nonce=known.voucher.nonce,
        counter=known.voucher.counter,
        path=f"/api/vouchers/{name}/hide",
        subject=Subject(contract=known.contract, token_id=known.voucher.token_id, order_hash=name),
        state=standing(known, now)[0],
    )
    part = chain_of(parts, known.chain_id)
    return await cancelling.prepare_cancel(
        session, part, now, what=what, maker=body.maker, how=body.how
    )


async def hide(
    session: AsyncSession, parts: Parts, name: Digest, signature: str, now: datetime
) -> None:
    """Stop handing a voucher out, because its signer asks. Raises `SignatureNotMakers`."""
    known = await get_known(session, parts, name)
    await check_hiding(chain_of(parts, known.chain_id), name, known.signer, signature)
    await session.execute(
        update(VoucherRow)
        .where(col(VoucherRow.voucher_hash) == name, col(VoucherRow.hidden_at).is_(None))
        .values(hidden_at=now)
    )
