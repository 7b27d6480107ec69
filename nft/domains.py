"""
Names on the web that people and houses answer by: what counts as one, and where it is read.

A name is taken in plain ASCII alone, as certificates of TLS and `did:web` carry it. A name in
other letters may look like another one; its punycode, which cannot, is what one must write and what
is shown. No ports, paths, wildcards or addresses: the whole host must be theirs who speak for it.
"""

from __future__ import annotations

import re

from nft.errors import Unacceptable

LONGEST = 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL = frozenset(
    {"localhost", "local", "internal", "lan", "home", "corp", "test", "example", "invalid", "onion"}
)
"""Ends of names that the public web does not know, or knows as something else."""

WELL_KNOWN = "/.well-known/vernissage.json"
DID_DOCUMENT = "/.well-known/did.json"


class DomainInvalid(Unacceptable):
    """What was given is no name of a host on the public web."""

    field = "domain"

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"domain: {why}")


def parse_domain(text: str, *, reserved: bool = False) -> str:
    """
    A name as it is kept: lower case, ASCII, without a dot at its end.

    `reserved` admits the names that are kept for tests and documents. Raises `DomainInvalid`.
    """
    name = text.strip().lower().removesuffix(".")
    _refuse_other_things(name)
    if not name.isascii():
        raise DomainInvalid(_punycode(name))
    labels = name.split(".")
    if len(name) > LONGEST or len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)):
        raise DomainInvalid(f"{name[:80]!r} is no full name of a host, such as atelier.art")
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        raise DomainInvalid("an IP address is nobody's name; write the domain")
    if any(label[2:4] == "--" and not label.startswith("xn--") for label in labels):
        raise DomainInvalid(f"{name[:80]!r} has hyphens where only punycode has them")
    if labels[-1] in _LOCAL and not reserved:
        raise DomainInvalid(f"names under .{labels[-1]} are not on the public web")
    return name


def _refuse_other_things(name: str) -> None:
    """What people write for a domain and is none, told apart so that the answer helps."""
    if not name:
        raise DomainInvalid("it is empty")
    if "://" in name or "/" in name:
        raise DomainInvalid("write the name alone, without https:// and without a path")
    if "*" in name:
        raise DomainInvalid("a wildcard is no host: write one name")
    if "[" in name or name.count(":") > 1:
        raise DomainInvalid("an IP address is nobody's name; write the domain")
    if ":" in name:
        raise DomainInvalid("no port: what the domain says is read at port 443 alone")
    if "@" in name:
        raise DomainInvalid("that is an e-mail address; write the domain alone")


def _punycode(name: str) -> str:
    try:
        plain = name.encode("idna").decode("ascii")
    except UnicodeError:
        return "it has letters that no domain can have"
    if plain == name or not plain.isascii():
        return "it has letters that no domain can have"
    return (
        f"it has letters that can look like others; if {plain} is the domain you mean, write that, "
        "as it will be shown"
    )


def parse_did_web(text: str, *, reserved: bool = False) -> str:
    """The domain of a `did:web`. Raises `DomainInvalid`."""
    method = "did:web:"
    if not text.startswith(method):
        raise DomainInvalid("only did:web is bound to a domain")
    rest = text.removeprefix(method)
    if "%3a" in rest.lower():
        raise DomainInvalid("no port: what the domain says is read at port 443 alone")
    if ":" in rest or "%" in rest or "#" in rest:
        raise DomainInvalid("a did:web with a path is of a part of a host; bind the whole host")
    domain = parse_domain(rest, reserved=reserved)
    if domain != rest:
        raise DomainInvalid(f"write it as did:web:{domain}")
    return domain


def well_known_url(domain: str) -> str:
    """Where a domain lists the accounts that speak for it."""
    return f"https://{domain}{WELL_KNOWN}"


def did_url(domain: str) -> str:
    """Where `did:web:<domain>` is read."""
    return f"https://{domain}{DID_DOCUMENT}"
