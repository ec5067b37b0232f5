"""Settings refuse what can't work, and survive the way to another process."""

import pytest
from tidegate_web_cli.errors import CommandError
from tidegate_web_cli.settings import RunSettings, SettingsError


def test_settings_come_out_of_json_as_they_went_in() -> None:
    settings = RunSettings(
        target="shop.web:app", host=("127.0.0.1", "::1"), args=("--x", "ü"), use_colors=False
    )
    assert RunSettings.from_json(settings.to_json()) == settings


@pytest.mark.parametrize("text", ["", "[]", '{"colour": 1}', '{"port": -1}'])
def test_what_is_not_settings_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        RunSettings.from_json(text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"port": -1}, "--port is at least 0, not -1"),
        ({"port": 65536}, "--port is from 0 (the system chooses) to 65535, not 65536"),
        ({"workers": 0}, "--workers is at least 1, not 0"),
        ({"timeout_keep_alive": float("nan")}, "--timeout-keep-alive is at least 0, not nan"),
        ({"loop": "trio"}, "--loop is one of auto, uvloop, asyncio, not 'trio'"),
        ({"ssl_keyfile": "k"}, "--ssl-keyfile needs --ssl-certfile"),
        (
            {"ssl_certfile": "c", "ssl_cert_reqs": "required"},
            "--ssl-cert-reqs needs --ssl-ca-certs, to check against",
        ),
        ({"fd": 3, "port": 1}, "--fd stands alone: leave --host, --port and --uds out"),
        (
            {"limit_max_requests_jitter": 1},
            "--limit-max-requests-jitter needs --limit-max-requests",
        ),
        ({"metrics": "metrics"}, "--metrics is a path such as /metrics, not 'metrics'"),
    ],
)
def test_what_cannot_work_is_refused_by_the_name_of_its_option(
    given: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        RunSettings(**given)  # type: ignore[arg-type]  # the values are wrong on purpose
    assert str(caught.value) == message
    assert isinstance(caught.value, CommandError)


def test_tls_is_asked_for_by_a_certificate() -> None:
    assert RunSettings(ssl_certfile="c").tls
    assert not RunSettings().tls
