"""
What is said of uploads beside what `nft.errors` has: room, and what was thrown away.
"""

from nft.errors import Missing, Refused, StoreUnavailable


class DiskAlmostFull(StoreUnavailable):
    """What is left of the disk stays free for everybody else (answered 507)."""

    retry_after_seconds = 60

    def __init__(self, free: int, floor: int) -> None:
        self.free = free
        self.floor = floor
        super().__init__(f"{free} bytes of its disk are free, and {floor} are to stay so")


class PrivateSpaceUsed(Refused):
    """One account has as many bytes here that nobody else may see as it may have."""

    def __init__(self, used: int, more: int, maximum: int) -> None:
        super().__init__(
            f"{more} bytes beside the {used} that you have uploaded and not published are more "
            f"than the {maximum} that one account may have; publish or remove some first"
        )


class UploadDiscarded(Missing):
    """The bytes were thrown away: they were not those announced (answered 410)."""

    def __init__(self, upload_id: str, why: str) -> None:
        super().__init__(f"upload {upload_id} was thrown away: {why}")
