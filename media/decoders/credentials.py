"""
Content credentials (C2PA): what a file's signed history says, told as its words.

Nothing is fetched: no manifest behind an address, no word on whether a certificate was revoked.
No list of trusted signers is asked either: the seal can show that the file is as it was when it was
sealed, and by which name, not whether that name is anybody's. The library is loaded only for files
in which something looks like a manifest.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from media.decoders.results import Finding
from media.formats import Structure
from media.formats.kinds import GLB, kind_of

_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": False},
}
_REMOTE = re.compile(rb"""provenance(?:=["']|>)(https?://[^"'<>\s]{1,500})""")
_BY_MACHINE = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
_MOST = 120


def findings(path: Path, structure: Structure) -> list[Finding]:
    """One finding where the file has a manifest, or names one."""
    if kind_of(structure.type) == "page" or structure.type == GLB:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        has_manifest = data.find(b"c2pa") >= 0 and data.find(b"jumb") >= 0
        remote = None if has_manifest else _REMOTE.search(data)
        address = remote.group(1).decode("latin-1") if remote else None
    if has_manifest:
        return _read(path, structure.type)
    return [_elsewhere(address)] if address else []


def _elsewhere(address: str) -> Finding:
    return {
        "code": "ContentCredentials",
        "detail": f"The file names content credentials at {address[:_MOST]}; "
        "they were not fetched.",
        "state": "elsewhere",
        "address": address,
    }


def _read(path: Path, media_type: str) -> list[Finding]:
    import c2pa  # type: ignore[import-untyped]  # after the limits

    with path.open("rb") as file:
        try:
            settings = c2pa.Settings.from_dict(_SETTINGS)
            context = c2pa.Context(settings=settings)
            reader = c2pa.Reader.try_create(media_type, file, context=context)
            if reader is None:
                return []
            told: dict[str, Any] = json.loads(reader.json())
        except c2pa.C2paError as error:
            remote = re.search(r"https?://\S+", str(error))
            return [_elsewhere(remote.group()) if remote else _unreadable(str(error))]
    return [_finding(told)]


def _unreadable(error: str) -> Finding:
    return {
        "code": "ContentCredentials",
        "detail": f"The file has content credentials that cannot be read ({error[:_MOST]}).",
        "state": "unreadable",
    }


def _finding(told: Mapping[str, Any]) -> Finding:
    manifests = told.get("manifests") or {}
    active = manifests.get(told.get("active_manifest")) or {}
    signature = active.get("signature_info") or {}
    state = str(told.get("validation_state", "")).lower()
    actions = sorted({str(act.get("action"))[:_MOST] for act in _actions(active)})
    sources = [
        str(act.get("digitalSourceType", "")) for one in manifests.values() for act in _actions(one)
    ]
    found: Finding = {
        "code": "ContentCredentials",
        "state": "valid" if state in ("valid", "trusted") else "invalid",
        "signer": str(signature.get("common_name") or signature.get("issuer") or "")[:_MOST],
        "issuer": str(signature.get("issuer") or "")[:_MOST],
        "signed_at": signature.get("time"),
        "generator": _generator(active),
        "actions": actions,
        "by_machine": any(source.rpartition("/")[2] in _BY_MACHINE for source in sources),
        "failures": sorted(set(_failures(told)))[:20],
    }
    return {**found, "detail": _sentence(found)}


def _sentence(found: Finding) -> str:
    holds = "agree with the file" if found["state"] == "valid" else "do not agree with the file"
    made = f", made with {found['generator']}" if found["generator"] else ""
    machine = (
        " They say that a trained model made it, or parts of it." if found["by_machine"] else ""
    )
    return (
        f"The file carries content credentials (C2PA) signed as {found['signer'] or 'nobody'}"
        f"{made}; they {holds}. Whose name that is was not checked.{machine}"
    )


def _actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in manifest.get("assertions") or []:
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            data = assertion.get("data")
            if isinstance(data, Mapping):
                yield from (act for act in data.get("actions") or [] if isinstance(act, Mapping))


def _generator(manifest: Mapping[str, Any]) -> str:
    for info in manifest.get("claim_generator_info") or []:
        return " ".join(str(info[key]) for key in ("name", "version") if info.get(key))[:_MOST]
    return str(manifest.get("claim_generator") or "")[:_MOST]


def _failures(told: Mapping[str, Any]) -> Iterator[str]:
    results = (told.get("validation_results") or {}).get("activeManifest") or {}
    for failure in results.get("failure") or []:
        yield str(failure.get("code"))[:_MOST]
