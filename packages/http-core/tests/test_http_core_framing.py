"""The framing decision, row by row of its table (RFC 9112 section 6.3)."""

from __future__ import annotations

import pytest
from tidegate_http_core import (
    CHUNKED,
    CONTENT_LENGTH,
    NO_BODY,
    UNTIL_CLOSE,
    BadFraming,
    ProtocolError,
    UnknownTransferCoding,
)
from tidegate_http_core.framing import field_framing, response_framing


@pytest.mark.parametrize(
    ("codings", "lengths", "http11", "decision"),
    [
        ([], [], True, (NO_BODY, -1)),
        ([], [], False, (NO_BODY, -1)),
        ([], ["0"], True, (CONTENT_LENGTH, 0)),
        ([], ["12"], False, (CONTENT_LENGTH, 12)),
        ([], ["007"], True, (CONTENT_LENGTH, 7)),
        ([], ["9" * 19], True, (CONTENT_LENGTH, 10**19 - 1)),
        (["chunked"], [], True, (CHUNKED, -1)),
        (["ChunKed"], [], True, (CHUNKED, -1)),
    ],
)
def test_decided(
    codings: list[str], lengths: list[str], http11: bool, decision: tuple[int, int]
) -> None:
    assert field_framing(codings, lengths, http11, 19) == decision


@pytest.mark.parametrize(
    ("codings", "lengths", "http11", "error"),
    [
        (["chunked"], ["1"], True, BadFraming),
        (["chunked"], ["0"], True, BadFraming),
        (["gzip"], ["1"], True, BadFraming),
        ([""], ["1"], True, BadFraming),
        (["chunked"], [], False, BadFraming),
        ([""], [], False, BadFraming),
        ([""], [], True, BadFraming),
        (["chunked", "chunked"], [], True, BadFraming),
        (["chunked, chunked"], [], True, BadFraming),
        (["chunked,"], [], True, BadFraming),
        ([",chunked"], [], True, BadFraming),
        (["chunked", ""], [], True, BadFraming),
        (["chunked;a=b"], [], True, BadFraming),
        (['"chunked"'], [], True, BadFraming),
        (["chunked chunked"], [], True, BadFraming),
        (["\x0bchunked"], [], True, BadFraming),
        (["gzip, chunked"], [], True, UnknownTransferCoding),
        (["gzip", "chunked"], [], True, UnknownTransferCoding),
        (["chunked, gzip"], [], True, UnknownTransferCoding),
        (["identity"], [], True, UnknownTransferCoding),
        (["xchunked"], [], True, UnknownTransferCoding),
        (["\u212ahunked"], [], True, BadFraming),
        ([], [""], True, BadFraming),
        ([], ["1", "1"], True, BadFraming),
        ([], ["1,1"], True, BadFraming),
        ([], ["1, 1"], True, BadFraming),
        ([], ["+1"], True, BadFraming),
        ([], ["-1"], True, BadFraming),
        ([], ["1_0"], True, BadFraming),
        ([], ["0x1"], True, BadFraming),
        ([], ["1.0"], True, BadFraming),
        ([], ["1 0"], True, BadFraming),
        ([], ["\u0661"], True, BadFraming),
        ([], ["\xb2"], True, BadFraming),
        ([], ["1" * 20], True, BadFraming),
    ],
)
def test_refused(
    codings: list[str], lengths: list[str], http11: bool, error: type[ProtocolError]
) -> None:
    with pytest.raises(error) as caught:
        field_framing(codings, lengths, http11, 19)
    assert type(caught.value) is error
    assert str(caught.value).startswith("expected ")


@pytest.mark.parametrize(
    ("status", "method", "by_fields", "decision"),
    [
        # 6.3 (1)
        (200, "HEAD", CONTENT_LENGTH, NO_BODY),
        (404, "HEAD", CHUNKED, NO_BODY),
        (200, "HEAD", NO_BODY, NO_BODY),
        (100, "GET", CONTENT_LENGTH, NO_BODY),
        (199, "GET", CHUNKED, NO_BODY),
        (204, "PUT", CONTENT_LENGTH, NO_BODY),
        (304, "GET", CHUNKED, NO_BODY),
        (304, "CONNECT", CHUNKED, NO_BODY),
        # 6.3 (2)
        (200, "CONNECT", CONTENT_LENGTH, NO_BODY),
        (299, "CONNECT", NO_BODY, NO_BODY),
        # 6.3 (4), (6)
        (200, "GET", CHUNKED, CHUNKED),
        (205, "POST", CONTENT_LENGTH, CONTENT_LENGTH),
        (407, "CONNECT", CONTENT_LENGTH, CONTENT_LENGTH),
        # 6.3 (8)
        (200, "GET", NO_BODY, UNTIL_CLOSE),
        (502, "CONNECT", NO_BODY, UNTIL_CLOSE),
        (300, "connect", NO_BODY, UNTIL_CLOSE),
        (999, "GET", NO_BODY, UNTIL_CLOSE),
    ],
)
def test_response(status: int, method: str, by_fields: int, decision: int) -> None:
    assert response_framing(status, method, by_fields) == decision
