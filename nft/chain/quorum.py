"""
What several nodes say of one block's hash.

The hash that more than half of those who answered tell, two at least, is the chain's. A node that
has no such block abstains. A tie, or a single voice, decides nothing, and the verdict says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from nft.chain.endpoints import Endpoint
from nft.chain.rpc import Request
from nft.errors import ExchangeError, Unacceptable
from nft.types import Digest

FEWEST = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a vote on a height."""

    number: int
    block_hash: Digest | None
    """The majority's; None where there is none."""
    agreeing: tuple[Endpoint, ...]
    odd: tuple[Endpoint, ...]
    """Those who told another hash than the majority."""
    silent: tuple[Endpoint, ...]
    """Those who did not answer, or have no such block."""
    said: str
    """In words, nodes by name."""

    @property
    def is_decided(self) -> bool:
        """Whether a majority spoke."""
        return self.block_hash is not None


def poll(
    number: int, endpoints: Sequence[Endpoint], ask: Callable[[Endpoint, Request], Any]
) -> Verdict:
    """Ask all at once, and count."""
    request: Request = ("eth_getBlockByNumber", [hex(number), False])

    def vote(endpoint: Endpoint) -> Digest | None:
        try:
            return _hash(ask(endpoint, request), number)
        except ExchangeError:
            return None

    if not endpoints:
        return Verdict(number, None, (), (), (), f"nobody could be asked about block {number}")
    with ThreadPoolExecutor(len(endpoints), thread_name_prefix="quorum") as pool:
        votes = list(pool.map(vote, endpoints))
    return count(number, dict(zip(endpoints, votes, strict=True)))


def count(number: int, votes: dict[Endpoint, Digest | None]) -> Verdict:
    """The verdict over votes; None abstains."""
    sides: dict[Digest, list[Endpoint]] = defaultdict(list)
    for endpoint, told in votes.items():
        if told is not None:
            sides[told].append(endpoint)
    silent = tuple(endpoint for endpoint, told in votes.items() if told is None)
    voters = len(votes) - len(silent)
    winner, agreeing = max(sides.items(), key=lambda side: len(side[1]), default=(None, []))
    if winner is None or len(agreeing) < FEWEST or 2 * len(agreeing) <= voters:
        heard = "; ".join(f"{told} by {_names(side)}" for told, side in sides.items())
        said = f"no majority on block {number}: {heard or 'nobody has it'}"
        return Verdict(number, None, (), (), silent, said)
    odd = tuple(one for told, side in sides.items() if told != winner for one in side)
    said = f"block {number} is {winner} by {_names(agreeing)}"
    if odd:
        said += f", against {_names(odd)}"
    return Verdict(number, winner, tuple(agreeing), odd, silent, said)


def _hash(answer: Any, number: int) -> Digest | None:
    result = answer.get("result")
    try:
        if int(result["number"], 16) != number:
            return None
        return Digest(bytes.fromhex(result["hash"][2:]))
    except (KeyError, TypeError, ValueError, Unacceptable):
        return None


def _names(endpoints: Sequence[Endpoint]) -> str:
    return ", ".join(endpoint.name for endpoint in endpoints)
