"""HTTP/1.1 messages to and from bytes, without I/O: parser, framing, serialiser."""

from . import hdrs as hdrs
from ._version import __version__ as __version__
from .accept import MediaRange as MediaRange
from .accept import accepts as accepts
from .accept import choose_coding as choose_coding
from .accept import parse_accept as parse_accept
from .accept import parse_accept_encoding as parse_accept_encoding
from .chunked import LAST_CHUNK as LAST_CHUNK
from .chunked import ChunkedDecoder as ChunkedDecoder
from .chunked import encode_chunk as encode_chunk
from .coding import Coding as Coding
from .coding import available_codings as available_codings
from .coding import get_coding as get_coding
from .coding import register_coding as register_coding
from .coding_zlib import zlib_encoder as zlib_encoder
from .content_coder import ContentDecoder as ContentDecoder
from .content_coder import ContentEncoder as ContentEncoder
from .content_disposition import ContentDisposition as ContentDisposition
from .content_disposition import format_content_disposition as format_content_disposition
from .content_disposition import parse_content_disposition as parse_content_disposition
from .content_disposition import safe_filename as safe_filename
from .content_transfer_encoding import TransferDecoder as TransferDecoder
from .content_transfer_encoding import TransferEncoder as TransferEncoder
from .content_transfer_encoding import TransferEncoding as TransferEncoding
from .content_transfer_encoding import get_transfer_encoding as get_transfer_encoding
from .cookies import format_set_cookie as format_set_cookie
from .cookies import parse_cookies as parse_cookies
from .errors import BadChunk as BadChunk
from .errors import BadContentCoding as BadContentCoding
from .errors import BadField as BadField
from .errors import BadFraming as BadFraming
from .errors import BadHost as BadHost
from .errors import BadMultipart as BadMultipart
from .errors import BadRequestLine as BadRequestLine
from .errors import BadStatusLine as BadStatusLine
from .errors import ContentTooLarge as ContentTooLarge
from .errors import FieldsTooLarge as FieldsTooLarge
from .errors import IncompleteMessage as IncompleteMessage
from .errors import LocalProtocolError as LocalProtocolError
from .errors import MultipartTooLarge as MultipartTooLarge
from .errors import ProtocolError as ProtocolError
from .errors import RequestLineTooLong as RequestLineTooLong
from .errors import TooManyParts as TooManyParts
from .errors import UnexpectedResponse as UnexpectedResponse
from .errors import UnknownTransferCoding as UnknownTransferCoding
from .errors import UnsupportedVersion as UnsupportedVersion
from .etags import ETAG_ANY as ETAG_ANY
from .etags import ETag as ETag
from .etags import is_etag_value as is_etag_value
from .etags import parse_entity_tag as parse_entity_tag
from .etags import parse_entity_tags as parse_entity_tags
from .fields import FieldNames as FieldNames
from .forwarded import parse_forwarded as parse_forwarded
from .hdrs import reason_phrase as reason_phrase
from .host import is_host as is_host
from .http_date import format_http_date as format_http_date
from .http_date import parse_http_date as parse_http_date
from .limits import Limits as Limits
from .media_type import MediaType as MediaType
from .media_type import format_parameters as format_parameters
from .media_type import parse_media_type as parse_media_type
from .media_type import parse_parameters as parse_parameters
from .messages import CHUNKED as CHUNKED
from .messages import CONTENT_LENGTH as CONTENT_LENGTH
from .messages import END_OF_MESSAGE as END_OF_MESSAGE
from .messages import NO_BODY as NO_BODY
from .messages import UNTIL_CLOSE as UNTIL_CLOSE
from .messages import EndOfMessage as EndOfMessage
from .messages import Event as Event
from .messages import Fields as Fields
from .messages import HttpVersion as HttpVersion
from .messages import HttpVersion10 as HttpVersion10
from .messages import HttpVersion11 as HttpVersion11
from .messages import MessageHead as MessageHead
from .messages import RequestHead as RequestHead
from .messages import ResponseEvent as ResponseEvent
from .messages import ResponseHead as ResponseHead
from .multipart_boundary import choose_boundary as choose_boundary
from .multipart_boundary import format_multipart_type as format_multipart_type
from .multipart_boundary import parse_boundary as parse_boundary
from .multipart_limits import MultipartLimits as MultipartLimits
from .multipart_parser import END_OF_MULTIPART as END_OF_MULTIPART
from .multipart_parser import PART_END as PART_END
from .multipart_parser import EndOfMultipart as EndOfMultipart
from .multipart_parser import MultipartEvent as MultipartEvent
from .multipart_parser import MultipartParser as MultipartParser
from .multipart_parser import PartBegin as PartBegin
from .multipart_parser import PartEnd as PartEnd
from .multipart_writer import MultipartSerializer as MultipartSerializer
from .ranges import ByteRange as ByteRange
from .ranges import ByteRanges as ByteRanges
from .ranges import parse_range as parse_range
from .request_parser import RequestParser as RequestParser
from .response_parser import ResponseParser as ResponseParser
from .serializer import serialize_request as serialize_request
from .serializer import serialize_response as serialize_response
from .token_lists import KeepAlive as KeepAlive
from .token_lists import UpgradeProtocol as UpgradeProtocol
from .token_lists import parse_keep_alive as parse_keep_alive
from .token_lists import parse_token_list as parse_token_list
from .token_lists import parse_upgrade as parse_upgrade
from .zlib_backend import ZLibBackend as ZLibBackend
from .zlib_backend import set_zlib_backend as set_zlib_backend
from .zlib_backend import zlib_backend as zlib_backend

