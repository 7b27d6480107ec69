"""`vernissage certificates`: what an issuer does with certificates, its keys and its anchors."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli import issuing
from api.cli.works import read_version, read_work

if TYPE_CHECKING:
    from api.parts import Parts

STATUSES = {
    "revoke": ("revoked", "say for good that a certificate is not valid"),
    "suspend": ("suspended", "say that a certificate is not to be relied on for now"),
    "reinstate": ("valid", "end a suspension"),
}


def parser() -> argparse.ArgumentParser:
    """What `vernissage certificates` understands."""
    made = argparse.ArgumentParser(prog="vernissage certificates", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)

    def add(name: str, what: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--json", action="store_true", help="one line of JSON")
        return command

    for name, (_, what) in STATUSES.items():
        one = add(name, what)
        one.add_argument("work", metavar="TOKEN-OR-CODE", help="CAIP-19, chain/contract/id or code")
        one.add_argument("--reason", required=True, help="a word of the list, which is public")
        one.add_argument("--note", default="", help="public, and kept for ever")
        one.add_argument("--version", type=int, help="of the certificate (default: the newest)")
    issuing.add_work_or_all(add("issue", issuing.ISSUE))
    issuing.add_all_or_sample(add("audit", issuing.AUDIT))
    add("keys", "list the issuer's keys")
    rotate = add("rotate-key", "sign with a new key from now on; what the old one signed holds")
    rotate.add_argument("--note", default="", help="why")
    leaked = add("compromised", "say that somebody else may have signed with an old key")
    leaked.add_argument("number", type=int, metavar="KEY")
    leaked.add_argument("--since", required=True, metavar="DATE", help="2026-11-26, or with a time")
    leaked.add_argument("--note", default="", help="why")
    anchor = add("anchor", "write the roots of prepared days into the contract")
    anchor.add_argument("--keystore", type=Path, help="who pays; the passphrase is asked for")
    anchor.add_argument("--key-file", type=Path, help="a file with the private key in hex")
    anchor.add_argument("--chain", type=int, metavar="ID", help="default: the only one there is")
    return made


def main(arguments: list[str]) -> int:
    """Run one of them; returns the exit code."""
    given = parser().parse_args(arguments)
    if given.command in STATUSES:
        return run(given, _change)
    if given.command == "issue":
        return run(given, issuing.issue, code=_done if given.all else issuing.issue_code)
    if given.command == "audit":
        return run(given, issuing.audit, code=issuing.audit_code)
    runs = {"keys": _keys, "rotate-key": _rotate, "compromised": _compromise, "anchor": _anchor}
    return run(given, runs[given.command])


Told = dict[str, Any]


def _done(_: Told) -> int:
    return 0


def run(
    given: argparse.Namespace,
    body: Callable[[Parts, argparse.Namespace], Awaitable[tuple[Told, list[str]]]],
    *,
    code: Callable[[Told], int] = _done,
) -> int:
    """
    Carry it out, and say what was done: lines for people, one line of JSON for programs.

    `code` makes the exit code of what is told.
    """
    import logging

    from api.asgi import make_parts
    from api.logs import configure_logs
    from api.settings import load_settings

    # And on standard error: the answer alone is on the other.
    configure_logs(logging.ERROR)
    parts = make_parts(load_settings())

    async def carry_out() -> tuple[Told, list[str]]:
        try:
            return await body(parts, given)
        finally:
            await parts.engine.dispose()

    told, lines = asyncio.run(carry_out())
    sys.stdout.write(
        json.dumps(told) + "\n" if given.json else "".join(f"{one}\n" for one in lines)
    )
    return code(told)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


# Status


async def _change(parts: Parts, given: argparse.Namespace) -> tuple[Told, list[str]]:
    from api.certificates import status
    from nft.anchors import Status

    word, _ = STATUSES[given.command]
    async with parts.sessions.begin() as session:
        token = await read_work(session, given.work)
        version = await read_version(session, token, given.version)
        turn = status.Change(Status[word.upper()], given.reason, given.note, parts.clock())
        await status.change(session, token, version, turn)
        found = await status.history(session, token, version)
    history = [one.as_json() for one in found]
    told = {"token": token.caip19, "version": version, "history": history}
    return told, [f"{token.caip19}, version {version}: {word} ({given.reason})"]


# Keys


async def _keys(parts: Parts, given: argparse.Namespace) -> tuple[Told, list[str]]:
    from api.certificates import issuers

    async with parts.sessions() as session:
        found = await issuers.keys(session, parts)
    told = [_key(key) for key in found]
    lines = [
        f"{one['number']:>3} {one['key']} "
        f"{one['valid_from'] or '?'} to {one['valid_until'] or 'now'}"
        + (f", compromised from {one['compromised_from']}" if one["compromised_from"] else "")
        for one in told
    ]
    return {"keys": told}, lines


def _key(key: Any) -> Told:
    from nft.certificates import rfc3339

    def said(at: datetime | None) -> str | None:
        return None if at is None else rfc3339(at)

    return {
        "number": key.number,
        "key": key.multikey,
        "valid_from": said(key.valid_from),
        "valid_until": said(key.valid_until),
        "compromised_from": said(key.compromised_from),
    }


async def _rotate(parts: Parts, given: argparse.Namespace) -> tuple[Told, list[str]]:
    from api.certificates import issuers

    async with parts.sessions.begin() as session:
        made = await issuers.rotate(session, parts, note=given.note, now=parts.clock())
    return _key(made), [f"key {made.number}, {made.multikey}, signs from now on"]


async def _compromise(parts: Parts, given: argparse.Namespace) -> tuple[Told, list[str]]:
    from api.certificates import issuers
    from api.local.errors import WrongInput

    try:
        since = datetime.fromisoformat(given.since)
    except ValueError:
        raise WrongInput(f"{given.since!r} is no date: write 2026-11-26") from None
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    async with parts.sessions.begin() as session:
        await issuers.compromise(session, parts, given.number, since=since, note=given.note)
        key = next(k for k in await issuers.keys(session, parts) if k.number == given.number)
    return _key(key), [
        f"key {key.number} counts as compromised from {key.compromised_from}: what it signed "
        "holds only where an anchor shows that it existed before"
    ]


# Anchors


async def _anchor(parts: Parts, given: argparse.Namespace) -> tuple[Told, list[str]]:
    from api.certificates import anchoring, issuers
    from api.key_site import KeySite
    from api.local.errors import WrongInput

    ids = [given.chain] if given.chain else list(parts.chains)
    if len(ids) != 1 or ids[0] not in parts.chains:
        raise WrongInput(f"name the chain by --chain: one of {', '.join(map(str, parts.chains))}")
    account = _account(given, ids[0])
    site = KeySite(parts.chains[ids[0]].chain, account)
    await anchoring.prepare_due(parts, now=parts.clock())
    async with parts.sessions() as session:
        key = (await issuers.keys(session, parts))[-1].public_key
    days = await anchoring.send_due(parts, ids[0], site, key=key, say=_say)
    told = {"chain_id": str(ids[0]), "anchorer": str(site.sender), "days": days}
    return told, [f"day {day} anchored by {site.sender}" for day in days] or ["nothing is due"]


def _account(given: argparse.Namespace, chain_id: int) -> Any:
    from eth_account import Account

    from api.cli.mint import read_key
    from api.local.errors import WrongInput

    if given.key_file is not None:
        try:
            return Account.from_key(given.key_file.read_text("ascii").strip())
        except (OSError, ValueError):  # the text of the error could repeat the key
            raise WrongInput(f"{given.key_file} holds no private key in hex") from None
    account = read_key(given.keystore, str(chain_id))
    if account is None:
        raise WrongInput(f"give --keystore or --key-file to anchor on chain {chain_id}")
    return account
