"""The TLS context that the options ask for, or an error that names the file at fault.

TLS 1.2 is the least that is spoken (RFC 8996 forbids older ones), and ``http/1.1`` is what is
offered to a client that negotiates a protocol (ALPN, RFC 7301).
"""

import os
import ssl
from pathlib import Path

from .errors import CommandError
from .settings import RunSettings

_REQUESTS = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}


class TlsError(CommandError):
    """A certificate, a key, an authority or a list of ciphers that can't be used."""


def make_ssl_context(settings: RunSettings) -> ssl.SSLContext | None:
    """Make the context for *settings*; None when they ask for none.

    :raises TlsError: a file can't be read or has something else in it, the key is another
        certificate's, or its password is wrong.
    """
    certificate = settings.ssl_certfile
    if certificate is None:
        return None
    key = settings.ssl_keyfile or certificate
    _readable(certificate, "--ssl-certfile")
    _readable(key, "--ssl-keyfile")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # Without a password OpenSSL would ask for one at the terminal, and a service waits for ever.
    password = settings.ssl_keyfile_password or ""
    try:
        context.load_cert_chain(certificate, key, password)
    except (ssl.SSLError, ValueError) as error:
        raise TlsError(_explained(error, settings, certificate, key)) from error
    context.verify_mode = _REQUESTS[settings.ssl_cert_reqs]
    if settings.ssl_ca_certs is not None:
        _readable(settings.ssl_ca_certs, "--ssl-ca-certs")
        try:
            context.load_verify_locations(settings.ssl_ca_certs)
        except ssl.SSLError as error:
            raise TlsError(
                f"--ssl-ca-certs: {settings.ssl_ca_certs} has no certificate in PEM form"
            ) from error
    if settings.ssl_ciphers is not None:
        try:
            context.set_ciphers(settings.ssl_ciphers)
        except ssl.SSLError as error:
            raise TlsError(
                f"--ssl-ciphers: OpenSSL knows no cipher of {settings.ssl_ciphers!r}; see the "
                "output of 'openssl ciphers'"
            ) from error
    return context


def _readable(path: str, option: str) -> None:
    try:
        with open(path, "rb"):
            return
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise TlsError(f"{option}: cannot read {path}: {reason}") from error


def _explained(
    error: ssl.SSLError | ValueError, settings: RunSettings, certificate: str, key: str
) -> str:
    reason = getattr(error, "reason", None) or ""
    if "MISMATCH" in reason:
        return (
            f"--ssl-keyfile: the key in {key} is not that of the first certificate in "
            f"{certificate}: give the key it was made with, and the server's own certificate "
            "before those of its authorities"
        )
    key_text = Path(key).read_bytes()
    if b"ENCRYPTED" in key_text:
        if settings.ssl_keyfile_password is None:
            return f"--ssl-keyfile: {key} is encrypted: give --ssl-keyfile-password"
        return f"--ssl-keyfile-password: not the one of {key}"
    if b"-----BEGIN CERTIFICATE-----" not in Path(certificate).read_bytes():
        return f"--ssl-certfile: {certificate} has no certificate in PEM form"
    if b"PRIVATE KEY-----" not in key_text:
        option = "--ssl-certfile" if settings.ssl_keyfile is None else "--ssl-keyfile"
        return f"{option}: {key} has no private key in PEM form; give one with --ssl-keyfile"
    return f"--ssl-certfile: {certificate} and {key} can't be used: {reason or error}"