__all__ = [
    "CHUNKED",
    "CONTENT_LENGTH",
    "END_OF_MESSAGE",
    "END_OF_MULTIPART",
    "ETAG_ANY",
    "LAST_CHUNK",
    "NO_BODY",
    "PART_END",
    "UNTIL_CLOSE",
    "BadChunk",
    "BadContentCoding",
    "BadField",
    "BadFraming",
    "BadHost",
    "BadMultipart",
    "BadRequestLine",
    "BadStatusLine",
    "ByteRange",
    "ByteRanges",
    "ChunkedDecoder",
    "Coding",
    "ContentDecoder",
    "ContentDisposition",
    "ContentEncoder",
    "ContentTooLarge",
    "ETag",
    "EndOfMessage",
    "EndOfMultipart",
    "Event",
    "FieldNames",
    "Fields",
    "FieldsTooLarge",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "IncompleteMessage",
    "KeepAlive",
    "Limits",
    "LocalProtocolError",
    "MediaRange",
    "MediaType",
    "MessageHead",
    "MultipartEvent",
    "MultipartLimits",
    "MultipartParser",
    "MultipartSerializer",
    "MultipartTooLarge",
    "PartBegin",
    "PartEnd",
    "ProtocolError",
    "RequestHead",
    "RequestLineTooLong",
    "RequestParser",
    "ResponseEvent",
    "ResponseHead",
    "ResponseParser",
    "TooManyParts",
    "TransferDecoder",
    "TransferEncoder",
    "TransferEncoding",
    "UnexpectedResponse",
    "UnknownTransferCoding",
    "UnsupportedVersion",
    "UpgradeProtocol",
    "ZLibBackend",
    "__version__",
    "accepts",
    "available_codings",
    "choose_boundary",
    "choose_coding",
    "encode_chunk",
    "format_content_disposition",
    "format_http_date",
    "format_multipart_type",
    "format_parameters",
    "format_set_cookie",
    "get_coding",
    "get_transfer_encoding",
    "hdrs",
    "is_etag_value",
    "is_host",
    "parse_accept",
    "parse_accept_encoding",
    "parse_boundary",
    "parse_content_disposition",
    "parse_cookies",
    "parse_entity_tag",
    "parse_entity_tags",
    "parse_forwarded",
    "parse_http_date",
    "parse_keep_alive",
    "parse_media_type",
    "parse_parameters",
    "parse_range",
    "parse_token_list",
    "parse_upgrade",
    "reason_phrase",
    "register_coding",
    "safe_filename",
    "serialize_request",
    "serialize_response",
    "set_zlib_backend",
    "zlib_backend",
    "zlib_encoder",
]
