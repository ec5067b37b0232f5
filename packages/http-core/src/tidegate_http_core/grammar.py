"""The grammar of HTTP/1.1 as regular expressions, the RFC's own rules beside each.

Two kinds of pattern live here. Those that say what a thing is (`TOKEN`, `HOST`, `AUTHORITY`,
`CHUNK_EXTENSIONS`) are used with `fullmatch`. Those that find the first byte that ends or breaks
something (`REQUEST_LINE_STOP`, `FIELD_LINE_STOP`) are used with `search`, so that lines are cut
and checked in one pass and at the same byte for every segmentation.

Repeats are possessive (`*+`, `++`) wherever a peer chooses the length: no pattern here can be made
to try twice.
"""

from __future__ import annotations

import re
from typing import Final

# RFC 9110 section 5.6.2: token = 1*tchar
_TCHAR = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
TOKEN: Final = re.compile(rf"{_TCHAR}++")

# RFC 9112 section 2.3: HTTP-version = HTTP-name "/" DIGIT "." DIGIT, HTTP-name is case-sensitive
HTTP_VERSION: Final = re.compile(r"HTTP/[0-9]\.[0-9]")

# RFC 9112 section 4: status-code = 3DIGIT; RFC 9110 section 15: its first digit is its class
STATUS: Final = re.compile(r"[1-9][0-9]{2} ")

# RFC 3986 section 3.2.2 and its appendix A; RFC 9110 section 4.2.1 refuses an empty host.
_H16 = r"[0-9A-Fa-f]{1,4}"
_DEC_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_DEC_OCTET}(?:\.{_DEC_OCTET}){{3}}"
_LS32 = rf"(?:{_H16}:{_H16}|{_IPV4})"
_IPV6 = "|".join(
    (
        rf"(?:{_H16}:){{6}}{_LS32}",
        rf"::(?:{_H16}:){{5}}{_LS32}",
        rf"(?:{_H16})?::(?:{_H16}:){{4}}{_LS32}",
        rf"(?:(?:{_H16}:){{0,1}}{_H16})?::(?:{_H16}:){{3}}{_LS32}",
        rf"(?:(?:{_H16}:){{0,2}}{_H16})?::(?:{_H16}:){{2}}{_LS32}",
        rf"(?:(?:{_H16}:){{0,3}}{_H16})?::{_H16}:{_LS32}",
        rf"(?:(?:{_H16}:){{0,4}}{_H16})?::{_LS32}",
        rf"(?:(?:{_H16}:){{0,5}}{_H16})?::{_H16}",
        rf"(?:(?:{_H16}:){{0,6}}{_H16})?::",
    )
)
_IPVFUTURE = r"[vV][0-9A-Fa-f]++\.[A-Za-z0-9\-._~!$&'()*+,;=:]++"
_REG_NAME = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]++|%[0-9A-Fa-f]{2})++"
_URI_HOST = rf"(?:\[(?:{_IPV6}|{_IPVFUTURE})\]|{_REG_NAME})"
# port = *DIGIT, and no more than TCP has (leading zeros allowed)
_PORT = r"0*+(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4}|)"

# RFC 9110 section 7.2: Host = uri-host [ ":" port ]
HOST: Final = re.compile(rf"{_URI_HOST}(?::{_PORT})?")
# RFC 9112 section 3.2.3: authority-form = uri-host ":" port, the port of a tunnel is not optional
AUTHORITY: Final = re.compile(rf"{_URI_HOST}:(?=[0-9]){_PORT}")
# RFC 9112 section 3.2.2: absolute-form = absolute-URI, of the two schemes this protocol serves
ABSOLUTE: Final = re.compile(r"[hH][tT][tT][pP][sS]?+://([^/?#]*+)(?:[/?].*+)?")

# The first character that is not visible ASCII, or begins a fragment: no form of a target has
# either (RFC 9112 section 3.2), and who reads on from a "#" differently reads another resource.
TARGET_STOP: Final = re.compile(r"[^\x21\x22\x24-\x7e]")
# The first character of a latin-1 text that is not printable ASCII.
UNUSUAL: Final = re.compile(r"[\x00-\x1f\x7f-\xff]")
# RFC 9110 section 5.5: CTLs but HTAB never belong into a value.
VALUE_STOP: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# The first byte that ends or breaks a line.
REQUEST_LINE_STOP: Final = re.compile(rb"[^\x20-\x7e]")
FIELD_LINE_STOP: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

# RFC 9112 section 7.1.1:
#   chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS ( token / quoted-string ) ] )
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
CHUNK_EXTENSIONS: Final = re.compile(
    rf"(?:[ \t]*+;[ \t]*+{_TCHAR}++(?:[ \t]*+=[ \t]*+(?:{_TCHAR}++|{_QUOTED}))?+)++"
)
