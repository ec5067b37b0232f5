"""Static files for tidegate: FileResponse and StaticResource.

The way of a request, file by file: :mod:`.resource` takes the paths under its prefix, which
:mod:`.served_path` turns into names of files. :mod:`.finding` takes a small file from
:mod:`.file_cache`, or lets :mod:`.representations` choose between a file and its compressed
variants, which :mod:`.opening` opens and never leaves the directory. :mod:`.file_response` holds
what :mod:`.file_head` says of it against the request, by :mod:`.preconditions` and
:mod:`.ranges`, and sends it. A directory may be answered by :mod:`.listing`; :mod:`.versions`
makes URLs that change with the file.
"""

from ._version import __version__ as __version__
from .content_types import CONTENT_TYPES as CONTENT_TYPES
from .content_types import guess_content_type as guess_content_type
from .file_cache import FileCache as FileCache
from .file_response import FileResponse as FileResponse
from .preconditions import Outcome as Outcome
from .preconditions import Preconditions as Preconditions
from .resource import StaticResource as StaticResource

__all__ = (
    "CONTENT_TYPES",
    "FileCache",
    "FileResponse",
    "Outcome",
    "Preconditions",
    "StaticResource",
    "__version__",
    "guess_content_type",
)
