"""Content-Disposition: RFC 6266, RFC 8187, RFC 2231, RFC 7578 section 4.2, and browsers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_http_core import (
    ContentDisposition,
    LocalProtocolError,
    format_content_disposition,
    parse_content_disposition,
    safe_filename,
)


def parsed(value: str) -> ContentDisposition:
    disposition = parse_content_disposition(value)
    assert disposition is not None
    return disposition


class TestParsing:
    """RFC 6266 section 4."""

    @pytest.mark.parametrize(
        ("value", "type_", "parameters"),
        [
            ("inline", "inline", {}),
            ("ATTACHMENT; FileName=a", "attachment", {"filename": "a"}),
            (' form-data ; name = "a" ; x=y', "form-data", {"name": "a", "x": "y"}),
            (
                'form-data; name="a;b"; filename="c;d"',
                "form-data",
                {"name": "a;b", "filename": "c;d"},
            ),
            ('form-data; name=""', "form-data", {"name": ""}),
            ("attachment;", "attachment", {}),
            ("attachment;;filename=a;", "attachment", {"filename": "a"}),
        ],
    )
    def test_the_type_and_its_parameters(
        self, value: str, type_: str, parameters: dict[str, str]
    ) -> None:
        disposition = parsed(value)
        assert (disposition.type, disposition.parameters) == (type_, parameters)
        assert disposition.defects == ()

    @pytest.mark.parametrize("value", ["", ";", "=x", '"inline"', "a b", "é", "; filename=a"])
    def test_without_a_type_there_is_none(self, value: str) -> None:
        assert parse_content_disposition(value) is None

    @pytest.mark.parametrize(
        "value", ["attachment; filename=a; filename=b", 'form-data; name="a"; NAME="b"']
    )
    def test_a_repeated_parameter_makes_it_invalid(self, value: str) -> None:
        assert parse_content_disposition(value) is None

    @pytest.mark.parametrize(
        "bad",
        [
            "filename",
            "filename=",
            "filename=a b",
            "filename=a,b",
            "file@name=b",
            "=b",
            'filename="a"b',
            'b="c;d" e',
        ],
    )
    def test_what_is_no_parameter_is_left_out_and_told(self, bad: str) -> None:
        disposition = parsed(f"form-data; {bad}; name=a")
        assert disposition.parameters == {"name": "a"}
        assert disposition.defects == (bad,)

    def test_an_open_quote_takes_the_rest_with_it(self) -> None:
        disposition = parsed('form-data; name=a; filename="b; x=y')
        assert disposition.parameters == {"name": "a"}
        assert disposition.defects == ('filename="b; x=y',)

    @pytest.mark.parametrize(
        ("sent", "text"),
        [
            (r"C:\dir\file.txt", r"C:\dir\file.txt"),
            (r"a\"b", 'a"b'),
            (r"a\\b", r"a\b"),
            (r"a\ b", "a b"),
            ("a%22b", "a%22b"),
            ("/etc/passwd", "/etc/passwd"),
            ("é", "é"),
        ],
    )
    def test_a_quoted_name_is_as_it_was_sent(self, sent: str, text: str) -> None:
        assert parsed(f'form-data; name=a; filename="{sent}"').filename == text

    def test_accessors(self) -> None:
        disposition = parsed('form-data; name="n"; filename="../f"')
        assert disposition.name == "n"
        assert disposition.filename == "../f"
        assert disposition.safe_filename == "f"
        assert parsed("inline").safe_filename is None


class TestExtendedValues:
    """RFC 8187 section 3.2 and RFC 2231 sections 3 and 4."""

    @pytest.mark.parametrize(
        ("parameters", "filename"),
        [
            ("filename*=UTF-8''%e2%82%ac%20rates", "€ rates"),
            ("filename*=utf-8'en'a", "a"),
            ("filename*=iso-8859-1''%A3", "£"),
            ("filename*=us-ascii''%41", "A"),
            ("filename=plain; filename*=UTF-8''%c3%a4", "ä"),
            ("filename*=UTF-8''%c3%a4; filename=plain", "ä"),
            ('filename*0="a "; filename*1="b"', "a b"),
            ("filename*1=b; filename*0=a", "ab"),
            ("filename*0*=UTF-8''%c3; filename*1*=%a4; filename*2=x", "äx"),
            ("filename*0*=iso-8859-1''%e4; filename*1=b", "äb"),
            ("filename*0=a; filename*1*=%20b", "a b"),
            ("filename*0=a; filename*=UTF-8''b", "b"),
            ("filename=a; filename*0=b", "b"),
        ],
    )
    def test_the_best_spelling_counts(self, parameters: str, filename: str) -> None:
        disposition = parsed(f"attachment; {parameters}")
        assert disposition.filename == filename
        assert disposition.defects == ()

    @pytest.mark.parametrize(
        "parameters",
        [
            "filename*=a",
            "filename*=UTF-8''%zz",
            "filename*=UTF-8''%e4",
            "filename*=punycode''a",
            "filename*=''a",
            "filename*=\"UTF-8''a b\"",
            "filename*a*=UTF-8''b",
            "filename*1=b",
            "filename*0=a; filename*2=c",
            "filename*00=a",
            "filename*0*=nosuch''a",
            "filename*0*=a",
            "filename*0*=UTF-8''%e4",
            "filename*0*=us-ascii''a; filename*1=é",
        ],
    )
    def test_one_that_can_not_be_read_is_left_out(self, parameters: str) -> None:
        disposition = parsed(f"attachment; {parameters}; filename=plain")
        assert disposition.filename == "plain" or "é" in parameters
        assert len(disposition.defects) >= 1

    def test_the_peer_chooses_no_codec(self) -> None:
        assert parsed("attachment; filename*=unicode_escape''%5cx41").filename is None


class TestSafeFilename:
    """RFC 6266 section 4.3."""

    @pytest.mark.parametrize(
        ("sent", "safe"),
        [
            ("a.txt", "a.txt"),
            ("/etc/passwd", "passwd"),
            ("C:\\dir\\a.txt", "a.txt"),
            ("../../a", "a"),
            ("a\x00b\r\n", "a_b__"),
            ('a<b>:|?*"c', "a_b______c"),
            (" a. . ", "a"),
            (".bashrc", ".bashrc"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("console.txt", "console.txt"),
            ("é" * 200, "é" * 127),
            ("\udce9a", "_a"),
            ("", None),
            ("..", None),
            ("a/", None),
            ("...", None),
            ("?", None),
        ],
    )
    def test_names(self, sent: str, safe: str | None) -> None:
        assert safe_filename(sent) == safe

    @given(st.text())
    def test_it_is_a_name_in_a_directory_or_none(self, sent: str) -> None:
        safe = safe_filename(sent)
        if safe is not None:
            assert safe.strip(". ")
            assert not re.search(r'[\x00-\x1f/\\:*?"<>|\x7f]', safe)
            assert 0 < len(safe.encode()) <= 255


class TestFormatting:
    @pytest.mark.parametrize(
        ("filename", "value"),
        [
            ("a.txt", 'attachment; filename="a.txt"'),
            ("a b", 'attachment; filename="a b"'),
            ("ä", "attachment; filename=\"_\"; filename*=UTF-8''%C3%A4"),
            ('a"', 'attachment; filename="a\\""; filename*=UTF-8\'\'a%22'),
            ("a\\b", "attachment; filename=\"a\\\\b\"; filename*=UTF-8''a%5Cb"),
            ("%41", "attachment; filename=\"%41\"; filename*=UTF-8''%2541"),
            ("100%", 'attachment; filename="100%"'),
        ],
    )
    def test_of_a_response(self, filename: str, value: str) -> None:
        assert format_content_disposition("attachment", filename=filename) == value

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("a", 'form-data; name="a"'),
            ('a"b', 'form-data; name="a%22b"'),
            ("a\r\nb", 'form-data; name="a%0D%0Ab"'),
            ("ä\\", 'form-data; name="ä\\"'),
        ],
    )
    def test_of_a_part_of_a_form(self, name: str, value: str) -> None:
        assert format_content_disposition("form-data", name=name) == value

    @pytest.mark.parametrize(
        ("disposition", "parameters"),
        [
            ("", {}),
            ("a b", {}),
            ("attachment", {"filename": "a\r\nb"}),
            ("attachment", {"filename": "a\x00"}),
            ("form-data", {"name": "a\x00"}),
            ("attachment", {"file name": "a"}),
            ("attachment", {"filename*": "a"}),
        ],
    )
    def test_what_can_not_be_sent(self, disposition: str, parameters: dict[str, str]) -> None:
        with pytest.raises(LocalProtocolError):
            format_content_disposition(disposition, **parameters)

    @given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
    def test_what_was_formatted_is_parsed(self, filename: str) -> None:
        value = format_content_disposition("attachment", filename=filename)
        assert parsed(value).filename == filename
        assert value.isascii()


@given(st.text(st.sampled_from("a;=\"\\*0'%4 é\r"), max_size=40))
def test_nothing_is_raised_whatever_comes(value: str) -> None:
    parse_content_disposition(value)
    disposition = parsed(f"form-data;{value}") if '"' not in value else None
    assert disposition is None or disposition.type == "form-data"


def test_hostile_values_take_linear_time() -> None:
    size = 100_000
    for parameters in ('"\\' * size, ';\\"' * size, ';x="\\' * size, ";" * size, '"' * size):
        parsed(f"form-data;{parameters}")
