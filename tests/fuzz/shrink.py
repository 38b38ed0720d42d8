"""Makes a failing program smaller while it keeps failing in the same way."""

import ast
import copy
from collections.abc import Callable, Iterator

Fails = Callable[[str], bool]


def shrink(source: str, fails: Fails, most: int = 600) -> str:
    """The smallest program found that ``fails``; at most so many tries."""
    left = [most]

    def still_fails(tree: ast.Module) -> bool:
        if left[0] <= 0:
            return False
        left[0] -= 1
        try:
            return fails(ast.unparse(tree))
        except (SyntaxError, ValueError, RecursionError):
            return False

    tree = ast.parse(source)
    while left[0] > 0:
        smaller = _drop_statements(tree, still_fails)
        smaller = _simplify_expressions(smaller, still_fails)
        if ast.dump(smaller) == ast.dump(tree):
            break
        tree = smaller
    return ast.unparse(tree) + "\n"


def _blocks(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody", "handlers"):
            if isinstance(getattr(node, name, None), list):
                yield node, name


def _changed(tree: ast.Module, path: int, name: str, new: list[ast.AST]) -> ast.Module:
    """A copy of the tree with one block replaced; ``path`` numbers the node in walking order."""
    other = copy.deepcopy(tree)
    node = list(ast.walk(other))[path]
    setattr(node, name, new or ([ast.Pass()] if name == "body" else []))
    if isinstance(node, ast.Try) and not node.handlers and not node.finalbody:
        node.finalbody = [ast.Pass()]
    return ast.fix_missing_locations(other)


def _drop_statements(tree: ast.Module, fails: Callable[[ast.Module], bool]) -> ast.Module:
    """Take out runs of statements, long runs first; lift the body of a compound statement in its place."""
    i = 0
    while i < len(nodes := list(ast.walk(tree))):
        for name in ("body", "orelse", "finalbody", "handlers"):
            block = getattr(nodes[i], name, None)
            if isinstance(block, list) and block:
                tree = _drop_in_block(tree, i, name, fails)
        i += 1
    return tree


def _block(tree: ast.Module, path: int, name: str) -> list[ast.AST]:
    return list(getattr(list(ast.walk(tree))[path], name))


def _drop_in_block(tree: ast.Module, path: int, name: str, fails: Callable[[ast.Module], bool]) -> ast.Module:
    length = len(_block(tree, path, name))
    size = max(1, length // 2)
    while size:
        at = 0
        while at < len(block := _block(tree, path, name)):
            for new in _replacements(block, at, size):
                candidate = _changed(tree, path, name, new)
                if ast.dump(candidate) != ast.dump(tree) and fails(candidate):
                    tree = candidate
                    break
            else:
                at += size
                continue
        size //= 2
    return tree


def _replacements(block: list[ast.AST], at: int, size: int) -> Iterator[list[ast.AST]]:
    yield block[:at] + block[at + size :]
    if size == 1 and isinstance(block[at], (ast.If, ast.For, ast.While, ast.With, ast.Try)):
        yield block[:at] + list(block[at].body) + block[at + 1 :]  # type: ignore[attr-defined]
        if getattr(block[at], "orelse", None):
            yield block[:at] + list(block[at].orelse) + block[at + 1 :]  # type: ignore[attr-defined]


def _simplify_expressions(tree: ast.Module, fails: Callable[[ast.Module], bool]) -> ast.Module:
    """Put a part of an expression, or something simple, in its place."""
    i = 0
    while i < len(nodes := list(ast.walk(tree))):
        node = nodes[i]
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Name, ast.Constant)):
            for new in _simpler(node):
                candidate = _with_expression(tree, i, new)
                if candidate is not None and fails(candidate):
                    tree = candidate
                    i -= 1
                    break
        elif isinstance(node, (ast.Call, ast.List, ast.Tuple)):
            pass
        i += 1
    return tree


def _simpler(node: ast.expr) -> Iterator[ast.expr]:
    """Smaller expressions to try instead of one."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
    if isinstance(node, ast.Call):
        for k in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, node.keywords[:k] + node.keywords[k + 1 :])
        if isinstance(node.func, ast.Attribute):
            yield node.func.value
    if isinstance(node, (ast.Tuple, ast.List)):
        for k in range(len(node.elts)):
            yield type(node)(node.elts[:k] + node.elts[k + 1 :], node.ctx)
    yield ast.Constant(1)


def _with_expression(tree: ast.Module, path: int, new: ast.expr) -> ast.Module | None:
    """A copy of the tree with the expression number ``path`` replaced; None where it cannot be."""
    nodes = list(ast.walk(tree))
    old = nodes[path]
    for parent in nodes:
        for field, value in ast.iter_fields(parent):
            items = value if isinstance(value, list) else [value]
            for k, item in enumerate(items):
                if item is old:
                    return _replaced(tree, nodes.index(parent), field, k if isinstance(value, list) else None, new)
    return None


def _replaced(tree: ast.Module, parent: int, field: str, k: int | None, new: ast.expr) -> ast.Module | None:
    other = copy.deepcopy(tree)
    holder = list(ast.walk(other))[parent]
    old = getattr(holder, field) if k is None else getattr(holder, field)[k]
    fresh = copy.deepcopy(new)
    if isinstance(getattr(old, "ctx", None), (ast.Store, ast.Del)):
        if not isinstance(fresh, (ast.Name, ast.Subscript, ast.Attribute)):
            return None
        fresh.ctx = type(old.ctx)()  # type: ignore[attr-defined]
    if k is None:
        setattr(holder, field, fresh)
    else:
        getattr(holder, field)[k] = fresh
    return ast.fix_missing_locations(other)
