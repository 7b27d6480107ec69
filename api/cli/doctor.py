"""`vernissage doctor`: check everything that the exchange stands on, and say what to do."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.settings import Settings

OK, WARNING, FAULT = "ok", "warning", "fault"
MARKS = {OK: "✓", WARNING: "!", FAULT: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    subject: str
    state: str
    detail: str
    remedy: str = ""


def main(arguments: list[str]) -> int:
    """0 when nothing is wrong, 3 when something needed is missing or silent."""
    parser = argparse.ArgumentParser(prog="vernissage doctor", description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="the data folder (default: DATA_DIR or data)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    given = parser.parse_args(arguments)

    from api.settings import load_settings

    settings = load_settings()
    folder = (given.data_dir or settings.data_dir).expanduser().absolute()
    checks: list[Callable[[], Finding]] = [
        check_python,
        check_signatures,
        check_postgres_programs,
        check_anvil_program,
        check_pages,
        lambda: check_folder(folder),
        check_temporary_folder,
        lambda: check_port(folder, given.port),
        lambda: check_database(settings),
        *(
            lambda chain_id=chain_id, url=url: check_node(chain_id, url)
            for chain_id, urls in settings.nodes().items()
            for url in urls
        ),
    ]
    if settings.ipfs_api:
        checks.append(lambda: check_ipfs(settings.ipfs_api or ""))
    checks += service_checks(settings)
    findings = [check() for check in checks]
    is_well = all(finding.state != FAULT for finding in findings)
    if given.json:
        found = [asdict(finding) for finding in findings]
        sys.stdout.write(json.dumps({"ok": is_well, "checks": found}) + "\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{MARKS[finding.state]} {finding.subject:<12} {finding.detail}\n")
            if finding.remedy:
                sys.stdout.write(f"  {'':<12} → {finding.remedy}\n")
        sys.stdout.write("\neverything is in order\n" if is_well else "\nsee the arrows above\n")
    return 0 if is_well else 3


def check_python() -> Finding:
    """Versions that every wheel exists for."""
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python", OK, version)
    return Finding("Python", FAULT, version, "use Python 3.11, 3.12 or 3.13")


def check_signatures() -> Finding:
    """Without coincurve one recovery takes 4.5 ms instead of 0.09 ms."""
    try:
        import coincurve
    except ImportError:
        return Finding("signatures", FAULT, "coincurve is missing", "run `make setup`")
    return Finding("signatures", OK, f"coincurve {coincurve.__version__}")


def check_postgres_programs() -> Finding:
    """The embedded server's programs, and whether they may run as this user."""
    from api.local.errors import CannotStart
    from api.local.postgres import choose_user, programs

    try:
        version = subprocess.run(
            [str(programs() / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
        user = choose_user(Path("/nonexistent"))
    except CannotStart as error:
        return Finding("PostgreSQL", FAULT, str(error))
    except (OSError, subprocess.CalledProcessError) as error:
        return Finding("PostgreSQL", FAULT, f"does not run: {error}", "run `make setup`")
    how = {"same": "as this user", "namespace": "in a user namespace", "nobody": "as nobody"}
    return Finding("PostgreSQL", OK, f"{version}, runs {how[user]}")


def check_anvil_program() -> Finding:
    """The local chain's program."""
    from api.local.anvil import find_program
    from api.local.errors import CannotStart

    try:
        program = find_program()
        line = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=True
        ).stdout.splitlines()[0]
    except CannotStart as error:
        return Finding("local chain", FAULT, str(error))
    except (OSError, subprocess.CalledProcessError, IndexError) as error:
        return Finding("local chain", FAULT, f"anvil does not run: {error}", "run `make setup`")
    return Finding("local chain", OK, line)


def check_pages() -> Finding:
    """Third-party files of the pages."""
    from api.local.vendor import VENDOR

    if (VENDOR / "manifest.json").exists():
        return Finding("pages", OK, "fonts and scripts are in place")
    return Finding("pages", FAULT, "fonts and scripts are missing", "run `make setup`")


def check_folder(folder: Path) -> Finding:
    """Whether the data folder can be used, and its disk has room."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return Finding("data folder", FAULT, f"{existing} is read-only", "choose --data-dir")
    free = shutil.disk_usage(existing).free
    detail = f"{folder}, {free // 1_000_000_000} GB free"
    if free < 1_000_000_000:
        return Finding("data folder", FAULT, detail, "make room: 1 GB at least")
    return Finding("data folder", OK, detail)


def check_temporary_folder() -> Finding:
    """Where uploads are unpacked for a look."""
    folder = Path(tempfile.gettempdir())
    if shutil.disk_usage(folder).free < 500_000_000:
        return Finding("temp folder", WARNING, f"{folder} is nearly full", "set TMPDIR")
    return Finding("temp folder", OK, str(folder))


def check_port(folder: Path, port: int) -> Finding:
    """Whether the pages' port is free, or ours already."""
    from api.local.ports import is_free

    if port == 0 or is_free(port):
        return Finding("port", OK, f"{port} is free")
    if (folder / "run" / "web.pid").exists():
        return Finding("port", OK, f"{port} is in use, by a vernissage on this folder it seems")
    return Finding("port", WARNING, f"{port} is in use", "start with another, `make run PORT=8100`")


def check_database(settings: "Settings") -> Finding:
    """The database that is set, if one is."""
    if settings.database_url is None:
        return Finding("database", OK, "none set: `vernissage up` runs its own")

    from sqlalchemy.exc import SQLAlchemyError

    from api.local.schema import known_revisions
    from api.migrations.run import current_revision
    from nft.errors import ExchangeError

    try:
        revision = current_revision(settings.need_database())
    except (SQLAlchemyError, ExchangeError) as error:
        why = str(getattr(error, "orig", error)).strip().splitlines()[0]
        return Finding("database", FAULT, why, "start it, or correct DATABASE_URL")
    if revision not in known_revisions()[1]:
        return Finding("database", FAULT, f"at revision {revision}", "run `vernissage db upgrade`")
    return Finding("database", OK, f"at revision {revision}")


def check_node(chain_id: int, url: str) -> Finding:
    """One node of RPC_URLS. Its URL may hold a key, so only its host is said."""
    from urllib.parse import urlsplit

    from api.local.rpc import Node, NodeRefused, NodeSilent

    subject, host = f"chain {chain_id}", urlsplit(url).hostname
    try:
        answered = int(Node(url).call("eth_chainId"), 16)
        head = int(Node(url).call("eth_blockNumber"), 16)
    except (NodeSilent, NodeRefused):
        return Finding(subject, FAULT, f"{host} did not answer", "start it, or correct RPC_URLS")
    if answered != chain_id:
        return Finding(subject, FAULT, f"{host} is on chain {answered}", "correct RPC_URLS")
    return Finding(subject, OK, f"{host} is at block {head}")


def service_checks(settings: "Settings") -> list[Callable[[], Finding]]:
    """One for each pinning service that is set."""
    from api.places import ServiceSetting, services
    from api.settings import SettingsRefused

    def check(one: ServiceSetting) -> Finding:
        from media.pinning_services import PinningService, ServicePinner
        from nft.errors import ExchangeError

        subject = "pinning"
        try:
            ServicePinner(PinningService(one.name, one.url, one.token)).check()
        except ExchangeError as error:
            return Finding(subject, FAULT, str(error), "correct PINNING_SERVICES, or wait")
        if one.gateway is None:
            detail = f"{one.name} answers; nobody reads it back, so its copies do not count"
            return Finding(subject, WARNING, detail, "name its gateway in PINNING_GATEWAYS")
        return Finding(subject, OK, f"{one.name} answers, and is read back by its gateway")

    try:
        return [partial(check, one) for one in services(settings)]
    except SettingsRefused as error:
        refused = Finding("pinning", FAULT, str(error), "correct the setting")
        return [lambda: refused]


def check_ipfs(address: str) -> Finding:
    """The Kubo node that is set."""
    from media.ipfs import KuboPinner
    from nft.errors import ExchangeError

    try:
        return Finding("IPFS", OK, f"Kubo {KuboPinner(address).version()}")
    except ExchangeError as error:
        return Finding("IPFS", FAULT, str(error), "start it, or correct IPFS_API")
