from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_static.served_path import filename_of, quoted_of


@pytest.mark.parametrize(
    ("quoted", "filename"),
    [
        ("", ""),
        ("a.txt", "a.txt"),
        ("css/a.css", "css/a.css"),
        ("css/", "css/"),
        ("my%20file.txt", "my file.txt"),
        ("%C3%A9.txt", "é.txt"),
        ("%ff.txt", "\udcff.txt"),
        ("100%25.txt", "100%.txt"),
        ("a%2525", "a%25"),  # decoded once
        ("%zz", "%zz"),
        ("...", "..."),
        (".hidden", ".hidden"),
        ("a..b", "a..b"),
        ("~root", "~root"),
        ("%E2%80%A5", "\u2025"),  # looks like two dots
        ("%c0%ae%c0%ae/a", "\udcc0\udcae\udcc0\udcae/a"),  # overlong dots are no dots
        # What is no name, as it is and encoded
        (".", None),
        ("..", None),
        ("../a", None),
        ("a/..", None),
        ("a/../b", None),
        ("a/./b", None),
        ("a/../", None),
        ("%2e", None),
        ("%2e%2e/a", None),
        (".%2E/a", None),
        ("..%2fa", None),
        ("..%5ca", None),
        ("..\\a", None),
        ("a\\b", None),
        ("a%5Cb", None),
        ("a%2fb", None),
        ("a%2Fb", None),
        ("%2fetc/passwd", None),
        ("/etc/passwd", None),
        ("//etc/passwd", None),
        ("a//b", None),
        ("a//", None),
        ("/", None),
        ("a\0b", None),
        ("a%00.txt", None),
        ("%00", None),
        ("C%3A%5Ca", None),
    ],
)
def test_a_quoted_path_is_a_file_name_or_none(quoted: str, filename: str | None) -> None:
    assert filename_of(quoted) == filename


@pytest.mark.parametrize(
    ("filename", "quoted"),
    [
        ("", ""),
        ("a.txt", "a.txt"),
        ("/a.txt", "a.txt"),
        ("css/deep/a.css", "css/deep/a.css"),
        ("css/", "css/"),
        ("my file.txt", "my%20file.txt"),
        ("é.txt", "%C3%A9.txt"),
        ("100%.txt", "100%25.txt"),
        ("a?b#c", "a%3Fb%23c"),
        ("\udcff", "%FF"),
        (PurePosixPath("css/a.css"), "css/a.css"),
        (PureWindowsPath("css\\a.css"), "css/a.css"),
    ],
)
def test_a_file_name_is_quoted(filename: str | PurePosixPath, quoted: str) -> None:
    assert quoted_of(filename) == quoted


@pytest.mark.parametrize("filename", ["..", "../a", "a/../b", "./a", "a//b", "//a", "a\\b", "a\0"])
def test_a_name_that_can_never_be_served_has_no_url(filename: str) -> None:
    with pytest.raises(ValueError, match="can't be served"):
        quoted_of(filename)


names = st.text(st.characters(exclude_characters="/\\\0", codec="utf-8"), min_size=1).filter(
    lambda name: name not in (".", "..")
)


@given(st.lists(names, min_size=1))
def test_a_quoted_name_leads_back_to_the_file(segments: list[str]) -> None:
    filename = "/".join(segments)
    assert filename_of(quoted_of(filename)) == filename


@given(st.lists(st.sampled_from([".", "..", "/", "\\", "%2e", "%2F", "%5c", "%00", "a", "\0"])))
def test_what_is_accepted_stays_below(pieces: list[str]) -> None:
    filename = filename_of("".join(pieces))
    if filename is not None:
        assert not filename.startswith("/")
        assert not {"..", "."} & set(filename.split("/"))
        assert not {"\\", "\0"} & set(filename)
        # A second decoding would be a way around all of this.
        assert filename_of(quote(filename)) == filename
