"""
Whether the issuer called a certificate back, as of the date of a signed list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    copied: Mapping[str, str | None],
) -> list[Check]:
    """
    One line for each purpose; a bit that is set counts as required.

    A list is the issuer's when it has its name and is signed by one of `keys`: the certificate's
    own, and those that the reader knows as the same issuer's. `copied` are those that a copy of
    the issuer's document lists, which anybody can write, with the date when each leaked: what they
    sign can deny and never confirm. Nor does what a leaked key signs, since no list is anchored.
    """
    held = list(lists)
    lines = []
    for place in places:
        found = _place(place, held, issuer, keys, copied)
        is_required = found.result == "fail"
        lines.append(found.as_check(f"status.{place.purpose}", required=is_required))
    return lines


def _place(
    place: StatusPlace,
    lists: list[Document],
    issuer: object,
    keys: frozenset[str],
    copied: Mapping[str, str | None],
) -> Finding:
    named = [one for one in lists if one.get("id") == place.credential]
    if not named:
        return unchecked("status.none", place.credential)
    document = named[0]
    signed, key = signature(document)
    is_theirs = document.get("issuer") == issuer and (key in keys or key in copied)
    if signed.result != "pass" or not is_theirs:
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
    if copied.get(key) is not None:
        return unchecked("status.leaked", place.credential, date=found.valid_from)
    if key not in keys:
        return unchecked("status.copied", place.credential, date=found.valid_from)
    return passed("status.unset", place.credential, date=found.valid_from)
