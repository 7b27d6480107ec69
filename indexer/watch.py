"""
Whose logs the mirror listens to, and which of them.

Fixed are the contracts of the deployment; found are the collections and splitters that its
factories made, each from the block of its creation on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from eth_hash.auto import keccak

from indexer import decoding
from indexer.facts import Item
from nft.chain import events, logs
from nft.chain.deployments import Deployment
from nft.chain.logs import Table
from nft.chain.protocol import Log, LogFilter
from nft.chain.wire_log import WireLog
from nft.types import Address

ADDRESSES_PER_QUERY = 500
"""Nodes refuse lists that are much longer."""

FALSE_ALARMS = 0.5
"""Above so many expected false alarms in a block, its bloom says nothing about what was found."""


_FACTORIES = (logs.COLLECTION_FACTORY, logs.SPLITTER_FACTORY)


@lru_cache(maxsize=4096)
def bloom_mask(value: bytes) -> int:
    """The three bits that an address or topic sets in a block's logs bloom."""
    hashed = keccak(value)
    bits = (int.from_bytes(hashed[i : i + 2], "big") & 2047 for i in (0, 2, 4))
    mask = 0
    for bit in bits:
        mask |= 1 << bit
    return mask


@dataclass(frozen=True, slots=True)
class Found:
    """A contract that a factory of ours made."""

    address: Address
    block: int
    log_index: int
    """Of its creation: what it says itself comes after."""
    is_collection: bool
    """Else it is a splitter."""

    @property
    def forms(self) -> Table:
        """Its events."""
        return decoding.COLLECTION if self.is_collection else decoding.SPLITTER


@dataclass(frozen=True)
class Part:
    """Contracts that are asked about in one query, and the events of each."""

    forms: Mapping[Address, Table]
    filter: LogFilter
    fixed: tuple[tuple[int, tuple[int, ...]], ...]
    """Bloom bits of each contract, and of each of its events; of the deployment's contracts."""
    found: tuple[tuple[int, tuple[int, ...]], ...]
    """The same of those that factories made."""
    by_text: Mapping[str, tuple[Address, Mapping[str, int]]]
    """
    The same once more as a node words it: by the contract's hex, the contract and its events'
    first topics, each with the bloom bits of both.
    """

    @classmethod
    def over(cls, forms: Mapping[Address, Table], fixed: Mapping[Address, Table]) -> Self:
        """These contracts; `fixed` are those whose blooms always count."""
        masks: dict[bool, list[tuple[int, tuple[int, ...]]]] = {True: [], False: []}
        for address, table in forms.items():
            bits = tuple(map(bloom_mask, table))
            masks[address in fixed].append((bloom_mask(address), bits))
        topics = sorted({topic for table in forms.values() for topic in table})
        return cls(
            forms=forms,
            filter=LogFilter(tuple(forms), tuple(topics)),
            fixed=tuple(masks[True]),
            found=tuple(masks[False]),
            by_text={
                f"0x{address.hex()}": (
                    address,
                    {f"0x{head.hex()}": bloom_mask(address) | bloom_mask(head) for head in table},
                )
                for address, table in forms.items()
            },
        )

    def wants(self, log: Log) -> bool:
        """Whether the log is of a contract and event of this part."""
        return bool(log.topics) and log.topics[0] in self.forms.get(log.address, ())

    def asks_for(self, log: WireLog) -> bool:
        """The same of a log as a node words it."""
        known = self.by_text.get(log.address) or self.by_text.get(log.address.lower())
        return known is not None and bool(log.topics) and log.topics[0].lower() in known[1]

    def may_be_in(self, bloom: int) -> bool:
        """
        Whether a block with this bloom may hold a log of ours (it may also not).

        A full bloom fits some address among thousands in any block. Where that is to be expected
        it proves nothing, and only the deployment's own contracts are looked for.
        """
        if not bloom:
            return False
        fits = [*self.fixed]
        if len(self.found) * (bloom.bit_count() / 2048) ** 3 <= FALSE_ALARMS:
            fits += self.found
        return any(
            bloom & contract == contract and any(bloom & topic == topic for topic in topics)
            for contract, topics in fits
        )


