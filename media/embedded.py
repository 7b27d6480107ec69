"""
The store that comes with the exchange, as a place to pin to: always there, served at `/ipfs`.

Pinning links the file from the private store into the public one, so that consent is the step
from one folder to the other and costs no second copy.
"""

from __future__ import annotations

from collections.abc import Iterator

from media.pinning import EMBEDDED, Source
from media.store import BlockStore
from nft.content.car import write_car
from nft.content.cid import Cid
from nft.content.exporter import read_file
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import PinFailed


class EmbeddedPinner:
    """Pins from the private store to the public one."""

    name = EMBEDDED
    can_be_read = True

    def __init__(self, private: BlockStore, public: BlockStore) -> None:
        self._private = private
        self._public = public

    def pin(self, source: Source) -> bool:
        """Publish under the wanted CID, and under those that other profiles give the same bytes."""
        if source.is_folder:
            self._public.take_folder(self._private, source.cid)
            return True
        path = self._private.find_file(source.sha256)
        if path is None:
            raise PinFailed(self.name, str(source.cid), "the file is not in the private store")
        profiles = list(PROFILES.values()) if source.profile == DEFAULT.name else [DEFAULT]
        if source.profile not in {profile.name for profile in profiles}:
            profiles.append(PROFILES[source.profile])
        imported = self._public.add_file(path, profiles=profiles)
        if imported.roots[source.profile].cid.digest != source.cid.digest:
            raise PinFailed(self.name, str(source.cid), "the file on disk has another CID")
        return True

    def read(self, source: Source) -> Iterator[bytes]:
        """Read the tree block by block, by a store object that has seen nothing yet."""
        fresh = BlockStore(self._public.folder)
        get = fresh.open(source.cid)
        return write_car(source.cid, get) if source.is_folder else read_file(get, source.cid)

    def says(self, cid: Cid) -> bool:
        """Whether the public store has the root's record."""
        return self._public.has(cid)

    def unpin(self, cid: Cid) -> None:
        """Take the content, under every name it has, out of the public store."""
        record = self._public.find_record(cid)
        if record is not None:
            for root in self._public.roots_of(record.file):
                self._public.remove(root)
