import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tidegate_web_static import representations
from tidegate_web_static.opening import FileRefused
from tidegate_web_static.representations import (
    BeneathSource,
    PathSource,
    Source,
    choose,
    look_up,
)

if TYPE_CHECKING:
    from conftest import Descriptors

ALL = ("br", "zstd", "gzip")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    for suffix in ("", ".br", ".zst", ".gz"):
        (site / f"app.js{suffix}").write_bytes(b"app" + suffix.encode())
    (site / "lone.js").write_bytes(b"lone")
    (site / "orphan.js.gz").write_bytes(b"orphan")
    (tmp_path / "secret").write_bytes(b"secret")
    (site / "linked.js").write_bytes(b"linked")
    (site / "linked.js.br").symlink_to("../secret")
    (site / "linked.js.gz").symlink_to("app.js.gz")
    (site / "odd.js").write_bytes(b"odd")
    (site / "odd.js.br").mkdir()
    return site


@pytest.mark.parametrize(
    ("accept_encoding", "codings", "chosen"),
    [
        (None, ALL, None),
        ("", ALL, None),
        ("gzip, deflate, br, zstd", ALL, "br"),
        ("gzip", ALL, "gzip"),
        ("GZIP", ALL, "gzip"),
        ("gzip;q=1, br;q=0.5", ALL, "gzip"),
        ("br;q=0, *", ALL, "zstd"),
        ("*;q=0", ALL, None),
        ("*", ALL, "br"),
        ("identity", ALL, None),
        ("identity, br;q=0.5", ALL, None),
        ("deflate", ALL, None),
        ("br", ("gzip",), None),
        ("br", (), None),
    ],
)
def test_the_coding_that_is_chosen(
    accept_encoding: str | None, codings: tuple[str, ...], chosen: str | None
) -> None:
    assert choose(accept_encoding, codings) == chosen
    # And once more, from memory.
    assert choose(accept_encoding, codings) == chosen


def test_what_is_kept_of_choices_is_bounded() -> None:
    for number in range(1000):
        assert choose(f"gzip, x-{number}", ALL) == "gzip"
    assert len(representations._choices) <= 256


def both(site: Path, name: str) -> list[Source]:
    return [PathSource(str(site / name)), BeneathSource(str(site), name, False)]


@pytest.mark.parametrize(
    ("accepted", "content"),
    [("br, gzip", b"app.br"), ("gzip", b"app.gz"), ("zstd", b"app.zst"), (None, b"app")],
)
@pytest.mark.parametrize("kind", [0, 1])
def test_the_best_variant_is_opened_and_nothing_else_stays_open(
    site: Path, open_files: "Descriptors", accepted: str | None, content: bytes, kind: int
) -> None:
    found = look_up(both(site, "app.js")[kind], accepted, variants=True)
    assert found.file.read_at(0, 100) == content
    assert found.codings == ALL
    assert Path(found.path).read_bytes() == content
    assert open_files() == 1
    found.file.close()


@pytest.mark.parametrize("kind", [0, 1])
def test_variants_can_be_left_out(site: Path, kind: int) -> None:
    found = look_up(both(site, "app.js")[kind], "br", variants=False)
    assert (found.coding, found.codings, found.file.read_at(0, 9)) == (None, (), b"app")


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("name", ["lone.js", "odd.js"])
def test_without_variants_the_file_stands_for_itself(site: Path, kind: int, name: str) -> None:
    found = look_up(both(site, name)[kind], "br, gzip", variants=True)
    assert (found.coding, found.codings) == (None, ())


@pytest.mark.parametrize("kind", [0, 1])
def test_a_variant_of_nothing_counts_for_nothing(
    site: Path, open_files: "Descriptors", kind: int
) -> None:
    with pytest.raises(FileRefused) as refusal:
        look_up(both(site, "orphan.js")[kind], "gzip", variants=True)
    assert refusal.value.status == 404
    assert open_files() == 0


def test_a_variant_out_of_the_root_does_not_exist(site: Path) -> None:
    found = look_up(BeneathSource(str(site), "linked.js", False), "br, gzip", variants=True)
    assert (found.coding, found.codings) == ("gzip", ("gzip",))
    assert found.file.read_at(0, 9) == b"app.gz"
    followed = look_up(BeneathSource(str(site), "linked.js", True), "br", variants=True)
    assert followed.file.read_at(0, 9) == b"secret"


def test_a_fault_of_the_machine_leaves_nothing_open(
    site: Path, open_files: "Descriptors", monkeypatch: pytest.MonkeyPatch
) -> None:
    open_one = os.open

    def failing(path: str, flags: int, *args: int, **kwargs: int) -> int:
        if path.endswith(".gz"):
            raise OSError(24, "Too many open files")
        return open_one(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", failing)
    with pytest.raises(OSError, match="Too many open files"):
        look_up(PathSource(str(site / "app.js")), "br", variants=True)
    assert open_files() == 0
