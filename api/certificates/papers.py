"""
What the worker does for an issuer's papers, every twenty seconds: look, and act on what is due.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from api.certificates import anchor, anchoring, checkpoints, issuers
from api.key_site import KeySite
from api.local.errors import CannotStart
from api.parts import Parts
from nft.errors import ExchangeError

log = structlog.get_logger(__name__)


async def keep(parts: Parts, sites: Mapping[int, KeySite]) -> None:
    """
    Write down the first key, note checkpoints, prepare trees, prove what was anchored.

    `sites` write the roots of their chains by themselves; others wait for an operator. Run twice
    at once it does nothing twice. Raises `Unreachable` where a chain does not answer.
    """
    now = parts.clock()
    async with parts.sessions.begin() as session:
        if (await issuers.keys(session, parts))[-1].valid_from is None:
            await issuers.write_first(session, parts, now=now)
    await anchoring.prepare_due(parts, now=now, early=frozenset(sites))
    for chain_id, site in sites.items():
        await _send(parts, chain_id, site)
    await anchor.prove_due(parts)
    await checkpoints.note_due(parts, now=now)


async def _send(parts: Parts, chain_id: int, site: KeySite) -> None:
    """A root that could not be written is no reason to leave the rest undone: it is due again."""
    async with parts.sessions() as session:
        key = (await issuers.keys(session, parts))[-1].public_key
    try:
        days = await anchoring.send_due(parts, chain_id, site, key=key)
    except (CannotStart, ExchangeError) as error:
        log.warning("a day is not anchored yet", chain=chain_id, why=str(error))
        return
    if days:
        log.info("anchored", chain=chain_id, days=days)


def demo_site(parts: Parts, chain_id: int) -> KeySite:
    """The node's first account, which deployed the contracts of the local chain."""
    from api.demo.people import Person
    from api.demo.visitor import account_of

    house = account_of(Person(name="the house", role="gallery", index=0))
    return KeySite(parts.chains[chain_id].chain, house, patience=20)
