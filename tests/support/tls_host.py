"""
A host on TLS that answers with the bytes a test gives it: a foreign program, not one of ours.
"""

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Behave = Callable[[ssl.SSLSocket], None]
"""What the host does once it has read a request."""


def answer(body: bytes, *, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; names of headers are written with underscores."""
    told = {"Content_Type": "application/json", "Content_Length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{k.replace('_', '-')}: {v}" for k, v in told.items() if v)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sends(*pieces: bytes, pause: float = 0.0, word: bool = True) -> Behave:
    """Send these, slowly perhaps; `word` says goodbye as TLS wants it."""

    idle = threading.Event()

    def behave(connection: ssl.SSLSocket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            idle.wait(pause)
        if word:
            connection.unwrap()

    return behave


@dataclass
class Host:
    """Where it listens, what it answers by path, and what it was asked."""

    port: int = 0
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    pages: dict[str, Behave] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str = "/1.json", name: str = "works.test") -> str:
        """A URL of this host under a name."""
        return f"https://{name}:{self.port}{path}"


def _certificate(folder: Path, *names: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "host.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _serve(host: Host, listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(host, plain, context), daemon=True).start()


def _talk(host: Host, plain: socket.socket, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError, ValueError), plain:
        plain.settimeout(10)
        with context.wrap_socket(plain, server_side=True) as connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            path = head.split(b" ")[1].decode()
            host.asked.append(head.decode())
            host.pages.get(path, sends(answer(b"", status="404 Not Found")))(connection)


@contextmanager
def running_host(*names: str) -> Iterator[Host]:
    """A host that has a certificate for these names, believed by its own `context` alone."""
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        certificate = _certificate(Path(folder), *(names or ("works.test",)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        believing = ssl.create_default_context(cafile=str(certificate))
        host = Host(port=listener.getsockname()[1], context=believing)
        threading.Thread(target=_serve, args=(host, listener, context), daemon=True).start()
        yield host
        listener.shutdown(socket.SHUT_RDWR)
