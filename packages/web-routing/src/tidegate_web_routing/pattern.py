r"""Path patterns: from ``/users/{id:\d+}/posts/{slug}`` to a matcher, a formatter, a place.

A path that is registered is text with parts. A part is ``{name}`` or ``{name:regex}``. The regex
ends at the brace that closes the part: braces inside it that are balanced, escaped or in a
character class (``\d{1,3}``, ``\{``, ``[^}]``) belong to it. A part with no regex matches
``[^{}/]+``, one segment or a piece of one. A part always matches as a whole, so a ``^`` that
starts its regex and a ``$`` that ends it say nothing new and are dropped.

Percent-encoding: a request's path is matched in its requoted form (``URL.raw_path``), so the text
of a pattern is requoted the same way: ``/é``, ``/%C3%A9`` and ``/%c3%a9`` are one path. A custom
regex is matched against the quoted form as it stands. The values that come out are decoded.

A pattern also says where the matcher has to keep it: :attr:`Pattern.pieces` are the segments of
the path, a ``str`` where the segment is fixed and None where it has parts, up to the first part
whose regex might match a slash; :attr:`Pattern.exact` tells whether that is the whole path.

Bad paths are a ``ValueError`` that shows the path and points at the place.

Time: matching is linear in the length of the path for patterns without custom regexes. What a
custom regex costs is its author's affair; behind parts without one it is tried at most once for
each character of the path (see `piecewise`).
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

from yarl import URL

from .errors import UrlPartsError
from .piecewise import CrowdedSegment, PiecewiseMatcher

#: What a part without a regex of its own matches.
DEFAULT_REGEX: Final = r"[^{}/]+"


class Part(NamedTuple):
    """A variable part of a path."""

    name: str
    regex: str
    #: Where the regex starts in the registered path, for error messages.
    at: int
    #: Whether the regex might match a slash, so that the part may span segments.
    spans: bool


Item: TypeAlias = str | Part


class SegmentShape(NamedTuple):
    """A segment of a path, without the names of its parts."""

    #: The regular expression of the segment.
    regex: str
    #: Whether it is one part without a regex of its own, and nothing else.
    is_default_part: bool
    #: Whether it is sure to have a character, and neither slash nor brace: it is a text, or has
    #: no parts but those without a regex of their own.
    never_empty: bool


class PathShape(NamedTuple):
    """A path without the names of its parts: paths of one shape match the same."""

    segments: tuple[SegmentShape, ...]
    #: The regular expression for what follows, slashes included; None if nothing does.
    rest: str | None


_BRACE = re.compile(r"[{}]")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]", re.DOTALL)

# Regexes that surely match no slash, because no token of theirs does; what is not recognised here
# counts as one that might. So ".", \D, \S, \W and escapes by number are left out on purpose.
_SLASHLESS = re.compile(
    r"""(?:
      [\w\-~!@%&=:;,<>'"\ ]                     # a character that stands for itself
    | \\[dwsbBAZ.\-+*?|(){}\[\]^$~!@%&=:;,]     # a class without slash, or an escaped character
    | \[(?!\^) -?                               # a class that lists what it matches ...
        (?: \w-\w | \\[dws.\-+*?|(){}\[\]^$] | [\w.+*?|(){}^$~!@%&=:;,<>'"\ ](?!-[^\]]) )+ -? \]
    | \[\^ [^\]\\/]* / (?:[^\]\\]|\\.)* \]      # ... and one that excludes the slash
    | [()|*+?^${}]                              # an operator, which matches no character
    )*""",
    re.VERBOSE,
)

# What may not go together with the regexes of other parts, though it compiles alone: groups with
# names, flags, references to groups.
_INTERFERES = re.compile(r"\(\?|\\\d")

# What looks at the end of the text, which is not where a part ends.
_ENDS = re.compile(r"[$]|\\Z")

# Each segment begins with its slash, so there is one way to match.
_SIMPLE = re.compile(r"(?:/(?:[A-Za-z0-9\-._~]*|\{[A-Za-z_][A-Za-z0-9_]*\}))+")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~/]*")
_ESCAPE = re.compile(r"(%[0-9A-Fa-f]{2})")


def requote(path: str) -> str:
    """Percent-encode *path* the way ``yarl.URL`` does it with the target of a request.

    What is encoded stays so, in its normal form: ``%7e`` becomes ``~``, ``%2f`` becomes ``%2F``.
    A ``?`` or ``#`` is taken as a character of the path.
    """
    if _UNRESERVED.fullmatch(path) is not None:
        return path
    return "".join(
        # yarl's parser of whole URLs normalises escapes, its builder encodes what is not encoded.
        URL("/" + piece).raw_path[1:] if number % 2 else _quote(piece)
        for number, piece in enumerate(_ESCAPE.split(path))
    )


def _quote(text: str) -> str:
    # With a slash, because at the start of a relative path a colon would be encoded.
    return URL.build(path="/" + text).raw_path[1:]


def unquote(value: str) -> str:
    """Decode a piece of a path; an escape that is not UTF-8 stays as it is."""
    if "%" not in value:
        return value
    return URL.build(path=value, encoded=True).path


def is_dynamic(path: str) -> bool:
    """Tell whether *path* has parts, or braces that try to be one."""
    return _BRACE.search(path) is not None


def check_path(path: str) -> None:
    """Refuse a path that can't be registered.

    :raises TypeError: *path* is not a str.
    :raises ValueError: *path* is neither empty nor starts with a slash.
    """
    if not isinstance(path, str):
        raise TypeError(f"path must be a str, got {path!r} of type {type(path).__name__}")
    if path and not path.startswith("/"):
        raise bad_path(path, 0, "a path must start with '/' or be empty")


class Pattern:
    """A path with variable parts.

    :param path: the path as it is registered.
    :raises ValueError: the path is malformed; the message points at the place.
    """

    __slots__ = (
        "_fullmatch",
        "_parts",
        "_piecewise",
        "exact",
        "formatter",
        "pieces",
        "source",
    )

    #: The path as it was registered.
    source: str
    #: The path with the parts as ``{name}``, requoted.
    formatter: str
    #: The segments of the path; None stands for one with parts.
    pieces: tuple[str | None, ...]
    #: Whether `pieces` describe the whole path. If not, any number of segments may follow them.
    exact: bool

    def __init__(self, path: str) -> None:
        check_path(path)
        self.source = path
        # Thousands of patterns are matched for each one that a URL is built with, and compiling
        # takes longer than all the rest: both wait until they are needed.
        self._parts: dict[str, Part] | None = None
        self._fullmatch: Callable[[str], re.Match[str] | None] | None = None
        self._piecewise: PiecewiseMatcher | None = None
        if (pieces := _simple_pieces(path)) is not None:
            self.pieces = pieces
            self.exact = True
            self.formatter = path
            return
        items = _parse(path)
        segments, rest = _segments(items)
        self.exact = not rest
        self.formatter = "".join(
            item if isinstance(item, str) else f"{{{item.name}}}" for item in items
        )
        # Here compiling might fail.
        if any(isinstance(item, Part) and _INTERFERES.search(item.regex) for item in items):
            self._fullmatch = _compiled(path, items).fullmatch
        self.pieces = tuple(
            None if any(isinstance(item, Part) for item in segment) else "".join(map(str, segment))
            for segment in segments
        )
        self._piecewise = _piecewise(segments, rest)

    def __repr__(self) -> str:
        return f"Pattern({self.source!r})"

    @property
    def parts(self) -> dict[str, Part]:
        """The parts by name, in order."""
        if self._parts is None:
            self._parts = {
                item.name: item for item in _parse(self.source) if isinstance(item, Part)
            }
        return self._parts

    @property
    def regex(self) -> re.Pattern[str]:
        """The regular expression that the whole quoted path has to match."""
        # re.compile() remembers the last ones.
        return _compiled(self.source, _parse(self.source))

    def shape(self) -> PathShape:
        """Describe what the pattern matches, to compare it with others."""
        segments, rest = _segments(_parse(self.source))
        return PathShape(tuple(map(_shape, segments)), _nameless(rest) if rest else None)

    def match(self, path: str) -> dict[str, str] | None:
        """Match a whole quoted path: the decoded values of the parts, or None."""
        if self._piecewise is None:
            if self._fullmatch is None:
                self._fullmatch = self.regex.fullmatch
            match = self._fullmatch(path)
            if match is None:
                return None
            # A named group inside a custom regex is a value too, empty if it took no part.
            values: dict[str, str] = match.groupdict("")
        else:
            found = self._piecewise.match(path)
            if found is None:
                return None
            values = found
        if "%" in path:
            for name, value in values.items():
                values[name] = unquote(value)
        return values

    def build(self, values: Mapping[str, str], owner: object) -> URL:
        """Put *values* in the place of the parts.

        A value is quoted. The slashes in it are quoted as well, unless the regex of the part
        might match one: the URL that is built leads back to the same values.

        :param values: a value for each part, by name, not quoted.
        :param owner: what to call the pattern's owner in an error.
        :raises UrlPartsError: a part is missing, or *values* has one that the path has not.
        :raises TypeError: a value is not a str.
        """
        if values.keys() != self.parts.keys():
            raise _bad_parts(self, values, owner)
        return URL.build(
            path=self.formatter.format_map(
                {name: _quoted(self.parts[name], value, owner) for name, value in values.items()}
            ),
            encoded=True,
        )


def _quoted(part: Part, value: str, owner: object) -> str:
    if not isinstance(value, str):
        raise TypeError(
            f"url_for() of {owner}: part {part.name!r} must be a str, "
            f"got {value!r} of type {type(value).__name__}"
        )
    quoted = _quote(value)
    return quoted if part.spans else quoted.replace("/", "%2F")


def _bad_parts(pattern: Pattern, values: Mapping[str, str], owner: object) -> UrlPartsError:
    problems = []
    if missing := [name for name in pattern.parts if name not in values]:
        problems.append(f"missing: {', '.join(missing)}")
    if superfluous := [name for name in values if name not in pattern.parts]:
        problems.append(f"not in the path: {', '.join(superfluous)}")
    return UrlPartsError(f"url_for() of {owner} got the wrong parts, {'; '.join(problems)}")


def bad_path(path: str, at: int, problem: str, *, what: str = "path") -> ValueError:
    """Make the error of a path that is refused; it points at the place."""
    return ValueError(f"invalid {what} {path!r}: {problem}\n    {path}\n    {' ' * at}^")


def _simple_pieces(path: str) -> tuple[str | None, ...] | None:
    """Split a path whose segments are ASCII text that needs no quoting, or a part without regex.

    Most paths are like that. For any other the result is None; to them the long way is gone,
    which gives the same for these.
    """
    if _SIMPLE.fullmatch(path) is None:
        return None
    pieces = path.split("/")
    parts = [piece for piece in pieces if piece[:1] == "{"]
    if len(set(parts)) != len(parts):
        return None
    return tuple(None if piece[:1] == "{" else piece for piece in pieces)


def _parse(path: str) -> list[Item]:
    """Split *path* into requoted text and parts."""
    items: list[Item] = []
    names: list[str] = []
    at = 0
    while (brace := _BRACE.search(path, at)) is not None:
        start = brace.start()
        if brace.group() == "}":
            raise bad_path(
                path, start, "this brace closes nothing; write %7D to mean the character"
            )
        end = _part_end(path, start)
        part = _part(path, start, end, names)
        if part.name in names:
            raise bad_path(path, start + 1, f"there is a part {part.name!r} already")
        names.append(part.name)
        if start > at:
            items.append(requote(path[at:start]))
        items.append(part)
        at = end + 1
    if at < len(path):
        items.append(requote(path[at:]))
    return items


def _part_end(path: str, start: int) -> int:
    """Find the brace that closes the one at *start*."""
    depth = 0
    at = start
    while at < len(path):
        char = path[at]
        if char == "\\":
            at += 1
        elif char == "[":
            # Without an end it is no class; re.compile() will say so.
            if (a_class := _CLASS.match(path, at)) is not None:
                at = a_class.end() - 1
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise bad_path(path, start, "the brace that opens here is never closed")


def _part(path: str, start: int, end: int, earlier: list[str]) -> Part:
    name, colon, regex = path[start + 1 : end].partition(":")
    if not name.isidentifier():
        raise bad_path(
            path, start + 1, f"the name of a part must be an identifier, this is {name!r}"
        )
    if not colon:
        return Part(name, DEFAULT_REGEX, start, False)
    at = start + 1 + len(name) + 1
    if not regex:
        raise bad_path(path, at, f"the regex of part {name!r} is missing")
    if regex.startswith("^"):
        regex = regex[1:]
        at += 1
    if regex.endswith("$") and not (len(regex) - len(regex[:-1].rstrip("\\")) - 1) % 2:
        regex = regex[:-1]
    # Alone, so that it can't close a group that it did not open; after the groups of the parts
    # before it, to which it may refer.
    groups = "".join(f"(?P<{name}>)" for name in earlier)
    try:
        re.compile(groups + regex)
    except (re.error, OverflowError, RecursionError) as exc:
        pos = getattr(exc, "pos", None) or len(groups)
        raise bad_path(
            path,
            at + pos - len(groups),
            f"the regex of part {name!r} does not compile, {getattr(exc, 'msg', exc)}",
        ) from exc
    return Part(name, regex, at, _SLASHLESS.fullmatch(regex) is None)


def _segments(items: list[Item]) -> tuple[list[list[Item]], list[Item]]:
    """Split *items* at the slashes, up to the segment with a part that might match one.

    The second result are the items from that segment on, none if there is no such segment.
    """
    segments: list[list[Item]] = [[]]
    for number, item in enumerate(items):
        if isinstance(item, str):
            first, *others = item.split("/")
            if first:
                segments[-1].append(first)
            segments.extend([other] if other else [] for other in others)
        elif item.spans:
            return segments[:-1], segments[-1] + items[number:]
        else:
            segments[-1].append(item)
    return segments, []


def _regex(items: list[Item]) -> str:
    return "".join(
        re.escape(item) if isinstance(item, str) else f"(?P<{item.name}>{item.regex})"
        for item in items
    )


def _nameless(items: list[Item]) -> str:
    return "".join(
        re.escape(item) if isinstance(item, str) else f"({item.regex})" for item in items
    )


def _shape(segment: list[Item]) -> SegmentShape:
    regex = _nameless(segment)
    default = all(isinstance(item, str) or item.regex == DEFAULT_REGEX for item in segment)
    return SegmentShape(regex, regex == f"({DEFAULT_REGEX})", bool(segment) and default)


def _compiled(path: str, items: list[Item]) -> re.Pattern[str]:
    """Compile the regular expression of the whole path."""
    try:
        return re.compile(_regex(items))
    except (re.error, OverflowError, RecursionError) as exc:
        # Each part compiles alone, so they don't go together: groups of one name, a reference
        # to a group by number, a flag for the whole expression.
        part = next(item for item in reversed(items) if isinstance(item, Part))
        raise bad_path(
            path,
            part.at,
            f"the regexes of the parts can't stand in one path, {getattr(exc, 'msg', exc)}",
        ) from exc


def _piecewise(segments: list[list[Item]], rest: list[Item]) -> PiecewiseMatcher | None:
    """Make the matcher for a pattern that a regular expression would not match in linear time.

    That is one with several default parts in a segment, ``{name}.{ext}``: each of them can take
    what another one gives back. For other patterns the regular expression is the quickest way,
    and None is returned.
    """
    if all(len(segment) < 2 for segment in (*segments, rest)):
        return None
    rows = [_row(segment) for segment in segments]
    last = _crowd(rest)
    if last is None and not any(isinstance(row, CrowdedSegment) for row in rows):
        return None
    try:
        return PiecewiseMatcher(
            [row if isinstance(row, str | CrowdedSegment) else re.compile(row[0]) for row in rows],
            last or (re.compile(_regex(rest)) if rest else None),
        )
    except re.error:
        # A regex refers to a group of another segment, so it compiles only as a whole.
        return None


def _row(segment: list[Item]) -> str | CrowdedSegment | tuple[str]:
    """Tell how to match *segment*: as a text, a crowd of parts, or by a regular expression."""
    if not any(isinstance(item, Part) for item in segment):
        return "".join(map(str, segment))
    return _crowd(segment) or (_regex(segment),)


def _crowd(items: list[Item]) -> CrowdedSegment | None:
    """Make a crowd of *items*: at least two default parts, and then perhaps custom ones."""
    custom = [
        number
        for number, item in enumerate(items)
        if isinstance(item, Part) and item.regex != DEFAULT_REGEX
    ]
    head, tail = (items[: custom[0]], items[custom[0] :]) if custom else (items, [])
    names = [item.name for item in head if isinstance(item, Part)]
    if len(names) < 2 or not all(isinstance(item, str) or _stands_alone(item) for item in tail):
        return None
    texts = [""]
    for item in head:
        if isinstance(item, str):
            texts[-1] = item
        else:
            texts.append("")
    return CrowdedSegment(names, texts, re.compile(_regex(tail)) if tail else None)


def _stands_alone(part: Part) -> bool:
    """Tell whether a custom part matches the same wherever the text around it is cut off."""
    regex = part.regex
    return regex != DEFAULT_REGEX and not _INTERFERES.search(regex) and not _ENDS.search(regex)
