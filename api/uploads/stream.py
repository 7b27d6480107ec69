"""
Uploads told as they move: server-sent events, each with the whole of one upload.

News wakes whoever waits; without any they look by themselves every few seconds, because news may
be lost with a connection. A client whose stream ends connects again and is told what is now.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import anyio

from api.events.listen import Subjects
from api.parts import Parts
from api.uploads import service
from api.uploads.schemas import UploadOut
from nft.errors import ExchangeError, Unacceptable, Unreachable
from nft.types import Address

MAX_FOLLOWED = 50
MOVING = ("wanted", "sent", "pinned")
"""States of a pin that the next one follows soon."""
MAX_STREAMS = 400
"""In one process; each waits without a thread or a database session."""
MAX_STREAMS_OF_ONE = 8
LOOK_EVERY_SECONDS = 5.0
LIFE_SECONDS = 600.0
RETRY_MS = 2_000
"""After this a browser connects again by itself."""


class TooManyStreams(Unreachable):
    """Too many are waiting for news already."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"{maximum} streams are open already; close one, or try again later")


class TooManyFollowed(Unacceptable):
    """One stream follows so many uploads and no more."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} uploads are more than the {MAX_FOLLOWED} that a stream follows")


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows which uploads."""

    owner: Address
    ids: tuple[str, ...]
    is_disconnected: Callable[[], Awaitable[bool]]


def check_room(subjects: Subjects, owner: Address, ids: Sequence[str]) -> None:
    """Raises `TooManyStreams` or `TooManyFollowed`."""
    if len(ids) > MAX_FOLLOWED:
        raise TooManyFollowed(len(ids))
    if subjects.count(str(owner)) >= MAX_STREAMS_OF_ONE:
        raise TooManyStreams(MAX_STREAMS_OF_ONE)
    if subjects.count() >= MAX_STREAMS:
        raise TooManyStreams(MAX_STREAMS)


async def follow(parts: Parts, subjects: Subjects, who: Follower) -> AsyncIterator[str]:
    """Events until nothing more can come of any of the uploads. Opens its own sessions."""
    told: dict[str, str] = {}
    yield f"retry: {RETRY_MS}\n\n"
    end = anyio.current_time() + LIFE_SECONDS
    followed = set(who.ids)
    while anyio.current_time() < end and not await who.is_disconnected():
        with subjects.following(followed, who=str(who.owner)) as news:
            present = await _look(parts, who)
            for upload_id in who.ids:
                said = _say(upload_id, present.get(upload_id))
                if told.get(upload_id) != said:
                    told[upload_id] = said
                    yield said
            if all(is_over(present.get(upload_id)) for upload_id in who.ids):
                return
            missing = _cids(present.values()) - followed
            followed |= missing
            if not missing:
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), LOOK_EVERY_SECONDS)
                yield ": still here\n\n"


def is_over(upload: UploadOut | None) -> bool:
    """Whether nothing more will be told of it."""
    if upload is None or upload.state == "refused":
        return True
    pins = upload.media.pins if upload.media else []
    return upload.state == "ready" and all(pin.state not in MOVING for pin in pins)


def _say(upload_id: str, upload: UploadOut | None) -> str:
    if upload is None:
        return f'event: gone\ndata: {{"id":"{upload_id}"}}\n\n'
    return f"event: upload\ndata: {upload.model_dump_json()}\n\n"


def _cids(uploads: Iterable[UploadOut]) -> set[str]:
    return {cid for upload in uploads if upload.media for cid in upload.media.cids.values()}


async def _look(parts: Parts, who: Follower) -> dict[str, UploadOut]:
    """The uploads as they are, without those that are not, or not theirs."""
    found = {}
    async with parts.sessions() as session:
        for upload_id in who.ids:
            with suppress(ExchangeError):
                row = await service.find(session, upload_id, owner=who.owner, now=parts.clock())
                found[upload_id] = await service.describe(session, parts, row)
    return found
