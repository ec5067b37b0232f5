"""Content-Disposition, of responses (RFC 6266) and of the parts of a form (RFC 7578 section 4.2).

    Content-Disposition: form-data; name="picture"; filename="me.png"
    Content-Disposition: attachment; filename="EUR.txt"; filename*=UTF-8''%e2%82%ac.txt

Parsing is lenient, as header values from a peer are everywhere here: never an exception. A value
without a type, or that repeats a parameter (RFC 6266 section 4.1: "Recipients SHOULD treat these
values as invalid"), is None; a parameter that can't be understood is left out, and its text is
kept in `defects` for those who want to tell.

One parameter may come in three spellings, of which the first that can be read counts (RFC 6266
section 4.3, RFC 2231 section 3): `filename*` (RFC 8187, with a charset), `filename*0`,
`filename*1*`, … (continuations), and `filename`. `parameters` holds the outcome under the plain
name.

In a quoted string a backslash escapes a quote, a backslash or white space, and is itself before
anything else: browsers have never escaped backslashes, and RFC 9110's rule would turn
`C:\\me.png` into `C:me.png`.

Names and file names are handed on as they were sent: with the path that some clients send, with
`%22` where a browser wrote it for a quote, with control characters that were percent-encoded. To
make a file, use `safe_filename`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import quote, unquote_to_bytes

from .errors import LocalProtocolError, excerpt
from .grammar import TOKEN, VALUE_STOP

_TYPE = re.compile(rf"[ \t]*+({TOKEN.pattern})[ \t]*+(?=;|\Z)")
# One parameter behind its ";": name "=" ( quoted-string / token ), white space allowed between.
_PARAMETER = re.compile(
    rf"[ \t]*+({TOKEN.pattern})[ \t]*+=[ \t]*+"
    r'(?:"((?:[^"\\]|\\.)*+)"|([^\s";,]++))[ \t]*+(?=;|\Z)',
    re.DOTALL,
)
# What is no parameter ends at the next ";" that is not inside quotes. A quote that nothing closes
# takes the rest of the value with it: looked past, each of many would be searched to the end.
_SKIPPED = re.compile(r'(?:[^";]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))*+', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\ \t])')

# RFC 8187 section 3.2.1: ext-value = charset "'" [ language ] "'" value-chars
_EXTENDED = re.compile(r"([A-Za-z0-9!#$%&+\-^_`{}~]++)'[A-Za-z0-9\-]*+'(.*+)", re.DOTALL)
_VALUE_CHARS = re.compile(r"(?:[A-Za-z0-9!#$&+\-.^_`|~]|%[0-9A-Fa-f]{2})*+")
# RFC 2231 section 3: name "*" section [ "*" ], the sections numbered without leading zeros.
_CONTINUATION = re.compile(r"([^*]++)\*(0|[1-9][0-9]{0,3})(\*?)")
# The charsets that RFC 8187 section 3.2.1 names, and the ASCII that both contain. No other: the
# peer would choose which of Python's codecs runs.
_CHARSETS = {"utf-8": "utf-8", "iso-8859-1": "latin-1", "us-ascii": "ascii"}

_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})

# What a name of a file can't hold on some system: controls, separators and Windows' own list.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.IGNORECASE)
_LONGEST_FILENAME = 255  # bytes, what common file systems take

# RFC 8187 section 3.2.1: attr-char, beside letters and digits
_ATTR_CHARS = "!#$&+-.^_`|~"
_PERCENT_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class ContentDisposition:
    """A Content-Disposition: `type` in lower case, `parameters` by lower-case name.

    `defects` holds the parameters that could not be understood and were left out, as sent.
    """

    type: str
    parameters: Mapping[str, str] = field(default_factory=lambda: _NO_PARAMETERS)
    defects: tuple[str, ...] = ()

    @property
    def name(self) -> str | None:
        """The name of the form's field (RFC 7578 section 4.2), None without one."""
        return self.parameters.get("name")

    @property
    def filename(self) -> str | None:
        """The file name as sent, which may hold a path; None without one."""
        return self.parameters.get("filename")

    @property
    def safe_filename(self) -> str | None:
        """The file name made fit for a file in a directory of your own (RFC 6266 section 4.3).

        The last component of a path, in either notation; characters that some system forbids are
        `_`; at most 255 bytes. None when nothing is left, as of `..`. Two uploads may have the
        same one, and it may name a file that exists.
        """
        return None if self.filename is None else safe_filename(self.filename)


def safe_filename(filename: str) -> str | None:
    """Make a name that a peer sent fit for a file; see `ContentDisposition.safe_filename`."""
    name = re.split(r"[/\\]", filename)[-1]
    # Windows drops dots and spaces at the end, so that "a." would name another file than it says.
    name = _UNSAFE.sub("_", name).strip(" ").rstrip(". ")
    if not name.strip("_"):
        return None
    if _RESERVED.match(name):
        name = f"_{name}"
    return name.encode()[:_LONGEST_FILENAME].decode("utf-8", "ignore")