@dataclass(frozen=True)
class Watch:
    """The contracts mirrored on one chain and the events of each."""

    fixed: Mapping[Address, Table]
    house: frozenset[Address]
    """The house collection."""
    found: tuple[Found, ...]
    forms: Mapping[Address, Table]
    parts: tuple[Part, ...]
    """The queries that ask for everything."""
    quiet: Mapping[Address, int]
    """
    Contracts of others, and the block up to which nothing of theirs is told to anybody: it was
    history when they were registered.
    """

    @classmethod
    def over(
        cls,
        deployment: Deployment,
        found: Iterable[Found] = (),
        registered: Mapping[Address, int] | None = None,
    ) -> Self:
        """
        Everything of a deployment, and what its factories made so far.

        `registered` are contracts of others by the block after which they are told about.
        """
        quiet = dict(registered or {})
        fixed: dict[Address, Table] = {
            **{address: decoding.OTHERS for address in quiet},
            **{placed.address: decoding.OTHERS for placed in deployment.registered},
            deployment.house_collection.address: decoding.COLLECTION,
            deployment.collection_factory.address: logs.COLLECTION_FACTORY,
            deployment.splitter_factory.address: logs.SPLITTER_FACTORY,
            deployment.auctions.address: decoding.AUCTIONS,
            **{placed.address: decoding.EXCHANGE for placed in deployment.exchanges},
        }
        house = frozenset({deployment.house_collection.address})
        return cls._made(fixed, house, tuple(found), quiet)

    @classmethod
    def only(cls, contract: Address, quiet_to: int) -> Self:
        """One contract of somebody else's, whose history is read."""
        return cls._made({contract: decoding.OTHERS}, frozenset(), (), {contract: quiet_to})

    @classmethod
    def _made(
        cls,
        fixed: Mapping[Address, Table],
        house: frozenset[Address],
        found: tuple[Found, ...],
        quiet: Mapping[Address, int],
    ) -> Self:
        forms = {**fixed, **{one.address: one.forms for one in found}}
        return cls(fixed, house, found, forms, parts_of(forms, fixed), quiet)

    @property
    def collections(self) -> frozenset[Address]:
        """Collections whose token ids name their creator: the house's and artists'."""
        return self.house | {one.address for one in self.found if one.is_collection}

    @property
    def keepers(self) -> frozenset[Address]:
        """Contracts that keep works for somebody: the auctions."""
        return frozenset(one for one, table in self.fixed.items() if table is decoding.AUCTIONS)

    def with_found(self, found: Sequence[Found]) -> Self:
        """This and what was found besides."""
        if not found:
            return self
        return self._made(self.fixed, self.house, self.found + tuple(found), self.quiet)

    def as_of(self, number: int) -> Self:
        """What was watched at a block: without what was made later."""
        kept = tuple(one for one in self.found if one.block <= number)
        # Who joined later joins here: what comes above is no history any more.
        quiet = {one: min(until, number) for one, until in self.quiet.items()}
        if len(kept) == len(self.found) and quiet == self.quiet:
            return self
        return self._made(self.fixed, self.house, kept, quiet)

    def discover(self, told: Iterable[Item]) -> list[Found]:
        """
        Contracts made in these logs that are not watched yet, in their order.

        One that was registered as somebody else's is ours from its creation on.
        """
        known = self.house.union(one.address for one in self.found)
        new: dict[Address, Found] = {}
        for log in [one for one in told if type(one) is Log]:
            if self.fixed.get(log.address) not in _FACTORIES:
                continue
            event, at = self.decode(log), (log.block_number, log.log_index)
            if isinstance(event, events.CollectionCreated):
                one = Found(event.collection, *at, is_collection=True)
            elif isinstance(event, events.SplitterCreated):
                one = Found(event.splitter, *at, is_collection=False)
            else:
                continue
            if one.address not in known:
                new.setdefault(one.address, one)
        return list(new.values())

    def decode(self, log: Log) -> object | None:
        """The log in words, or None for one that only looks like an event of ours."""
        return logs.decode(log, self.forms.get(log.address, {}))


def parts_of(forms: Mapping[Address, Table], fixed: Mapping[Address, Table]) -> tuple[Part, ...]:
    """As few queries as nodes accept."""
    addresses = list(forms)
    return tuple(
        Part.over(
            {one: forms[one] for one in addresses[start : start + ADDRESSES_PER_QUERY]}, fixed
        )
        for start in range(0, len(addresses), ADDRESSES_PER_QUERY)
    )
