"""Nodes: nested arguments, and users that are kept right."""

import numpy as np

from graphlet.ir.node import Node, iter_nodes, map_nodes


def new(name: str) -> Node:
    return Node(name, "placeholder", name)


def test_nested_arguments() -> None:
    a, b, c = new("a"), new("b"), new("c")
    nested = (a, [slice(b, None, 2)], {"k": (c, a)}, 5)
    assert list(iter_nodes(nested)) == [a, b, c, a]
    assert map_nodes(str, nested) == ("a", [slice("b", None, 2)], {"k": ("c", "a")}, 5)


def test_named_tuples_are_literals() -> None:
    literal = np.linalg.qr(np.eye(2))
    assert map_nodes(str, literal) is literal


def test_set_args_keeps_users_right() -> None:
    a, b = new("a"), new("b")
    user = Node("u", "call_function", None)
    user.set_args((a, a), {"k": b})
    assert user.inputs == (a, b)
    assert list(a.users) == [user]
    user.set_args((b,), {})
    assert not a.users
    assert list(b.users) == [user]


def test_replace_all_uses() -> None:
    a, b = new("a"), new("b")
    first, second = Node("f", "call_function", None), Node("s", "call_function", None)
    first.set_args((a, (a, 1)), {})
    second.set_args((b,), {"k": slice(a)})
    a.replace_all_uses_with(b)
    assert first.args == (b, (b, 1))
    assert second.kwargs == {"k": slice(b)}
    assert not a.users
    assert set(b.users) == {first, second}


def test_replace_one_input_by_a_literal() -> None:
    a = new("a")
    user = Node("u", "call_function", None)
    user.set_args((a, 1), {})
    user.replace_input_with(a, 2.5)
    assert user.args == (2.5, 1)
    assert not a.users
