"""Files with content credentials, signed by a chain of our own."""

import io
from datetime import UTC, datetime, timedelta

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
BY_MODEL = SOURCES + "trainedAlgorithmicMedia"
BY_CAMERA = SOURCES + "digitalCapture"


def _name(common: str) -> x509.Name:
    parts = {
        NameOID.COUNTRY_NAME: "FR",
        NameOID.ORGANIZATION_NAME: "Atelier",
        NameOID.COMMON_NAME: common,
    }
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])


def _certificate(subject: str, key, issuer_key, *, is_root: bool) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = [not is_root, *(False,) * 4, is_root, is_root, False, False]
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name("Root"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=300))
        .add_extension(x509.BasicConstraints(is_root, None), critical=True)
        .add_extension(x509.KeyUsage(*usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if not is_root:
        mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        made = made.add_extension(mail, critical=False)
    return made.sign(issuer_key, hashes.SHA256())


def _signer() -> c2pa.Signer:
    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    chain = (
        _certificate("Ann Onymous", leaf, root, is_root=False),
        _certificate("Root", root, root, is_root=True),
    )
    pem = serialization.Encoding.PEM
    key = leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return c2pa.Signer.from_info(
        c2pa.C2paSignerInfo(
            alg=c2pa.C2paSigningAlg.ES256,
            sign_cert=b"".join(one.public_bytes(pem) for one in chain),
            private_key=key,
            ta_url=None,
        )
    )


def sealed(
    data: bytes, media_type: str, *, source: str = BY_CAMERA, remote: str | None = None
) -> bytes:
    """The file with credentials inside; with `remote`, only the address at which they are."""
    action = {"action": "c2pa.created", "digitalSourceType": source}
    manifest = {
        "claim_generator_info": [{"name": "Atelier", "version": "1"}],
        "title": "A work",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}],
    }
    settings = c2pa.Settings.from_dict(
        {"verify": {"verify_after_sign": False}, "builder": {"thumbnail": {"enabled": False}}}
    )
    builder = c2pa.Builder(manifest, context=c2pa.Context(settings=settings))
    if remote:
        builder.set_remote_url(remote)
        builder.set_no_embed()
    out = io.BytesIO()
    builder.sign(_signer(), media_type, io.BytesIO(data), out)
    return out.getvalue()
