"""
Content addresses: CIDs, the UnixFS trees under them, and CAR files that carry them.

`cid` names, `wire` and `dagpb` encode, `profiles` says how a file is cut, `importer` and
`directories` build trees, `exporter` reads them back under bounds, `car` packs them. All of it is
free of I/O but for `command`, which reads a path for the command line, and light enough to start
in a tenth of a second.
"""

from nft.content.cid import Cid, cid_of_digest

__all__ = ["Cid", "cid_of_digest"]
