"""What tags tell about their maker: positions, cameras, people; for the maker to decide on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from media.decoders.results import Finding

_POSITIONS = ("location", "iso6709", "gps", "geo_", "\xa9xyz", "latitude", "longitude")
_CAMERA = {
    "make": "camera maker",
    "model": "camera model",
    "serial": "serial number",
    "lens": "lens",
    "software": "program",
    "device": "device",
}
_PEOPLE = {
    "artist": "artist",
    "author": "author",
    "composer": "composer",
    "performer": "performer",
    "copyright": "copyright",
    "contact": "contact",
    "encoded_by": "encoded by",
    "publisher": "publisher",
    "comment": "comment",
    "description": "description",
    "creation_time": "time of making",
    "creationdate": "time of making",
    "date": "date",
    "creator": "creator",
    "producer": "program",
    "owner": "owner",
}
_MOST = 80


def told_by(tags: Mapping[str, str]) -> list[Finding]:
    """Findings of tags as containers have them: names of any family, in lower case."""
    used = {key: value for key, value in tags.items() if value.strip(" \0")}
    found = []
    if any(part in key for key in used for part in _POSITIONS):
        found.append(position())
    for code, names in (("CameraDetails", _CAMERA), ("AuthorDetails", _PEOPLE)):
        told = dict.fromkeys(
            f"{names[name]} ({value.strip()[:_MOST]})"
            for key, value in used.items()
            if (name := key.replace("-eng", "").rpartition(".")[2]) in names
        )
        if told:
            found.append(named(code, told))
    return found


def position() -> Finding:
    """The file says where it was made."""
    return {
        "code": "GpsPosition",
        "detail": "The file says where it was taken (GPS position). "
        "Once pinned, everybody can read it.",
    }


def named(code: str, told: Iterable[str]) -> Finding:
    """The file names somebody or something."""
    return {"code": code, "detail": "The file names its " + ", ".join(told) + "."}
