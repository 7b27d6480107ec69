"""`vernissage import`: a sheet and its folder over the public HTTP API; safe to run again."""

import argparse
import json
import os
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from api.cli.import_client import Importer
    from api.cli.import_folder import Folder

    Bar = AbstractContextManager[Callable[[int], None]]

REFUSED, WRONG_INPUT, NO_ANSWER = 1, 2, 3
SHOWN_PROBLEMS = 60


def parser() -> argparse.ArgumentParser:
    """What `vernissage import` understands."""
    made = argparse.ArgumentParser(prog="vernissage import", description=__doc__)
    made.add_argument("folder", type=Path, nargs="?", help="where the files lie")
    made.add_argument("--csv", type=Path, help="the sheet (default: works.csv in the folder)")
    made.add_argument("--template", action="store_true", help="print an empty sheet and stop")
    made.add_argument("--name", help="of the import (default: the folder's name)")
    made.add_argument("--dry-run", action="store_true", help="say what is wrong; keep nothing")
    made.add_argument("--partial", action="store_true", help="take rows without problems alone")
    made.add_argument("--mint", action="store_true", help="mint what is ready, group by group")
    made.add_argument("--accept-findings", action="store_true", help="GPS positions, say; all rows")
    made.add_argument("--report", type=Path, help="write the problems to this CSV file")
    made.add_argument("--creator", metavar="ADDRESS", help="in whose name, as their minter")
    made.add_argument("--url", default=os.environ.get("PUBLIC_URL", "http://localhost:8000"))
    made.add_argument("--rpc", metavar="URL", help="a node (default: one that the exchange names)")
    made.add_argument("--chain-id", metavar="N", help="default: the exchange's first chain")
    made.add_argument("--keystore", type=Path, help="a key file; its passphrase is asked for")
    made.add_argument("--json", action="store_true", help="one line of JSON")
    return made


def main(arguments: list[str]) -> int:
    """0 done; 1 problems, or the exchange refuses; 2 bad input; 3 it does not answer."""
    given = parser().parse_args(arguments)
    if given.template:
        from nft.sheets.writing import template

        sys.stdout.buffer.write(template())
        return 0
    if given.folder is None or not given.folder.is_dir():
        return say(f"{given.folder or 'a folder'}: name the folder of the files", WRONG_INPUT)
    sheet = given.csv or given.folder / "works.csv"
    if not sheet.is_file():
        return say(f"{sheet} is not a file; --template prints an empty sheet", WRONG_INPUT)

    import httpx

    from api.demo.node import NodeRefused
    from api.demo.patience import TookTooLong
    from api.demo.visitor import Refused

    try:
        with httpx.Client(base_url=given.url, timeout=120, follow_redirects=True) as http:
            return Run(given, sheet.read_bytes()).carry_out(http)
    except (Refused, NodeRefused) as error:
        return say(str(error), REFUSED)
    except OSError as error:
        return say(str(error), WRONG_INPUT)
    except (httpx.HTTPError, TookTooLong) as error:
        return say(f"{given.url} did not answer: {error}; run it again to go on", NO_ANSWER)


def say(what: str, code: int) -> int:
    """A sentence on standard error, and the exit code."""
    sys.stderr.write(f"vernissage import: {what}\n")
    return code


