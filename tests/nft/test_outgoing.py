"""
Strangers' URLs: where none may lead us, and what none may send us.
"""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from nft.outgoing import (
    MOST_REDIRECTS,
    AddressRefused,
    AnswerRefused,
    NoAnswer,
    Outgoing,
    read_url,
)
from nft.public_addresses import is_public, parse
from tests.support.tls_host import Host, answer, running_host, sends

CLOSED = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16"),
    *("192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    *("fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "2002:7f00:1::"),
    *("2002:a9fe:a9fe::1", "2001::1", "2001:db8::1", "3fff::1", "5f00::1"),
]
OPEN = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8"]


class TestIsPublic:
    @pytest.mark.parametrize("address", CLOSED)
    def test_refuses_what_is_not_of_the_public_internet(self, address: str) -> None:
        assert not is_public(parse(address))

    @pytest.mark.parametrize("address", OPEN)
    def test_takes_what_is(self, address: str) -> None:
        assert is_public(parse(address))


class TestReadUrl:
    @pytest.mark.parametrize(
        "url",
        [
            *(
                "http://works.test/1",
                "file:///etc/passwd",
                "gopher://works.test:70/_x",
                "ftp://a/b",
            ),
            *("data:,x", "//works.test/1", "https:///1", "https://", "works.test/1", ""),
            *("https://me@works.test/1", "https://me:secret@works.test/1"),
            *("https://works.test:22/", "https://works.test:80/", "https://works.test:99999/"),
            *("https://works.test\\@127.0.0.1/", "https://works.test/\r\nHost: x", "https://a b/"),
            *("https://works.test/\x7f", "https://[::1/", "https://" + "a" * 300 + ".test/"),
            "https://works.test/" + "a" * 5_000,
        ],
    )
    def test_refuses_what_is_no_public_https_address(self, url: str) -> None:
        with pytest.raises(AddressRefused):
            read_url(url)

    def test_drops_the_fragment_and_writes_the_host_in_ascii(self) -> None:
        place = read_url("https://WÖRKS.test/ä?q=1#top")

        assert (place.netloc, place.fragment) == ("xn--wrks-5qa.test", "")


@pytest.fixture
def host() -> Iterator[Host]:
    with running_host("works.test", "other.test") as made:
        yield made


@pytest.fixture
def client(host: Host) -> Outgoing:
    """A client for which the host's loopback address passes for public."""
    return Outgoing(
        seconds=5,
        max_bytes=1_000,
        ports=frozenset({host.port}),
        resolve=lambda name, port: ["127.0.0.1"],
        admits=lambda address: True,
        context=host.context,
    )


