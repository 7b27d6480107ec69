"""
What became of the transactions that a wallet reported, asked of a node.

Only a reported hash can be known as failed, replaced or dropped: none of these leaves a log. A
hash counts only while the transaction behind it is the step's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from api.intents.states import Fate, finality
from nft.chain.errors import Reverted
from nft.chain.protocol import Call, Chain, Receipt, Transaction
from nft.errors import ExchangeError
from nft.types import Address, Digest, parse_uint

PATIENCE = timedelta(seconds=60)
"""A hash may be reported before any node of ours has heard of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A reported hash, the step it is for, and what is known of it."""

    step: str
    hash: Digest
    nonce: int | None
    reported_at: datetime
    fate: Fate = "unknown"
    detail: str | None = None
    is_the_steps: bool = True
    block_number: int | None = None
    """Of the block that holds it, when one does."""


def difference(handed_out: dict[str, Any], found: Transaction) -> str | None:
    """The first thing in which a transaction is not the step's, or None."""
    if found.sender != Address.parse(handed_out["from"]):
        return "sender"
    if found.to != Address.parse(handed_out["to"]):
        return "target"
    if found.value != parse_uint(handed_out["value"]):
        return "value"
    if found.data != bytes.fromhex(handed_out["data"].removeprefix("0x")):
        return "calldata"
    return None


def learn(
    chain: Chain, reports: Sequence[Report], transactions: dict[str, Any], *, now: datetime
) -> list[Report]:
    """
    Ask the node about each report. `transactions` are the steps' own, by step id.

    Synchronous: run it in a thread. A node that does not answer leaves `unknown`.
    """
    return [_learn(chain, report, transactions[report.step], now=now) for report in reports]


def until_mirrored(report: Report, head: int) -> Report:
    """
    A mined transaction counts as submitted until the mirror has read its block.

    Else an answer would name a work that the next request does not find yet.
    """
    if report.block_number is None or report.block_number <= head:
        return report
    return replace(report, fate="submitted")


def _learn(chain: Chain, report: Report, handed_out: dict[str, Any], *, now: datetime) -> Report:
    try:
        found = chain.find_transaction(report.hash)
        if found is None:
            return _missing(chain, report, handed_out, now=now)
        report = replace(report, nonce=found.nonce)
        if difference(handed_out, found) is not None:
            return replace(report, is_the_steps=False, detail="another transaction than the step's")
        receipt = chain.find_receipt(report.hash)
        if receipt is None:
            return replace(report, fate="submitted")
        if not receipt.succeeded:
            return replace(report, fate="failed", detail=_reason(chain, found, receipt))
        fate = _firmness(chain, receipt)
        return replace(report, fate=fate, block_number=receipt.block_number)
    except ExchangeError as error:
        return replace(report, fate="unknown", detail=str(error))


def _missing(chain: Chain, report: Report, handed_out: dict[str, Any], *, now: datetime) -> Report:
    """No node knows it: not yet, not any more, or another one took its nonce."""
    if report.nonce is None:
        waiting = now - report.reported_at < PATIENCE
        return replace(report, fate="submitted" if waiting else "unknown")
    spent = chain.transaction_count(Address.parse(handed_out["from"]))
    if spent > report.nonce:
        return replace(report, fate="replaced", detail="another transaction took its place")
    return replace(report, fate="dropped", detail="no node holds it any more; it can be sent again")


def _firmness(chain: Chain, receipt: Receipt) -> Fate:
    safe, final = chain.blocks(["safe", "finalized"])
    return finality(
        receipt.block_number,
        safe=safe.number if safe else -1,
        final=final.number if final else -1,
    )


def _reason(chain: Chain, found: Transaction, receipt: Receipt) -> str:
    """Run it again on the state before its block: the node then says why it is refused."""
    if found.to is None:
        return "the transaction was reverted"
    call = Call(to=found.to, data=found.data, sender=found.sender, value=found.value)
    try:
        chain.call(call, receipt.block_number)
    except Reverted as error:
        return f"{error.name}: {error}" if error.name else str(error)
    except ExchangeError:
        return "the transaction was reverted; the node no longer has the state to say why"
    if receipt.gas_used >= found.gas:
        return "the transaction ran out of gas"
    return "the transaction was reverted"
