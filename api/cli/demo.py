"""`vernissage demo`: the exhibition that a newcomer finds hanging."""

import argparse
import json
import sys


def main(arguments: list[str]) -> int:
    """Hang it, or go on where hanging it was interrupted."""
    parser = argparse.ArgumentParser(prog="vernissage demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    hang = commands.add_parser("hang", help="mint, list and sell the demo works over HTTP")
    hang.add_argument("--url", help="the exchange (default: PUBLIC_URL)")
    hang.add_argument("--rpc", help="its local chain (default: the one in RPC_URLS)")
    hang.add_argument("--json", action="store_true", help="one line of JSON at the end")
    given = parser.parse_args(arguments)

    import httpx

    from api.demo.exhibition import WrongChain
    from api.demo.exhibition import hang as hang_exhibition
    from api.demo.node import NodeRefused
    from api.demo.patience import TookTooLong
    from api.demo.visitor import Refused
    from api.local.errors import CannotStart
    from api.settings import SettingsRefused, load_settings

    settings = load_settings()
    rpc_url = given.rpc or next(iter(settings.nodes().get(31337, ())), None)
    if rpc_url is None:
        raise SettingsRefused("the exhibition hangs on the local chain only: give --rpc URL")
    url = given.url or settings.public_url
    try:
        hang_exhibition(url, rpc_url, say=_say)
    except (Refused, NodeRefused, TookTooLong, WrongChain, httpx.HTTPError) as error:
        raise CannotStart(str(error)) from error
    if given.json:
        sys.stdout.write(json.dumps({"hung": True, "url": url}) + "\n")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
