"""A directory as a page: what is in it, for people.

The directory is opened by the rules of :mod:`.opening` and read through its descriptor. Listed is
what would be served: files and directories, and links to such that may be followed. Directories
come first, then files, each in the order of their names.

Every name is escaped, for the page and for the URL. The page has no scripts and asks for nothing;
a policy that comes with it says so to the browser, should a name ever get through.
"""

import html
import os
import stat
import time
from collections.abc import Iterable
from typing import Final, NamedTuple

from .opening import WALKS, open_directory
from .served_path import quoted_of

#: The fields that a listing is sent with.
HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}

#: The number of entries that a page shows at most.
MOST_ENTRIES: Final = 10_000

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }}
h1 {{ font-size: 1.25rem; overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; width: 100%; }}
th {{ text-align: left; font-weight: 600; }}
th, td {{ padding: .5rem .25rem; border-bottom: 1px solid #8884; vertical-align: top; }}
td:first-child {{ overflow-wrap: anywhere; }}
td:first-child a {{ display: block; }}
.size, .date {{ text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }}
@media (max-width: 36rem) {{
  tr {{ display: grid; grid-template-columns: 1fr auto; border-bottom: 1px solid #8884; }}
  th, td {{ border: 0; }}
  th.date {{ display: none; }}
  td.date {{ grid-column: 1 / -1; text-align: left; padding-top: 0; font-size: .85rem; }}
}}
</style>
</head>
<body>
<h1>{title}</h1>
<table>
<thead><tr><th scope="col">Name</th><th scope="col" class="size">Size</th>\
<th scope="col" class="date">Changed (UTC)</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>{note}
</body>
</html>
"""

_ROW: Final = (
    '<tr><td><a href="{url}">{name}</a></td><td class="size">{size}</td>'
    '<td class="date">{date}</td></tr>'
)


class Entry(NamedTuple):
    """One line of a listing; *size* is None for a directory."""

    name: str
    size: int | None
    mtime: float


def read_directory(root: str, name: str, *, follow_symlinks: bool) -> list[Entry]:
    """Read what can be served of a directory below *root*; blocks.

    :param name: plain names joined by slashes; ``""`` is the root.
    :raises FileRefused: when it can't be read.
    """
    fd = open_directory(root, name, follow_symlinks=follow_symlinks) if WALKS else None
    try:
        entries = []
        with os.scandir(os.path.join(root, name) if fd is None else fd) as found:
            for item in found:
                status = _status(item, os.path.join(root, name, item.name), root, follow_symlinks)
                if status is None:
                    continue
                if stat.S_ISDIR(status.st_mode):
                    entries.append(Entry(item.name, None, status.st_mtime))
                elif stat.S_ISREG(status.st_mode):
                    entries.append(Entry(item.name, status.st_size, status.st_mtime))
                if len(entries) > MOST_ENTRIES:
                    break
        return sorted(entries, key=lambda entry: (entry.size is not None, _order(entry.name)))
    finally:
        if fd is not None:
            os.close(fd)


def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _status(
    item: "os.DirEntry[str]", path: str, root: str, follow_symlinks: bool
) -> os.stat_result | None:
    """Look at an entry; None when it is gone, or is a link that leads where we may not go."""
    try:
        if item.is_symlink() and not follow_symlinks:
            inside = os.path.join(root, "")
            if not os.path.join(os.path.realpath(path), "").startswith(inside):
                return None
        return item.stat()
    except OSError:
        return None


def render(title: str, directory_url: str, entries: Iterable[Entry], *, parent: bool) -> str:
    """Make the page.

    :param title: the path of the directory, as people read it.
    :param directory_url: its URL, quoted, with a slash at the end.
    :param parent: whether there is a directory above that can be listed.
    """
    rows = []
    if parent:
        above = directory_url[:-1].rpartition("/")[0] + "/"
        rows.append(_ROW.format(url=html.escape(above), name="../", size="", date=""))
    shown = list(entries)
    for entry in shown[:MOST_ENTRIES]:
        slash = "/" if entry.size is None else ""
        rows.append(
            _ROW.format(
                url=html.escape(directory_url + quoted_of(entry.name) + slash),
                name=html.escape(_readable(entry.name) + slash),
                size="" if entry.size is None else _readable_size(entry.size),
                date=_date(entry.mtime),
            )
        )
    note = "" if len(shown) <= MOST_ENTRIES else f"\n<p>The first {MOST_ENTRIES} entries.</p>"
    return _PAGE.format(title=html.escape(_readable(title)), rows="\n".join(rows), note=note)


def _readable(name: str) -> str:
    """Show what is no UTF-8 as such, not as an error."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _readable_size(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    number = float(size)
    for unit in ("KiB", "MiB", "GiB"):
        number /= 1024
        if number < 1024:
            return f"{number:.1f} {unit}"
    return f"{number / 1024:.1f} TiB"


def _date(seconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return ""  # a time that no calendar has
