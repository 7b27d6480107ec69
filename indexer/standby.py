"""
Standing by for an indexer that is active: until it is gone, or gives no sign of life any more.

A process that dies ends its session, and with it the lock. One that is frozen (a stopped process,
a machine that is suspended) keeps both, so that its heartbeat is watched: it comes from a thread
that waits for nothing else. When it has been silent for long enough, its session is ended. What it
does when it wakes up goes to a session that is no more, and it stands by in its turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, text

from indexer.cursor import Cursor
from nft import locks

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.25
"""How often the lock is tried."""
SILENT_LOOKS = 80
"""After so many looks at the same heartbeat nobody is behind it: 20 seconds, and 20 beats."""

UNANSWERED_SECONDS = 15.0
"""Without an answer from any node since the first pass that had none."""


class Sign(NamedTuple):
    """The session that holds the lock, and when its process last said that it lives."""

    session: int
    beat: datetime


class Watch:
    """
    Counts looks that find the same sign.

    Looks and not seconds: whoever was frozen itself, or without its database, has not looked.
    """

    def __init__(self) -> None:
        self._sign: Sign | None = None
        self._looks = 0

    def is_silent(self, sign: Sign | None) -> bool:
        """Whether this sign is by now that of nobody. None: nothing can be said."""
        self._looks = self._looks + 1 if sign is not None and sign == self._sign else 0
        self._sign = sign
        return self._looks >= SILENT_LOOKS


class Unanswered:
    """
    How long the passes of an active indexer have failed for want of an answer.

    Time and not passes: a node that refuses fails one at once, a silent one after its deadline.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._at: Cursor | None = None

    def is_long(self, at: Cursor | None) -> bool:
        """After a pass that failed there: whether it is another's turn. Who moves is only slow."""
        now = self._clock()
        if self._since is None or at != self._at:
            self._since, self._at = now, at
        return now - self._since >= UNANSWERED_SECONDS

    def over(self) -> None:
        """A pass was answered."""
        self._since = None


_SIGN = """
    select sessions.pid as session, health.updated_at as beat
    from pg_locks as held
    join pg_stat_activity as sessions on sessions.pid = held.pid
    join index_health as health on health.chain_id = :chain_id
    where held.locktype = 'advisory' and held.objsubid = 1 and held.granted
      and (held.classid::bigint << 32 | held.objid::bigint) = hashtextextended(:name, 0)
      and sessions.datname = current_database()
      and health.updated_at > sessions.backend_start
"""
# A beat from before the session is another's: the holder has not begun to beat yet.

_END = text(
    f"select pg_terminate_backend(session) from ({_SIGN}) as found "
    "where session = :session and beat = :beat"
)
_SIGN_OF = text(_SIGN)


def lock_name(chain_id: int) -> str:
    """The lock that makes a session the chain's one writer."""
    return f"vernissage indexer of chain {chain_id}"


def take_lock(connection: Connection, chain_id: int) -> bool:
    """Become the chain's one writer, if nobody is; held until the connection ends."""
    return locks.take(connection, lock_name(chain_id))


def wait_for_lock(connection: Connection, chain_id: int, stop: threading.Event) -> bool:
    """Stand by until the lock is ours; False when told to stop first."""
    watch, said = Watch(), False
    while not stop.is_set():
        if take_lock(connection, chain_id):
            return True
        if not said:
            log.info("standing by: another indexer is active", chain_id=chain_id)
            said = True
        sign = _sign(connection, chain_id)
        if watch.is_silent(sign) and sign is not None:
            _end(connection, chain_id, sign)
        stop.wait(LOOK_SECONDS)
    return False


def _sign(connection: Connection, chain_id: int) -> Sign | None:
    with connection.begin():
        values = {"chain_id": chain_id, "name": lock_name(chain_id)}
        row = connection.execute(_SIGN_OF, values).one_or_none()
    return None if row is None else Sign(row.session, row.beat)


def _end(connection: Connection, chain_id: int, sign: Sign) -> None:
    log.warning("the active indexer is silent: its session is ended", chain_id=chain_id)
    values = {"chain_id": chain_id, "name": lock_name(chain_id), **sign._asdict()}
    with connection.begin():
        connection.execute(_END, values)