class TestGet:
    def test_takes_a_document(self, host: Host, client: Outgoing) -> None:
        host.pages["/1.json?v=2"] = sends(answer(b'{"name": "Haze"}'))

        found = client.get(host.url("/1.json?v=2"))

        assert (found.body, found.type) == (b'{"name": "Haze"}', "application/json")

    def test_says_who_it_is_and_nothing_more(self, host: Host, client: Outgoing) -> None:
        host.pages["/1.json"] = sends(answer(b"{}"))

        client.get(host.url())

        names = {line.partition(":")[0] for line in host.asked[0].splitlines()[1:] if line}
        assert names == {"Accept", "Accept-Encoding", "Connection", "Host", "User-Agent"}

    def test_takes_an_answer_in_chunks(self, host: Host, client: Outgoing) -> None:
        head = answer(b"", Content_Length="", Transfer_Encoding="chunked")
        host.pages["/1.json"] = sends(head, b"2\r\n{}\r\n", b"0\r\n\r\n")

        assert client.get(host.url()).body == b"{}"

    def test_takes_an_answer_that_ends_with_the_connection(
        self, host: Host, client: Outgoing
    ) -> None:
        host.pages["/1.json"] = sends(answer(b"{}", Content_Length=""))

        assert client.get(host.url()).body == b"{}"

    def test_ignores_a_proxy_of_the_environment(
        self, host: Host, client: Outgoing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
        host.pages["/1.json"] = sends(answer(b"{}"))

        assert client.get(host.url()).body == b"{}"


class TestWhereItLeads:
    @pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"])
    def test_refuses_a_name_of_the_inside(self, host: Host, client: Outgoing, address: str) -> None:
        strict = replace(client, resolve=lambda name, port: [address], admits=is_public)

        with pytest.raises(AddressRefused, match="not on the public internet"):
            strict.get(host.url())
        assert host.asked == []

    @pytest.mark.parametrize(
        "name", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"]
    )
    def test_refuses_loopback_however_it_is_written(
        self, host: Host, client: Outgoing, name: str
    ) -> None:
        strict = replace(client, resolve=Outgoing().resolve, admits=is_public)

        with pytest.raises((AddressRefused, NoAnswer)):
            strict.get(host.url(name=name))
        assert host.asked == []

    def test_refuses_a_name_with_one_foot_inside(self, host: Host, client: Outgoing) -> None:
        both = replace(client, resolve=lambda name, port: ["8.8.8.8", "10.0.0.1"], admits=is_public)

        with pytest.raises(AddressRefused):
            both.get(host.url())

    def test_connects_to_the_address_that_it_judged(self, host: Host, client: Outgoing) -> None:
        told = iter([["127.0.0.1"], ["127.0.0.2"]])
        rebinding = replace(client, resolve=lambda name, port: next(told))
        host.pages["/1.json"] = sends(answer(b"{}"))

        rebinding.get(host.url())

        assert next(told) == ["127.0.0.2"]  # It was resolved once.

    def test_refuses_a_host_with_another_name(self, host: Host, client: Outgoing) -> None:
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            client.get(host.url(name="elsewhere.test"))

    def test_says_when_a_name_does_not_resolve(self, host: Host, client: Outgoing) -> None:
        def fail(name: str, port: int) -> list[str]:
            raise socket.gaierror(-2, "Name or service not known")

        with pytest.raises(NoAnswer, match="does not resolve"):
            replace(client, resolve=fail).get(host.url())


class TestRedirects:
    def test_follows_a_few(self, host: Host, client: Outgoing) -> None:
        there = answer(b"", status="302 Found", Location=host.url("/2.json", "other.test"))
        host.pages |= {"/1.json": sends(there), "/2.json": sends(answer(b"{}"))}

        assert client.get(host.url()).url == host.url("/2.json", "other.test")

    def test_follows_no_circle(self, host: Host, client: Outgoing) -> None:
        host.pages["/1.json"] = sends(answer(b"", status="301 Moved", Location="/1.json"))

        with pytest.raises(AnswerRefused, match="redirects"):
            client.get(host.url())
        assert len(host.asked) == MOST_REDIRECTS + 1

    @pytest.mark.parametrize(
        "where",
        ["http://works.test/2.json", "file:///etc/passwd", "https://works.test:22/", "gopher://x/"],
    )
    def test_judges_each_anew(self, host: Host, client: Outgoing, where: str) -> None:
        host.pages["/1.json"] = sends(answer(b"", status="307 Temporary", Location=where))

        with pytest.raises(AddressRefused):
            client.get(host.url())

    def test_does_not_follow_one_inside(self, host: Host, client: Outgoing) -> None:
        inside = host.url("/2.json", "inside.test")
        host.pages["/1.json"] = sends(answer(b"", status="302 Found", Location=inside))
        named = {"works.test": ["127.0.0.1"], "inside.test": ["127.0.0.2"]}
        strict = replace(
            client,
            resolve=lambda name, port: named[name],
            admits=lambda address: str(address) == "127.0.0.1",
        )

        with pytest.raises(AddressRefused):
            strict.get(host.url())


class TestWhatIsSent:
    @pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "206 Partial", "204 No"])
    def test_refuses_another_status(self, host: Host, client: Outgoing, status: str) -> None:
        host.pages["/1.json"] = sends(answer(b"", status=status))

        with pytest.raises(AnswerRefused, match=status[:3]):
            client.get(host.url())

    def test_waits_as_long_as_it_is_told(self, host: Host, client: Outgoing) -> None:
        busy = answer(b"", status="429 Too Many Requests", Retry_After="900")
        host.pages["/1.json"] = sends(busy)

        with pytest.raises(NoAnswer) as caught:
            client.get(host.url())
        assert caught.value.retry_after_seconds == 900

    @pytest.mark.parametrize("kind", ["text/html", "image/png", "application/javascript"])
    def test_refuses_another_kind(self, host: Host, client: Outgoing, kind: str) -> None:
        host.pages["/1.json"] = sends(answer(b"{}", Content_Type=kind))

        with pytest.raises(AnswerRefused, match=kind):
            client.get(host.url())

    def test_refuses_what_is_packed(self, host: Host, client: Outgoing) -> None:
        host.pages["/1.json"] = sends(answer(b"\x1f\x8b", Content_Encoding="gzip"))

        with pytest.raises(AnswerRefused, match="packed"):
            client.get(host.url())

    @pytest.mark.parametrize("told", ["1001", ""])
    def test_refuses_what_is_too_large(self, host: Host, client: Outgoing, told: str) -> None:
        host.pages["/1.json"] = sends(answer(b"x" * 1001, Content_Length=told))

        with pytest.raises(AnswerRefused, match="larger"):
            client.get(host.url())

    @pytest.mark.parametrize("told", ["12", ""])
    def test_does_not_take_a_part_for_the_whole(
        self, host: Host, client: Outgoing, told: str
    ) -> None:
        host.pages["/1.json"] = sends(answer(b'{"a":', Content_Length=told), word=False)

        with pytest.raises(NoAnswer):
            client.get(host.url())

    @pytest.mark.parametrize(
        "pieces",
        [
            [b"H"] * 1000,
            [answer(b"", Content_Length="500"), *[b"x"] * 1000],
            [answer(b"", Content_Length=""), *[b"x"] * 1000],
        ],
        ids=["head", "body", "endless"],
    )
    def test_does_not_wait_for_what_drips(
        self, host: Host, client: Outgoing, pieces: list[bytes]
    ) -> None:
        host.pages["/1.json"] = sends(*pieces, pause=0.1)
        started = time.monotonic()

        with pytest.raises(NoAnswer):
            replace(client, seconds=0.8).get(host.url())
        assert time.monotonic() - started < 30

    def test_does_not_wait_for_a_silent_greeting(self, client: Outgoing) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            port = mute.getsockname()[1]
            impatient = replace(client, seconds=0.5, ports=frozenset({port}))
            started = time.monotonic()

            with pytest.raises(NoAnswer):
                impatient.get(f"https://works.test:{port}/")
            assert time.monotonic() - started < 30
