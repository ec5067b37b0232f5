"""What the head of a response says of a file: type, coding, validators.

All of it depends on the representation and the file's name alone, so it is made once for each
representation and shared by the answers that send it.

The entity tag is made of the time of the last modification and the size, and the coding of a
variant. It is strong, so that a client may put parts of the file together, but for a file that was
modified within the last two seconds: clocks of file systems tick in steps, up to those two
seconds, and a second modification within a step could leave the tag as it was (RFC 9110 section
8.8.1). The opaque part is the same for both, so a client that has the weak one need not load the
file again.
"""

import time
from collections.abc import Mapping

from multidict import CIMultiDict
from tidegate_http_core import ETag, format_http_date, hdrs

from .content_types import guess_content_type
from .opening import CLOCK_STEP_NS
from .representations import Representation


class FileHead:
    """The fields of a file.

    :ivar etag: its entity tag.
    :ivar last_modified: the time of its Last-Modified field, in seconds since 1970.
    :ivar validators: the fields that a 304 has.
    :ivar fields: those and the others; Content-Length is not among them.
    """

    __slots__ = ("etag", "fields", "last_modified", "length", "validators")

    def __init__(self, found: Representation, name: str, types: Mapping[str, str]) -> None:
        """Describe a representation.

        :param name: the file's own name, also of a variant.
        :param types: media types by suffix, ``".js"``, or by whole name, before all others.
        """
        file = found.file
        now = time.time_ns()
        opaque = f"{file.mtime_ns:x}-{file.size:x}"
        if found.coding is not None:
            opaque += f"-{found.coding}"
        self.etag = ETag(opaque, now - file.mtime_ns < CLOCK_STEP_NS)
        # Never later than Date (RFC 9110 section 8.8.2.1), and no time that has no date.
        self.last_modified = max(0, min(file.mtime_ns, now) // 1_000_000_000)
        self.length = str(file.size)
        self.validators = CIMultiDict(
            {
                hdrs.ETAG: str(self.etag),
                hdrs.LAST_MODIFIED: format_http_date(self.last_modified),
            }
        )
        if found.codings:
            self.validators[hdrs.VARY] = hdrs.ACCEPT_ENCODING
        content_type, coding = _media_type(name, types)
        self.fields = CIMultiDict({hdrs.CONTENT_TYPE: content_type})
        if found.coding is not None:
            coding = found.coding
        if coding is not None:
            self.fields[hdrs.CONTENT_ENCODING] = coding
        self.fields.extend(self.validators)
        self.fields[hdrs.ACCEPT_RANGES] = "bytes"


def _media_type(name: str, types: Mapping[str, str]) -> tuple[str, str | None]:
    if types:
        lowered = name.lower()
        for key in (name, *(lowered[at:] for at, char in enumerate(lowered) if char == ".")):
            if key in types:
                return types[key], None
    return guess_content_type(name)
