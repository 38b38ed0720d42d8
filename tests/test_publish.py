"""What a region hands back: live-outs from recipes, and writes to existing memory."""

import gc
import itertools
import sys
import types
import warnings
import weakref

import numpy as np
import pytest

from graphlet import _publish
from graphlet._evalframe import PyKernel, Region, Specialization, StubHandle
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan


def region_handing_back(outputs, n_live_ins=0, temps=(), liveouts=(), commits=(), stores=()):
    """A region whose kernel returns these outputs, and a handle with one exit."""
    program, _ = lower(plan((), ()), n_live_ins)
    kernel = PyKernel(lambda *_: tuple(outputs), n_live_ins, len(outputs))
    region = Region("f#r1")
    spec = Specialization(
        "f#r1.s1", program, range(n_live_ins), kernel, 0, temps, liveouts, commits, stores=stores
    )
    region.add(spec)
    return region, StubHandle(region, 1)


def commit(target, value):
    """Whether a commit of ``value`` to ``target`` was carried out."""
    region, handle = region_handing_back((target, value), commits=((0, 1),))
    result = handle()
    assert region.decline_reasons == ({} if result == () else {"commit": 1})
    return result == ()


LAYOUTS = {
    "line": lambda x: x,
    "rows": lambda x: x.reshape(260, 300),
    "inner rows": lambda x: x.reshape(130, 600)[1:-1, 3:-2],
    "columns": lambda x: x.reshape(600, 130).T[1:-1, 3:-2],
    "planes": lambda x: x.reshape(10, 26, 300)[1:, ::2],
    "apart": lambda x: x[::2],
    "backwards": lambda x: x.reshape(26, 3000)[::-1],
    "one row": lambda x: x.reshape(1, 260, 300)[:, 1:, :-1],
}


@pytest.fixture
def past_the_cache():
    """Writes of any size go past the cache."""
    before = _publish.stream_from(0)
    yield
    _publish.stream_from(before)


class TestLiveOuts:
    def test_leaves(self):
        a, b, constant = object(), object(), object()
        liveouts = (("reg", 1), ("graph", 0), ("const", constant), ("reg", 0), ("const", None))
        _, handle = region_handing_back(("out",), 2, liveouts=liveouts)
        result = handle(a, b)
        assert result == (b, "out", constant, a, None)

    @pytest.mark.parametrize(
        ("kind", "items", "expected"),
        [
            ("tuple", (), ()),
            ("tuple", (1, 2), (1, 2)),
            ("list", (), []),
            ("list", (1, 2), [1, 2]),
            ("set", (), set()),
            ("set", (1, 2, 1), {1, 2}),
            ("dict", (), {}),
            ("dict", ("b", 1, "a", 2), {"b": 1, "a": 2}),
            ("slice", (1, None, 2), slice(1, None, 2)),
            ("range", (1, 10, 2), range(1, 10, 2)),
        ],
    )
    def test_containers(self, kind, items, expected):
        recipe = ("build", kind, *(("const", item) for item in items))
        _, handle = region_handing_back((), liveouts=(recipe,))
        (made,) = handle()
        assert (type(made), made) == (type(expected), expected)
        if kind == "dict":
            assert list(made) == list(expected)
        if kind in ("list", "set", "dict"):
            assert handle()[0] is not made

    def test_cells(self):
        empty, full = ("build", "cell"), ("build", "cell", ("reg", 0))
        _, handle = region_handing_back((), 1, liveouts=(empty, full))
        made_empty, made_full = handle(7)
        assert made_full.cell_contents == 7
        with pytest.raises(ValueError, match="empty"):
            made_empty.cell_contents  # noqa: B018

    def test_nesting(self):
        inner = ("build", "dict", ("const", "k"), ("build", "tuple", ("graph", 0), ("reg", 0)))
        _, handle = region_handing_back(("out",), 1, liveouts=(("build", "list", inner, ("const", 1)),))
        assert handle("in") == ([{"k": ("out", "in")}, 1],)

    def test_temps_are_one_object_at_all_places(self):
        temps = (("build", "list", ("graph", 0)), ("build", "tuple", ("temp", 0), ("temp", 0)))
        _, handle = region_handing_back(("out",), temps=temps, liveouts=(("temp", 1), ("temp", 0)))
        pair, shared = handle()
        assert pair == (["out"], ["out"])
        assert pair[0] is pair[1] is shared

    @pytest.mark.parametrize("key", [[], {}, np.zeros(2)])
    def test_what_cannot_be_built_declines_before_any_write(self, key):
        target = np.zeros(3)
        for recipe in (("build", "dict", ("graph", 2), ("const", 1)), ("build", "set", ("graph", 2))):
            region, handle = region_handing_back((target, np.ones(3), key), liveouts=(recipe,), commits=((0, 1),))
            assert handle() is None
            assert region.decline_reasons == {"live_outs": 1}
            assert not target.any()

    @pytest.mark.parametrize(
        ("recipe", "message"),
        [
            (("graph", 0), "there are 0"),
            (("temp", 0), "there are 0"),
            (("reg", -1), "there are 1"),
            (("what", 0), "unknown recipe"),
            (("graph", 0, 1), "unknown recipe"),
            (("build", "frozenset"), "unknown container"),
            (("build", "slice", ("reg", 0)), "not built of 1 items"),
            (("build", "range"), "not built of 0 items"),
            (("build", "cell", ("reg", 0), ("reg", 0)), "not built of 2 items"),
            (("build", "dict", ("reg", 0)), "not built of 1 items"),
            (("build", "list", 7), "a recipe is a tuple"),
            (7, "a recipe is a tuple"),
            ((), "a recipe is a tuple"),
        ],
    )
    def test_bad_recipes_are_refused_when_made(self, recipe, message):
        with pytest.raises(ValueError, match=message):
            region_handing_back((), 1, liveouts=(recipe,))

    def test_a_temp_may_use_earlier_ones_only(self):
        with pytest.raises(ValueError, match="there are 0"):
            region_handing_back((), temps=(("build", "list", ("temp", 0)),))


