"""Field names and methods as constants, the names of ``aiohttp.hdrs``."""

from tidegate_http_core.hdrs import ACCEPT as ACCEPT
from tidegate_http_core.hdrs import ACCEPT_CH as ACCEPT_CH
from tidegate_http_core.hdrs import ACCEPT_CHARSET as ACCEPT_CHARSET
from tidegate_http_core.hdrs import ACCEPT_ENCODING as ACCEPT_ENCODING
from tidegate_http_core.hdrs import ACCEPT_LANGUAGE as ACCEPT_LANGUAGE
from tidegate_http_core.hdrs import ACCEPT_RANGES as ACCEPT_RANGES
from tidegate_http_core.hdrs import (
    ACCESS_CONTROL_ALLOW_CREDENTIALS as ACCESS_CONTROL_ALLOW_CREDENTIALS,
)
from tidegate_http_core.hdrs import ACCESS_CONTROL_ALLOW_HEADERS as ACCESS_CONTROL_ALLOW_HEADERS
from tidegate_http_core.hdrs import ACCESS_CONTROL_ALLOW_METHODS as ACCESS_CONTROL_ALLOW_METHODS
from tidegate_http_core.hdrs import ACCESS_CONTROL_ALLOW_ORIGIN as ACCESS_CONTROL_ALLOW_ORIGIN
from tidegate_http_core.hdrs import ACCESS_CONTROL_EXPOSE_HEADERS as ACCESS_CONTROL_EXPOSE_HEADERS
from tidegate_http_core.hdrs import ACCESS_CONTROL_MAX_AGE as ACCESS_CONTROL_MAX_AGE
from tidegate_http_core.hdrs import (
    ACCESS_CONTROL_REQUEST_HEADERS as ACCESS_CONTROL_REQUEST_HEADERS,
)
from tidegate_http_core.hdrs import ACCESS_CONTROL_REQUEST_METHOD as ACCESS_CONTROL_REQUEST_METHOD
from tidegate_http_core.hdrs import AGE as AGE
from tidegate_http_core.hdrs import ALLOW as ALLOW
from tidegate_http_core.hdrs import ALT_SVC as ALT_SVC
from tidegate_http_core.hdrs import ALT_USED as ALT_USED
from tidegate_http_core.hdrs import AUTHENTICATION_INFO as AUTHENTICATION_INFO
from tidegate_http_core.hdrs import AUTHORIZATION as AUTHORIZATION
from tidegate_http_core.hdrs import BAGGAGE as BAGGAGE
from tidegate_http_core.hdrs import CACHE_CONTROL as CACHE_CONTROL
from tidegate_http_core.hdrs import CACHE_STATUS as CACHE_STATUS
from tidegate_http_core.hdrs import CDN_CACHE_CONTROL as CDN_CACHE_CONTROL
from tidegate_http_core.hdrs import CDN_LOOP as CDN_LOOP
from tidegate_http_core.hdrs import CLEAR_SITE_DATA as CLEAR_SITE_DATA
from tidegate_http_core.hdrs import CONNECTION as CONNECTION
from tidegate_http_core.hdrs import CONTENT_DIGEST as CONTENT_DIGEST
from tidegate_http_core.hdrs import CONTENT_DISPOSITION as CONTENT_DISPOSITION
from tidegate_http_core.hdrs import CONTENT_ENCODING as CONTENT_ENCODING
from tidegate_http_core.hdrs import CONTENT_ID as CONTENT_ID
from tidegate_http_core.hdrs import CONTENT_LANGUAGE as CONTENT_LANGUAGE
from tidegate_http_core.hdrs import CONTENT_LENGTH as CONTENT_LENGTH
from tidegate_http_core.hdrs import CONTENT_LOCATION as CONTENT_LOCATION
from tidegate_http_core.hdrs import CONTENT_MD5 as CONTENT_MD5
from tidegate_http_core.hdrs import CONTENT_RANGE as CONTENT_RANGE
from tidegate_http_core.hdrs import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from tidegate_http_core.hdrs import (
    CONTENT_SECURITY_POLICY_REPORT_ONLY as CONTENT_SECURITY_POLICY_REPORT_ONLY,
)
from tidegate_http_core.hdrs import CONTENT_TRANSFER_ENCODING as CONTENT_TRANSFER_ENCODING
from tidegate_http_core.hdrs import CONTENT_TYPE as CONTENT_TYPE
from tidegate_http_core.hdrs import COOKIE as COOKIE
from tidegate_http_core.hdrs import CROSS_ORIGIN_EMBEDDER_POLICY as CROSS_ORIGIN_EMBEDDER_POLICY
from tidegate_http_core.hdrs import CROSS_ORIGIN_OPENER_POLICY as CROSS_ORIGIN_OPENER_POLICY
from tidegate_http_core.hdrs import CROSS_ORIGIN_RESOURCE_POLICY as CROSS_ORIGIN_RESOURCE_POLICY
from tidegate_http_core.hdrs import DATE as DATE
from tidegate_http_core.hdrs import DESTINATION as DESTINATION
from tidegate_http_core.hdrs import DIGEST as DIGEST
from tidegate_http_core.hdrs import EARLY_DATA as EARLY_DATA
from tidegate_http_core.hdrs import ETAG as ETAG
from tidegate_http_core.hdrs import EXPECT as EXPECT
from tidegate_http_core.hdrs import EXPIRES as EXPIRES
from tidegate_http_core.hdrs import FORWARDED as FORWARDED
from tidegate_http_core.hdrs import FROM as FROM
from tidegate_http_core.hdrs import HOST as HOST
from tidegate_http_core.hdrs import HOST_ALL as HOST_ALL
from tidegate_http_core.hdrs import IF_MATCH as IF_MATCH
from tidegate_http_core.hdrs import IF_MODIFIED_SINCE as IF_MODIFIED_SINCE
from tidegate_http_core.hdrs import IF_NONE_MATCH as IF_NONE_MATCH
from tidegate_http_core.hdrs import IF_RANGE as IF_RANGE
from tidegate_http_core.hdrs import IF_UNMODIFIED_SINCE as IF_UNMODIFIED_SINCE
from tidegate_http_core.hdrs import KEEP_ALIVE as KEEP_ALIVE
from tidegate_http_core.hdrs import LAST_EVENT_ID as LAST_EVENT_ID
from tidegate_http_core.hdrs import LAST_MODIFIED as LAST_MODIFIED
from tidegate_http_core.hdrs import LINK as LINK
from tidegate_http_core.hdrs import LOCATION as LOCATION
from tidegate_http_core.hdrs import MAX_FORWARDS as MAX_FORWARDS
from tidegate_http_core.hdrs import METH_ALL as METH_ALL
from tidegate_http_core.hdrs import METH_ANY as METH_ANY
from tidegate_http_core.hdrs import METH_CONNECT as METH_CONNECT
from tidegate_http_core.hdrs import METH_DELETE as METH_DELETE
from tidegate_http_core.hdrs import METH_GET as METH_GET
from tidegate_http_core.hdrs import METH_HEAD as METH_HEAD
from tidegate_http_core.hdrs import METH_OPTIONS as METH_OPTIONS
from tidegate_http_core.hdrs import METH_PATCH as METH_PATCH
from tidegate_http_core.hdrs import METH_POST as METH_POST
from tidegate_http_core.hdrs import METH_PUT as METH_PUT
from tidegate_http_core.hdrs import METH_TRACE as METH_TRACE
from tidegate_http_core.hdrs import NEL as NEL
from tidegate_http_core.hdrs import ORIGIN as ORIGIN
from tidegate_http_core.hdrs import ORIGIN_AGENT_CLUSTER as ORIGIN_AGENT_CLUSTER
from tidegate_http_core.hdrs import PERMISSIONS_POLICY as PERMISSIONS_POLICY
from tidegate_http_core.hdrs import PRAGMA as PRAGMA
from tidegate_http_core.hdrs import PRIORITY as PRIORITY
from tidegate_http_core.hdrs import PROXY_AUTHENTICATE as PROXY_AUTHENTICATE
from tidegate_http_core.hdrs import PROXY_AUTHENTICATION_INFO as PROXY_AUTHENTICATION_INFO
from tidegate_http_core.hdrs import PROXY_AUTHORIZATION as PROXY_AUTHORIZATION
from tidegate_http_core.hdrs import RANGE as RANGE
from tidegate_http_core.hdrs import REFERER as REFERER
from tidegate_http_core.hdrs import REFERRER_POLICY as REFERRER_POLICY
from tidegate_http_core.hdrs import REPORT_TO as REPORT_TO
from tidegate_http_core.hdrs import REPORTING_ENDPOINTS as REPORTING_ENDPOINTS
from tidegate_http_core.hdrs import REPR_DIGEST as REPR_DIGEST
from tidegate_http_core.hdrs import RETRY_AFTER as RETRY_AFTER
from tidegate_http_core.hdrs import SEC_CH_UA as SEC_CH_UA
from tidegate_http_core.hdrs import SEC_CH_UA_MOBILE as SEC_CH_UA_MOBILE
from tidegate_http_core.hdrs import SEC_CH_UA_PLATFORM as SEC_CH_UA_PLATFORM
from tidegate_http_core.hdrs import SEC_FETCH_DEST as SEC_FETCH_DEST
from tidegate_http_core.hdrs import SEC_FETCH_MODE as SEC_FETCH_MODE
from tidegate_http_core.hdrs import SEC_FETCH_SITE as SEC_FETCH_SITE
from tidegate_http_core.hdrs import SEC_FETCH_USER as SEC_FETCH_USER
from tidegate_http_core.hdrs import SEC_GPC as SEC_GPC
from tidegate_http_core.hdrs import SEC_PURPOSE as SEC_PURPOSE
from tidegate_http_core.hdrs import SEC_WEBSOCKET_ACCEPT as SEC_WEBSOCKET_ACCEPT
from tidegate_http_core.hdrs import SEC_WEBSOCKET_EXTENSIONS as SEC_WEBSOCKET_EXTENSIONS
from tidegate_http_core.hdrs import SEC_WEBSOCKET_KEY as SEC_WEBSOCKET_KEY
from tidegate_http_core.hdrs import SEC_WEBSOCKET_KEY1 as SEC_WEBSOCKET_KEY1
from tidegate_http_core.hdrs import SEC_WEBSOCKET_PROTOCOL as SEC_WEBSOCKET_PROTOCOL
from tidegate_http_core.hdrs import SEC_WEBSOCKET_VERSION as SEC_WEBSOCKET_VERSION
from tidegate_http_core.hdrs import SERVER as SERVER
from tidegate_http_core.hdrs import SERVER_TIMING as SERVER_TIMING
from tidegate_http_core.hdrs import SET_COOKIE as SET_COOKIE
from tidegate_http_core.hdrs import STRICT_TRANSPORT_SECURITY as STRICT_TRANSPORT_SECURITY
from tidegate_http_core.hdrs import TE as TE
from tidegate_http_core.hdrs import TIMING_ALLOW_ORIGIN as TIMING_ALLOW_ORIGIN
from tidegate_http_core.hdrs import TRACEPARENT as TRACEPARENT
from tidegate_http_core.hdrs import TRACESTATE as TRACESTATE
from tidegate_http_core.hdrs import TRAILER as TRAILER
from tidegate_http_core.hdrs import TRANSFER_ENCODING as TRANSFER_ENCODING
from tidegate_http_core.hdrs import UPGRADE as UPGRADE
from tidegate_http_core.hdrs import UPGRADE_INSECURE_REQUESTS as UPGRADE_INSECURE_REQUESTS
from tidegate_http_core.hdrs import URI as URI
from tidegate_http_core.hdrs import USER_AGENT as USER_AGENT
from tidegate_http_core.hdrs import VARY as VARY
from tidegate_http_core.hdrs import VIA as VIA
from tidegate_http_core.hdrs import WANT_CONTENT_DIGEST as WANT_CONTENT_DIGEST
from tidegate_http_core.hdrs import WANT_DIGEST as WANT_DIGEST
from tidegate_http_core.hdrs import WANT_REPR_DIGEST as WANT_REPR_DIGEST
from tidegate_http_core.hdrs import WARNING as WARNING
from tidegate_http_core.hdrs import WWW_AUTHENTICATE as WWW_AUTHENTICATE
from tidegate_http_core.hdrs import X_CONTENT_TYPE_OPTIONS as X_CONTENT_TYPE_OPTIONS
from tidegate_http_core.hdrs import X_CORRELATION_ID as X_CORRELATION_ID
from tidegate_http_core.hdrs import X_FORWARDED_FOR as X_FORWARDED_FOR
from tidegate_http_core.hdrs import X_FORWARDED_HOST as X_FORWARDED_HOST
from tidegate_http_core.hdrs import X_FORWARDED_PORT as X_FORWARDED_PORT
from tidegate_http_core.hdrs import X_FORWARDED_PROTO as X_FORWARDED_PROTO
from tidegate_http_core.hdrs import X_FRAME_OPTIONS as X_FRAME_OPTIONS
from tidegate_http_core.hdrs import X_POWERED_BY as X_POWERED_BY
from tidegate_http_core.hdrs import X_RATELIMIT_LIMIT as X_RATELIMIT_LIMIT
from tidegate_http_core.hdrs import X_RATELIMIT_REMAINING as X_RATELIMIT_REMAINING
from tidegate_http_core.hdrs import X_RATELIMIT_RESET as X_RATELIMIT_RESET
from tidegate_http_core.hdrs import X_REAL_IP as X_REAL_IP
from tidegate_http_core.hdrs import X_REQUEST_ID as X_REQUEST_ID
from tidegate_http_core.hdrs import X_REQUESTED_WITH as X_REQUESTED_WITH
from tidegate_http_core.hdrs import X_XSS_PROTECTION as X_XSS_PROTECTION

