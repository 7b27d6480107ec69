"""`vernissage mint`: upload, pin and mint one file over the public HTTP API, with a local key."""

import argparse
import getpass
import hashlib
import json
import mimetypes
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from api.demo.node import Node

DEMO_CHAIN = "31337"


def parser() -> argparse.ArgumentParser:
    """What `vernissage mint` understands."""
    made = argparse.ArgumentParser(prog="vernissage mint", description=__doc__)
    made.add_argument("file", type=Path, help="a picture")
    made.add_argument("--title", required=True)
    made.add_argument("--description", default="")
    made.add_argument("--alt-text", default="", help="what the picture shows, in words")
    made.add_argument("--artist", help="the name as shown")
    made.add_argument("--royalty-bps", type=int, default=0, metavar="N", help="hundredths of a %%")
    made.add_argument("--to", metavar="ADDRESS", help="who receives the royalty (default: you)")
    made.add_argument("--url", default=os.environ.get("PUBLIC_URL", "http://localhost:8000"))
    made.add_argument("--rpc", metavar="URL", help="a node (default: one that the exchange names)")
    made.add_argument("--chain-id", metavar="N", help="default: the exchange's first chain")
    made.add_argument("--keystore", type=Path, help="a key file; its passphrase is asked for")
    made.add_argument("--accept-findings", action="store_true", help="a GPS position, say")
    made.add_argument("--json", action="store_true", help="one line of JSON")
    return made


def main(arguments: list[str]) -> int:
    """0 and the certificate's URL; 1 when the exchange refuses; 3 when it does not answer."""
    given = parser().parse_args(arguments)
    if not given.file.is_file():
        sys.stderr.write(f"vernissage mint: {given.file} is not a file\n")
        return 2

    import httpx

    from api.demo.node import NodeRefused
    from api.demo.patience import TookTooLong
    from api.demo.visitor import Refused

    try:
        with httpx.Client(base_url=given.url, timeout=60, follow_redirects=True) as http:
            return _mint(given, http)
    except (Refused, NodeRefused) as error:
        sys.stderr.write(f"vernissage mint: {error}\n")
        return 1
    except (httpx.HTTPError, TookTooLong) as error:
        sys.stderr.write(f"vernissage mint: {given.url} did not answer: {error}\n")
        return 3


def _mint(given: argparse.Namespace, http: Any) -> int:
    from api.demo.patience import Patience
    from api.demo.people import Person
    from api.demo.visitor import Visitor

    chains = http.get("/api/chains").raise_for_status().json()["items"]
    chain = next((one for one in chains if given.chain_id in (None, one["chain_id"])), None)
    if chain is None:
        sys.stderr.write(f"vernissage mint: {given.url} does not know chain {given.chain_id}\n")
        return 2
    chain_id = chain["chain_id"]
    rpc_url = given.rpc or next(iter(chain["rpc_urls"]), None)
    if rpc_url is None:
        sys.stderr.write("vernissage mint: the exchange names no node: give --rpc URL\n")
        return 2
    account = read_key(given.keystore, chain_id)
    if account is None:
        sys.stderr.write(f"vernissage mint: give --keystore to mint on chain {chain_id}\n")
        return 2
    me = Person(name="you", role="artist", index=0)
    node = signing_node(http, rpc_url, account)
    visitor = Visitor(me, http=http, node=node, chain_id=chain_id, patience=Patience())
    visitor.account = account
    intent = visitor.carry_out(_intend(given, visitor, chain_id))
    result = intent["result"]
    base = given.url.rstrip("/")
    links = {
        name: base + result[name] if result[name].startswith("/") else result[name]
        for name in ("work_url", "certificate_url")
    }
    if given.json:
        sys.stdout.write(json.dumps({**result, **links}) + "\n")
    else:
        sys.stdout.write(links["certificate_url"] + "\n")
    return 0


def _intend(given: argparse.Namespace, visitor: Any, chain_id: str) -> dict[str, Any]:
    data = given.file.read_bytes()
    mime = mimetypes.guess_type(given.file.name)[0] or "application/octet-stream"
    key = f"cli-{hashlib.sha256(data).hexdigest()[:16]}-{time.time_ns()}"
    upload = visitor.upload(data, filename=given.file.name, mime=mime, key=f"{key}-file")
    royalty = {"receiver": given.to or visitor.address, "bps": given.royalty_bps}
    body = {
        "chain_id": chain_id,
        "creator": visitor.address,
        "media": [{"upload_id": upload, "role": "image"}],
        "title": given.title,
        "description": given.description,
        "alt_text": given.alt_text or given.title,
        "accept_findings": given.accept_findings,
        "work": {},
        "attributes": [],
        "royalties": [royalty] if given.royalty_bps else [],
        **({"artist": given.artist} if given.artist else {}),
    }
    intent: dict[str, Any] = visitor.intend("/api/mints", body, key=key)
    return intent


def read_key(keystore: Path | None, chain_id: str) -> "LocalAccount | None":
    """The key of the file, or on the local chain the demo artist's; None without either."""
    from eth_account import Account

    if keystore is not None:
        passphrase = os.environ.get("KEYSTORE_PASSPHRASE") or getpass.getpass("Passphrase: ")
        account: LocalAccount = Account.from_key(
            Account.decrypt(keystore.read_text("utf-8"), passphrase)
        )
        return account
    if chain_id != DEMO_CHAIN:
        return None

    from api.demo.people import ILKA_MARROW
    from api.demo.visitor import account_of

    return account_of(ILKA_MARROW)


def signing_node(http: Any, rpc_url: str, account: "LocalAccount") -> "Node":
    """A node that is sent transactions signed here: nonce and fee are asked for."""
    from api.demo.node import Node

    class SigningNode(Node):
        def send(self, transaction: dict[str, Any]) -> str:
            base = int(self.call("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
            tip = int(self.call("eth_maxPriorityFeePerGas"), 16)
            filled = {
                "type": 2,
                "chainId": int(self.call("eth_chainId"), 16),
                "nonce": int(self.call("eth_getTransactionCount", account.address, "pending"), 16),
                "to": transaction["to"],
                "data": transaction["data"],
                "value": int(transaction.get("value", "0x0"), 16),
                "gas": int(transaction["gas"], 16),
                "maxFeePerGas": 2 * base + tip,
                "maxPriorityFeePerGas": tip,
            }
            signed = account.sign_transaction(filled)
            raw = "0x" + bytes(signed.raw_transaction).hex()
            return str(self.call("eth_sendRawTransaction", raw))

    return SigningNode(http, rpc_url)
