"""
The steps of a mint: the creator's statement, a splitter if royalties have several receivers, the
mint, and the listings.

A lazy mint has one signature for each work instead; whoever buys mints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.collections.errors import CollectionNotOurs
from api.collections.ours import Ours, find_ours
from api.intents.costs import gas_of
from api.intents.service import Cost
from api.mints.schemas import ListAtIn
from api.mints.service import wanted_listing
from api.orders.kinds import bulk
from api.orders.kinds.listings import (
    Wanted,
    approvals,
    check_new,
    fresh_work,
    order_for,
    seconds_of,
    signable,
)
from api.parts import ChainParts
from api.sales.house import rules_now
from api.sales.needs import Met, ask_all, steps_for
from api.sales.nonces import next_nonces
from api.sales.proposals import Signable
from api.statements.steps import step_of_mint
from api.tables import IntentRow
from api.vouchers import kind as vouchers
from nft.chain.contracts import Collection, Exchange, SplitterFactory
from nft.chain.protocol import Call
from nft.explain import percent
from nft.royalties import Share
from nft.steps import Step, TransactionStep
from nft.types import Address, Digest, TokenRef

MINT_GAS = 130_000
"""Of one mint with a new royalty receiver, measured at 105,000 with the margin left out."""
EACH_FURTHER_GAS = 60_000
SPLITTER_GAS = 220_000
"""Of a splitter of a few receivers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Everything that a plan holds."""

    steps: Sequence[Step]
    cost: Cost
    main: str
    names: Sequence[Digest] = ()
    """What will stand on the book."""
    watch: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the chain said, all at once."""

    gas: int
    fee: int
    counter: int
    met: Met
    splitter: TransactionStep | None


def creator_of(row: IntentRow) -> Address:
    """In whose name it is minted; the account itself, unless it is a minter's."""
    return Address.parse(row.facts["creator"]) if "creator" in row.facts else row.account


def mint_call(row: IntentRow) -> Call:
    """The mint itself: one work, neighbours in one transaction, or an edition."""
    facts = row.facts
    assert row.contract is not None
    collection, to = Collection(row.contract), creator_of(row)
    digests = [Digest.parse(text) for text in facts["digests"]]
    first = int(facts["token_ids"][0])
    bps, receiver = facts["royalty_bps"], Address.parse(facts["royalty_receiver"])
    copies = facts.get("copies", 1)
    if copies > 1:
        call = collection.mint_edition(to, first, copies, digests[0], bps, receiver)
    elif len(digests) == 1:
        call = collection.mint(to, first, digests[0], bps, receiver)
    else:
        call = collection.mint_many(to, first, digests, bps, receiver)
    return replace(call, sender=row.account)


async def mint_steps(
    session: AsyncSession, part: ChainParts, row: IntentRow, now: datetime
) -> Made:
    """Statement, splitter, mint, approval and listings, whichever there are."""
    seconds = int(now.timestamp())
    exchange = part.deployment.exchange.address
    rules = await rules_now(session, part, exchange, seconds)
    wanted = _wanted(row, rules.fee_bps)
    asked = await to_thread.run_sync(_ask, part, row, bool(wanted))
    steps: list[Step] = await step_of_mint(session, row)
    steps += [asked.splitter] if asked.splitter else []
    steps.append(_mint_step(part, row, asked.gas))
    prompts = len([step for step in steps if step.state == "incomplete"])
    gas = sum(
        step.gas
        for step in steps
        if isinstance(step, TransactionStep) and step.state == "incomplete"
    )
    signables: list[Signable] = []
    if wanted:
        nonces = await next_nonces(
            session,
            chain_id=row.chain_id,
            exchange=exchange,
            maker=row.account,
            count=len(wanted),
        )
        signables = _sign(part, row, wanted, nonces, asked.counter, seconds)
        steps += [*asked.met.steps, *(one.step() for one in signables)]
        prompts += asked.met.prompts + len(signables)
        gas += asked.met.gas
    return Made(
        steps=steps,
        cost=Cost(network_max=gas * asked.fee, prompts=prompts),
        main="mint",
        names=[name for one in signables for name in one.names],
        watch=asked.met.watch if wanted else {},
    )


