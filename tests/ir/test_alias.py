"""Storages and versions: who shares memory, and what has to come before what."""

from graphlet.ir.alias import AFTER, Storages, has_own_effect, must_precede, reads_memory, shares_with, written_argument
from graphlet.ir.op import VIEW, Op
from tests.ir.rows import ADD, COPY, EFFECT, GET, MUL, RANDOM, RAVEL, SET, store, vector, with_vectors


def written_twice() -> tuple:
    """fresh; a view of it; a write to the view; a read of the whole; a write to the whole."""
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    view = b.call(GET, (fresh, slice(1, 3)))
    early = b.call(MUL, (fresh, 2.0))
    through = b.call(SET, (view, slice(None), 9.0))
    late = b.call(ADD, (fresh, 1.0))
    again = b.call(SET, (fresh, slice(None), 0.0))
    return b.finish((early, late, again)), fresh, view, early, through, late, again


def test_storages_and_versions() -> None:
    g, fresh, view, early, through, _late, again = written_twice()
    s = Storages(g.nodes)
    after = again.args[0]
    assert after.row is AFTER
    assert {s.storage_of(node) for node in (fresh, view, through, after, again)} == {fresh}
    assert [s.version(node) for node in (fresh, view, through, after, again)] == [0, 0, 1, 1, 2]
    assert s.writes(fresh) == (through, again)
    assert s.storage_of(early) is early
    assert s.origin(again) is fresh
    assert s.origin(through) is view
    assert s.is_stale(after)
    assert not s.is_stale(again)
    assert not s.existed(fresh)
    assert s.existed(g.inputs[0])


def test_dropping_the_last_node_undoes_it() -> None:
    g, fresh, *_, again = written_twice()
    s = Storages(g.nodes)
    s.drop(g.output)
    s.drop(again)
    assert len(s.writes(fresh)) == 1
    assert s.storage_of(again) is None
    s.add(again)
    assert s.version(again) == 2


def test_scalars_have_no_storage() -> None:
    b, x = with_vectors("x")
    item = b.call(GET, (x, 0))
    assert Storages(b.nodes).storage_of(item) is None
    assert shares_with(item) is None
    assert reads_memory(item)


def test_perhaps_a_view_counts_as_one() -> None:
    b, x = with_vectors("x")
    flat = b.call(RAVEL, (x,))
    assert shares_with(flat) is x
    assert Storages(b.nodes).existed(flat)
    assert reads_memory(flat)
    assert not reads_memory(b.call(GET, (x, slice(1, None))))


def test_must_precede() -> None:
    g, _fresh, _view, early, through, late, again = written_twice()
    order = must_precede(g)
    assert order[through] == (early,)
    assert set(order[again]) == {through, late}
    assert order[late] == (through,)
    assert order[early] == ()


def test_a_write_reads_what_it_writes_from() -> None:
    b, x = with_vectors("x")
    target, value = b.call(COPY, (x,)), b.call(COPY, (x,))
    first = b.call(SET, (target, slice(None), value))
    second = b.call(SET, (value, slice(None), 0.0))
    order = must_precede(b.finish((first, second)))
    assert order[second] == (first,)
    row = Op("store", store, SET.infer, "opaque", VIEW, mutates=0)
    assert reads_memory(b.call(row, (b.call(COPY, (b.placeholder("y", vector("y")),)), slice(None), 1.0)))


def test_effects_keep_their_order() -> None:
    b, x = with_vectors("x")
    first = b.call(RANDOM)
    second = b.call(EFFECT, (x,))
    plain = b.call(ADD, (x, 1.0))
    third = b.call(RANDOM)
    order = must_precede(b.finish(()))
    assert [order[node] for node in (first, second, plain, third)] == [(), (first,), (), (second,)]
    assert [has_own_effect(node) for node in (first, second, plain)] == [True, True, False]


def test_written_argument() -> None:
    _g, _fresh, view, early, through, _late, _again = written_twice()
    assert written_argument(through) is view
    assert written_argument(early) is None


def test_a_node_that_was_added_by_half_can_be_dropped() -> None:
    b, x, y = with_vectors("x", "y")
    node = b.call(ADD, (x, y))
    storages = Storages([x, y])
    storages._root[node] = node  # an interrupt came here
    storages.drop(node)
    assert storages.storage_of(node) is None
