"""`vernissage certificates issue` and `audit`: what the worker does, by hand and told."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from api.certificates.waiting import Look
    from api.parts import Parts

Told = dict[str, Any]

ISSUE = "issue what is due, and say what became of each work"
AUDIT = "verify certificates in force as the daily audit does; exit code 1 when one fails"


def add_work_or_all(command: argparse.ArgumentParser) -> None:
    """What `issue` takes."""
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "work", nargs="?", metavar="TOKEN-OR-CODE", help="CAIP-19, chain/contract/id or code"
    )
    which.add_argument("--all", action="store_true", help="every work that waits, whatever for")


def add_all_or_sample(command: argparse.ArgumentParser) -> None:
    """What `audit` takes."""
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--all", action="store_true", help="every one, and keep the result (the default)"
    )
    which.add_argument("--sample", type=int, metavar="N", help="so many, at random")


async def issue(parts: Parts, given: argparse.Namespace) -> tuple[Told, list[str]]:
    """Look at one work, or at all that wait. Raises `NoSuchToken`, `IssuerKeyMissing`."""
    from api.certificates import waiting

    now = parts.clock()
    looks = waiting.look_at_all(parts, now=now) if given.all else _named(parts, given.work, now)
    works, lines, issued = [], [], 0
    async for look in looks:
        works.append(_look(look))
        lines.append(_line(look))
        issued += look.is_new
    many = sum(one["waits_for"] is not None for one in works)
    end = f"{len(works)} looked at, {issued} issued, {many} still waiting"
    return {"works": works, "issued": issued, "waiting": many}, [*lines, end]


async def _named(parts: Parts, text: str, now: datetime) -> AsyncIterator[Look]:
    from api.certificates import waiting
    from api.cli.works import read_work
    from nft.errors import NoSuchToken

    async with parts.sessions() as session:
        token = await read_work(session, text)
    look = await waiting.look_now(parts, token, now=now)
    if look.certificate is None and look.lacks is None:
        raise NoSuchToken(token.caip19)
    yield look


def _look(look: Look) -> Told:
    version = None if look.certificate is None else look.certificate.version
    return {
        "token": look.token.caip19,
        "version": version,
        "issued": look.is_new,
        "waits_for": look.lacks,
    }


def _line(look: Look) -> str:
    if look.certificate is None:
        became = "there is no such work any more" if look.lacks is None else "no certificate yet"
    else:
        became = f"version {look.certificate.version} {'issued' if look.is_new else 'stands'}"
    lacks = "" if look.lacks is None else f"; it waits: {look.lacks}"
    return f"{look.token.caip19}: {became}{lacks}"


async def audit(parts: Parts, given: argparse.Namespace) -> tuple[Told, list[str]]:
    """Verify, and name every check that fails."""
    from api.certificates import auditing
    from api.local.errors import WrongInput

    if given.sample is not None and given.sample < 1:
        raise WrongInput("--sample takes a number from 1 on")
    found = (
        await auditing.audit(parts)
        if given.sample is None
        else await auditing.audit_some(parts, given.sample)
    )
    told = {
        "checked": found.checked,
        "passed": found.verdicts["pass"],
        "incomplete": found.verdicts["incomplete"],
        "failed": found.verdicts["fail"],
        "failures": found.failures,
    }
    lines = [
        f"{one['asset']}, version {one['version']}: {one['check']}: {one['detail']}"
        for one in found.failures
    ]
    end = (
        f"{found.checked} verified: {told['passed']} pass, {told['incomplete']} incomplete, "
        f"{told['failed']} fail"
    )
    return told, [*lines, end]


def issue_code(told: Told) -> int:
    """Of a work that was named: 1 when it has no certificate."""
    return int(told["works"][0]["version"] is None)


def audit_code(told: Told) -> int:
    """1 when one fails."""
    return int(told["failed"] > 0)
