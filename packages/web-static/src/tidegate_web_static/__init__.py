"""Static files for tidegate: FileResponse and StaticResource.

The way of a request, file by file: :mod:`.resource` takes the paths under its prefix, which
:mod:`.served_path` turns into names of files; :mod:`.opening` opens one and never leaves the
directory; :mod:`.file_response` asks :mod:`.preconditions` whether it is needed at all, and sends
it with the type that :mod:`.content_types` knows.
"""

from ._version import __version__ as __version__
from .content_types import CONTENT_TYPES as CONTENT_TYPES
from .content_types import guess_content_type as guess_content_type
from .file_response import FileResponse as FileResponse
from .preconditions import EntityTag as EntityTag
from .preconditions import Outcome as Outcome
from .preconditions import Preconditions as Preconditions
from .preconditions import parse_entity_tags as parse_entity_tags
from .resource import StaticResource as StaticResource

__all__ = (
    "CONTENT_TYPES",
    "EntityTag",
    "FileResponse",
    "Outcome",
    "Preconditions",
    "StaticResource",
    "__version__",
    "guess_content_type",
    "parse_entity_tags",
)