class TestCommits:
    @pytest.mark.parametrize(
        "dtype", ["?", "i1", "u8", "f2", "f8", "g", "c16", "M8[s]", "S3", "U2", "O", ">f8", "i4,f8"]
    )
    @pytest.mark.parametrize("target_key", [..., slice(None, None, -1), slice(1, 5, 2), (slice(None), 0)])
    def test_equals_assignment(self, dtype, target_key):
        def fresh(shape):
            count = int(np.prod(shape))
            if dtype == "O":
                return np.array([(number,) for number in range(count + 1)], dtype=object)[:count].reshape(shape)
            return np.arange(count).astype("i8").astype(dtype).reshape(shape)

        base = fresh((6, 4))
        expected = base.copy()
        target = base[target_key]
        value = fresh(target.shape)[::-1]
        expected[target_key] = value
        assert commit(target, value)
        np.testing.assert_array_equal(base, expected)
        assert dtype == "g" or base.tobytes() == expected.tobytes()

    @pytest.mark.parametrize("shape", [(), (1,), (4,), (1, 4), (3, 1), (1, 1, 1, 4), (3, 4)])
    def test_broadcasting(self, shape):
        target = np.zeros((3, 4))
        value = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
        expected = np.zeros((3, 4))
        expected[...] = value
        assert commit(target, value)
        np.testing.assert_array_equal(target, expected)

    @pytest.mark.parametrize("shape", [(3,), (2, 4), (2, 3, 4), (0,), (4, 3)])
    def test_a_shape_that_does_not_fit_declines(self, shape):
        target = np.zeros((3, 4))
        assert not commit(target, np.ones(shape))
        assert not target.any()

    def test_no_elements(self):
        assert commit(np.zeros((0, 4)), np.ones((0, 4)))
        assert commit(np.zeros((0, 4)), np.ones(4))

    @pytest.mark.parametrize("dtype", ["f4", ">f8", "i8", "c16", "O", "?"])
    def test_another_dtype_declines(self, dtype):
        target = np.zeros(3)
        assert not commit(target, np.ones(3, dtype))
        assert not target.any()

    def test_read_only_declines(self):
        target = np.zeros(3)
        target.flags.writeable = False
        assert not commit(target, np.ones(3))
        assert not target.any()

    def test_arrays_that_warn_when_written_decline(self):
        target, _ = np.broadcast_arrays(np.zeros(3), np.zeros((2, 3)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert not commit(target, np.ones((2, 3)))
        assert not target.any()

    @pytest.mark.parametrize("target", [None, [1, 2], 3.0])
    def test_targets_are_arrays(self, target):
        assert not commit(target, np.ones(2))

    @pytest.mark.parametrize(
        ("left", "right"), list(itertools.permutations([slice(5), slice(1, 6), slice(None, None, -1)], 2))
    )
    def test_a_value_in_the_targets_own_memory(self, left, right):
        base = np.arange(6.0)
        target, value = base[left], base[right][: len(base[left])]
        target = target[: len(value)]
        expected = value.copy()
        assert commit(target, value)
        np.testing.assert_array_equal(target, expected)

    def test_onto_its_own_transpose(self):
        base = np.arange(9.0).reshape(3, 3)
        expected = base.T.copy()
        assert commit(base, base.T)
        np.testing.assert_array_equal(base, expected)

    def test_large_arrays(self):
        target, value = np.zeros((300, 400)), np.random.default_rng(0).random((300, 400))
        assert commit(target, value)
        np.testing.assert_array_equal(target, value)

    @pytest.mark.parametrize("dtype", ["d", "f", "i1", "D", "U3", "?"])
    @pytest.mark.parametrize("shift", [0, 1, 5])
    @pytest.mark.parametrize("layout", sorted(LAYOUTS))
    def test_past_the_cache(self, layout, shift, dtype, past_the_cache):
        size = 300 * 260
        numbers = np.arange(size + 8) % 251
        whole, other = numbers[::-1].astype(dtype), numbers.astype(dtype)
        expected = whole.copy()
        target, wanted, value = (LAYOUTS[layout](x[shift : shift + size]) for x in (whole, expected, other))
        wanted[...] = value
        assert commit(target, value)
        assert whole.tobytes() == expected.tobytes()

    def test_past_the_cache_between_orders(self, past_the_cache):
        for left, right in itertools.product("CF", repeat=2):
            target, value = np.zeros((300, 260), order=left), np.asarray(np.random.rand(300, 260), order=right)
            assert commit(target, value)
            assert (target == value).all()

    def test_past_the_cache_holds_references(self, past_the_cache):
        target, value = np.array([None] * 20000), np.array([object() for _ in range(20000)])
        assert commit(target, value)
        value[:] = None
        assert all(type(item) is object for item in target)

    def test_in_program_order(self):
        base = np.zeros(4)
        outputs = (base, np.ones(4), base[1:3], np.full(2, 5.0))
        _, handle = region_handing_back(outputs, commits=((0, 1), (2, 3)))
        assert handle() == ()
        assert base.tolist() == [1, 5, 5, 1]

    def test_all_or_nothing(self):
        first, second = np.zeros(3), np.zeros(3)
        second.flags.writeable = False
        region, handle = region_handing_back((first, np.ones(3), second), commits=((0, 1), (2, 1)))
        assert handle() is None
        assert region.decline_reasons == {"commit": 1}
        assert not first.any()

    def test_between_registers_and_constants(self):
        target = np.zeros(3)
        _, handle = region_handing_back((), 1, commits=((("reg", 0), ("const", np.arange(3.0))),))
        assert handle(target) == ()
        assert target.tolist() == [0, 1, 2]

    def test_not_of_built_objects(self):
        with pytest.raises(ValueError, match="arrays that exist"):
            region_handing_back((np.zeros(1),), commits=((0, ("build", "list")),))

    def test_references_stay_even(self):
        own = np.dtype("f8", copy=True)  # others may let go of NumPy's at any moment
        target, value, things = np.zeros(3, own), np.ones(3, own), np.array([object(), object()])
        other = np.array([object(), object()])
        _, handle = region_handing_back((target, value, things, other), commits=((0, 1), (2, 3), (0, 0)))
        handle()
        watched = (target, value, target.dtype, things, other, things[0], other[0])
        counts = [sys.getrefcount(thing) for thing in watched]
        for _ in range(1000):
            handle()
        gc.collect()
        assert [sys.getrefcount(thing) for thing in watched] == counts


class TestScalarCommits:
    SCALARS = (
        True, 0, 1, -1, 127, 128, 255, 256, 2**24, 2**24 + 1, 2**31, 2**63 - 1, 2**63, 10**30, 10**400,
        0.0, -0.0, 0.1, 1e-46, 1e-38, 1e38, 1e39, 3.5e38, float("inf"), float("nan"), 2.5, 1j, complex("nan"),
    )  # fmt: skip
    DTYPES = ("?", "i1", "u1", "i8", "u8", "f2", "f4", "f8", ">f8", ">i4", "g", "c8", "c16", "O", "S3", "M8[s]")

    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("value", SCALARS, ids=str)
    def test_python_scalars_are_stored_as_numpy_does_or_not_at_all(self, value, dtype):
        target = np.zeros(2, dtype)
        expected = np.zeros(2, dtype)
        with warnings.catch_warnings(), np.errstate(all="raise", under="raise"):
            warnings.simplefilter("error")
            done = commit(target, value)
            if done:
                expected[...] = value
        # Bytes tell zeros and NaNs apart, but those of a longdouble hold padding.
        assert repr(list(target)) == repr(list(expected))
        assert dtype == "g" or target.tobytes() == expected.tobytes()

    @pytest.mark.parametrize(
        ("value", "dtype"), [(1, "i8"), (1, "f4"), (2.5, "f8"), (2.5, "f4"), (True, "?"), (1j, "c16")]
    )
    def test_the_usual_ones_are_stored(self, value, dtype):
        target = np.zeros(2, dtype)
        assert commit(target, value)
        assert target.tolist() == [value, value]

    @pytest.mark.parametrize("dtype", ["?", "i1", "u8", "f4", "f8", "c8", "M8[s]"])
    def test_numpy_scalars_of_the_same_type(self, dtype):
        value = np.ones(1, "i8").astype(dtype)[0]
        target = np.zeros(2, dtype)
        assert commit(target, value)
        assert target.tolist() == [value.item()] * 2

    @pytest.mark.parametrize("value", [np.float32(1), np.int64(1), np.str_("x"), "x", None, b"x", [1.0], (1.0,)])
    def test_others_decline(self, value):
        target = np.zeros(2)
        assert not commit(target, value)
        assert not target.any()

    def test_subclasses_of_python_scalars_decline(self):
        class Odd(float):
            def __float__(self):
                return 7.0

        assert not commit(np.zeros(2), Odd(1))


class Thing:
    __slots__ = ("__dict__", "slot")


class TestStores:
    def test_each_kind_in_order_behind_the_commits(self):
        thing, items, cell, log, target = Thing(), {"a": 1}, types.CellType(0), [], np.zeros(2)
        stores = (
            ("attribute", ("reg", 0), "late", ("graph", 0)),
            ("attribute", ("reg", 0), "slot", ("const", 5)),
            ("item", ("reg", 1), "b", ("graph", 0)),
            ("item", ("reg", 1), "a", ("const", 2)),
            ("cell", ("reg", 2), None, ("build", "tuple", ("graph", 0), ("temp", 0))),
            ("append", ("reg", 3), None, ("temp", 0)),
            ("append", ("reg", 3), None, ("const", 7)),
        )
        temps = (("build", "list", ("const", 1)),)
        outputs = ("out", target, np.ones(2))
        _, handle = region_handing_back(outputs, 4, temps, (("temp", 0),), ((1, 2),), stores)
        (shared,) = handle(thing, items, cell, log)
        assert (thing.late, thing.slot, items) == ("out", 5, {"a": 2, "b": "out"})
        assert cell.cell_contents == ("out", shared) and log == [shared, 7] and log[0] is shared
        assert target.tolist() == [1, 1]

    def test_nothing_is_stored_where_a_commit_declines(self):
        log, target = [], np.zeros(2)
        target.setflags(write=False)
        region, handle = region_handing_back(
            (target, np.ones(2)), 1, commits=((0, 1),), stores=(("append", ("reg", 0), None, ("const", 1)),)
        )
        assert handle(log) is None and log == [] and region.decline_reasons == {"commit": 1}

    def test_nothing_is_stored_where_a_live_out_cannot_be_made(self):
        log = []
        stores = (("append", ("reg", 0), None, ("build", "set", ("const", []))),)
        region, handle = region_handing_back((), 1, stores=stores)
        assert handle(log) is None and log == [] and region.decline_reasons == {"live_outs": 1}

    def test_a_region_with_one_live_out_hands_it_over_behind_the_stores(self):
        log = []
        region, _ = region_handing_back(
            ("out",), 1, liveouts=(("graph", 0),), stores=(("append", ("reg", 0), None, ("graph", 0)),)
        )
        assert StubHandle(region, 1, bare=True)(log) == "out" and log == ["out"]

    def test_what_is_replaced_goes(self):
        class Gone:
            pass

        thing = Thing()
        thing.late = Gone()
        gone = weakref.ref(thing.late)
        _, handle = region_handing_back((), 1, stores=(("attribute", ("reg", 0), "late", ("const", None)),))
        handle(thing)
        assert gone() is None and thing.late is None

    def test_a_store_that_fails_raises(self):
        _, handle = region_handing_back((), 1, stores=(("attribute", ("reg", 0), "x", ("const", 1)),))
        with pytest.raises(AttributeError):
            handle(5)

    def test_unknown_kind(self):
        with pytest.raises(KeyError, match="global"):
            region_handing_back((), 1, stores=(("global", ("reg", 0), "x", ("const", 1)),))
