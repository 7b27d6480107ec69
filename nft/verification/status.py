"""
Whether the issuer called a certificate back, as of the date of a signed list.
"""

from __future__ import annotations

from collections.abc import Iterable

from nft.integrity import Document, ProofInvalid
from nft.status_lists import NotAStatusList, read_list
from nft.verification.claims import StatusPlace
from nft.verification.issuer import signature
from nft.verification.report import Check, Finding, failed, passed, unchecked


def check_status(
    places: Iterable[StatusPlace],
    lists: Iterable[Document],
    *,
    issuer: object,
    keys: frozenset[str],
) -> list[Check]:
    """
    One line for each purpose; a bit that is set counts as required.

    `keys` may sign a list besides the issuer's name: the certificate's own key, and those that
    the issuer's document or the reader names.
    """
    held = list(lists)
    lines = []
    for place in places:
        found = _place(place, held, issuer, keys)
        is_required = found.result == "fail"
        lines.append(found.as_check(f"status.{place.purpose}", required=is_required))
    return lines


def _place(
    place: StatusPlace, lists: list[Document], issuer: object, keys: frozenset[str]
) -> Finding:
    named = [one for one in lists if one.get("id") == place.credential]
    if not named:
        return unchecked("status.none", place.credential)
    document = named[0]
    signed, key = signature(document)
    if signed.result != "pass" or document.get("issuer") != issuer or key not in keys:
        return failed("status.broken", place.credential)
    try:
        found = read_list(document)
        is_set = found.is_set(place.index)
    except (NotAStatusList, ProofInvalid):
        return failed("status.broken", place.credential)
    if found.purpose != place.purpose:
        return failed("status.broken", place.credential)
    if is_set:
        return failed("status.set", place.credential, date=found.valid_from)
    return passed("status.unset", place.credential, date=found.valid_from)
