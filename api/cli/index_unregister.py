"""`vernissage index unregister`: the operator lets go of a registered contract."""

import argparse
import json
import sys

MOST = 500
"""Characters of a reason: it is shown to everybody."""


def parser() -> argparse.ArgumentParser:
    """What it understands."""
    made = argparse.ArgumentParser(
        prog="vernissage index unregister",
        description="Stops following a contract of others that was registered, and takes out of "
        "the mirror what came of its logs; events that were told of it are retracted. Pages and "
        "answers then say since when it is not followed, and why. Only the operator can have it "
        "back: `vernissage index run --contract ADDRESS`.",
    )
    made.add_argument("contract", metavar="CONTRACT", help="the contract's address")
    made.add_argument("--chain", type=int, required=True, metavar="ID", help="which chain")
    made.add_argument("--reason", required=True, metavar="TEXT", help="shown to everybody")
    made.add_argument("--json", action="store_true", help="one line of JSON")
    return made


def main(arguments: list[str]) -> int:
    """Let go of it and say what was taken out; 1 when it is not among those registered."""
    given = parser().parse_args(arguments)

    from sqlalchemy.exc import OperationalError

    from api.local.errors import CannotStart
    from api.logs import configure_logs
    from api.settings import load_settings
    from indexer.leaving import NotRegistered, leave
    from indexer.registry import fit
    from indexer.run import connected
    from nft.errors import Unacceptable
    from nft.types import Address

    configure_logs()
    contract = Address.parse(given.contract)
    reason = fit(given.reason)
    if not reason or len(given.reason) > MOST:
        raise Unacceptable(f"--reason: a sentence of at most {MOST} characters is needed")
    try:
        with connected(load_settings().need_database()) as connection:
            left = leave(connection, given.chain, contract, reason)
    except NotRegistered as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OperationalError as error:
        raise CannotStart(f"the database did not answer: {str(error.orig).strip()}") from error
    document = {
        "chain_id": str(given.chain),
        "contract": str(contract),
        "left_block": str(left.block),
        "reason": reason,
        "facts": left.facts,
        "works": left.works,
        "retracted": left.retracted,
    }
    line = (
        f"{contract} is no longer followed since block {left.block}: {left.works} works and "
        f"{left.facts} facts were taken out, {left.retracted} events retracted"
    )
    sys.stdout.write((json.dumps(document) if given.json else line) + "\n")
    return 0
