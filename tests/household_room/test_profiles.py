"""Apple's profiles, links and what a browser says of its phone."""

from __future__ import annotations

import plistlib
import subprocess
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from appliance import errors
from appliance.household import phones, profiles
from appliance.household.connecting import Connection, davx5_link
from appliance.household.profiles import Signer, Subject

HTTPS = Connection("https://gotgan.local/", "mina", "k3x7q-aaaaa")
HTTP = Connection("http://gotgan.local:8080/", "mina", "k3x7q-aaaaa")
SUBJECT = Subject(
    box_uuid=str(uuid.UUID(int=7)),
    device_id=12,
    household_name="우리 집",
    household_user="household",
    family_name="가족",
)


def read(octets: bytes) -> dict[str, object]:
    found: dict[str, object] = plistlib.loads(octets)
    return found


def payloads(octets: bytes) -> list[dict[str, object]]:
    found = read(octets)["PayloadContent"]
    assert isinstance(found, list)
    return found


def certificate(key: object, name: str = "gotgan.local") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())  # type: ignore[attr-defined]  # any private key
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())  # type: ignore[arg-type]
    )
    return built.public_bytes(serialization.Encoding.PEM)


def pem(key: object) -> bytes:
    octets: bytes = key.private_bytes(  # type: ignore[attr-defined]  # any private key
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return octets


def test_a_profile_has_a_calendar_and_a_contacts_account() -> None:
    made = profiles.make(HTTPS, SUBJECT)
    assert not made.is_signed
    whole = read(made.octets)
    assert (whole["PayloadType"], whole["PayloadRemovalDisallowed"]) == ("Configuration", False)
    calendars, contacts = payloads(made.octets)
    assert calendars["PayloadType"] == "com.apple.caldav.account"
    assert contacts["PayloadType"] == "com.apple.carddav.account"
    for kind, account in (("CalDAV", calendars), ("CardDAV", contacts)):
        told = {name: account[f"{kind}{name}"] for name in ("HostName", "Port", "UseSSL", "Username", "Password")}
        assert told == {
            "HostName": "gotgan.local", "Port": 443, "UseSSL": True, "Username": "mina", "Password": "k3x7q-aaaaa",
        }  # fmt: skip
        assert account[f"{kind}PrincipalURL"] == "/dav/principals/mina/"
        assert account[f"{kind}AccountDescription"] == "우리 집"


def test_without_tls_the_profile_says_so() -> None:
    for kind, account in zip(("CalDAV", "CardDAV"), payloads(profiles.make(HTTP, SUBJECT).octets), strict=True):
        assert (account[f"{kind}UseSSL"], account[f"{kind}Port"]) == (False, 8080)


def test_a_mac_gets_the_households_book_as_an_account_of_its_own() -> None:
    _, _, household = payloads(profiles.make(HTTPS, replace(SUBJECT, is_mac=True)).octets)
    assert household["CardDAVPrincipalURL"] == "/dav/principals/household/"
    assert (household["CardDAVUsername"], household["CardDAVAccountDescription"]) == ("mina", "우리 집: 가족")


def test_identifiers_are_those_of_the_device_for_good() -> None:
    def identifiers(subject: Subject, connection: Connection = HTTPS) -> list[tuple[object, object]]:
        octets = profiles.make(connection, subject).octets
        return [(each["PayloadIdentifier"], each["PayloadUUID"]) for each in (read(octets), *payloads(octets))]

    first = identifiers(SUBJECT)
    assert len(set(first)) == 3
    assert identifiers(replace(SUBJECT, household_name="The Kims"), HTTP) == first
    assert not set(identifiers(replace(SUBJECT, device_id=13))) & set(first)
    assert not set(identifiers(replace(SUBJECT, box_uuid=str(uuid.UUID(int=8))))) & set(first)
    assert all(str(uuid.UUID(str(each))).upper() == each for _, each in first)


def test_the_boxes_own_root_comes_along() -> None:
    root = certificate(ec.generate_private_key(ec.SECP256R1()))
    authority, *accounts = payloads(profiles.make(HTTPS, SUBJECT, authority=root).octets)
    assert authority["PayloadType"] == "com.apple.security.root"
    der = x509.load_pem_x509_certificate(root).public_bytes(serialization.Encoding.DER)
    assert authority["PayloadContent"] == der
    assert len(accounts) == 2
    with pytest.raises(errors.NotPossible, match="no PEM"):
        profiles.make(HTTPS, SUBJECT, authority=b"\xff nonsense")


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_signed_profile_is_what_openssl_verifies(tmp_path: Path, kind: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    own, above = certificate(key), certificate(ec.generate_private_key(ec.SECP256R1()), "intermediate")
    made = profiles.make(HTTPS, SUBJECT, signer=Signer(own, pem(key), (above,)))
    assert made.is_signed
    (tmp_path / "signed").write_bytes(made.octets)
    (tmp_path / "root.pem").write_bytes(own)
    call = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "signed", "-CAfile", "root.pem", "-purpose", "any"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == profiles.make(HTTPS, SUBJECT).octets


def test_a_key_that_phones_do_not_check_is_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    good = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(errors.NotPossible, match="RSA or EC"):
        profiles.make(HTTPS, SUBJECT, signer=Signer(certificate(key), pem(key)))
    for own, secret in ((b"nonsense", pem(good)), (certificate(good), b"nonsense")):
        with pytest.raises(errors.NotPossible, match="cannot be read"):
            profiles.make(HTTPS, SUBJECT, signer=Signer(own, secret))


def test_no_repr_tells_the_password() -> None:
    made = profiles.make(HTTPS, SUBJECT)
    assert "k3x7q" not in repr(made) + repr(HTTPS) + repr(Signer(b"", b"k3x7q"))


@given(
    st.sampled_from(["https://gotgan.local/", "http://gotgan.local:8080/", "https://[fd00::1]:8443/"]),
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1),
    st.text(min_size=1),
)
def test_whatever_the_password_the_link_carries_it(address: str, user: str, password: str) -> None:
    try:
        password.encode()
    except UnicodeEncodeError:
        return
    parts = urlsplit(davx5_link(Connection(address, user, password)))
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert parts.path == "/dav/" and not parts.query and not parts.fragment
    assert parts.scheme == ("davx5" if address.startswith("https") else "caldav")


@pytest.mark.parametrize(
    ("agent", "system", "label"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15", "ios", "iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 19_1 like Mac OS X)", "ios", "iPad"),
        ("Mozilla/5.0 (Linux; Android 16; SM-S948N) AppleWebKit/537.36", "android", "SM-S948N"),
        ("Mozilla/5.0 (Linux; Android 9; SM-G960N Build/PPR1.180610.011; wv)", "android", "SM-G960N"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36", "android", "Android"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0", "android", "Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "mac", "Mac"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "windows", "Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "linux", "Linux"),
        ("curl/8", "other", ""),
        ("", "other", ""),
    ],
)
def test_a_phone_is_recognised(agent: str, system: str, label: str) -> None:
    assert phones.recognised(agent) == phones.Phone(system, label)  # type: ignore[arg-type]  # one of System


@given(st.text(max_size=300))
def test_whatever_a_browser_says_it_is_something(agent: str) -> None:
    assert len(phones.recognised(f"Mozilla/5.0 (Linux; Android 9; {agent}").label) <= 40
