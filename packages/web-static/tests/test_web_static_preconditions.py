import pytest
from multidict import CIMultiDict
from tidegate_http_core import ETag
from tidegate_web_static import Outcome, Preconditions
from tidegate_web_static.preconditions import (
    matches_strongly,
    matches_weakly,
    range_applies,
)

BEFORE = "Tue, 14 Nov 2023 22:13:19 GMT"
SAME = "Tue, 14 Nov 2023 22:13:20 GMT"
AFTER = "Tue, 14 Nov 2023 22:13:21 GMT"
MODIFIED = 1_700_000_000

STRONG = ETag("a")
WEAK = ETag("a", is_weak=True)


# RFC 9110 section 8.8.3.2, and what is no pair of two tags.
@pytest.mark.parametrize(
    ("field", "current", "strongly", "weakly"),
    [
        ('W/"a"', WEAK, False, True),
        ('W/"b"', WEAK, False, False),
        ('W/"a"', STRONG, False, True),
        ('"a"', STRONG, True, True),
        ('"a"', WEAK, False, True),
        ('"b"', STRONG, False, False),
        ('"b", "a"', STRONG, True, True),
        ('"A"', STRONG, False, False),
        ("*", STRONG, True, True),
        (" * ", WEAK, True, True),
        ("*", None, True, True),
        ('"a"', None, False, False),
        ("a", STRONG, False, False),
        ("", STRONG, False, False),
    ],
)
def test_comparison(field: str, current: ETag | None, strongly: bool, weakly: bool) -> None:
    assert matches_strongly(field, current) is strongly
    assert matches_weakly(field, current) is weakly


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, Outcome.PASSED),
        # Step 1
        ({"if_match": '"a"'}, Outcome.PASSED),
        ({"if_match": '"b"'}, Outcome.FAILED),
        ({"if_match": 'W/"a"'}, Outcome.FAILED),
        ({"if_match": "*"}, Outcome.PASSED),
        ({"if_match": "nonsense"}, Outcome.FAILED),
        ({"if_match": ""}, Outcome.FAILED),
        # Step 2
        ({"if_unmodified_since": BEFORE}, Outcome.FAILED),
        ({"if_unmodified_since": SAME}, Outcome.PASSED),
        ({"if_unmodified_since": AFTER}, Outcome.PASSED),
        ({"if_unmodified_since": "nonsense"}, Outcome.PASSED),
        ({"if_match": '"a"', "if_unmodified_since": BEFORE}, Outcome.PASSED),
        # Step 3
        ({"if_none_match": '"a"'}, Outcome.NOT_MODIFIED),
        ({"if_none_match": 'W/"a"'}, Outcome.NOT_MODIFIED),
        ({"if_none_match": '"b", "a"'}, Outcome.NOT_MODIFIED),
        ({"if_none_match": "*"}, Outcome.NOT_MODIFIED),
        ({"if_none_match": '"b"'}, Outcome.PASSED),
        ({"if_none_match": "nonsense"}, Outcome.PASSED),
        # Step 4
        ({"if_modified_since": BEFORE}, Outcome.PASSED),
        ({"if_modified_since": SAME}, Outcome.NOT_MODIFIED),
        ({"if_modified_since": AFTER}, Outcome.NOT_MODIFIED),
        ({"if_modified_since": "Tuesday, 14-Nov-23 22:13:20 GMT"}, Outcome.NOT_MODIFIED),
        ({"if_modified_since": "Tue Nov 14 22:13:20 2023"}, Outcome.NOT_MODIFIED),
        ({"if_modified_since": "nonsense"}, Outcome.PASSED),
        ({"if_modified_since": f"{AFTER}, {AFTER}"}, Outcome.PASSED),
        ({"if_none_match": '"b"', "if_modified_since": AFTER}, Outcome.PASSED),
        ({"if_none_match": '"a"', "if_modified_since": BEFORE}, Outcome.NOT_MODIFIED),
        # 412 comes before 304
        ({"if_match": '"b"', "if_none_match": '"a"'}, Outcome.FAILED),
        ({"if_match": '"a"', "if_none_match": '"a"'}, Outcome.NOT_MODIFIED),
        ({"if_match": '"a"', "if_none_match": '"b"'}, Outcome.PASSED),
        ({"if_unmodified_since": BEFORE, "if_modified_since": AFTER}, Outcome.FAILED),
        ({"if_unmodified_since": AFTER, "if_modified_since": AFTER}, Outcome.NOT_MODIFIED),
    ],
)
def test_the_order_of_rfc_9110_section_13_2_2(fields: dict[str, str], outcome: Outcome) -> None:
    assert Preconditions(**fields).evaluate(STRONG, MODIFIED) is outcome


@pytest.mark.parametrize("fields", [{"if_unmodified_since": BEFORE}, {"if_modified_since": AFTER}])
def test_dates_say_nothing_about_what_has_none(fields: dict[str, str]) -> None:
    assert Preconditions(**fields).evaluate(None, None) is Outcome.PASSED


def test_a_request_without_conditional_fields_has_no_preconditions() -> None:
    assert Preconditions.of(CIMultiDict({"Host": "test", "Range": "bytes=0-1"})) is None


def test_preconditions_are_taken_from_their_fields() -> None:
    headers = CIMultiDict(
        {
            "if-match": "1",
            "If-Unmodified-Since": "2",
            "IF-NONE-MATCH": "3",
            "If-Modified-Since": "4",
        }
    )
    assert Preconditions.of(headers) == Preconditions("1", "2", "3", "4")


def test_lines_of_one_field_are_one_list_and_an_empty_field_is_there() -> None:
    headers = CIMultiDict([("If-None-Match", '"a"'), ("If-None-Match", '"b"'), ("If-Match", "")])
    assert Preconditions.of(headers) == Preconditions(if_match="", if_none_match='"a", "b"')


@pytest.mark.parametrize(
    ("if_range", "etag", "last_modified", "applies"),
    [
        (None, None, None, True),
        (None, STRONG, MODIFIED, True),
        ('"a"', STRONG, MODIFIED, True),
        ('"b"', STRONG, MODIFIED, False),
        ('W/"a"', STRONG, MODIFIED, False),
        ('"a"', WEAK, MODIFIED, False),
        ('W/"a"', WEAK, MODIFIED, False),
        ('"a"', None, MODIFIED, False),
        (SAME, STRONG, MODIFIED, True),
        (SAME, None, MODIFIED, True),
        (BEFORE, STRONG, MODIFIED, False),
        (AFTER, STRONG, MODIFIED, False),
        (SAME, STRONG, None, False),
        # It may have been changed twice within that second.
        (SAME, WEAK, MODIFIED, False),
        ("nonsense", STRONG, MODIFIED, False),
        ("", STRONG, MODIFIED, False),
        ("*", STRONG, MODIFIED, False),
        ('"a", "b"', STRONG, MODIFIED, False),
    ],
)
def test_a_range_counts_when_the_client_has_the_same_file(
    if_range: str | None, etag: ETag | None, last_modified: int | None, applies: bool
) -> None:
    assert range_applies(if_range, etag, last_modified) is applies
