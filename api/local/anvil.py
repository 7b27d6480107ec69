"""
The local chain: anvil, with a state of its own on disk.

Measured on anvil 1.7.1: a block a second costs 200 KB of disk each, 17 GB a day, and
`--state-interval 1` writes the whole state every second, changed or not. So anvil mines only
what it is given, at once, and `Keeper` does the rest: it mines a block a second while a
transaction waits to become final and one every five minutes otherwise, and it saves the state
after each new block, whole or not at all. What it has saved it says in `saved.json`, since
finality must not pass it: a block that anvil can lose is not final.
"""

import gzip
import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from api.local.errors import CannotStart
from api.local.folder import DataFolder, write_whole
from api.local.ports import HOST
from api.local.processes import Child, Launch, Pause, wait_until
from api.local.rpc import Node, NodeRefused, NodeSilent

CHAIN_ID = 31337
BLOCKS_TO_FINALITY = 2
"""With one slot in an epoch anvil calls a block final when two more stand upon it."""
BUSY_TICK = 1.0
IDLE_TICK = 300.0
LOOK = 0.2
SILENCE = (NodeSilent, NodeRefused)


def find_program() -> Path:
    """The anvil that `make setup` installed, or one on the path."""
    root = Path(__file__).resolve().parents[2] / "solidity" / "node_modules" / "@foundry-rs"
    installed = sorted(root.glob("anvil-*/bin/anvil*"))
    if installed:
        return installed[0]
    on_path = shutil.which("anvil")
    if on_path:
        return Path(on_path)
    raise CannotStart("the local chain's program anvil is missing: run `make setup`")


@dataclass(slots=True)
class AnvilServer:
    """Anvil over one folder."""

    folder: DataFolder
    port: int
    allowed_origin: str
    pause: Pause = time.sleep
    child: Child | None = None

    @property
    def url(self) -> str:
        """Its JSON-RPC URL."""
        return f"http://{HOST}:{self.port}"

    @property
    def state(self) -> Path:
        """The saved state."""
        return self.folder.chain / "state.json"

    def launch(self) -> None:
        """Start it without waiting; the old states of the last run are swept away."""
        cache = self.folder.chain / "cache"
        shutil.rmtree(cache, ignore_errors=True)
        load = ("--load-state", self.state) if self.state.exists() else ()
        self.child = Launch(
            name="anvil",
            command=[
                find_program(),
                *("--host", HOST, "--port", str(self.port), "--chain-id", str(CHAIN_ID)),
                *("--slots-in-an-epoch", "1", "--allow-origin", self.allowed_origin),
                *("--cache-path", cache, "--silent"),
                *load,
            ],
            log=self.folder.log("anvil"),
            record=self.folder.record("anvil"),
            stop_signal=signal.SIGTERM,
        ).start()

    def has_failed(self) -> bool:
        """Whether it has ended by itself."""
        return self.child is not None and self.child.has_ended()

    def wait(self) -> None:
        """Wait until it answers."""
        node = Node(self.url)
        answered = wait_until(
            lambda: self.has_failed() or node.is_answering(), patience=60, pause=self.pause
        )
        if self.has_failed() or not answered:
            last = (self.child.output() if self.child else "").splitlines()[-1:]
            raise CannotStart(
                f"the local chain did not start: {''.join(last) or 'it said nothing'} "
                f"(see {self.folder.log('anvil')})"
            )


@dataclass(slots=True)
class Keeper:
    """Mines the blocks that finality needs, and saves what was mined."""

    node: Node
    folder: DataFolder
    clock: Callable[[], float] = time.monotonic
    saved_hash: str | None = None
    last_mined: float = 0.0
    seen: int = -1
    to_mine: int = field(default=BLOCKS_TO_FINALITY)
    """At start the state of older blocks is gone; these make a final block whose state is there."""

    def look(self) -> None:
        """One pass: mine if a block is due, save if there is a new one."""
        number, digest = self._head()
        if number < self.seen:
            self.seen = number - 1  # The chain turned back: look at its blocks again.
        self._note_work(number)
        wait = BUSY_TICK if self.to_mine > 0 else IDLE_TICK
        if self.clock() - self.last_mined >= wait:
            self.node.call("evm_mine")
            self.last_mined = self.clock()
            self.to_mine = max(0, self.to_mine - 1)
            self.seen += 1
            number, digest = self._head()
        if digest != self.saved_hash:
            self.save()

    def _head(self) -> tuple[int, str]:
        block = self.node.call("eth_getBlockByNumber", "latest", False)
        return int(block["number"], 16), block["hash"]

    def _note_work(self, head: int) -> None:
        """Blocks that we did not mine hold transactions; they are to become final."""
        if head > self.seen:
            if self.seen >= 0:
                self.to_mine = BLOCKS_TO_FINALITY
            self.seen = head

    def save(self) -> None:
        """Write the state in one step, then say up to which block it goes."""
        number, digest = self._head()
        dump = self.node.call("anvil_dumpState")
        state = gzip.decompress(bytes.fromhex(dump.removeprefix("0x")))
        write_whole(self.folder.chain / "state.json", state)
        saved = {"number": number, "hash": digest}
        write_whole(self.folder.saved_block, json.dumps(saved).encode())
        self.saved_hash = digest

    def follow(self, over: threading.Event) -> None:
        """Look until it is over; a node that is silent is asked again."""
        while not over.wait(LOOK):
            try:
                self.look()
            except SILENCE:
                self.saved_hash = None
                self.to_mine = BLOCKS_TO_FINALITY
            except OSError as error:
                sys.stderr.write(f"the chain's state was not saved: {error}\n")
                over.wait(5)
