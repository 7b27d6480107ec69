"""
Payment by permit (ERC-2612): one signature in place of an approval's transaction.

The signature belongs into the buying transaction. So the intent begins with the permit alone; when
its signature is posted, the transaction is ready. The contract tries the permit and lets the
allowance decide, so a permit that somebody else handed in first does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from anyio import to_thread
from eth_account.messages import encode_typed_data
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.intents import service as intents
from api.intents.service import NoSuchStep
from api.orders.facts import Known
from api.orders.queries import get_known
from api.orders.wire import read_signature
from api.parts import ChainParts, Parts
from api.sales import money
from api.sales.acts import Act, Tried, try_out
from api.sales.needs import Allowance, steps_for
from api.tables import IntentRow
from nft import recursion
from nft.chain.contracts import Erc20, Exchange, ask_many
from nft.errors import Conflict, ExchangeError, SignatureNotMakers
from nft.permits import permit_of, permit_typed_data
from nft.signing import TypedData, canonical_signature, recover, typed_data_digest
from nft.steps import SignatureStep, Step, TransactionStep
from nft.types import Address, Digest

recursion.restore()

LIFE_SECONDS = 3_600
PERMIT_GAS = 60_000
"""What the permit adds to a purchase, measured at 50,000."""


class PermitOver(Conflict):
    """The permit's time is over, or it was handed in before."""

    def __init__(self) -> None:
        super().__init__("the permit can no longer be used; prepare the purchase again")


class StepSignatureIn(BaseModel):
    """A signature that goes into a later step of the same intent."""

    model_config = ConfigDict(extra="forbid")

    step: str = Field(max_length=100)
    signature: str = Field(max_length=20_000)


async def prepare(
    session: AsyncSession, act: Act, known: Known, price: int, now: datetime
) -> IntentRow | None:
    """
    The intent of a purchase paid by permit; None where an approval was given before or the token
    has no permits of the common form.
    """
    part, currency = act.part, known.order.currency
    found = part.deployment.currency(currency)
    if found is None or not found.permit:
        return None
    deadline = int(now.timestamp()) + LIFE_SECONDS
    asked = _Wanted(act.account, known.exchange, currency, price, deadline)
    typed = await to_thread.run_sync(_typed_data, part, asked)
    if typed is None:
        return None
    others = [need for need in act.needs if not isinstance(need, Allowance)]
    first = replace(act, needs=others, fallback_gas=act.fallback_gas + PERMIT_GAS)
    tried = await to_thread.run_sync(_cost, first)
    sum_ = money.amount(part, price, currency)

    def steps(intent_id: str) -> list[Step]:
        return [*tried.met.steps, _step(intent_id, typed, known.exchange, str(sum_), act)]

    return await intents.prepare(
        session,
        kind=act.kind,
        account=act.account,
        chain_id=part.deployment.chain_id,
        request=act.request,
        steps=steps,
        cost=intents.Cost(
            network_max=tried.network_max,
            platform_fee=act.platform_fee,
            currency=act.currency,
            prompts=tried.met.prompts + 2,
        ),
        subject=act.subject,
        main=act.kind,
        facts=act.facts,
        watch=tried.met.watch,
        now=now,
    )


def _cost(act: Act) -> Tried:
    """What it costs, without trying what cannot work before the permit is signed."""
    met = steps_for(act.part, act.account, act.needs)
    return Tried(met, act.step(act.fallback_gas), act.part.chain.fees().max_fee)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Whose permit, for whom, over how much of which token, until when."""

    owner: Address
    spender: Address
    currency: Address
    value: int
    deadline: int


def _typed_data(part: ChainParts, asked: _Wanted) -> TypedData | None:
    """The permit, if none is needless and the token's domain is one that we can name."""
    token = Erc20(asked.currency)
    allowance, nonce, name, domain, separator = ask_many(
        part.chain,
        [
            token.allowance(asked.owner, asked.spender),
            token.nonces(asked.owner),
            token.name(),
            token.eip712_domain(),
            token.domain_separator(),
        ],
    )
    for answer in (allowance, nonce, name, separator):
        if isinstance(answer, ExchangeError):
            return None
    if allowance >= asked.value:
        return None
    # A token that does not tell its version (ERC-5267) mostly has 1 or 2.
    told = [] if isinstance(domain, ExchangeError) else [(domain[1], domain[2])]
    for its_name, version in [*told, (name, "1"), (name, "2")]:
        typed = permit_typed_data(
            token=asked.currency,
            token_name=its_name,
            token_version=version,
            chain_id=part.deployment.chain_id,
            owner=asked.owner,
            spender=asked.spender,
            value=asked.value,
            nonce=nonce,
            deadline=asked.deadline,
        )
        if Digest(encode_typed_data(full_message=typed).header) == separator:
            return typed
    return None


def _step(
    intent_id: str, typed: TypedData, exchange: Address, amount: str, act: Act
) -> SignatureStep:
    return SignatureStep(
        id="permit",
        title=f"Permit the payment of {amount}",
        explain=(
            f"Lets the exchange {exchange} draw {amount} from you within the hour, for this "
            f"purchase. Free; the transaction that pays comes next. {act.explain}"
        ),
        typed_data=typed,
        href=f"/api/intents/{intent_id}/signatures",
        body={"step": "permit"},
    )


async def sign(
    session: AsyncSession, parts: Parts, intent_id: str, body: StepSignatureIn, now: datetime
) -> IntentRow:
    """
    Take the permit's signature: the intent then has its transaction, ready to send.

    Posting it again makes the transaction anew. Raises `NoSuchStep`, `SignatureNotMakers` or
    `PermitOver`, and what would stop the purchase.
    """
    row = await intents.find(session, intent_id, for_update=True)
    plan = dict(row.plan or {})
    steps = list(plan.get("steps", []))
    permit = next((step for step in steps if step["id"] == "permit"), None)
    if permit is None or body.step != "permit" or row.order_hash is None:
        raise NoSuchStep(body.step)
    typed = permit["typed_data"]
    signature = canonical_signature(read_signature(body.signature))
    if recover(typed_data_digest(typed), signature) != row.account:
        raise SignatureNotMakers(str(row.order_hash), str(row.account))
    if int(typed["message"]["deadline"]) <= int(now.timestamp()):
        raise PermitOver
    known = await get_known(session, parts, row.order_hash)
    part = chain_of(parts, row.chain_id)
    step = await to_thread.run_sync(_purchase, part, row, known, typed, signature)
    done = [{**one, "state": "complete"} if one is permit else one for one in steps]
    plan["steps"] = [one for one in done if one["id"] != row.kind] + [step.as_json()]
    row.plan = plan
    session.add(row)
    await session.flush()
    return row


def _purchase(
    part: ChainParts, row: IntentRow, known: Known, typed: TypedData, signature: bytes
) -> TransactionStep:
    message = typed["message"]
    permit = permit_of(signature, value=int(message["value"]), deadline=int(message["deadline"]))
    call = Exchange(known.exchange).fill_with_permit(
        known.order, known.signature, permit, bulk=known.bulk
    )
    act = Act(
        kind=row.kind,
        account=row.account,
        part=part,
        call=call,
        title="Buy with the permit",
        explain="Pays by the permit that you signed and brings the work to you, in one "
        "transaction.",
        request={},
        fallback_gas=0,
        order_name=str(known.order_hash),
    )
    return try_out(act).step
