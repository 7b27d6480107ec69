"""
The step in which a creator signs what the works are: free, and before the mint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.statements.works import Wanted, entries
from api.tables import IntentRow
from nft.statements import WorkStatement, typed_data
from nft.steps import SignatureStep, Step
from nft.types import Address, Digest

STEP = "sign-statement"
"""The step's id, in whichever intent it stands."""

HREF = "/api/statements"


async def step_for(
    session: AsyncSession,
    wanted: Sequence[Wanted],
    *,
    chain_id: int,
    contract: Address,
    signer: Address,
) -> SignatureStep:
    """One signature over all the works. Raises what `works.entries` raises."""
    works = await entries(session, wanted, signer=signer)
    count = sum(one.copies for one in works)
    body: dict[str, Any] = {
        "chain_id": str(chain_id),
        "contract": str(contract),
        "signer": str(signer),
        "works": [
            {
                "token_id": str(one.token_id),
                "copies": one.copies,
                "metadata_digest": str(one.metadata_digest),
            }
            for one in works
        ],
    }
    return SignatureStep(
        id=STEP,
        title="Sign that the work is yours" if count == 1 else f"Sign that {count} works are yours",
        explain=(
            f"States that {_named(works)} by your hand, with the words and files that you gave. "
            "It is free and moves nothing. Your signature stands in the certificate, where "
            "anybody can check it without us."
        ),
        typed_data=typed_data(works, chain_id=chain_id, contract=contract),
        href=HREF,
        body=body,
    )


async def step_of_mint(session: AsyncSession, row: IntentRow) -> list[Step]:
    """
    The signature of a mint's creator, first of its steps; none when a minter mints, since what
    the works are is for the creator to say.
    """
    facts = row.facts
    assert row.contract is not None
    if facts.get("creator", str(row.account)) != str(row.account):
        return []
    copies = facts.get("copies", 1)
    wanted = [
        Wanted(int(facts["token_ids"][place * copies]), copies, Digest.parse(digest))
        for place, digest in enumerate(facts["digests"])
    ]
    return [
        await step_for(
            session,
            wanted,
            chain_id=row.chain_id,
            contract=row.contract,
            signer=row.account,
        )
    ]


def _named(works: Sequence[WorkStatement]) -> str:
    first = f"“{works[0].title}”"
    if works[0].copies > 1:
        return f"{first}, an edition of {works[0].copies}, is"
    return f"{first} is" if len(works) == 1 else f"{first} and {len(works) - 1} more works are"
