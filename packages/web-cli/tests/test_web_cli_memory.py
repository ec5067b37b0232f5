"""A process's memory is read where the system tells it."""

import sys
from pathlib import Path

import pytest
from tidegate_web_cli import memory
from tidegate_web_cli.memory import resident_memory


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_memory_that_is_used_is_counted() -> None:
    before = resident_memory()
    used = bytearray(b"x") * (64 * 2**20)
    assert resident_memory() - before > 50 * 2**10
    assert len(used) == 64 * 2**20
    del used
    assert resident_memory() - before < 30 * 2**10


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
@pytest.mark.parametrize(("platform", "unit"), [("linux", 1), ("darwin", 1024)])
def test_without_proc_it_is_the_most_there_was(
    monkeypatch: pytest.MonkeyPatch, platform: str, unit: int
) -> None:
    import resource

    def no_proc(path: str, mode: str) -> None:
        raise FileNotFoundError(path)

    monkeypatch.setattr(memory, "open", no_proc, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert resident_memory() >= most // unit > 0


def test_a_system_that_tells_nothing_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_proc(path: str, mode: str) -> None:
        raise FileNotFoundError(path)

    monkeypatch.setattr(memory, "open", no_proc, raising=False)
    monkeypatch.setitem(sys.modules, "resource", None)
    assert resident_memory() == 0
