"""
Which preparatory steps are done: an approval by the mirror, money by the chain.

Approvals of works leave logs that are mirrored. Tokens' balances and allowances are not mirrored,
so a node is asked; one that does not answer leaves the steps as they were handed out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.intents import evidence
from api.parts import ChainParts
from api.tables import IntentRow
from nft.chain.contracts import Erc20, Question, ask_many
from nft.errors import Unreachable
from nft.types import Address


async def watched(
    session: AsyncSession,
    part: ChainParts,
    row: IntentRow,
    plan: Mapping[str, Any],
    known: Collection[str],
) -> set[str]:
    """The steps whose need is met by now, beside those `known` to be done."""
    told = {step["id"] for step in plan["steps"] if step["state"] == "complete"}
    watch: Mapping[str, Mapping[str, str]] = {
        step: what for step, what in plan["watch"].items() if step not in known
    }
    done: set[str] = set()
    money: dict[str, tuple[Question[int], int]] = {}
    for step, what in watch.items():
        if what["need"] == "operator":
            collection = Address.parse(what["collection"])
            operator = Address.parse(what["operator"])
            if await evidence.is_operator(session, row, collection, operator):
                done.add(step)
        elif step not in told:
            money[step] = (_question(row.account, what), int(what["amount"]))
    if money:
        done |= await to_thread.run_sync(_ask, part, money)
    return done


def _question(account: Address, what: Mapping[str, str]) -> Question[int]:
    token = Erc20(Address.parse(what["currency"]))
    if what["need"] == "balance":
        return token.balance_of(account)
    return token.allowance(account, Address.parse(what["spender"]))


def _ask(part: ChainParts, money: Mapping[str, tuple[Question[int], int]]) -> set[str]:
    try:
        answers = ask_many(part.chain, [question for question, _ in money.values()])
    except Unreachable:
        return set()
    return {
        step
        for (step, (_, needed)), answer in zip(money.items(), answers, strict=True)
        if isinstance(answer, int) and answer >= needed
    }
