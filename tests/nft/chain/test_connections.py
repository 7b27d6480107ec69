"""HTTP as strangers speak it: every answer ends, and only a whole one counts."""

import gzip
import hashlib

import pytest

from nft.chain import connections
from nft.chain.connections import Connections, NotHttp, TooLong
from tests.support.raw_server import answering


def told(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n2\r\n[]\r\n0\r\n\r\n"


class TestAnswers:
    def test_a_connection_is_used_again(self) -> None:
        with answering(told(b"{}")) as server:
            kept = Connections(server.url)
            bodies = [kept.post(b"[]", seconds=1).body for _ in range(3)]
            kept.close()

        assert bodies == [b"{}"] * 3
        assert server.connections == 1

    def test_it_is_after_a_long_answer_too(self) -> None:
        long = b"[" + b"1," * 2**20 + b"1]"
        with answering(told(long)) as server:
            kept = Connections(server.url)
            bodies = [kept.post(b"[]", seconds=5).body for _ in range(3)]
            kept.close()

        assert bodies == [long] * 3
        assert server.connections == 1

    def test_not_after_a_long_one_that_was_said_to_be_the_last(self) -> None:
        long = b"[" + b"1," * 2**18 + b"1]"
        with answering(told(long, "Connection: close")) as server:
            kept = Connections(server.url)
            bodies = [kept.post(b"[]", seconds=5).body for _ in range(2)]
            kept.close()

        assert bodies == [long] * 2
        assert server.connections == 2

    def test_a_long_one_cut_short_is_none(self) -> None:
        cut = told(b"1," * 2**19)[:-7]
        with answering(cut, hangs_up=True) as server, pytest.raises(NotHttp, match="cut short"):
            Connections(server.url).post(b"[]", seconds=5)

    def test_a_long_one_that_is_packed(self) -> None:
        noise = b"".join(
            hashlib.sha256(bytes([at % 256, at // 256])).digest() for at in range(2**13)
        )
        with answering(told(gzip.compress(noise), "Content-Encoding: gzip")) as server:
            kept = Connections(server.url)

            assert kept.post(b"[]", seconds=5).body == noise
            kept.close()

    def test_one_that_the_node_closed_is_not(self) -> None:
        with answering(told(b"{}"), hangs_up=True) as server:
            kept = Connections(server.url)
            bodies = [kept.post(b"[]", seconds=1).body for _ in range(3)]

        assert bodies == [b"{}"] * 3
        assert server.connections == 3

    def test_in_chunks(self) -> None:
        with answering(CHUNKED) as server:
            kept = Connections(server.url)

            assert kept.post(b"[]", seconds=1).body == b"{}\n[]"
            kept.close()

    def test_packed(self) -> None:
        with answering(told(gzip.compress(b"{}" * 1000), "Content-Encoding: gzip")) as server:
            kept = Connections(server.url)

            assert kept.post(b"[]", seconds=1).body == b"{}" * 1000
            kept.close()

    def test_ended_by_closing(self) -> None:
        with answering(b"HTTP/1.1 200 OK\r\n\r\n{}", hangs_up=True) as server:
            assert Connections(server.url).post(b"[]", seconds=1).body == b"{}"

    def test_a_status_and_how_long_to_wait(self) -> None:
        with answering(
            b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
        ) as server:
            kept = Connections(server.url)
            answer = kept.post(b"[]", seconds=1)
            kept.close()

        assert (answer.status, answer.retry_after, answer.body) == (429, "7", b"")

    def test_name_and_password_of_the_url_are_sent_and_the_path_kept(self) -> None:
        with answering(told(b"{}")) as server:
            kept = Connections(server.url.replace("//", "//me:100%25@") + "/v3/key?x=1%20")
            kept.post(b"[]", seconds=1)
            kept.close()

        assert server.requests[0].startswith(b"POST /v3/key?x=1%20 HTTP/1.1\r\nHost: 127.0.0.1:")
        assert b"\r\nAuthorization: Basic bWU6MTAwJQ==\r\n" in server.requests[0]
        assert server.requests[0].endswith(b"\r\nContent-Length: 2\r\n\r\n[]")


class TestFaults:
    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
            CHUNKED[:-5],
            b"HTTP/1.1 200 OK\r\nContent-Le",
            b"",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            told(b"{}", "Content-Encoding: br"),
            told(b"no gzip", "Content-Encoding: gzip"),
            told(gzip.compress(b"{}" * 1000)[:-9], "Content-Encoding: gzip"),
        ],
        ids=["body", "chunks", "headers", "nothing", "greeting", "packing", "packed", "unpacked"],
    )
    def test_what_is_no_whole_answer_is_none(self, answer: bytes) -> None:
        with answering(answer, hangs_up=True) as server, pytest.raises(NotHttp):
            Connections(server.url).post(b"[]", seconds=1)

    def test_headers_that_never_end(self) -> None:
        endless = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100
        with answering(endless) as server, pytest.raises(TimeoutError):
            Connections(server.url).post(b"[]", seconds=0.2)

    def test_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(vars(connections), "LARGEST_ANSWER", 1000)
        with answering(told(b"x" * 2000)) as server, pytest.raises(TooLong):
            Connections(server.url).post(b"[]", seconds=1)

    def test_a_bomb(self) -> None:
        bomb = gzip.compress(b"\0" * (connections.LARGEST_ANSWER + 1), compresslevel=1)
        with (
            answering(told(bomb, "Content-Encoding: gzip")) as server,
            pytest.raises(TooLong),
        ):
            Connections(server.url).post(b"[]", seconds=5)

    def test_a_second_answer_is_not_kept_for_the_next_request(self) -> None:
        with answering(told(b"{}") + told(b"[]"), told(b"{}")) as server:
            kept = Connections(server.url)
            bodies = [kept.post(b"[]", seconds=1).body for _ in range(2)]
            kept.close()

        assert bodies == [b"{}", b"{}"]
        assert server.connections == 2
