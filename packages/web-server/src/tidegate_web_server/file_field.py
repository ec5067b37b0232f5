"""A file of a form, as :meth:`Request.post` returns it."""

from dataclasses import dataclass
from typing import IO

from multidict import CIMultiDictProxy
from tidegate_http_core import safe_filename


@dataclass(frozen=True, slots=True)
class FileField:
    """One uploaded file.

    :ivar name: the name of the form's field.
    :ivar filename: the file's name as the client sent it, possibly with a path; never use it as
        the name of a file of your own, see :attr:`safe_filename`.
    :ivar file: the content, a binary file open for reading at its beginning. It is closed when
        the request ends.
    :ivar content_type: the media type that the client names, ``application/octet-stream`` when it
        names none. Nothing has checked that the content is of that type.
    :ivar headers: the header fields of the part.
    """

    name: str
    filename: str
    file: IO[bytes]
    content_type: str
    headers: CIMultiDictProxy[str]

    @property
    def safe_filename(self) -> str | None:
        """The file's name made fit for a file in a directory of your own; None if nothing is left.

        Without a path, control characters or what some system forbids (RFC 6266 section 4.3). Two
        files may have the same one.
        """
        return safe_filename(self.filename)
