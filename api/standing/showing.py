"""
What carries a claim: an earlier work of the claimant's that the disputed one resembles, or a
domain that is bound to the claimant's key. It is looked up here and written down as it was found.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.parts import Parts
from api.standing import bindings
from api.standing.errors import EvidenceLacking, NoSuchBinding
from api.tokens.queries import get_token
from api.tokens.schemas import TokenOut
from indexer.tables import TokenRow
from media import likenesses
from nft.certificates import rfc3339
from nft.claims import Moment, is_earlier
from nft.errors import ExchangeError, NotADigest
from nft.types import Address, Digest, TokenRef


async def earlier_work(
    session: AsyncSession, parts: Parts, disputed: TokenOut, claimant: Address, shown: str
) -> dict[str, Any]:
    """
    The claimant's own work, minted before, with the same file or a likeness that was found.

    Raises `EvidenceLacking`.
    """
    try:
        ref = TokenRef.parse_caip19(shown)
        earlier = await get_token(session, parts, ref)
    except ExchangeError as error:
        raise EvidenceLacking(f"{shown[:120]} is no work that is known here") from error
    if earlier.asset == disputed.asset:
        raise EvidenceLacking("a work is not earlier than itself")
    if earlier.foreign or Address.parse(earlier.creator) != claimant:
        raise EvidenceLacking("the earlier work was minted by another key than yours")
    same_chain = earlier.chain_id == disputed.chain_id
    first, second = await _moment(session, earlier), await _moment(session, disputed)
    if not is_earlier(first, second, same_chain=same_chain):
        raise EvidenceLacking("the work that you show was minted later")
    return {
        "asset": earlier.asset,
        "path": ref.path,
        "title": earlier.title,
        "minted_at": rfc3339(earlier.minted.timestamp),
        "disputed_minted_at": rfc3339(disputed.minted.timestamp),
        **await _likeness(session, earlier, disputed),
    }


async def _moment(session: AsyncSession, token: TokenOut) -> Moment:
    row = await session.get(
        TokenRow,
        (int(token.chain_id), Address.parse(token.contract), int(token.token_id)),
    )
    assert row is not None, "it was read just now"
    seconds = int(token.minted.timestamp.timestamp())
    return Moment(seconds, row.minted_block, row.minted_log_index)


async def _likeness(session: AsyncSession, earlier: TokenOut, disputed: TokenOut) -> dict[str, Any]:
    """How the two resemble each other. Raises `EvidenceLacking` when nothing was found."""
    ours, theirs = _files(earlier), _files(disputed)
    same = sorted(ours & theirs)
    if same:
        return {"likeness": "same_file", "sha256": str(same[0])}
    for file in sorted(theirs):
        last = await session.run_sync(partial(likenesses.last, sha256=file))
        later = await session.run_sync(partial(likenesses.resembling, sha256=file))
        found = [(one.other, one) for one in last.found] if last else []
        for other, one in [*found, *later]:
            if other in ours:
                return {
                    "likeness": "near" if one.is_near else "possible",
                    "distance": one.distance,
                    "sha256": str(other),
                    "disputed_sha256": str(file),
                }
    raise EvidenceLacking(
        "the two works share no file, and the comparison of pictures found no likeness"
    )


def _files(token: TokenOut) -> set[Digest]:
    return {Digest.parse(file.sha256) for file in token.media}


async def bound_domain(
    session: AsyncSession, claimant: Address, shown: str, now: datetime
) -> dict[str, Any]:
    """A domain that is bound to the claimant now. Raises `EvidenceLacking`."""
    try:
        held = await bindings.find(session, Digest.parse(shown))
    except (NoSuchBinding, NotADigest) as error:
        raise EvidenceLacking("there is no such binding") from error
    if held.row.account != claimant:
        raise EvidenceLacking("the binding is another account's")
    if held.state(now) != "held":
        raise EvidenceLacking(f"the binding is {held.state(now)}")
    assert held.read_at is not None, "a binding that is held was read"
    return {
        "binding": str(held.row.binding_hash),
        "name": bindings.binding_of(held.row).name,
        "since": rfc3339(held.since),
        "read_at": rfc3339(held.read_at),
    }