__all__ = (
    "ACCEPT",
    "ACCEPT_CH",
    "ACCEPT_CHARSET",
    "ACCEPT_ENCODING",
    "ACCEPT_LANGUAGE",
    "ACCEPT_RANGES",
    "ACCESS_CONTROL_ALLOW_CREDENTIALS",
    "ACCESS_CONTROL_ALLOW_HEADERS",
    "ACCESS_CONTROL_ALLOW_METHODS",
    "ACCESS_CONTROL_ALLOW_ORIGIN",
    "ACCESS_CONTROL_EXPOSE_HEADERS",
    "ACCESS_CONTROL_MAX_AGE",
    "ACCESS_CONTROL_REQUEST_HEADERS",
    "ACCESS_CONTROL_REQUEST_METHOD",
    "AGE",
    "ALLOW",
    "ALT_SVC",
    "ALT_USED",
    "AUTHENTICATION_INFO",
    "AUTHORIZATION",
    "BAGGAGE",
    "CACHE_CONTROL",
    "CACHE_STATUS",
    "CDN_CACHE_CONTROL",
    "CDN_LOOP",
    "CLEAR_SITE_DATA",
    "CONNECTION",
    "CONTENT_DIGEST",
    "CONTENT_DISPOSITION",
    "CONTENT_ENCODING",
    "CONTENT_ID",
    "CONTENT_LANGUAGE",
    "CONTENT_LENGTH",
    "CONTENT_LOCATION",
    "CONTENT_MD5",
    "CONTENT_RANGE",
    "CONTENT_SECURITY_POLICY",
    "CONTENT_SECURITY_POLICY_REPORT_ONLY",
    "CONTENT_TRANSFER_ENCODING",
    "CONTENT_TYPE",
    "COOKIE",
    "CROSS_ORIGIN_EMBEDDER_POLICY",
    "CROSS_ORIGIN_OPENER_POLICY",
    "CROSS_ORIGIN_RESOURCE_POLICY",
    "DATE",
    "DESTINATION",
    "DIGEST",
    "EARLY_DATA",
    "ETAG",
    "EXPECT",
    "EXPIRES",
    "FORWARDED",
    "FROM",
    "HOST",
    "HOST_ALL",
    "IF_MATCH",
    "IF_MODIFIED_SINCE",
    "IF_NONE_MATCH",
    "IF_RANGE",
    "IF_UNMODIFIED_SINCE",
    "KEEP_ALIVE",
    "LAST_EVENT_ID",
    "LAST_MODIFIED",
    "LINK",
    "LOCATION",
    "MAX_FORWARDS",
    "METH_ALL",
    "METH_ANY",
    "METH_CONNECT",
    "METH_DELETE",
    "METH_GET",
    "METH_HEAD",
    "METH_OPTIONS",
    "METH_PATCH",
    "METH_POST",
    "METH_PUT",
    "METH_TRACE",
    "NEL",
    "ORIGIN",
    "ORIGIN_AGENT_CLUSTER",
    "PERMISSIONS_POLICY",
    "PRAGMA",
    "PRIORITY",
    "PROXY_AUTHENTICATE",
    "PROXY_AUTHENTICATION_INFO",
    "PROXY_AUTHORIZATION",
    "RANGE",
    "REFERER",
    "REFERRER_POLICY",
    "REPORTING_ENDPOINTS",
    "REPORT_TO",
    "REPR_DIGEST",
    "RETRY_AFTER",
    "SEC_CH_UA",
    "SEC_CH_UA_MOBILE",
    "SEC_CH_UA_PLATFORM",
    "SEC_FETCH_DEST",
    "SEC_FETCH_MODE",
    "SEC_FETCH_SITE",
    "SEC_FETCH_USER",
    "SEC_GPC",
    "SEC_PURPOSE",
    "SEC_WEBSOCKET_ACCEPT",
    "SEC_WEBSOCKET_EXTENSIONS",
    "SEC_WEBSOCKET_KEY",
    "SEC_WEBSOCKET_KEY1",
    "SEC_WEBSOCKET_PROTOCOL",
    "SEC_WEBSOCKET_VERSION",
    "SERVER",
    "SERVER_TIMING",
    "SET_COOKIE",
    "STRICT_TRANSPORT_SECURITY",
    "TE",
    "TIMING_ALLOW_ORIGIN",
    "TRACEPARENT",
    "TRACESTATE",
    "TRAILER",
    "TRANSFER_ENCODING",
    "UPGRADE",
    "UPGRADE_INSECURE_REQUESTS",
    "URI",
    "USER_AGENT",
    "VARY",
    "VIA",
    "WANT_CONTENT_DIGEST",
    "WANT_DIGEST",
    "WANT_REPR_DIGEST",
    "WARNING",
    "WWW_AUTHENTICATE",
    "X_CONTENT_TYPE_OPTIONS",
    "X_CORRELATION_ID",
    "X_FORWARDED_FOR",
    "X_FORWARDED_HOST",
    "X_FORWARDED_PORT",
    "X_FORWARDED_PROTO",
    "X_FRAME_OPTIONS",
    "X_POWERED_BY",
    "X_RATELIMIT_LIMIT",
    "X_RATELIMIT_REMAINING",
    "X_RATELIMIT_RESET",
    "X_REAL_IP",
    "X_REQUESTED_WITH",
    "X_REQUEST_ID",
    "X_XSS_PROTECTION",
)