def _sign(
    part: ChainParts,
    row: IntentRow,
    wanted: Sequence[Wanted],
    nonces: range,
    counter: int,
    now: int,
) -> list[Signable]:
    """One signature for all listings, however many there are."""
    orders = [
        order_for(one, nonce=nonce, counter=counter, now=now)
        for one, nonce in zip(wanted, nonces, strict=True)
    ]
    for order in orders:
        check_new(order, part, now)
    if len(orders) > 1:
        return [bulk.signable(orders, part)]
    return [signable(wanted[0], orders[0], part)]


def _ask(part: ChainParts, row: IntentRow, is_listed: bool) -> _Asked:
    """Gas, fees, and what a listing needs to know; synchronous, run in a thread."""
    assert row.contract is not None
    count = len(row.facts["token_ids"])
    fallback = MINT_GAS + (count - 1) * EACH_FURTHER_GAS
    exchange = part.deployment.exchange.address
    (counter,) = ask_all(part, [Exchange(exchange).counter_of(row.account)])
    works = [fresh_work(_ref(row, 0), royalty_bps=0, receiver=row.account, title="")]
    needs = approvals(part, row.account, works) if is_listed else []
    return _Asked(
        gas=gas_of(part.chain, mint_call(row), fallback=fallback),
        fee=part.chain.fees().max_fee,
        counter=int(counter),
        met=steps_for(part, row.account, needs),
        splitter=_splitter_step(part, row),
    )


def _ref(row: IntentRow, number: int) -> TokenRef:
    assert row.contract is not None
    return TokenRef(row.chain_id, row.contract, int(row.facts["token_ids"][number]))


def _wanted(row: IntentRow, fee_bps: int) -> list[Wanted]:
    """The listings asked for in the same sitting, in the order of the works."""
    facts = row.facts
    copies = facts.get("copies", 1)
    found = []
    for number in range(len(facts["token_ids"])):
        place = number // copies
        if facts["list_at"][place] is None:
            continue
        work = fresh_work(
            _ref(row, number),
            royalty_bps=int(facts["royalty_bps"]),
            receiver=Address.parse(facts["royalty_receiver"]),
            title=facts["titles"][place],
        )
        list_at = ListAtIn.model_validate(facts["list_at"][place])
        found.append(wanted_listing(list_at, row.account, work, fee_bps=fee_bps))
    return found


def _splitter_step(part: ChainParts, row: IntentRow) -> TransactionStep | None:
    """Makes the splitter that the royalty is paid to; complete where it stands already."""
    shares = [
        Share(Address.parse(one["receiver"]), int(one["bps"]))
        for one in row.facts.get("splitter", [])
    ]
    if not shares:
        return None
    call = SplitterFactory(part.deployment.splitter_factory.address).create(shares)
    call = replace(call, sender=row.account)
    splitter = Address.parse(row.facts["royalty_receiver"])
    is_there = bool(part.chain.code(splitter))
    said = ", ".join(f"{share.receiver} {percent(share.bps)}" for share in shares)
    return TransactionStep(
        id="splitter",
        title=f"Make the splitter of {len(shares)} receivers",
        explain=(
            f"Creates {splitter}, which divides every royalty by shares that nobody can change: "
            f"{said}. Each receiver draws the own part at any time."
        ),
        chain_id=row.chain_id,
        sender=row.account,
        to=call.to,
        data=call.data,
        gas=SPLITTER_GAS if is_there else gas_of(part.chain, call, fallback=SPLITTER_GAS),
        state="complete" if is_there else "incomplete",
    )


