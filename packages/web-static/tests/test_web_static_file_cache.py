import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tidegate_web_static import FileCache
from tidegate_web_static.representations import PathSource, Representation, look_up

LONG_AGO = 1_700_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Representation]:
    """Read a file as if nothing had changed it for a long time."""

    def read(
        name: str,
        content: bytes | None = None,
        *,
        accepted: str | None = None,
        settled: bool = True,
    ) -> Representation:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
            os.utime(path, (LONG_AGO, LONG_AGO))
        found = look_up(PathSource(str(path)), accepted, variants=True)
        found.file.read_start(found.file.size)
        found.file.settled = settled
        return found

    return read


Make = Callable[..., Representation]


def test_what_was_put_in_comes_out(make: Make) -> None:
    cache = FileCache()
    found = make("a", b"content")
    cache.put("a", found)
    assert cache.get("a", None) is found
    assert cache.get("a", "gzip") is found
    assert cache.get("b", None) is None
    assert len(cache) == 1
    assert cache.size >= 7
    assert repr(cache).startswith("<FileCache 1 files, ")
    cache.clear()
    assert cache.get("a", None) is None
    assert (len(cache), cache.size) == (0, 0)


def rewrite(path: Path) -> None:
    path.write_bytes(b"CONTENT")
    os.utime(path, ns=(LONG_AGO * 10**9, LONG_AGO * 10**9 + 1))


def rewrite_and_hide(path: Path) -> None:
    path.write_bytes(b"CONTENT")
    os.utime(path, (LONG_AGO, LONG_AGO))


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"CONTENT")
    os.utime(other, (LONG_AGO, LONG_AGO))
    other.rename(path)


def grow(path: Path) -> None:
    path.write_bytes(b"content and more")
    os.utime(path, (LONG_AGO, LONG_AGO))


def link_elsewhere(path: Path) -> None:
    replace(path)
    moved = path.with_name("moved")
    path.rename(moved)
    path.symlink_to(moved)


def remove(path: Path) -> None:
    path.unlink()


def forbid(path: Path) -> None:
    path.chmod(0)


@pytest.mark.parametrize(
    "change", [rewrite, rewrite_and_hide, replace, grow, link_elsewhere, remove, forbid]
)
def test_a_change_is_noticed(make: Make, tmp_path: Path, change: Callable[[Path], None]) -> None:
    cache = FileCache()
    cache.put("a", make("a", b"content"))
    assert cache.get("a", None) is not None
    change(tmp_path / "a")
    assert cache.get("a", None) is None
    assert (len(cache), cache.size) == (0, 0)


def test_a_file_that_may_still_change_within_a_tick_is_not_kept(make: Make) -> None:
    cache = FileCache()
    cache.put("a", make("a", b"content", settled=False))
    assert len(cache) == 0


def test_a_fresh_file_is_not_settled(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    # Not even when it says that it is old: the time of its last change can't be set.
    os.utime(tmp_path / "a", (LONG_AGO, LONG_AGO))
    found = look_up(PathSource(str(tmp_path / "a")), None, variants=True)
    assert not found.file.settled
    found.file.close()


def test_what_was_not_read_whole_is_not_kept(make: Make, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    cache = FileCache()
    found = look_up(PathSource(str(tmp_path / "a")), None, variants=True)
    found.file.settled = True
    cache.put("a", found)
    found.file.read_start(3)
    cache.put("a", found)
    found.file.close()
    assert len(cache) == 0
    # Cut between the two.
    found = look_up(PathSource(str(tmp_path / "a")), None, variants=True)
    found.file.settled = True
    os.truncate(tmp_path / "a", 3)
    found.file.read_start(7)
    cache.put("a", found)
    assert len(cache) == 0


def test_large_files_are_not_kept(make: Make) -> None:
    cache = FileCache(max_file_size=10)
    cache.put("a", make("a", bytes(11)))
    assert len(cache) == 0
    cache.put("b", make("b", bytes(10)))
    assert len(cache) == 1
    cache = FileCache(max_bytes=2000)
    cache.put("b", make("b"))
    assert len(cache) == 0


def test_the_oldest_go_first_but_for_those_that_are_used(make: Make) -> None:
    cache = FileCache(max_entries=2)
    for name in "ab":
        cache.put(name, make(name, b"x"))
    assert cache.get("a", None) is not None
    cache.put("c", make("c", b"x"))
    assert [name for name in "abc" if cache.get(name, None)] == ["a", "c"]
    cache.put("d", make("d", b"x"))
    assert len(cache) == 2


def test_memory_is_bounded(make: Make) -> None:
    cache = FileCache(max_bytes=10_000)
    for number in range(20):
        cache.put(number, make(f"f{number}", bytes(1000)))
        assert cache.size <= 10_000
    assert len(cache) == 3


def test_putting_a_file_twice_counts_it_once(make: Make) -> None:
    cache = FileCache()
    cache.put("a", make("a", b"content"))
    size = cache.size
    cache.put("a", make("a"))
    assert (len(cache), cache.size) == (1, size)


@pytest.mark.parametrize("cache", [FileCache(max_entries=0), FileCache(max_bytes=0)])
def test_nothing_is_kept_without_room(make: Make, cache: FileCache) -> None:
    cache.put("a", make("a", b"content"))
    assert len(cache) == 0


@pytest.mark.parametrize("limit", ["max_bytes", "max_entries", "max_file_size"])
def test_limits_are_not_negative(limit: str) -> None:
    with pytest.raises(ValueError, match=f"{limit}=-1"):
        FileCache(**{limit: -1})  # type: ignore[arg-type]  # any of the three


def test_variants_are_kept_side_by_side(make: Make) -> None:
    cache = FileCache()
    make("a.gz", b"gz")
    plain, packed = make("a", b"plain"), make("a", accepted="gzip")
    assert (plain.coding, packed.coding) == (None, "gzip")
    cache.put("a", plain)
    assert cache.get("a", "gzip") is None
    cache.put("a", packed)
    assert cache.get("a", "gzip") is packed
    assert cache.get("a", None) is plain
    assert cache.get("a", "br") is plain
    assert len(cache) == 1


def test_a_variant_that_came_or_went_starts_an_entry_anew(make: Make, tmp_path: Path) -> None:
    cache = FileCache()
    cache.put("a", make("a", b"plain"))
    size = cache.size
    make("a.gz", b"gz")
    found = make("a", accepted="gzip")
    cache.put("a", found)
    assert cache.get("a", "gzip") is found
    assert cache.get("a", None) is None
    assert cache.size < size


def test_entries_are_looked_up_anew_after_two_seconds(make: Make, clock: Clock) -> None:
    cache = FileCache(clock=clock)
    cache.put("a", make("a", b"content"))
    clock.now += 1.9
    assert cache.get("a", None) is not None
    clock.now += 0.2
    assert cache.get("a", None) is None
    assert len(cache) == 0


def test_a_slow_disk_is_left_alone_for_a_while(
    make: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FileCache(clock=clock)
    look = os.stat
    asked = 0

    def slow(path: str) -> os.stat_result:
        nonlocal asked
        asked += 1
        clock.now += 0.06
        return look(path)

    cache.put("a", make("a", b"content"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", slow)
        assert cache.get("a", None) is not None
        cache.put("a", make("a"))
        before = asked
        assert cache.get("a", None) is None
        assert asked == before
    clock.now += 11
    cache.put("a", make("a"))
    assert cache.get("a", None) is None  # too old, in the meantime
    cache.put("a", make("a"))
    assert cache.get("a", None) is not None
