"""`vernissage up`: the whole exchange on this machine, supervised."""

import argparse
import json
import os
import sys
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """What `vernissage up` understands."""
    made = argparse.ArgumentParser(
        prog="vernissage up",
        description="Run the whole exchange here: database, chain, indexer, worker, web.",
    )
    made.add_argument("--data-dir", type=Path, help="where everything is kept (default: data)")
    made.add_argument("--host", default="127.0.0.1", help="the interface that serves the pages")
    made.add_argument("--port", type=int, default=8000, help="the pages; 0 takes a free port")
    made.add_argument("--media-port", type=int, help="untrusted media; default: port + 1, or free")
    made.add_argument("--chain-port", type=int, help="the local chain; default: 8545, or free")
    made.add_argument(
        "--ipfs", type=Path, metavar="PATH", help="run this Kubo program and pin to it"
    )
    made.add_argument("--no-demo", action="store_true", help="hang no demo exhibition")
    made.add_argument("--json", action="store_true", help="one line of JSON when ready")
    return made


def main(arguments: list[str]) -> int:
    """Run until told to stop; returns the exit code."""
    given = parser().parse_args(arguments)

    from api.local.errors import CannotStart
    from api.local.supervisor import Options, Supervisor

    data_dir = given.data_dir or Path(
        os.environ.get("DATA_DIR") or os.environ.get("VERNISSAGE_DATA_DIR") or "data"
    )
    options = Options(
        data_dir=data_dir.expanduser().absolute(),
        host=given.host,
        port=given.port,
        media_port=given.media_port,
        chain_port=given.chain_port,
        kubo=given.ipfs.expanduser().absolute() if given.ipfs else None,
        has_demo=not given.no_demo,
        as_json=given.json,
    )
    try:
        return Supervisor(options).run()
    except CannotStart as error:
        if given.json:
            sys.stdout.write(
                json.dumps({"ready": False, "problem": str(error)}, ensure_ascii=False) + "\n"
            )
        raise
