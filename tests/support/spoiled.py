"""
What may be wrong with the logs of an answer: faults for a node that lies.
"""

from typing import Any


def doubled(logs: list[Any]) -> list[Any]:
    return logs + logs


def shuffled(logs: list[Any]) -> list[Any]:
    return logs[::-1]


def with_removed_copies(logs: list[Any]) -> list[Any]:
    return [{**log, "removed": True} for log in logs] + logs


def of_another_block(logs: list[Any]) -> list[Any]:
    return [{**log, "blockHash": "0x" + "77" * 32} for log in logs]
