"""HTTP/1.1 messages to and from bytes, without I/O: parser, framing, serialiser."""

from . import hdrs as hdrs
from ._version import __version__ as __version__
from .chunked import LAST_CHUNK as LAST_CHUNK
from .chunked import ChunkedDecoder as ChunkedDecoder
from .chunked import encode_chunk as encode_chunk
from .errors import BadChunk as BadChunk
from .errors import BadField as BadField
from .errors import BadFraming as BadFraming
from .errors import BadHost as BadHost
from .errors import BadRequestLine as BadRequestLine
from .errors import ContentTooLarge as ContentTooLarge
from .errors import FieldsTooLarge as FieldsTooLarge
from .errors import IncompleteMessage as IncompleteMessage
from .errors import LocalProtocolError as LocalProtocolError
from .errors import ProtocolError as ProtocolError
from .errors import RequestLineTooLong as RequestLineTooLong
from .errors import UnknownTransferCoding as UnknownTransferCoding
from .errors import UnsupportedVersion as UnsupportedVersion
from .fields import FieldNames as FieldNames
from .hdrs import reason_phrase as reason_phrase
from .header_values import MediaType as MediaType
from .header_values import format_http_date as format_http_date
from .header_values import parse_http_date as parse_http_date
from .header_values import parse_media_type as parse_media_type
from .limits import Limits as Limits
from .messages import CHUNKED as CHUNKED
from .messages import CONTENT_LENGTH as CONTENT_LENGTH
from .messages import END_OF_MESSAGE as END_OF_MESSAGE
from .messages import NO_BODY as NO_BODY
from .messages import EndOfMessage as EndOfMessage
from .messages import Event as Event
from .messages import Fields as Fields
from .messages import HttpVersion as HttpVersion
from .messages import HttpVersion10 as HttpVersion10
from .messages import HttpVersion11 as HttpVersion11
from .messages import RequestHead as RequestHead
from .parser import RequestParser as RequestParser
from .serializer import serialize_response as serialize_response

__all__ = [
    "CHUNKED",
    "CONTENT_LENGTH",
    "END_OF_MESSAGE",
    "LAST_CHUNK",
    "NO_BODY",
    "BadChunk",
    "BadField",
    "BadFraming",
    "BadHost",
    "BadRequestLine",
    "ChunkedDecoder",
    "ContentTooLarge",
    "EndOfMessage",
    "Event",
    "FieldNames",
    "Fields",
    "FieldsTooLarge",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "IncompleteMessage",
    "Limits",
    "LocalProtocolError",
    "MediaType",
    "ProtocolError",
    "RequestHead",
    "RequestLineTooLong",
    "RequestParser",
    "UnknownTransferCoding",
    "UnsupportedVersion",
    "__version__",
    "encode_chunk",
    "format_http_date",
    "hdrs",
    "parse_http_date",
    "parse_media_type",
    "reason_phrase",
    "serialize_response",
]
