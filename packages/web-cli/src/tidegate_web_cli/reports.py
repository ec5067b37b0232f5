"""What ``tidegate routes`` and ``tidegate info`` show: for people with rich, for programs as JSON.

Lines are as long as what is in them: a terminal breaks them where it likes, and a program that
reads them finds each thing on one line.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from .console import colors_wanted
from .routes_tree import AppTree, Place, Problem, ResourceNode

if TYPE_CHECKING:
    from typing import IO

_WIDTH = 10_000  # characters of a line, past which rich would cut it
_COLORS = {"GET": "green", "HEAD": "green", "POST": "yellow", "DELETE": "red"}


def console(stream: "IO[str]", colors: bool | None) -> Console:
    """Return what writes to *stream*; *colors* is what the user said, None for nothing."""
    wanted = colors_wanted(colors, stream)
    return Console(
        file=stream,
        force_terminal=wanted,
        no_color=not wanted,
        color_system="standard" if wanted else None,
        highlight=False,
        soft_wrap=True,
        width=_WIDTH,
    )


def show_routes(out: Console, tree: AppTree, title: str, *, verbose: bool) -> None:
    """Write the tree of an application.

    :param verbose: show the middlewares in their order, too.
    """
    root = Tree(f"[bold]{escape(title)}[/bold] {_counted(tree)}")
    _grow(root, tree, verbose)
    out.print(root, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)


def _counted(tree: AppTree) -> str:
    count = tree.count()
    return f"[dim]({count} {'route' if count == 1 else 'routes'})[/dim]"


def _grow(parent: Tree, tree: AppTree, verbose: bool) -> None:
    if verbose and tree.middlewares:
        order = parent.add("[magenta]middlewares[/magenta] [dim](outermost first)[/dim]")
        for number, each in enumerate(tree.middlewares, 1):
            order.add(f"{number}. {_place(each)}")
    for node in tree.resources:
        _grow_resource(parent, node, verbose)


def _grow_resource(parent: Tree, node: ResourceNode, verbose: bool) -> None:
    name = f" [dim]name=[/dim]{escape(node.name)}" if node.name else ""
    label = f"[cyan]{escape(node.path)}[/cyan]{name}"
    if node.app is not None:
        _grow(
            parent.add(f"{label} [dim]application[/dim] {_counted(node.app)}"), node.app, verbose
        )
        return
    if node.directory is not None:
        parent.add(f"{label} [dim]files of[/dim] {escape(node.directory)}")
        return
    branch = parent.add(label)
    for line in node.routes:
        methods = ", ".join(
            f"[{_COLORS.get(method, 'blue')}]{escape(method)}[/]" for method in line.methods
        )
        branch.add(f"{methods} {_place(line.handler)}")


def _place(place: Place) -> str:
    where = "" if place.file is None else f" [dim]{escape(place.file)}:{place.line}[/dim]"
    return f"{escape(place.name)}{where}"


def show_problems(out: Console, found: Sequence[Problem]) -> None:
    """Write a line for each route that can't be reached."""
    for problem in found:
        out.print(f"[red]{escape(str(problem))}[/red]", soft_wrap=True)


def show_facts(out: Console, facts: dict[str, dict[str, str]]) -> None:
    """Write groups of names and values."""
    width = max(len(name) for group in facts.values() for name in group)
    for title, group in facts.items():
        out.print(f"[bold]{escape(title)}[/bold]")
        for name, value in group.items():
            out.print(f"  {escape(name.ljust(width))}  {escape(value)}", soft_wrap=True)


def as_json(value: Any) -> str:
    """Return *value* as JSON for programs and people."""
    return json.dumps(value, indent=2, ensure_ascii=False)
