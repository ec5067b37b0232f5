"""How much of anything the parser takes, in one frozen object.

Every limit counts what has accumulated, never one segment: a line that is too long is refused as
soon as its first byte too many is there, even when its end has not come. All numbers are bytes or
counts; each breach has its own error (see `errors`). There is no limit on the size of a body here:
the parser hands body bytes on as they come and keeps none, so that bound is for who keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one parser.

    - `method`: bytes of the method token (BadRequestLine, 400).
    - `request_line`: bytes of the request line without its CRLF (414). RFC 9112 section 3 asks
      for at least 8000.
    - `status_line`: bytes of the status line of a response without its CRLF.
    - `empty_lines`: empty lines skipped before a request line (RFC 9112 section 2.2; 400).
    - `field_line`: bytes of one field line or trailer line without its CRLF (431).
    - `fields_size`: bytes of all field lines with their CRLFs (431).
    - `fields_count`: field lines, trailers included (431).
    - `content_length_digits`: digits of Content-Length (400).
    - `chunk_size_digits`: hexadecimal digits of a chunk-size, at most 16 (400).
    - `chunk_line`: bytes of a chunk-size line, extensions included, without its CRLF (400).
    - `chunk_extensions`: bytes of all chunk extensions of a body, on top of twice the bytes of
      the body so far (413).
    - `trailers_size`: bytes of all trailer lines with their CRLFs (431).

    Raises ValueError for a limit below 1, or `chunk_size_digits` over 16.
    """

    method: int = 32
    request_line: int = 8190
    status_line: int = 8190
    empty_lines: int = 8
    field_line: int = 8190
    fields_size: int = 65536
    fields_count: int = 128
    content_length_digits: int = 19
    chunk_size_digits: int = 16
    chunk_line: int = 4096
    chunk_extensions: int = 16384
    trailers_size: int = 16384

    def __post_init__(self) -> None:
        """Refuse a limit that can't work, when it is made and not when a client meets it."""
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise ValueError(
                    f"Limits.{field.name} is at least 1, not {getattr(self, field.name)}"
                )
        if self.chunk_size_digits > 16:
            raise ValueError(
                f"Limits.chunk_size_digits is at most 16 (64 bits), not {self.chunk_size_digits}"
            )
