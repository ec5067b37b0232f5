"""Content-Transfer-Encoding: RFC 2045 section 6, whole and in pieces."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_http_core import (
    BadMultipart,
    TransferDecoder,
    TransferEncoder,
    TransferEncoding,
    get_transfer_encoding,
)


def known(name: str) -> TransferEncoding:
    encoding = get_transfer_encoding(name)
    assert encoding is not None
    return encoding


def decode(name: str, segments: list[bytes]) -> bytes:
    decoder = TransferDecoder(known(name))
    return b"".join([*map(decoder.decode, segments), decoder.finish()])


def encode(name: str, segments: list[bytes]) -> bytes:
    encoder = TransferEncoder(known(name))
    return b"".join([*map(encoder.encode, segments), encoder.finish()])


def one_by_one(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def test_names_are_case_insensitive() -> None:
    assert known(" BASE64\t") is known("base64")
    assert get_transfer_encoding("x-uuencode") is None


@pytest.mark.parametrize("name", ["7bit", "8bit", "binary"])
def test_identities_change_nothing(name: str) -> None:
    assert decode(name, [b"=20\r", b"\xff"]) == b"=20\r\xff"
    assert encode(name, [b"=20\r", b"\xff"]) == b"=20\r\xff"


@given(st.sampled_from(["base64", "quoted-printable", "binary"]), st.lists(st.binary()))
def test_what_was_encoded_is_decoded(name: str, segments: list[bytes]) -> None:
    encoded = encode(name, segments)
    assert decode(name, [encoded]) == b"".join(segments)
    assert decode(name, one_by_one(encoded)) == b"".join(segments)


@given(
    st.sampled_from(["base64", "quoted-printable"]),
    st.lists(st.binary(min_size=50) | st.text("ab=", min_size=70).map(str.encode)),
)
def test_lines_have_at_most_76_characters(name: str, segments: list[bytes]) -> None:
    encoded = encode(name, segments)
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))
    assert encoded.replace(b"\r\n", b"").isascii()
    assert b"\n" not in encoded.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "piece", [b"a" * 76, b"a" * 73 + b"=", b"a" * 70 + b"=", b"a" * 71 + b"=a"]
)
def test_a_piece_that_fills_its_line_leaves_room_for_a_soft_line_break(piece: bytes) -> None:
    encoded = encode("quoted-printable", [piece, b"b"])
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert decode("quoted-printable", [encoded]) == piece + b"b"


class TestBase64:
    """RFC 2045 section 6.8."""

    @given(st.binary())
    def test_the_standard_library_agrees(self, data: bytes) -> None:
        assert base64.b64decode(encode("base64", [data])) == data
        assert decode("base64", [base64.encodebytes(data)]) == data

    @pytest.mark.parametrize(
        "data", [b"QQ", b"Q", b"QQ=", b"QQ==QQ==", b"=", b"Q!==", b"QUE\xc3", b"QQ==\r\nQQ=="]
    )
    def test_what_is_not_base64(self, data: bytes) -> None:
        for segments in ([data], one_by_one(data)):
            with pytest.raises(BadMultipart):
                decode("base64", segments)

    def test_a_cut_is_between_groups_of_four(self) -> None:
        encoding = known("base64")
        assert encoding.decodable(b"QUJD\r\nQU") == 6
        assert encoding.decodable(b"QU\r\nJDQ") == 6
        assert encoding.decodable(b"Q") == 0
        assert encoding.decodable(b"") == 0

    @pytest.mark.parametrize("run", [b" ", b"\r\n"])
    def test_white_space_inside_a_group_is_not_kept(self, run: bytes) -> None:
        with pytest.raises(BadMultipart, match="white space"):
            decode("base64", [b"Q", *[run] * 2000])
        with pytest.raises(BadMultipart, match="white space"):
            decode("base64", [b"Q" + run * 2000])
        assert decode("base64", [b"QUJD", *[run] * 2000, b"QUJD"]) == b"ABCABC"


class TestQuotedPrintable:
    """RFC 2045 section 6.7."""

    @pytest.mark.parametrize(
        ("data", "decoded"),
        [
            (b"a=20b", b"a b"),
            (b"=C3=a4", b"\xc3\xa4"),
            (b"soft=\r\nbreak", b"softbreak"),
            (b"soft= \t\r\nbreak", b"softbreak"),
            (b"hard\r\nbreak", b"hard\r\nbreak"),
            (b"trailing \t \r\nwhite space", b"trailing\r\nwhite space"),
            (b"in side", b"in side"),
            (b"=zz=", b"=zz="),
            (b"= x", b"= x"),
            (b"a\rb", b"a\rb"),
        ],
    )
    def test_decoding(self, data: bytes, decoded: bytes) -> None:
        assert decode("quoted-printable", [data]) == decoded
        assert decode("quoted-printable", one_by_one(data)) == decoded

    @given(
        st.lists(st.sampled_from([b"=", b"A", b"1", b" ", b"\t", b"\r\n", b"\n", b"x", b"=20"]))
    )
    def test_any_segmentation_decodes_alike(self, segments: list[bytes]) -> None:
        whole = b"".join(segments)
        assert decode("quoted-printable", one_by_one(whole)) == decode("quoted-printable", [whole])
        assert decode("quoted-printable", segments) == decode("quoted-printable", [whole])

    @given(st.binary())
    def test_the_standard_library_understands_it(self, data: bytes) -> None:
        assert quopri.decodestring(encode("quoted-printable", [data])) == data

    @pytest.mark.parametrize("run", [b" ", b"\t", b" \t"])
    def test_white_space_without_an_end_is_not_kept(self, run: bytes) -> None:
        with pytest.raises(BadMultipart, match="white space"):
            decode("quoted-printable", [run] * 2000)
        with pytest.raises(BadMultipart, match="white space"):
            decode("quoted-printable", [run * 2000])
