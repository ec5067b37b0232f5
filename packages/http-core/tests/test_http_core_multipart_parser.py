"""Multipart bodies: RFC 2046 section 5.1, any segmentation, hostile input."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    BadField,
    BadMultipart,
    EndOfMultipart,
    FieldNames,
    MultipartEvent,
    MultipartLimits,
    MultipartParser,
    MultipartSerializer,
    MultipartTooLarge,
    PartBegin,
    PartEnd,
    ProtocolError,
    TooManyParts,
)

B = "gc0p4Jq0M2Yt08j34c0p"
LIMITS = MultipartLimits()

Part = tuple[tuple[tuple[str, str], ...], bytes]


def parse(segments: list[bytes], boundary: str = B) -> list[Part]:
    """Return the parts of a body; raises what the parser raises."""
    parts, error = outcome(segments, boundary=boundary)
    if error is not None:
        raise error
    return parts


def outcome(
    segments: list[bytes], limits: MultipartLimits = LIMITS, boundary: str = B
) -> tuple[list[Part], ProtocolError | None]:
    """Return the complete parts and the error, if any."""
    parser = MultipartParser(boundary, limits)
    events: list[MultipartEvent] = []
    error: ProtocolError | None = None
    try:
        for segment in segments:
            events += parser.feed(segment)
        parser.feed_eof()
    except ProtocolError as caught:
        error = caught
    return collect(events, complete=error is None), error


def collect(events: list[MultipartEvent], *, complete: bool) -> list[Part]:
    """Put the events of parts together, and check their order."""
    parts: list[Part] = []
    fields: tuple[tuple[str, str], ...] | None = None
    content = b""
    ended = False
    for event in events:
        assert not ended, "an event behind the end"
        if isinstance(event, PartBegin):
            assert fields is None
            fields, content = event.fields.pairs, b""
        elif isinstance(event, bytes):
            assert fields is not None
            assert event, "an empty piece"
            content += event
        elif isinstance(event, PartEnd):
            assert fields is not None
            parts.append((fields, content))
            fields = None
        else:
            assert isinstance(event, EndOfMultipart)
            assert fields is None
            ended = True
    if complete:
        assert ended
    elif fields is not None:
        # What of the part came before the violation counts too.
        parts.append((fields, content))
    return parts


def body(*parts: bytes, end: bytes = b"--\r\n") -> bytes:
    """Put header sections with their content between delimiters."""
    line = b"--" + B.encode()
    return b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + end


class TestGrammar:
    """RFC 2046 section 5.1.1."""

    def test_the_example_of_the_rfc(self) -> None:
        data = (
            b"This is the preamble.  It is to be ignored, though it\r\n"
            b"is a handy place for composition agents to include an\r\n"
            b"explanatory note to non-MIME conformant readers.\r\n"
            b"\r\n"
            b"--simple boundary\r\n"
            b"\r\n"
            b"This is implicitly typed plain US-ASCII text.\r\n"
            b"It does NOT end with a linebreak.\r\n"
            b"--simple boundary\r\n"
            b"Content-type: text/plain; charset=us-ascii\r\n"
            b"\r\n"
            b"This is explicitly typed plain US-ASCII text.\r\n"
            b"It DOES end with a linebreak.\r\n"
            b"\r\n"
            b"--simple boundary--\r\n"
            b"\r\n"
            b"This is the epilogue.  It is also to be ignored.\r\n"
        )
        assert parse([data], "simple boundary") == [
            (
                (),
                b"This is implicitly typed plain US-ASCII text.\r\n"
                b"It does NOT end with a linebreak.",
            ),
            (
                (("Content-type", "text/plain; charset=us-ascii"),),
                b"This is explicitly typed plain US-ASCII text.\r\n"
                b"It DOES end with a linebreak.\r\n",
            ),
        ]

    def test_the_line_end_before_a_delimiter_is_its_own(self) -> None:
        assert parse([body(b"\r\na\r\n", b"\r\n\r\n")]) == [((), b"a\r\n"), ((), b"\r\n")]

    def test_a_part_without_content_needs_no_second_line_end(self) -> None:
        line = f"--{B}".encode()
        data = line + b"\r\nA: b\r\n\r\n" + line + b"\r\n\r\n" + line + b"--"
        assert parse([data]) == [((("A", "b"),), b""), ((), b"")]

    def test_a_body_without_parts_is_complete(self) -> None:
        assert parse([f"--{B}--\r\n".encode()]) == []

    def test_the_closing_delimiter_needs_no_line_end(self) -> None:
        assert parse([body(b"\r\na", end=b"--")]) == [((), b"a")]

    @pytest.mark.parametrize("padding", [b" ", b"\t", b" \t " * 42])
    def test_white_space_behind_a_delimiter_is_padding(self, padding: bytes) -> None:
        line = f"--{B}".encode()
        data = line + padding + b"\r\n\r\na\r\n" + line + b"--" + padding + b"\r\n"
        assert parse([data]) == [((), b"a")]
        assert parse([data[i : i + 1] for i in range(len(data))]) == [((), b"a")]

    def test_a_folded_field_is_unfolded(self) -> None:
        section = b"Content-Type: text/plain;\r\n charset=a\r\nB:\r\n\tc\r\n\r\n"
        assert parse([body(section)]) == [
            ((("Content-Type", "text/plain; charset=a"), ("B", "c")), b"")
        ]

    def test_what_is_only_like_a_delimiter_is_content(self) -> None:
        content = (
            f"\r\n-{B}\r\n--{B[:-1]}\r\n--{B[:-1]}x--{B}\r--{B}\n--{B}\r\n\r\n--".encode() + b"\r"
        )
        assert parse([body(b"\r\n" + content)]) == [((), content)]

    def test_names_are_made_by_the_table_that_is_given(self) -> None:
        parser = MultipartParser(B, field_names=FieldNames(make=str.upper))
        (begin, *_) = parser.feed(body(b"Content-Id: Mine\r\n\r\n"))
        assert isinstance(begin, PartBegin)
        assert begin.fields.pairs == (("CONTENT-ID", "Mine"),)
        assert begin.fields.raw == b"Content-Id: Mine\r\n"

    def test_values_are_utf8_and_keep_what_is_none(self) -> None:
        section = 'A: "é"'.encode() + b"\r\nB: \xe9\r\n\r\n"
        assert parse([body(section)]) == [((("A", '"é"'), ("B", "\udce9")), b"")]

    @pytest.mark.parametrize("boundary", ["a", "*****", "-" * 70, "a b", "'()+_,-./:=?"])
    def test_boundaries_that_clients_send(self, boundary: str) -> None:
        data = f"--{boundary}\r\n\r\nx\r\n--{boundary}--".encode()
        assert parse([data], boundary) == [((), b"x")]
        assert [type(event) for event in MultipartParser(boundary.encode()).feed(data)] == [
            PartBegin,
            bytes,
            PartEnd,
            EndOfMultipart,
        ]

    @pytest.mark.parametrize("boundary", ["", "a" * 71, "a ", " a", "é", "a\r", "\x00"])
    def test_a_boundary_that_delimits_nothing_is_refused(self, boundary: str) -> None:
        with pytest.raises(BadMultipart, match="boundary"):
            MultipartParser(boundary)

    def test_whether_it_has_ended(self) -> None:
        parser = MultipartParser(B)
        seen = []
        for segment in (body(b"\r\na", end=b""), b"-", b"-"):
            parser.feed(segment)
            seen.append(parser.ended)
        assert seen == [False, False, True]
        parser.feed_eof()

    def test_events_show_what_they_are(self) -> None:
        events = MultipartParser(B).feed(body(b"A: b\r\n\r\n"))
        assert [repr(event) for event in events] == [
            "PartBegin(Fields((('A', 'b'),)))",
            "PartEnd()",
            "EndOfMultipart()",
        ]


class TestRefused:
    """What would leave a doubt about where a part ends, or what its fields are."""

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"no delimiter",
            f"--{B}".encode(),
            f"--{B}-".encode(),
            f"--{B}\r\nA: b".encode(),
            body(b"\r\na", end=b"\r\n"),
            body(b"\r\na")[: -len(B) - 6],
        ],
    )
    def test_a_body_that_ends_before_the_closing_delimiter(self, data: bytes) -> None:
        with pytest.raises(BadMultipart, match="closing delimiter"):
            parse([data])

    @pytest.mark.parametrize(
        ("behind", "byte"),
        [
            (b"x\r\n", 0x78),
            (b"-x\r\n", 0x78),
            (b" x\r\n", 0x78),
            (b"\n\r\n", 0x0A),
            (b"\r\r\n", 0x0D),
            (b" \n", 0x0A),
            (b"--x", 0x78),
            (b"-- x", 0x78),
            (b"--\n", 0x0A),
            (b"--\rx", 0x78),
        ],
    )
    def test_a_delimiter_line_with_something_behind_the_boundary(
        self, behind: bytes, byte: int
    ) -> None:
        data = body(b"\r\na", end=behind)
        for segments in ([data], [data[i : i + 1] for i in range(len(data))]):
            parts, error = outcome(segments)
            assert parts == [((), b"a")]
            assert isinstance(error, BadMultipart)
            assert f"got byte 0x{byte:02x}" in str(error)

    @pytest.mark.parametrize(
        ("section", "error"),
        [
            (b"no colon\r\n\r\n", BadField),
            (b": b\r\n\r\n", BadField),
            (b"A : b\r\n\r\n", BadField),
            (b" A: b\r\n\r\n", BadField),
            (b"A: b\nC: d\r\n\r\n", BadMultipart),
            (b"A: b\rC: d\r\n\r\n", BadMultipart),
            (b"A: \x00\r\n\r\n", BadMultipart),
            (b"A: \x7f\r\n\r\n", BadMultipart),
            (b"\nA: b\r\n\r\n", BadMultipart),
        ],
    )
    def test_a_header_section_that_is_none(
        self, section: bytes, error: type[ProtocolError]
    ) -> None:
        data = body(section)
        with pytest.raises(error) as caught:
            parse([data])
        assert caught.value.status == 400
        assert outcome([data[i : i + 1] for i in range(len(data))])[1] is not None

    def test_bare_line_feeds_delimit_nothing(self) -> None:
        with pytest.raises(BadMultipart):
            parse([body(b"\r\na").replace(b"\r\n", b"\n")])

    def test_an_error_is_raised_again_and_nothing_is_parsed_behind_it(self) -> None:
        parser = MultipartParser(B)
        with pytest.raises(BadMultipart) as first:
            parser.feed(f"--{B}x".encode())
        with pytest.raises(BadMultipart) as second:
            parser.feed(body(b"\r\na"))
        with pytest.raises(BadMultipart) as third:
            parser.feed_eof()
        assert first.value is second.value is third.value

    def test_events_before_a_violation_come_first(self) -> None:
        parser = MultipartParser(B)
        events = parser.feed(body(b"\r\na", end=b"x"))
        assert [type(event) for event in events] == [PartBegin, bytes, PartEnd]
        with pytest.raises(BadMultipart):
            parser.feed(b"")

    def test_the_end_is_missed_again(self) -> None:
        parser = MultipartParser(B)
        for _ in range(2):
            with pytest.raises(BadMultipart, match="before the first delimiter"):
                parser.feed_eof()


class TestLimits:
    """Each limit is kept to the byte, in one segment and in many."""

    @staticmethod
    def check(allowed: bytes, refused: bytes, error: type[ProtocolError], **limits: int) -> None:
        for cut in (1, 7, 1 << 20):
            assert outcome(split(allowed, cut), MultipartLimits(**limits))[1] is None
            got = outcome(split(refused, cut), MultipartLimits(**limits))[1]
            assert type(got) is error
            assert got.status == 413

    def test_parts(self) -> None:
        part = b"\r\na"
        self.check(body(*[part] * 3), body(*[part] * 4), TooManyParts, parts=3)

    def test_lines_of_a_header_section(self) -> None:
        self.check(
            body(b"A: b\r\n c\r\n\r\n"), body(b"A: b\r\n c\r\nD: e\r\n\r\n"),
            MultipartTooLarge, part_fields=2,
        )  # fmt: skip

    def test_bytes_of_a_header_section(self) -> None:
        self.check(
            body(b"A: 3456\r\n\r\n", b"\r\n"), body(b"A: 34567\r\n\r\n"),
            MultipartTooLarge, part_fields_size=9,
        )  # fmt: skip

    def test_bytes_of_a_header_section_that_does_not_end(self) -> None:
        parser = MultipartParser(B, MultipartLimits(part_fields_size=9))
        with pytest.raises(MultipartTooLarge):
            parser.feed(f"--{B}\r\n".encode() + b"A" * 13)

    def test_content(self) -> None:
        self.check(
            body(b"\r\n1234", b"\r\n1234"), body(b"\r\n12345"), MultipartTooLarge, part_size=4
        )

    def test_preamble(self) -> None:
        self.check(
            b"1234\r\n" + body(b"\r\na"), b"12345\r\n" + body(b"\r\na"),
            MultipartTooLarge, preamble=4,
        )  # fmt: skip

    def test_epilogue(self) -> None:
        self.check(
            body(b"\r\na") + b"1234", body(b"\r\na") + b"12345", MultipartTooLarge, epilogue=4
        )

    def test_padding(self) -> None:
        self.check(
            body(b"\r\na", end=b" " * 128 + b"\r\n\r\n\r\n" + f"--{B}--".encode()),
            body(b"\r\na", end=b" " * 129 + b"\r\n\r\n\r\n" + f"--{B}--".encode()),
            MultipartTooLarge,
        )

    def test_the_defaults(self) -> None:
        limits = MultipartLimits()
        assert (limits.parts, limits.part_fields, limits.part_fields_size) == (1000, 32, 8192)
        assert (limits.preamble, limits.epilogue) == (16384, 16384)

    @pytest.mark.parametrize("name", ["parts", "part_fields", "preamble", "part_size"])
    def test_a_limit_below_one_is_a_mistake(self, name: str) -> None:
        with pytest.raises(ValueError, match=name):
            MultipartLimits(**{name: 0})


def split(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


# --- properties ---

names = st.text("abcXYZ-", min_size=1, max_size=8)
values = st.text(st.sampled_from('ab "=;é/\\'), max_size=12).map(lambda text: text.strip(" "))
contents = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b"-", b"--", B.encode()[:5], B.encode()[1:], b"x"]),
    max_size=12,
).map(b"".join)  # fmt: skip
parts_of_bodies = st.lists(
    st.tuples(st.lists(st.tuples(names, values), max_size=3).map(tuple), contents), max_size=4
)


@st.composite
def segmentations(draw: st.DrawFn, data: bytes) -> list[bytes]:
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=10)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def write(parts: list[Part]) -> bytes:
    serializer = MultipartSerializer("mixed", B)
    pieces = []
    for fields, content in parts:
        pieces += [serializer.part_head(fields), content, serializer.PART_TAIL]
    return b"".join(pieces) + serializer.closing


@given(parts_of_bodies, st.data())
def test_what_was_written_is_parsed_in_any_segmentation(
    parts: list[Part], data: st.DataObject
) -> None:
    written = write(parts)
    assert parse(data.draw(segmentations(written))) == parts
    assert parse(split(written, 1)) == parts


fragments = st.lists(
    st.sampled_from(
        [f"\r\n--{B}", f"--{B}", B, "--", "-", "\r\n", "\r", "\n", " ", "A: b", ":", "x", "\x00"]
    ),
    max_size=14,
).map(lambda pieces: "".join(pieces).encode())


@settings(max_examples=300)
@given(fragments, st.data())
@example(f"--{B}\r\n\r\n".encode(), None)
def test_any_segmentation_gives_the_same_parts_and_the_same_error(
    garbage: bytes, data: st.DataObject | None
) -> None:
    limits = MultipartLimits(parts=2, part_fields=2, part_fields_size=16, preamble=8, epilogue=8)
    parts, error = outcome([garbage], limits)
    segmentations_ = [split(garbage, 1), split(garbage, 3)]
    if data is not None:
        segmentations_.append(data.draw(segmentations(garbage)))
    for segments in segmentations_:
        other_parts, other_error = outcome(segments, limits)
        assert other_parts == parts
        assert (type(other_error), str(other_error)) == (type(error), str(error))


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=30), max_size=6), st.text(max_size=72))
def test_nothing_but_protocol_errors_comes_out(segments: list[bytes], boundary: str) -> None:
    with suppress(ProtocolError):
        parser = MultipartParser(boundary)
        for segment in segments:
            parser.feed(segment)
        parser.feed_eof()


def test_every_cut_in_two_gives_the_same_parts() -> None:
    written = b"preamble\r\n" + body(b"A: b\r\n\r\n\r\n--" + B[:-1].encode(), b"\r\n", b"\r\n\r")
    parts = parse([written])
    assert len(parts) == 3
    for cut in range(len(written)):
        assert parse([written[:cut], written[cut:]]) == parts


# --- the cost of hostile input ---


@pytest.mark.parametrize(
    "piece",
    [b"\r", b"\r\n", b"\r\n--", f"\r\n--{B[:-1]}".encode(), f"\r\n--{B[:-1]}x".encode(), b"-"],
)
@pytest.mark.parametrize("cut", [1, 16, 1000])
def test_beginnings_of_delimiters_are_never_kept_longer_than_one(piece: bytes, cut: int) -> None:
    content = piece * (20000 // len(piece))
    parser = MultipartParser(B)
    handed_out = 0
    parser.feed(f"--{B}\r\n\r\n".encode())
    for at in range(0, len(content), cut):
        for event in parser.feed(content[at : at + cut]):
            assert isinstance(event, bytes)
            handed_out += len(event)
        # What waits is shorter than a delimiter: so no byte is looked at more often than that.
        assert min(at + cut, len(content)) - handed_out < len(B) + 4
