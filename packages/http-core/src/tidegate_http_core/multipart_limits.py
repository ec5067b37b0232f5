"""How much of a multipart body the parser takes, in one frozen object.

As with `Limits`, every number counts what has accumulated, whatever the segments. What is over a
limit is MultipartTooLarge (413), the number of parts TooManyParts (413). The size of the whole
body is for who reads it: the parser hands bytes on as they come and keeps none.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class MultipartLimits:
    """The limits of one multipart body; a body nested in a part has its own.

    - `parts`: body parts.
    - `part_fields`: field lines of a part's header section, continuation lines included.
    - `part_fields_size`: bytes of that section, its CRLFs included.
    - `part_size`: bytes of the content of a part; practically without a limit by default.
    - `preamble`: bytes before the first delimiter, which nobody sees (RFC 2046 section 5.1.1).
    - `epilogue`: bytes behind the last delimiter, which nobody sees either.

    Raises ValueError for a limit below 1.
    """

    parts: int = 1000
    part_fields: int = 32
    part_fields_size: int = 8192
    part_size: int = 2**62
    preamble: int = 16384
    epilogue: int = 16384

    def __post_init__(self) -> None:
        """Refuse a limit that can't work, when it is made and not when a client meets it."""
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise ValueError(
                    f"MultipartLimits.{field.name} is at least 1, not {getattr(self, field.name)}"
                )
