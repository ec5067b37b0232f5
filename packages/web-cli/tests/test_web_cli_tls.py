"""TLS as the options ask for it; each thing that is wrong with a file is said by its name."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli.settings import RunSettings
from tidegate_web_cli.tls import TlsError, make_ssl_context

# Files in the folder that the fixture makes, where the tests run.
CERTIFICATE = "certificate.pem"
KEY = "key.pem"
OTHER_KEY = "other_key.pem"
ENCRYPTED_KEY = "encrypted_key.pem"


@pytest.fixture(autouse=True)
def in_folder(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(certificates)


def context(**options: Any) -> ssl.SSLContext | None:
    return make_ssl_context(RunSettings(**{"ssl_certfile": CERTIFICATE, **options}))


def test_without_a_certificate_there_is_no_tls() -> None:
    assert make_ssl_context(RunSettings()) is None


def test_a_certificate_and_its_key_make_a_context(tmp_path: Path) -> None:
    made = context(ssl_keyfile=KEY, ssl_ciphers="ECDHE+AESGCM")
    assert made is not None
    assert made.minimum_version == ssl.TLSVersion.TLSv1_2
    assert made.verify_mode == ssl.CERT_NONE
    both = tmp_path / "both.pem"
    both.write_bytes(Path(KEY).read_bytes() + Path(CERTIFICATE).read_bytes())
    assert context(ssl_certfile=str(both)) is not None
    assert context(ssl_keyfile=ENCRYPTED_KEY, ssl_keyfile_password="secret") is not None


def test_clients_are_asked_for_certificates() -> None:
    made = context(ssl_keyfile=KEY, ssl_ca_certs=CERTIFICATE, ssl_cert_reqs="required")
    assert made is not None
    assert made.verify_mode == ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ssl_certfile": "/none"}, "--ssl-certfile: cannot read /none: no such file"),
        ({"ssl_keyfile": "/none"}, "--ssl-keyfile: cannot read /none: no such file"),
        ({"ssl_keyfile": OTHER_KEY}, f"--ssl-keyfile: the key in {OTHER_KEY} is not that of"),
        ({"ssl_keyfile": ENCRYPTED_KEY}, "is encrypted: give --ssl-keyfile-password"),
        (
            {"ssl_keyfile": ENCRYPTED_KEY, "ssl_keyfile_password": "wrong"},
            f"--ssl-keyfile-password: not the one of {ENCRYPTED_KEY}",
        ),
        ({"ssl_certfile": KEY}, f"{KEY} has no certificate in PEM form"),
        ({}, f"--ssl-certfile: {CERTIFICATE} has no private key in PEM form"),
        ({"ssl_keyfile": CERTIFICATE}, f"--ssl-keyfile: {CERTIFICATE} has no private key"),
        ({"ssl_keyfile": KEY, "ssl_ca_certs": "/none"}, "--ssl-ca-certs: cannot read /none"),
        ({"ssl_keyfile": KEY, "ssl_ca_certs": KEY}, f"{KEY} has no certificate in PEM form"),
        ({"ssl_keyfile": KEY, "ssl_ciphers": "NONSENSE"}, "OpenSSL knows no cipher of"),
    ],
)
def test_what_is_wrong_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TlsError) as caught:
        context(**options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_certificate_that_is_damaged_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.pem"
    damaged.write_bytes(Path(CERTIFICATE).read_bytes().replace(b"M", b"N"))
    with pytest.raises(TlsError, match="can't be used"):
        context(ssl_certfile=str(damaged), ssl_keyfile=KEY)
