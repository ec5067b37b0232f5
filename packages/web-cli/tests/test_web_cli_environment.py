"""A file of environment variables sets those that are not set."""

from pathlib import Path

import pytest
from tidegate_web_cli.environment import EnvFileError, load_env_file


def loaded(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / ".env"
    file.write_text(text, encoding="utf-8")
    environ: dict[str, str] = {}
    load_env_file(str(file), environ)
    return environ


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("\n# all comments\n  \n", {}),
        ("A=1", {"A": "1"}),
        ("A = 1 # one\nB=2\n", {"A": "1", "B": "2"}),
        ("export A=x y ", {"A": "x y"}),
        ("A=a#b", {"A": "a#b"}),
        ("A=#b", {"A": ""}),
        ("A=", {"A": ""}),
        ("A='x # \\n' # comment", {"A": "x # \\n"}),
        ('A="x\\n\\"y\\" \\\\ $B"', {"A": 'x\n"y" \\ $B'}),
        ('A="two\nlines"\nB=1', {"A": "two\nlines", "B": "1"}),
        ("\ufeffA=ü\r\n", {"A": "ü"}),
    ],
)
def test_variables_are_read(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    assert loaded(tmp_path, text) == expected


def test_a_variable_that_is_set_keeps_its_value(tmp_path: Path) -> None:
    (tmp_path / "e").write_text("A=file\nB=file")
    environ = {"A": "set"}
    load_env_file(str(tmp_path / "e"), environ)
    assert environ == {"A": "set", "B": "file"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A=1\nnothing\n", "line 2: expected NAME=value"),
        ("A='x", "line 1: no second ' ends the value"),
        ("A='x' y", "line 1: only a comment may follow a quoted value"),
        ("1A=x", "line 1: expected NAME=value"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(EnvFileError, match=message):
        loaded(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvFileError, match=r"cannot read .*missing: no such file or directory"):
        load_env_file(str(tmp_path / "missing"))
    (tmp_path / "latin").write_bytes(b"A=\xff")
    with pytest.raises(EnvFileError, match="is no text in UTF-8"):
        load_env_file(str(tmp_path / "latin"))