def _mint_step(part: ChainParts, row: IntentRow, gas: int) -> TransactionStep:
    call, facts = mint_call(row), row.facts
    titles, count = facts["titles"], len(facts["token_ids"])
    what = f"“{titles[0]}”" if len(titles) == 1 else f"{count} works, “{titles[0]}” first"
    if facts.get("copies", 1) > 1:
        what = f"“{titles[0]}” in an edition of {count}"
    creator = creator_of(row)
    name = (
        "your name and in your" if creator == row.account else f"the name of {creator} and in their"
    )
    return TransactionStep(
        id="mint",
        title=f"Mint {what}",
        explain=(
            f"Creates {what} in the collection {call.to} on {part.name}, in {name} "
            f"possession, with a royalty of {percent(facts['royalty_bps'])} to "
            f"{facts['royalty_receiver']}. The description can be corrected until you freeze it; "
            "creator, number and mint stay."
        ),
        chain_id=row.chain_id,
        sender=row.account,
        to=call.to,
        data=call.data,
        value=call.value,
        gas=gas,
    )


async def lazy_steps(
    session: AsyncSession, part: ChainParts, row: IntentRow, now: datetime
) -> Made:
    """Statement, splitter if there must be one, and a signature for each work (or edition)."""
    assert row.contract is not None
    seconds = int(now.timestamp())
    exchange = part.deployment.exchange.address
    collection = await find_ours(session, part, row.contract)
    if collection is None:
        raise CollectionNotOurs(str(row.contract))
    fee = await vouchers.fee_now(session, part, seconds)

    def ask() -> tuple[int, TransactionStep | None, int]:
        (counter,) = ask_all(part, [Exchange(exchange).counter_of(row.account)])
        return int(counter), _splitter_step(part, row), part.chain.fees().max_fee

    counter, splitter, max_fee = await to_thread.run_sync(ask)
    facts = row.facts
    nonces = await next_nonces(
        session,
        chain_id=row.chain_id,
        exchange=exchange,
        maker=row.account,
        count=len(facts["titles"]),
    )
    signables = [
        vouchers.signable(
            _voucher(row, number, collection, fee),
            part,
            nonce=nonce,
            counter=counter,
            now=seconds,
            id="sign-voucher" if number == 0 else f"sign-voucher-{number}",
        )
        for number, nonce in enumerate(nonces)
    ]
    stated = await step_of_mint(session, row)
    before: list[Step] = [*stated, *([splitter] if splitter else [])]
    is_missing = splitter is not None and splitter.state == "incomplete"
    gas = splitter.gas if splitter is not None and is_missing else 0
    return Made(
        steps=[*before, *(one.step() for one in signables)],
        cost=Cost(network_max=gas * max_fee, prompts=len(stated) + len(signables) + is_missing),
        main=signables[-1].id,
        names=[name for one in signables for name in one.names],
    )


def _voucher(row: IntentRow, number: int, collection: Ours, fee: vouchers.Fee) -> vouchers.Wanted:
    facts = row.facts
    list_at = ListAtIn.model_validate(facts["list_at"][number])
    copies = facts.get("copies", 1)
    return vouchers.Wanted(
        signer=row.account,
        creator=creator_of(row),
        collection=collection,
        token_id=int(facts["token_ids"][number * copies]),
        metadata_digest=Digest.parse(facts["digests"][number]),
        title=facts["titles"][number],
        price=int(list_at.price),
        currency=list_at.currency,
        royalty_bps=int(facts["royalty_bps"]),
        royalty_receiver=Address.parse(facts["royalty_receiver"]),
        recipient=list_at.recipient,
        fee_receiver=fee.receiver,
        fee_bps=fee.bps,
        edition_size=copies,
        max_per_recipient=list_at.max_per_recipient,
        starts_at=seconds_of(list_at.starts_at),
        expires_at=seconds_of(list_at.expires_at),
    )
