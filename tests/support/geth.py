"""
`geth --dev`, another program than anvil: its blocks, tags and words are its own.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.local.ports import HOST, free_port
from api.local.processes import Launch, stop, wait_until
from tests.support.servers import Node


@contextmanager
def running_geth(program: Path) -> Iterator[Node]:
    """Mines each transaction at once, signs for one account."""
    home = Path(tempfile.mkdtemp(prefix="vernissage-geth-"))
    port = free_port()
    child = Launch(
        name="geth",
        command=[
            program,
            *("--dev", "--datadir", home / "data", "--ipcdisable", "--nodiscover", "--port", "0"),
            *("--http", "--http.addr", HOST, "--http.port", str(port)),
            *("--http.api", "eth,net,web3,debug", "--rpc.allow-unprotected-txs"),
            # On one port, as anvil does it: heads are pushed where questions are answered.
            *("--ws", "--ws.addr", HOST, "--ws.port", str(port), "--ws.origins", "*"),
            *("--authrpc.port", str(free_port())),
        ],
        log=home / "geth.log",
    ).start()
    node = Node(rpc_url=f"http://{HOST}:{port}", pid=child.pid)
    try:
        up = wait_until(lambda: child.has_ended() or node.is_answering(), patience=60)
        if not up or child.has_ended():
            raise RuntimeError(f"geth did not start: {child.output()}")
        yield node
    finally:
        stop([child], patience=10)
        shutil.rmtree(home, ignore_errors=True)
