"""
Two real origins for tests of works that run: the media origin, and a house whose pages frame it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from api.app import STATIC, SecurityHeaders
from api.gateway.routes import create_media_app
from api.local.ports import HOST, free_port
from api.local.processes import wait_until
from media.store import BlockStore

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECRET = b"s" * 32


@dataclass
class House:
    """Both origins, and what was asked of the house by anything but its own page."""

    url: str
    media_url: str
    public: BlockStore
    private: BlockStore
    stolen: list[str] = field(default_factory=list)
    body: str = ""

    def folder(self, files: dict[str, bytes], place: Path) -> str:
        """Keep a bundle in public; its CID."""
        found = {}
        place.mkdir()
        for number, (name, data) in enumerate(files.items()):
            found[name] = place / f"m{number}"
            found[name].write_bytes(data)
        return str(self.public.add_folder(found))


@contextmanager
def running_house(folder: Path) -> Iterator[House]:
    """The media origin's real application, and a page under the real headers beside it."""
    port, media_port = free_port(), free_port()
    public, private = BlockStore(folder / "public"), BlockStore(folder / "private")
    public.prepare()
    private.prepare()
    house = House(f"http://{HOST}:{port}", f"http://{HOST}:{media_port}", public, private)
    parts = SimpleNamespace(
        public=public,
        private=private,
        media_url=house.media_url,
        public_url=house.url,
        secret_key=SECRET,
        clock=lambda: NOW,
    )
    apps = [(_pages(house), port), (create_media_app(parts), media_port)]  # type: ignore[arg-type]
    servers = [
        uvicorn.Server(uvicorn.Config(app, host=HOST, port=at, log_level="error", ws="none"))
        for app, at in apps
    ]
    threads = [threading.Thread(target=server.run, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    assert wait_until(lambda: all(server.started for server in servers), patience=20)
    yield house
    for server in servers:
        server.should_exit = True
    for thread in threads:
        thread.join(timeout=10)


def _pages(house: House) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/page")
    def page() -> Response:
        head = (
            '<!doctype html><title>House</title><script type="module" src="/static/js/viewer.js">'
        )
        answer = HTMLResponse(f"{head}</script><main>{house.body}</main>")
        answer.set_cookie("vernissage_session", "secret")
        return answer

    app.mount("/static", StaticFiles(directory=STATIC))

    @app.api_route("/stolen/{what:path}", methods=["GET", "POST", "PUT"])
    def stolen(what: str, request: Request) -> Response:
        house.stolen.append(what)
        return Response("taken", headers={"Access-Control-Allow-Origin": "*"})

    app.add_middleware(SecurityHeaders, media_url=house.media_url, is_secure=False)
    return app
