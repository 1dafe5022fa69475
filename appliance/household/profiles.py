"""Apple's configuration profile: calendar and contacts of one device, in one file that the phone asks to install.

Identifiers stay the same for one device, so that a second installation replaces the first and adds nothing. A Mac shows
one address book per account (protocol C5), so its profile has a second account for the household's. It is signed when
the box has a certificate; unsigned it works as well, and the phone says "not signed". It refuses to be kept anywhere:
it holds the password.
"""

from __future__ import annotations

import plistlib
import ssl
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from appliance import errors
from appliance.household.connecting import Connection

CONTENT_TYPE = "application/x-apple-aspen-config"
FILE_NAME = "gotgan.mobileconfig"


@dataclass(frozen=True, slots=True)
class Signer:
    """The box's certificate with its key, both PEM; `chain` are the certificates above it, without the root."""

    certificate: bytes
    key: bytes = field(repr=False)
    chain: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """For whom a profile is. `box_uuid` is that of the household's principal and never changes."""

    box_uuid: str
    device_id: int
    household_name: str
    household_user: str
    family_name: str  # how the household's address book is called
    is_mac: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """The file, and whether a phone will say who signed it."""

    octets: bytes = field(repr=False)
    is_signed: bool


def make(
    connection: Connection, subject: Subject, *, authority: bytes | None = None, signer: Signer | None = None
) -> Profile:
    """Return the profile of one device. `authority` is the box's own root certificate, PEM, to be trusted with it.

    Raises NotPossible when a certificate or a key cannot be read.
    """
    payloads = [_calendars(connection, subject), _contacts(connection, subject)]
    if subject.is_mac:
        payloads.append(_household_contacts(connection, subject))
    if authority is not None:
        payloads.insert(0, _authority(subject, authority))
    whole = {
        **_payload(subject, "Configuration", "profile", subject.household_name),
        "PayloadOrganization": subject.household_name,
        "PayloadContent": payloads,
        "PayloadRemovalDisallowed": False,
        "PayloadScope": "User",
    }
    octets = plistlib.dumps(whole, sort_keys=False)
    return Profile(octets, is_signed=False) if signer is None else Profile(_signed(octets, signer), is_signed=True)


def _calendars(connection: Connection, subject: Subject) -> dict[str, object]:
    return {
        **_payload(subject, "com.apple.caldav.account", "caldav", subject.household_name),
        "CalDAVAccountDescription": subject.household_name,
        **_account("CalDAV", connection, connection.user),
    }


def _contacts(connection: Connection, subject: Subject) -> dict[str, object]:
    return {
        **_payload(subject, "com.apple.carddav.account", "carddav", subject.household_name),
        "CardDAVAccountDescription": subject.household_name,
        **_account("CardDAV", connection, connection.user),
    }


def _household_contacts(connection: Connection, subject: Subject) -> dict[str, object]:
    shown = f"{subject.household_name}: {subject.family_name}"
    return {
        **_payload(subject, "com.apple.carddav.account", "carddav.household", shown),
        "CardDAVAccountDescription": shown,
        **_account("CardDAV", connection, subject.household_user),
    }


def _account(kind: str, connection: Connection, principal: str) -> dict[str, object]:
    """Return what both kinds of account have in common; the principal, a path, spares the phone its search."""
    host, port = _host_and_port(connection)
    return {
        f"{kind}HostName": host,
        f"{kind}Port": port,
        f"{kind}UseSSL": connection.is_secure,
        f"{kind}Username": connection.user,
        f"{kind}Password": connection.password,
        f"{kind}PrincipalURL": f"{urlsplit(connection.dav_url).path}principals/{principal}/",
    }


def _authority(subject: Subject, pem: bytes) -> dict[str, object]:
    try:
        der = ssl.PEM_cert_to_DER_cert(pem.decode("ascii").strip() + "\n")
    except (ValueError, UnicodeDecodeError) as error:
        raise errors.NotPossible("The box's root certificate cannot be read: it is no PEM.") from error
    return {
        **_payload(subject, "com.apple.security.root", "authority", subject.household_name),
        "PayloadContent": der,
        "PayloadCertificateFileName": "gotgan.crt",
    }


def _payload(subject: Subject, kind: str, name: str, shown: str) -> dict[str, object]:
    identifier = f"gotgan.{subject.box_uuid}.{subject.device_id}.{name}"
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(uuid.uuid5(uuid.UUID(subject.box_uuid), identifier)).upper(),
        "PayloadDisplayName": shown,
    }


def _host_and_port(connection: Connection) -> tuple[str, int]:
    host = urlsplit(connection.address).hostname or ""
    return host, connection.port or (443 if connection.is_secure else 80)


def _signed(octets: bytes, signer: Signer) -> bytes:
    """Return the profile within its signature (CMS, RFC 5652 5), as phones expect it."""
    from cryptography import x509  # 8 MiB that only a phone's arrival needs
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import pkcs7

    try:
        certificate = x509.load_pem_x509_certificate(signer.certificate)
        key = serialization.load_pem_private_key(signer.key, password=None)
        above = [x509.load_pem_x509_certificate(pem) for pem in signer.chain]
    except (ValueError, TypeError) as error:
        raise errors.NotPossible("The box's certificate or its key cannot be read.") from error
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise errors.NotPossible("The box's certificate has a key that phones do not check: it must be RSA or EC.")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(octets).add_signer(certificate, key, hashes.SHA256())
    for one in above:
        builder = builder.add_certificate(one)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
