"""
Domains of people and galleries for a test: hosts on TLS, reached by the reader of the product.

Names lead to this machine, and port 443 to wherever the host listens; all else is as it is in use.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from nft.bindings import MAX_BYTES
from nft.outgoing import Fetched, Outgoing
from tests.support.studio import Studio
from tests.support.tls_host import Behave, Host, answer, running_host, sends

STRICT = Outgoing(seconds=2.0, max_bytes=MAX_BYTES, redirects=0)


@dataclass
class Web:
    """The part of the web that a test knows."""

    hosts: dict[str, Host] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)
    resolve: Callable[[str, int], list[str]] | None = None
    """Instead of this machine, where a test says so."""

    def read(self, url: str) -> Fetched:
        """As the product reads a domain."""
        domain = url.split("/")[2]
        if self.resolve is not None:
            return replace(STRICT, resolve=self.resolve).get(url)
        host = self.hosts.get(domain) or Host(port=9)
        here = replace(
            STRICT,
            resolve=lambda name, port: ["127.0.0.1"],
            admits=lambda address: True,
            ports=frozenset({host.port}),
            context=host.context,
        )
        return here.get(url.replace(domain, f"{domain}:{host.port}", 1))

    def publish(self, domain: str, path: str, page: bytes | Behave) -> None:
        """Have a domain answer this; the host is started when it is first heard of."""
        if domain not in self.hosts:
            self.hosts[domain] = self.stack.enter_context(running_host(domain))
        behave = sends(answer(page)) if isinstance(page, bytes) else page
        self.hosts[domain].pages[path] = behave

    def asked(self, domain: str) -> int:
        """How often a domain was asked."""
        return len(self.hosts[domain].asked) if domain in self.hosts else 0


@dataclass
class House(Studio):
    """An exchange that reads the domains of its test."""

    web: Web = field(default_factory=Web)

    def _parts(self) -> Any:
        return replace(super()._parts(), read_domain=self.web.read)

    async def close(self) -> None:
        await super().close()
        self.web.stack.close()
