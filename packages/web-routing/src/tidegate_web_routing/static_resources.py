"""Where the class of the resources that serve files comes from.

This package serves no files. A distribution that does names its class in an entry point of the
group :data:`STATIC_RESOURCE_GROUP`, and ``router.add_static()`` makes a resource of it.
"""

from collections.abc import Callable
from typing import Final

from .resources import AbstractResource

#: The entry point that names the class of resources which serve files.
STATIC_RESOURCE_GROUP: Final = "tidegate.static_resource"


def static_resource_class() -> Callable[..., AbstractResource]:
    """Find the class.

    :raises RuntimeError: no distribution that serves files is installed.
    """
    # Not at the top: it costs as much to import as this whole package.
    from importlib.metadata import entry_points

    found = entry_points(group=STATIC_RESOURCE_GROUP)
    if not found:
        raise RuntimeError(
            "add_static() needs the distribution tidegate-web-static: "
            "run 'pip install tidegate-web-static'"
        )
    cls: Callable[..., AbstractResource] = next(iter(found)).load()
    return cls
