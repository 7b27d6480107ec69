"""
A work's page for every kind of work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.tokens.schemas import MediaOut
from tests.pages import exhibits
from tests.pages.market_scenes import work as shown

Scene = tuple[str, dict[str, Any]]


def _file(kind: str, role: str = "animation", **more: Any) -> MediaOut:
    facts: dict[str, Any] = {
        "role": role,
        "cid": "bafkreiggqwmrjtudrxggnydcnizrrzb3t24nvxsdrmaxwpb4x3i3t4jlni",
        "sha256": exhibits.digest(kind),
        "type": kind,
        "size": 8_411_902,
        "url": "/files/" + kind.replace("/", "-"),
    }
    return MediaOut(**(facts | more))


def _work(*files: MediaOut, keeps_picture: bool = True, title: str = "") -> Scene:
    template, context = shown()
    token = context["token"]
    media = [*files, *(token.media if keeps_picture else [])]
    changed = token.model_copy(update={"media": media, "title": title or token.title})
    return template, context | {"token": changed}


def work_film() -> Scene:
    details = {"duration": 73.4, "has_sound": True, "codec": "h264"}
    return _work(_file("video/mp4", width=1920, height=1080, details=details))


def work_film_silent() -> Scene:
    return _work(_file("video/webm", details={"duration": 6.0, "has_sound": False}))


def work_sound() -> Scene:
    return _work(_file("audio/flac", details={"duration": 3731.0}))


def work_sound_without_cover() -> Scene:
    return _work(_file("audio/mpeg", details={"duration": 12.2}), keeps_picture=False)


def work_model() -> Scene:
    return _work(_file("model/gltf-binary", details={"triangles": 18_212, "animations": 1}))


def work_page() -> Scene:
    return _work(_file("text/html", details={"entry": "index.html", "files": 7}))


def work_page_without_cover() -> Scene:
    return _work(_file("text/html", details={"entry": None}), keeps_picture=False)


def work_document() -> Scene:
    return _work(_file("application/pdf", "document", details={"pages": 24}))


def work_moving_picture() -> Scene:
    url = exhibits.exhibition()[5].media[0].url
    return _work(_file("image/gif", url=url, width=1600, height=1000))


SCENES: dict[str, Callable[[], Scene]] = {
    name.replace("_", "-"): found
    for name, found in list(globals().items())
    if callable(found) and name.startswith("work") and getattr(found, "__module__", "") == __name__
}
