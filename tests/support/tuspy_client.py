"""
tuspy as a program: `python -m tests.support.tuspy_client ENDPOINT TOKEN FILE STORAGE CHUNK`.

Prints each offset that the server acknowledged, then `done` and the upload's address.
"""

import sys
import threading

import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.storage.filestorage import FileStorage

GONE = (TusCommunicationError, requests.exceptions.RequestException)
ATTEMPTS = 100


def say(word: object) -> None:
    """One line, at once."""
    print(word, flush=True)  # noqa: T201


def send(endpoint: str, token: str, path: str, storage: str, chunk: int) -> str:
    """Upload the file, or what is missing of it; its address."""
    client = TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})
    uploader = client.uploader(
        path,
        chunk_size=chunk,
        metadata={"filename": "work.bin"},
        store_url=True,
        url_storage=FileStorage(storage),
    )
    while uploader.offset < uploader.get_file_size():
        uploader.upload_chunk()
        say(uploader.offset)
    return str(uploader.url)


def main() -> None:
    """Try until it is there: whatever cuts it off, the storage knows where it stood."""
    endpoint, token, path, storage, chunk = sys.argv[1:]
    for _ in range(ATTEMPTS):
        try:
            say(f"done {send(endpoint, token, path, storage, int(chunk))}")
            return
        except GONE:
            threading.Event().wait(0.2)
    sys.exit("the server did not come back")


if __name__ == "__main__":
    main()
