"""
Something to sign, whatever its kind: needs first, one signature, and where to post it.

Each kind of sale says in a `Proposal` what it wants; this module asks the chain, takes nonces and
keeps the intent. A kind's `sign` is called twice: with nonces of zero before anything is taken,
so that a refused request leaves nothing behind, and with the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.intents import service as intents
from api.intents.service import Subject, Warning_
from api.parts import ChainParts
from api.sales.needs import Met, Need, ask_all, steps_for
from api.sales.nonces import next_nonces
from api.tables import IntentRow
from nft.chain.contracts import Exchange
from nft.errors import Conflict
from nft.signing import TypedData
from nft.steps import SignatureStep
from nft.tokens import CONFIRM_ROYALTY_BPS
from nft.types import Address, Digest


class RoyaltyNotAccepted(Conflict):
    """The royalty is above a tenth of the price, and the maker has not said yes to it."""

    field = "max_royalty_bps"

    def __init__(self, bps: int) -> None:
        self.extra = {"royalty_bps": bps, "accept": "accept_royalty"}
        super().__init__(
            f"the royalty is {bps / 100:g} % of the price, above {CONFIRM_ROYALTY_BPS / 100:g} %; "
            "send accept_royalty: true to agree"
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What only the chain and the book give: neighbouring nonces and the maker's counter."""

    nonces: range
    counter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signable:
    """One signature: what is signed, how it is said, and where it goes."""

    id: str
    title: str
    explain: str
    typed_data: TypedData
    names: tuple[Digest, ...]
    """What comes to stand on the book; of one thing, its EIP-712 digest."""
    href: str
    body: dict[str, Any]

    def step(self) -> SignatureStep:
        """As a wallet gets it."""
        return SignatureStep(
            id=self.id,
            title=self.title,
            explain=self.explain,
            typed_data=self.typed_data,
            href=self.href,
            body=self.body,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A kind of sale, ready to be prepared."""

    kind: str
    maker: Address
    part: ChainParts
    sign: Callable[[Terms], Signable]
    needs: Sequence[Need] = ()
    nonces: int = 1
    request: dict[str, Any]
    subject: Subject = field(default_factory=Subject)
    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[Warning_] = ()


def check(proposal: Proposal) -> None:
    """Everything that the kind itself refuses, before a nonce is taken."""
    proposal.sign(Terms(range(proposal.nonces), counter=0))


@dataclass(frozen=True, slots=True)
class Ready:
    """What is signed, with the steps before it."""

    signable: Signable
    met: Met
    network_max: int

    @property
    def prompts(self) -> int:
        """How often the wallet will ask."""
        return self.met.prompts + 1


async def make_ready(session: AsyncSession, proposal: Proposal) -> Ready:
    """Ask the chain, take the nonces, write what is signed. Raises what the kind refuses."""
    check(proposal)
    part, maker = proposal.part, proposal.maker
    counter, met, fee = await to_thread.run_sync(_ask, part, maker, proposal.needs)
    nonces = await next_nonces(
        session,
        chain_id=part.deployment.chain_id,
        exchange=part.deployment.exchange.address,
        maker=maker,
        count=proposal.nonces,
    )
    signable = proposal.sign(Terms(nonces, counter))
    return Ready(signable, met, met.gas * fee)


def _ask(part: ChainParts, maker: Address, needs: Sequence[Need]) -> tuple[int, Met, int]:
    (counter,) = ask_all(part, [Exchange(part.deployment.exchange.address).counter_of(maker)])
    met = steps_for(part, maker, needs)
    return int(counter), met, part.chain.fees().max_fee


async def prepare(session: AsyncSession, proposal: Proposal, now: datetime) -> IntentRow:
    """An intent whose steps are the needs and one signature."""
    ready = await make_ready(session, proposal)
    signable = ready.signable
    subject = proposal.subject
    if subject.order_hash is None and len(signable.names) == 1:
        subject = replace(subject, order_hash=signable.names[0])
    return await intents.prepare(
        session,
        kind=proposal.kind,
        account=proposal.maker,
        chain_id=proposal.part.deployment.chain_id,
        request=proposal.request,
        steps=[*ready.met.steps, signable.step()],
        cost=intents.Cost(network_max=ready.network_max, prompts=ready.prompts),
        subject=subject,
        main=signable.id,
        facts={**proposal.facts, "names": [str(name) for name in signable.names]},
        watch=ready.met.watch,
        warnings=proposal.warnings,
        now=now,
    )
