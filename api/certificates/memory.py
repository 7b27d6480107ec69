"""
Certificates in this process's memory: bytes, tag and every header, as the route would answer.

An answer is kept with what had been heard of its chain when it was read. Any news of the chain
since then (a block, a reorganisation, a new version) puts it out of use; so it is never older than
what was heard. While nobody listens nothing is answered from here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from api.etags import PUBLIC_HEADERS
from api.events.listen import News

OVERHEAD_BYTES = 4_096
"""Of headers and names beside a body."""

RawHeaders = list[tuple[bytes, bytes]]


def raw_headers(headers: Mapping[str, str]) -> RawHeaders:
    """Headers as a server writes them."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]


_PUBLIC = raw_headers(PUBLIC_HEADERS)


@dataclass(slots=True)
class Answer:
    """One certificate in force, ready to be sent."""

    chain_id: int
    version: int
    body: bytes
    tag: str
    headers: RawHeaders
    """What the route adds: links, version, head of the mirror."""
    mark: int = 0
    """What had been heard of the chain when it was read."""

    def start(self, *, wants_vc: bool, has_it: bool) -> RawHeaders:
        """The headers: those that the route's own response would have."""
        found = [*_PUBLIC, (b"etag", self.tag.encode("ascii")), *self.headers]
        if not has_it:
            kind = b"application/vc" if wants_vc else b"application/json"
            found += ((b"content-length", b"%d" % len(self.body)), (b"content-type", kind))
        return found


class Memory:
    """The most recently asked for, up to so many bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._numbers = count(1)
        self._floor = 0
        self._moved: dict[int, int] = {}
        self.is_hearing = False
        self.news = News()
        """Tells of all that is heard, for whoever waits for it."""

    def mark(self, chain_id: int) -> int:
        """What was heard of a chain so far: note it before you read."""
        return self._moved.get(chain_id, self._floor)

    def tell(self, chain_id: int | None) -> None:
        """Something moved on a chain, or nobody knows where."""
        if chain_id is None:
            self._floor = next(self._numbers)
            self._moved.clear()
        else:
            self._moved[chain_id] = next(self._numbers)
        self.news.tell()

    def hear(self) -> None:
        """From now on all news arrive; what came before may have been missed."""
        self.is_hearing = True
        self.tell(None)

    def deafen(self) -> None:
        """News are lost from now on."""
        self.is_hearing = False

    def find(self, path: str) -> Answer | None:
        """An answer that nothing was heard against."""
        found = self._answers.get(path)
        if found is None or not self.is_hearing or found.mark != self.mark(found.chain_id):
            return None
        self._answers.move_to_end(path)
        return found

    def recall(self, path: str) -> Answer | None:
        """What was kept, in use or not: its bytes are right where its version is."""
        return self._answers.get(path)

    def keep(self, path: str, answer: Answer) -> None:
        """Keep an answer, and forget those that nobody asked for longest."""
        self.forget(path)
        size = len(answer.body) + OVERHEAD_BYTES
        if size > self._max_bytes:
            return
        self._answers[path] = answer
        self._bytes += size
        while self._bytes > self._max_bytes:
            self.forget(next(iter(self._answers)))

    def forget(self, path: str) -> None:
        """Drop one."""
        dropped = self._answers.pop(path, None)
        if dropped is not None:
            self._bytes -= len(dropped.body) + OVERHEAD_BYTES

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._bytes
