"""
How a file is cut and its tree built: the three settings that CIDs in the world come from.

`unixfs-v1-2025` (IPIP-0499) is ours for everything new; the other two are what a Kubo on its
defaults gives, with and without `--cid-version=1`. A CID is only comparable together with the
profile it was made by, so the name is recorded next to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nft.errors import NoSuchProfile


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to make a tree. `shards_by` says what a directory's size is counted in."""

    name: str
    cid_version: int
    raw_leaves: bool
    chunk_bytes: int
    max_links: int
    shards_by: Literal["block", "links"]


UNIXFS_V1_2025 = Profile(
    name="unixfs-v1-2025",
    cid_version=1,
    raw_leaves=True,
    chunk_bytes=1024 * 1024,
    max_links=1024,
    shards_by="block",
)
KUBO_V1_256K = Profile(
    name="kubo-cidv1-raw-256k",
    cid_version=1,
    raw_leaves=True,
    chunk_bytes=256 * 1024,
    max_links=174,
    shards_by="links",
)
UNIXFS_V0_2015 = Profile(
    name="unixfs-v0-2015",
    cid_version=0,
    raw_leaves=False,
    chunk_bytes=256 * 1024,
    max_links=174,
    shards_by="links",
)

DEFAULT = UNIXFS_V1_2025
PROFILES = {profile.name: profile for profile in (UNIXFS_V1_2025, KUBO_V1_256K, UNIXFS_V0_2015)}

SHARD_ABOVE_BYTES = 256 * 1024
"""A directory strictly larger than this becomes a HAMT, by all three profiles."""


def get_profile(name: str) -> Profile:
    """The profile of that name, or `NoSuchProfile`."""
    try:
        return PROFILES[name]
    except KeyError:
        raise NoSuchProfile(name, list(PROFILES)) from None
