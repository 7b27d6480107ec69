"""
The transactions of a sale and of a cancel, prepared for whoever is going to send them.
"""

from __future__ import annotations

from datetime import datetime

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.intents import service as intents
from api.intents.costs import gas_of
from api.orders import words
from api.orders.facts import Known
from api.orders.queries import get_known
from api.orders.reading import split_of, standing
from api.orders.schemas import CancelIn, FillIn
from api.orders.service import find_work, hiding
from api.parts import ChainParts, Parts
from api.tables import IntentRow
from api.tokens.deps import read_address
from nft.chain.contracts import Exchange
from nft.chain.errors import InsufficientFunds, Reverted
from nft.chain.protocol import Call
from nft.errors import Conflict, OrderExpired, OrderInvalid, OrderNotFillable, Refused
from nft.settlement import Split
from nft.steps import SignatureStep, TransactionStep
from nft.types import ZERO_ADDRESS, Address, Digest

CANCEL_GAS = 60_000
"""Of cancelling one nonce, measured at 29,000."""


class NotTheMaker(Refused):
    """Only its maker may take an order back."""

    field = "maker"

    def __init__(self, order_name: str, maker: str) -> None:
        super().__init__(f"order {order_name} was made by another account than {maker}")


class OrderIsOver(Conflict):
    """There is nothing left to cancel."""

    def __init__(self, order_name: str, state: str) -> None:
        super().__init__(f"order {order_name} is {state}; there is nothing to cancel")


class TakerCannotPay(Conflict):
    """The buyer's account does not hold the price and the gas."""

    field = "taker"

    def __init__(self, taker: str, held: int, needed: int) -> None:
        self.held = held
        self.needed = needed
        super().__init__(
            f"{taker} holds {words.coin(held)} and needs {words.coin(needed)}, "
            "network cost included"
        )


async def prepare_fill(
    session: AsyncSession, parts: Parts, now: datetime, *, order_name: Digest, body: FillIn
) -> IntentRow:
    """
    An intent of one transaction: price in, work out, everybody paid.

    Raises `OrderExpired`, `OrderNotFillable` with every reason, or `TakerCannotPay`.
    """
    known = await get_known(session, parts, order_name)
    part = chain_of(parts, known.chain_id)
    taker = read_address("taker", body.taker)
    divided = _check_fillable(known, taker, now)
    work = await find_work(session, known.order.token(known.chain_id))
    gas, fee = await to_thread.run_sync(_price_of_filling, part, known, taker)
    call = Exchange(known.exchange).fill(known.order, known.signature)
    step = TransactionStep(
        id="fill",
        title=f"Buy for {words.coin(known.order.price)}",
        explain=words.purchase(known.order, divided, work.title if work else "", taker),
        chain_id=known.chain_id,
        sender=taker,
        to=call.to,
        data=call.data,
        value=known.order.price,
        gas=gas,
    )
    return await intents.prepare(
        session,
        kind="fill",
        account=taker,
        chain_id=known.chain_id,
        request={"order": str(order_name), **body.model_dump(mode="json")},
        steps=[step],
        cost=intents.Cost(network_max=gas * fee, platform_fee=divided.platform_fee, prompts=1),
        subject=_subject(known),
        main="fill",
        now=now,
    )


def _subject(known: Known) -> intents.Subject:
    return intents.Subject(
        contract=known.order.collection,
        token_id=known.order.token_id,
        order_hash=known.order_hash,
    )


def _check_fillable(known: Known, taker: Address, now: datetime) -> Split:
    """Everything that we know would stop it, before anybody pays for trying."""
    name = str(known.order_hash)
    state, reasons = standing(known, now)
    if state == "expired":
        raise OrderExpired(name)
    found = [(one.code, one.detail) for one in reasons]
    if known.is_hidden:
        found.append(("OrderHidden", "its maker asked us not to hand it out"))
    if known.order.taker not in (ZERO_ADDRESS, taker):
        found.append(("TakerNotAllowed", f"it is offered to {known.order.taker} alone"))
    divided = split_of(known)
    if found or divided is None:
        raise OrderNotFillable(name, found)
    if taker in (known.order.maker, ZERO_ADDRESS):
        raise OrderInvalid("taker", "a maker cannot buy from themselves")
    return divided


def _price_of_filling(part: ChainParts, known: Known, taker: Address) -> tuple[int, int]:
    """Gas and wei per gas; the node tries the very transaction. Raises what would stop it."""
    call = Exchange(known.exchange).fill(known.order, known.signature)
    asked = Call(to=call.to, data=call.data, sender=taker, value=call.value)
    fee = part.chain.fees().max_fee
    held = part.chain.balance(taker)
    if held < call.value:
        raise TakerCannotPay(str(taker), held, call.value)
    try:
        estimate = part.chain.estimate_gas(asked)
    except InsufficientFunds as error:
        raise TakerCannotPay(str(taker), held, call.value) from error
    except Reverted as error:
        code = error.name.removeprefix("Exchange_") or "Reverted"
        raise OrderNotFillable(str(known.order_hash), [(code, str(error))]) from error
    gas = estimate * 5 // 4
    if held < call.value + estimate * fee:
        raise TakerCannotPay(str(taker), held, call.value + estimate * fee)
    return gas, fee


async def prepare_cancel(
    session: AsyncSession, parts: Parts, now: datetime, *, order_name: Digest, body: CancelIn
) -> IntentRow:
    """An intent of one signature (`hide`) or one transaction. Raises `NotTheMaker`."""
    known = await get_known(session, parts, order_name)
    part = chain_of(parts, known.chain_id)
    maker = read_address("maker", body.maker)
    if maker != known.order.maker:
        raise NotTheMaker(str(order_name), str(maker))
    state, _ = standing(known, now)
    if state in ("filled", "cancelled"):
        raise OrderIsOver(str(order_name), state)
    step: TransactionStep | SignatureStep
    if body.how == "hide":
        step, network_max = _hide_step(known), 0
    else:
        step, network_max = await to_thread.run_sync(_cancel_step, part, known)
    return await intents.prepare(
        session,
        kind="cancel",
        account=maker,
        chain_id=known.chain_id,
        request={"order": str(order_name), **body.model_dump(mode="json")},
        steps=[step],
        cost=intents.Cost(network_max=network_max, prompts=1),
        subject=_subject(known),
        main=step.id,
        now=now,
    )


def _hide_step(known: Known) -> SignatureStep:
    return SignatureStep(
        id="hide",
        title="Take the offer off this exchange",
        explain=(
            "Free. From your signature on we hand the order out to nobody. It binds only us: "
            "whoever kept a copy could still fill it. To bind everybody, cancel by transaction."
        ),
        typed_data=hiding(known.order_hash, known.chain_id),
        href=f"/api/orders/{known.order_hash}/hide",
        body={},
    )


def _cancel_step(part: ChainParts, known: Known) -> tuple[TransactionStep, int]:
    call = Exchange(known.exchange).cancel([known.order.nonce])
    asked = Call(to=call.to, data=call.data, sender=known.order.maker)
    gas = gas_of(part.chain, asked, fallback=CANCEL_GAS)
    step = TransactionStep(
        id="cancel",
        title="Cancel the offer for good",
        explain=(
            f"Uses up number {known.order.nonce} of your orders at the exchange, so that nobody "
            "can fill this one any more, wherever a copy of it lies."
        ),
        chain_id=known.chain_id,
        sender=known.order.maker,
        to=call.to,
        data=call.data,
        gas=gas,
    )
    return step, gas * part.chain.fees().max_fee
