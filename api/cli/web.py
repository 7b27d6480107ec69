"""`vernissage web`: pages and API on one port, untrusted media on another, one process."""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uvicorn

GRACE_SECONDS = 6
"""Requests under way get this long; streams are cut off after it."""


def parser() -> argparse.ArgumentParser:
    """What `vernissage web` understands."""
    made = argparse.ArgumentParser(prog="vernissage web", description=__doc__)
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=8000)
    made.add_argument("--media-port", type=int, default=8001)
    made.add_argument("--fd", type=int, help="serve on this listening socket, inherited")
    made.add_argument("--media-fd", type=int, help="the same for the media port")
    made.add_argument("--json", action="store_true", help="one line of JSON when listening")
    return made


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; requests under way are finished."""
    given = parser().parse_args(arguments)

    from api.local.ports import listen

    sockets = [
        socket.socket(fileno=given.fd)
        if given.fd is not None
        else listen(given.host, given.port, "--port"),
        socket.socket(fileno=given.media_fd)
        if given.media_fd is not None
        else listen(given.host, given.media_port, "--media-port"),
    ]

    import uvloop

    from api.allocation import keep_freed_memory
    from api.logs import configure_logs

    keep_freed_memory()
    configure_logs()
    servers = make_servers()
    if given.json:
        sys.stdout.write('{"listening": true}\n')
        sys.stdout.flush()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(servers, sockets))
    return 0


def make_servers() -> "list[uvicorn.Server]":
    """The pages and the media origin, over the same parts."""
    import uvicorn

    from api import asgi
    from api.app import create_app
    from api.gateway.routes import create_media_app
    from api.settings import load_settings

    class Server(uvicorn.Server):
        """Leaves signals to us: two servers share one process."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    parts = asgi.make_parts(load_settings())
    # Whoever opens the parts closes them: the first application does.
    apps = [asgi.with_parts_open(create_app(parts), parts), create_media_app(parts)]
    return [
        Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        for app in apps
    ]


async def serve(servers: "list[uvicorn.Server]", sockets: list[socket.socket]) -> None:
    """Run all of them; one signal, or the end of one, ends all."""

    def end() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)

    async def run(server: "uvicorn.Server", listening: socket.socket) -> None:
        try:
            await server.serve(sockets=[listening])
        finally:
            end()

    async with asyncio.TaskGroup() as group:
        for server, listening in zip(servers, sockets, strict=True):
            group.create_task(run(server, listening))
