"""`vernissage contracts`: place our contracts on a chain, and compare what stands there."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nft.chain.deployments import Deployment
    from nft.types import Address


def parser() -> argparse.ArgumentParser:
    """What `vernissage contracts` understands."""
    made = argparse.ArgumentParser(prog="vernissage contracts", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)
    what = "place what is missing; running it again changes nothing"
    deploy = commands.add_parser("deploy", help=what, description=what)
    deploy.add_argument("--rpc", required=True, metavar="URL")
    deploy.add_argument("--owner", required=True, metavar="ADDRESS", help="owner from the start")
    deploy.add_argument("--fee-receiver", required=True, metavar="ADDRESS")
    deploy.add_argument("--fee-bps", type=int, default=200, metavar="N", help="at most 500")
    deploy.add_argument(
        "--currency", action="append", default=[], metavar="ADDRESS", help="an ERC-20 to allow"
    )
    deploy.add_argument("--weth", action="store_true", help="a wrapped coin too (test chains)")
    deploy.add_argument("--keystore", type=Path, help="who pays; the passphrase is asked for")
    deploy.add_argument("--out", type=Path, metavar="FOLDER", help="writes <chain id>.json there")
    deploy.add_argument("--json", action="store_true", help="one line of JSON")
    what = "compare the code on a chain with what was compiled; exit code 1 when it differs"
    verify = commands.add_parser("verify", help=what, description=what)
    verify.add_argument("clones", nargs="*", metavar="ADDRESS", help="a collection or splitter")
    verify.add_argument("--rpc", metavar="URL", help="a node (default: those of RPC_URLS)")
    verify.add_argument("--deployments", type=Path, metavar="FILE", help="default: as the program")
    verify.add_argument("--json", action="store_true", help="one line of JSON for each chain")
    return made


def main(arguments: list[str]) -> int:
    """Run one of them; returns the exit code."""
    given = parser().parse_args(arguments)
    return _deploy(given) if given.command == "deploy" else _verify(given)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


# Deploying


def _deploy(given: argparse.Namespace) -> int:
    from api.deploying import place, read_currency
    from api.local.errors import WrongInput
    from nft.chain.deployments import save
    from nft.chain.placing import Terms, plan
    from nft.types import Address

    chain_id, site = _site(given)
    if given.weth and not _is_test(chain_id):
        raise WrongInput(f"chain {chain_id} has a wrapped coin: name it by --currency")
    terms = Terms(
        owner=Address.parse(given.owner),
        fee_receiver=Address.parse(given.fee_receiver),
        fee_bps=given.fee_bps,
    )
    if not 0 <= terms.fee_bps <= 500:
        raise WrongInput(f"a fee of {terms.fee_bps} bps is not within 0 and 500")
    before = _document(given.out, chain_id)
    found = place(
        site,
        terms,
        plan(terms, weth=given.weth),
        currencies=[read_currency(site, Address.parse(text)) for text in given.currency],
        before=before,
        say=_say,
    )
    deployment = found.deployment(before)
    if given.out is not None:
        _say(f"written to {save(deployment, given.out)}")
    indent = None if given.json else 2
    sys.stdout.write(json.dumps(deployment.as_json(), indent=indent) + "\n")
    return 0


def _site(given: argparse.Namespace) -> tuple[int, Any]:
    from api.cli.mint import read_key
    from api.key_site import KeySite
    from api.local.errors import WrongInput
    from nft.chain.client import Web3Chain, ask_chain_id

    chain_id = ask_chain_id(given.rpc)
    account = read_key(given.keystore, str(chain_id))
    if account is None:
        raise WrongInput(f"give --keystore to deploy on chain {chain_id}")
    return chain_id, KeySite(Web3Chain(chain_id, [given.rpc]), account)


def _is_test(chain_id: int) -> bool:
    from api.asgi import TEST_CHAINS

    return chain_id in TEST_CHAINS


def _document(folder: Path | None, chain_id: int) -> Deployment | None:
    from nft.chain.deployments import load

    path = folder / f"{chain_id}.json" if folder else None
    return load(path) if path is not None and path.exists() else None


# Verifying


def _verify(given: argparse.Namespace) -> int:
    from nft.types import Address

    clones = [Address.parse(text) for text in given.clones]
    equal = [_verify_one(given, *one, clones) for one in _chains(given)]
    return 0 if all(equal) else 1


def _chains(given: argparse.Namespace) -> list[tuple[Deployment, list[str]]]:
    from api.deployments import deployments
    from api.local.errors import CannotStart, WrongInput
    from api.settings import load_settings
    from nft.chain.client import ask_chain_id
    from nft.chain.deployments import load

    nodes: dict[int, list[str]]
    if given.rpc:
        nodes = {ask_chain_id(given.rpc): [given.rpc]}
    else:
        nodes = {number: list(urls) for number, urls in load_settings().nodes().items()}
    if given.deployments:
        if not given.deployments.is_file():
            raise WrongInput(f"{given.deployments} is not a file")
        one = load(given.deployments)
        placed = {one.chain_id: one}
    else:
        placed = deployments(load_settings())
    found = [(placed[chain_id], urls) for chain_id, urls in nodes.items() if chain_id in placed]
    if not nodes:
        raise CannotStart("no node to ask: set RPC_URLS, or give --rpc URL")
    if not found:
        told = ", ".join(map(str, nodes))
        raise WrongInput(f"no deployment of chain {told} is known: name one by --deployments")
    return found


def _verify_one(
    given: argparse.Namespace, deployment: Deployment, urls: list[str], clones: list[Address]
) -> bool:
    from api.verifying import verify
    from nft.chain.client import Web3Chain

    checked = list(verify(Web3Chain(deployment.chain_id, urls), deployment, clones))
    equal = not any(one.differences for one in checked)
    if given.json:
        document = {
            "chain_id": str(deployment.chain_id),
            "equal": equal,
            "contracts": [one.as_json() for one in checked],
        }
        sys.stdout.write(json.dumps(document) + "\n")
        return equal
    sys.stdout.write(f"chain {deployment.chain_id}\n")
    for one in checked:
        mark = "differs" if one.differences else "equal"
        sys.stdout.write(f"  {mark:<8} {one.name} {one.address}\n")
        for difference in one.differences:
            sys.stdout.write(f"           {difference}\n")
    return equal
