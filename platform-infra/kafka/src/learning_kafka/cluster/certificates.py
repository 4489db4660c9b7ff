"""A certificate authority of one cluster, and the certificates of its brokers: who has one of them is a broker.

The authority signs nothing else, so its signature is what brokers and controllers know each other by.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from learning_local.files import write_text

LIFETIME = timedelta(days=3650)
CLOCK_DIFFERENCE = timedelta(hours=1)


class Authority:
    """`ca.pem` (for everybody) and `ca-key.pem` (0600) in one directory, made on first use."""

    def __init__(self, directory: Path) -> None:
        self.certificate_file = directory / "ca.pem"
        key_file = directory / "ca-key.pem"
        if key_file.is_file():
            key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            self._key = key
            self._certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        else:
            directory.mkdir(parents=True, exist_ok=True)
            self._key = ec.generate_private_key(ec.SECP256R1())
            self._certificate = self._self_signed()
            write_text(self.certificate_file, self.certificate_pem)
            write_text(key_file, _pem_of_key(self._key), mode=0o600)  # last: its presence says that the pair is whole

    @property
    def certificate_pem(self) -> str:
        return _pem(self._certificate)

    def issue(self, common_name: str, addresses: Iterable[str], names: Iterable[str]) -> str:
        """Key, certificate and authority as one PEM text, as Kafka's PEM key store wants them."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives: list[x509.GeneralName] = [x509.IPAddress(IPv4Address(address)) for address in addresses]
        alternatives += [x509.DNSName(name) for name in names]
        # Both ways: a broker is asked by clients, and asks other brokers.
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        certificate = (
            _builder(common_name, key, self._certificate.subject)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _pem_of_key(key) + _pem(certificate) + self.certificate_pem

    def _self_signed(self) -> x509.Certificate:
        name = "learning-platform kafka brokers"
        return (
            _builder(name, self._key, _name(name))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )


def _builder(common_name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_DIFFERENCE)
        .not_valid_after(now + LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
