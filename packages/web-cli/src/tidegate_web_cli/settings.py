"""The settings of one run: what ``tidegate run`` was asked for, as plain values.

:class:`RunSettings` has one field for each option of the command, under the option's name
(``--limit-max-requests`` is ``limit_max_requests``). It holds numbers, strings and tuples of
strings only, so that it can be handed to another process as JSON and come out equal there:
``RunSettings.from_json(settings.to_json()) == settings``. What can be seen to be wrong with a
value, or with two of them together, is refused when it is made. Nothing is opened, imported or
looked up in the environment here; :mod:`.options` fills it, :mod:`.serving` obeys it in one
process, and :mod:`.supervisor` in several.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

from .errors import CommandError

CertificateRequest = Literal["none", "optional", "required"]
"""Whether a client is asked for a certificate, and served without one."""

Loop = Literal["auto", "uvloop", "asyncio"]

LogLevel = Literal["critical", "error", "warning", "info", "debug", "trace"]


class SettingsError(CommandError, ValueError):
    """A setting, or two of them together, can't work; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What a run was asked for; all times are in seconds, None means "not asked for"."""

    target: str | None = None
    """``package.module:attribute``, a module, or the path of a file; None: look for it."""
    script: bool = False
    """*target* is a program that calls ``run_app`` itself: it is run as ``__main__``."""
    app_dir: str = "."
    """The folder that is searched for modules first, and for the application."""
    factory: bool = False
    """What *target* names is called to make the application, whatever it is."""
    args: tuple[str, ...] = ()
    """Arguments for a function that makes the application, and for a script."""

    host: tuple[str, ...] = ()
    """Hosts to listen on; none: 127.0.0.1, unless *uds* or *fd* is given."""
    port: int | None = None
    """The TCP port; None: 8080, with TLS 8443; 0: the system chooses."""
    uds: str | None = None
    """The path of a Unix domain socket to listen on."""
    fd: int | None = None
    """The number of a socket that was inherited, to listen on."""
    backlog: int = 2048
    """Connections that the system holds before a worker accepts them."""
    workers: int = 1
    """Processes that serve."""
    loop: Loop = "auto"
    """The event loop; ``"auto"``: uvloop where it is installed."""

    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    """None: the key is in *ssl_certfile*, too."""
    ssl_keyfile_password: str | None = None
    ssl_ca_certs: str | None = None
    """The authorities whose certificates of clients are accepted, in one file."""
    ssl_cert_reqs: CertificateRequest = "none"
    ssl_ciphers: str | None = None
    """In OpenSSL's notation; None: Python's choice."""

    log_level: LogLevel = "info"
    log_config: str | None = None
    """A file that configures logging: ``.json``, ``.yaml``, ``.yml``, else an ini file."""
    access_log: bool = True
    use_colors: bool | None = None
    """None: where the output is a terminal."""

    proxy_headers: bool = True
    """Believe ``Forwarded`` and ``X-Forwarded-*`` of *forwarded_allow_ips*."""
    forwarded_allow_ips: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses and networks of the proxies in front; ``"*"`` for everybody."""

    limit_concurrency: int | None = None
    """Requests in service at once, above which the answer is 503."""
    limit_max_requests: int | None = None
    """Requests after which a worker stops and is replaced."""
    limit_max_requests_jitter: int = 0
    """At most this is added, by chance, to *limit_max_requests* of each worker."""
    timeout_keep_alive: float = 75.0
    """How long an idle connection is kept open."""
    timeout_first_byte: float = 30.0
    """How long a new connection has to say something; 0 for as long as it likes, as below."""
    timeout_headers: float = 30.0
    """How long the head of a request may take, from its first byte."""
    timeout_body: float = 60.0
    """How long a handler waits for the next piece of a body."""
    timeout_write: float = 60.0
    """How long a client may take nothing of what is sent."""
    timeout_graceful_shutdown: float = 30.0
    """How long requests in service have to finish at a stop."""
    timeout_worker_healthcheck: float = 30.0
    """How long a worker may be silent before it is replaced."""
    shutdown_delay: float = 0.0
    """How long a stop waits, and serves, before it closes the listeners."""
    worker_memory_limit: int | None = None
    """MiB of resident memory above which a worker is replaced."""

    pidfile: str | None = None
    metrics: str | None = None
    """The path that shows metrics for Prometheus, such as ``/metrics``."""
    debug: bool = False
    """Serve as for development: tracebacks in answers, warnings shown."""

    def __post_init__(self) -> None:
        """Refuse what can't work.

        :raises SettingsError: it names the option as it is spelled on the command line.
        """
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise SettingsError(f"{_option(name)} is at least {least}, not {value}")
        if self.port is not None and self.port > 65535:
            raise SettingsError(f"--port is from 0 (the system chooses) to 65535, not {self.port}")
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise SettingsError(
                    f"{_option(name)} is one of {', '.join(known)}, not {getattr(self, name)!r}"
                )
        for name in _OF_A_CERTIFICATE:
            if getattr(self, name) not in (None, "none") and self.ssl_certfile is None:
                raise SettingsError(f"{_option(name)} needs --ssl-certfile")
        if self.ssl_cert_reqs != "none" and self.ssl_ca_certs is None:
            raise SettingsError("--ssl-cert-reqs needs --ssl-ca-certs, to check against")
        if self.fd is not None and (self.host or self.uds or self.port is not None):
            raise SettingsError("--fd stands alone: leave --host, --port and --uds out")
        if self.limit_max_requests_jitter and self.limit_max_requests is None:
            raise SettingsError("--limit-max-requests-jitter needs --limit-max-requests")
        if self.metrics is not None and not self.metrics.startswith("/"):
            raise SettingsError(f"--metrics is a path such as /metrics, not {self.metrics!r}")

    @property
    def tls(self) -> bool:
        """TLS is served."""
        return self.ssl_certfile is not None

    def to_json(self) -> str:
        """Return what :meth:`from_json` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "RunSettings":
        """Make settings of the JSON that :meth:`to_json` returned.

        :raises SettingsError: for anything else.
        """
        try:
            given = json.loads(text)
        except ValueError as error:
            raise SettingsError(f"these settings are no JSON: {error}") from error
        known = {field.name: field for field in fields(cls)}
        if not isinstance(given, dict) or not given.keys() <= known.keys():
            raise SettingsError("these settings are not those of this version")
        for name, value in given.items():
            if isinstance(value, list):
                given[name] = tuple(value)
        return cls(**given)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


_LEAST = {
    "port": 0,
    "fd": 0,
    "backlog": 1,
    "workers": 1,
    "limit_concurrency": 1,
    "limit_max_requests": 1,
    "limit_max_requests_jitter": 0,
    "timeout_keep_alive": 0,
    "timeout_first_byte": 0,
    "timeout_headers": 0,
    "timeout_body": 0,
    "timeout_write": 0,
    "timeout_graceful_shutdown": 0,
    "timeout_worker_healthcheck": 1,
    "shutdown_delay": 0,
    "worker_memory_limit": 1,
}
_CHOICES = {
    "loop": get_args(Loop),
    "log_level": get_args(LogLevel),
    "ssl_cert_reqs": get_args(CertificateRequest),
}
_OF_A_CERTIFICATE = (
    "ssl_keyfile",
    "ssl_keyfile_password",
    "ssl_ca_certs",
    "ssl_cert_reqs",
    "ssl_ciphers",
)