def parse_content_disposition(value: str) -> ContentDisposition | None:
    """Parse a Content-Disposition (RFC 6266 section 4.1); None when it has no type or is invalid.

    What can't be understood of the parameters is left out, see the module's text.
    """
    start = _TYPE.match(value)
    if start is None:
        return None
    sent: dict[str, str] = {}
    defects: list[str] = []
    at = start.end()
    while at < len(value):
        match = _PARAMETER.match(value, at + 1)
        if match is None:
            end = _skip(value, at + 1)
            if text := value[at + 1 : end].strip(" \t"):
                defects.append(text)
            at = end
            continue
        name, quoted, token = match.groups()
        name = name.lower()
        if name in sent:
            return None
        sent[name] = _ESCAPE.sub(r"\1", quoted) if token is None else token
        at = match.end()
    parameters = _merge(sent, defects) if any("*" in name for name in sent) else sent
    return ContentDisposition(start[1].lower(), MappingProxyType(parameters), tuple(defects))


def _skip(value: str, at: int) -> int:
    match = _SKIPPED.match(value, at)
    return len(value) if match is None else match.end()


def _merge(sent: dict[str, str], defects: list[str]) -> dict[str, str]:
    """Settle each parameter's value from its spellings (RFC 2231, RFC 8187)."""
    merged = {name: value for name, value in sent.items() if "*" not in name}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    extended: dict[str, str] = {}
    for name, value in sent.items():
        if "*" not in name:
            continue
        continuation = _CONTINUATION.fullmatch(name)
        if continuation is not None:
            plain, section, star = continuation.groups()
            pieces.setdefault(plain, {}).setdefault(int(section), (value, bool(star)))
            continue
        decoded = _extended_value(value) if name.endswith("*") else None
        if decoded is None or name.count("*") > 1:
            defects.append(f"{name}={value}")
        else:
            extended[name[:-1]] = decoded
    for name, sections in pieces.items():
        joined = _join_sections(sections)
        if joined is None:
            defects.append(f"{name}*0")
        else:
            merged[name] = joined
    return merged | extended


def _extended_value(value: str) -> str | None:
    """Decode an ext-value; None when it is malformed or its charset is none of RFC 8187's."""
    parts = _EXTENDED.fullmatch(value)
    if parts is None:
        return None
    charset = _CHARSETS.get(parts[1].lower())
    if charset is None or not _VALUE_CHARS.fullmatch(parts[2]):
        return None
    try:
        return unquote_to_bytes(parts[2]).decode(charset)
    except UnicodeDecodeError:
        return None


def _join_sections(sections: dict[int, tuple[str, bool]]) -> str | None:
    """Join continuations 0, 1, 2, … (RFC 2231 section 4.1); None when one is missing or bad."""
    charset = "utf-8"
    joined = b""
    for number in range(len(sections)):
        if number not in sections:
            return None
        value, is_extended = sections[number]
        if number == 0 and is_extended:
            parts = _EXTENDED.fullmatch(value)
            known = None if parts is None else _CHARSETS.get(parts[1].lower())
            if parts is None or known is None:
                return None
            charset, value = known, parts[2]
        try:
            joined += unquote_to_bytes(value) if is_extended else value.encode(charset)
        except UnicodeEncodeError:
            return None
    try:
        return joined.decode(charset)
    except UnicodeDecodeError:
        return None


def format_content_disposition(disposition: str, **parameters: str) -> str:
    """Return a Content-Disposition of the type `disposition` with `parameters`, in their order.

    For `form-data` values are written as browsers write them (RFC 7578 section 4.2 and the HTML
    standard): UTF-8, with `%22`, `%0D` and `%0A` for a quote, CR and LF. For any other type they
    are RFC 6266's: a value that needs it gets a second parameter, `filename*`, with the true text
    in UTF-8 beside a plain one for old recipients.

    Raises LocalProtocolError (a ValueError) when the type or a parameter's name is no token, or a
    value has control characters that the form can't express.
    """
    if not TOKEN.fullmatch(disposition):
        raise LocalProtocolError(f"expected a disposition type, got {excerpt(disposition)}")
    pieces = [disposition]
    for name, value in parameters.items():
        if not TOKEN.fullmatch(name) or "*" in name:
            raise LocalProtocolError(f"expected the name of a parameter, got {excerpt(name)}")
        if disposition.lower() == "form-data":
            pieces.append(_form_parameter(name, value))
        else:
            pieces += _parameters(name, value)
    return "; ".join(pieces)


def _form_parameter(name: str, value: str) -> str:
    text = value.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    _refuse_controls(name, text)
    return f'{name}="{text}"'


def _parameters(name: str, value: str) -> list[str]:
    _refuse_controls(name, value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    # RFC 6266 appendix D: recipients differ about escapes and percent signs in a quoted string.
    if value.isascii() and escaped == value and not _PERCENT_ENCODED.search(value):
        return [f'{name}="{value}"']
    plain = escaped.encode("ascii", "replace").decode("ascii").replace("?", "_")
    return [f'{name}="{plain}"', f"{name}*=UTF-8''{quote(value, safe=_ATTR_CHARS)}"]


def _refuse_controls(name: str, value: str) -> None:
    if VALUE_STOP.search(value):
        raise LocalProtocolError(
            f"expected {name} of a Content-Disposition without control characters, "
            f"got {excerpt(value)}"
        )
