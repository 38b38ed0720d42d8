"""Ways through the nodes of a block."""

from graphlet.ir import walk
from tests.ir.rows import ADD, MUL, with_vectors
from tests.ir.test_graph import looped


def test_last_uses() -> None:
    b, x, y = with_vectors("x", "y")
    s = b.call(ADD, (x, y))
    p = b.call(MUL, (s, s))
    unused = b.call(ADD, (x, 1.0))
    g = b.finish((p,))
    ends = walk.last_uses(g)
    assert ends[p] == [s]
    assert ends[unused] == [unused, x]
    assert ends[s] == [y]


def test_everything_goes_into_sub_graphs() -> None:
    g = looped()
    names = [(node.name, depth) for node, depth in walk.everything(g)]
    assert names == [("x", 0), ("loop", 0), ("v", 1), ("multiply", 1), ("output", 1), ("add", 0), ("output", 0)]