class Run:
    """One run of the command."""

    def __init__(self, given: argparse.Namespace, sheet: bytes) -> None:
        from rich.console import Console

        self.given, self.sheet = given, sheet
        self.console: Console = Console(stderr=True)
        self.told: dict[str, Any] = {}

    def carry_out(self, http: Any) -> int:
        """Check, take, send, answer, mint: as far as was asked and as it goes."""
        me = self._importer(http)
        if me is None:
            return WRONG_INPUT
        folder = self._look()
        answer = me.take(self._body(me, folder))
        self._tell(answer)
        code = REFUSED if answer["report"]["problems"] else 0
        if not answer["kept"]:
            return self._end(code)
        import_id = answer["id"]
        detail = self._send(me, import_id, folder)
        if detail["counts"].get("unanswered") and self.given.accept_findings:
            me.accept_findings(import_id)
            detail = me.detail(import_id)
        if self.given.mint:
            me.mint_all(import_id, on_group=self._on_group)
            detail = me.detail(import_id)
        self.told |= {"id": import_id, "counts": detail["counts"], "findings": detail["findings"]}
        return self._end(max(code, self._what_is_left(me, detail)))

    def _importer(self, http: Any) -> "Importer | None":
        from api.cli.import_client import Importer
        from api.cli.mint import read_key, signing_node
        from api.demo.patience import Patience
        from api.demo.people import Person

        chains = http.get("/api/chains").raise_for_status().json()["items"]
        chain = next((c for c in chains if self.given.chain_id in (None, c["chain_id"])), None)
        if chain is None:
            say(f"{self.given.url} does not know chain {self.given.chain_id}", WRONG_INPUT)
            return None
        rpc_url = self.given.rpc or next(iter(chain["rpc_urls"]), None)
        account = read_key(self.given.keystore, chain["chain_id"])
        if account is None or (rpc_url is None and self.given.mint):
            missing = "--keystore" if account is None else "--rpc URL"
            say(f"give {missing} for chain {chain['chain_id']}", WRONG_INPUT)
            return None
        me = Importer(
            Person(name="you", role="gallery", index=0),
            http=http,
            node=signing_node(http, rpc_url or "", account),
            chain_id=chain["chain_id"],
            patience=Patience(),
        )
        me.account = account
        return me

    def _look(self) -> "Folder":
        from api.cli.import_folder import look_into

        with self._progress("looking at the files", None) as step:
            folder = look_into(self.given.folder, self.sheet, on_file=lambda: step(1))
        for name in folder.links:
            say(f"{name} is a symbolic link, which is not followed", 0)
        return folder

    def _body(self, me: "Importer", folder: "Folder") -> dict[str, Any]:
        return {
            "chain_id": me.chain_id,
            "name": self.given.name or self.given.folder.resolve().name or "import",
            "sheet": b64encode(self.sheet).decode(),
            "files": [
                {"name": one.name, "size": one.size, "sha256": one.sha256} for one in folder.files
            ],
            "dry_run": self.given.dry_run,
            "partial": self.given.partial,
            **({"creator": self.given.creator} if self.given.creator else {}),
        }

    def _send(self, me: "Importer", import_id: str, folder: "Folder") -> dict[str, Any]:
        """Send what the exchange lacks; returns the import once all was looked at."""
        have = folder.by_sha256()
        lacking = [have[one["sha256"]] for one in me.detail(import_id)["missing"]]
        with self._progress("sending", sum(one.size for one in lacking), is_bytes=True) as step:
            refused = me.send_all(lacking, on_bytes=step)
        for file, error in refused:
            say(f"{file.name}: {error}", 0)
        self.told["sent"] = len(lacking) - len(refused)
        with self._progress("waiting for the checks", len(lacking)) as step:
            done = 0

            def look(found: dict[str, Any]) -> None:
                nonlocal done
                left = sum(found["counts"].get(state, 0) for state in ("receiving", "checking"))
                step(max(0, len(lacking) - left - done))
                done = max(done, len(lacking) - left)

            return me.settled(import_id, on_look=look)

    def _what_is_left(self, me: "Importer", detail: dict[str, Any]) -> int:
        """Say what stands in the way of rows that were taken; 1 if anything does."""
        refused = me.rows(detail["id"], "refused")
        for row in refused[:SHOWN_PROBLEMS]:
            say(f"row {row['row']}, {row['file']}: {(row['problem'] or {}).get('detail')}", 0)
        waiting = detail["counts"].get("unanswered", 0)
        if waiting:
            kinds = ", ".join(f"{count} × {code}" for code, count in detail["findings"].items())
            say(f"{waiting} rows wait for an answer ({kinds}): --accept-findings", 0)
        changed = detail["counts"].get("missing", 0)
        if changed:
            say(
                f"{changed} rows lack their file: it was not sent, or changed meanwhile; run again",
                0,
            )
        left = detail["counts"].get("ready", 0) if self.given.mint else 0
        return REFUSED if refused or waiting or changed or left else 0

    def _on_group(self, group: dict[str, Any]) -> None:
        self.told["groups"] = self.told.get("groups", 0) + 1
        if not self.given.json:
            self.console.print(f"minted group {self.told['groups']}", highlight=False)

    def _tell(self, answer: dict[str, Any]) -> None:
        """The report, as a table for people."""
        report = answer["report"]
        self.told |= {"kept": answer["kept"], "report": report}
        if self.given.report:
            from nft.sheets.writing import write_report

            self.given.report.write_bytes(write_report(report["problems"]))
        if self.given.json:
            return
        from api.cli.import_report import show

        show(self.console, report, most=SHOWN_PROBLEMS)

    def _end(self, code: int) -> int:
        if self.given.json:
            sys.stdout.write(json.dumps(self.told) + "\n")
        elif counts := self.told.get("counts"):
            said = ", ".join(f"{count} {state}" for state, count in counts.items())
            sys.stdout.write(f"{said}\n")
        return code

    def _progress(self, what: str, total: int | None, *, is_bytes: bool = False) -> "Bar":
        from api.cli.import_report import progress

        return progress(self.console, what, total, is_bytes=is_bytes, is_quiet=self.given.json)
