"""Captures a function from its start, and plays what was captured: guards, graph, commits, exit, in plain Python."""

import builtins
import copy
import inspect
from collections import OrderedDict
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

from graphlet.capture.capture import NOT_PASSED, CaptureRequest, capture
from graphlet.capture.options import Options
from graphlet.capture.outcome import Build, FromConst, FromGraph, FromSource, FromTemp, Outcome, Recipe
from graphlet.guards.check import Environment, check, load
from graphlet.opcodes.flow import Flow, analyse

NO_VALUE = object()


def ordered_or_plain(target: Any) -> Any:
    """Whose methods do what a store to a dict does."""
    return OrderedDict if isinstance(target, OrderedDict) else dict


STORES: dict[str, Any] = {
    "attribute": object.__setattr__,
    "item": lambda target, key, value: ordered_or_plain(target).__setitem__(target, key, value),
    "cell": lambda cell, _, value: CellType.cell_contents.__set__(cell, value),
    "append": lambda items, _, value: items.append(value),
    "delete": lambda target, key, _: ordered_or_plain(target).__delitem__(target, key),
    "list item": lambda items, at, value: type(items).__setitem__(items, at, value),
    "context": lambda variable, _, value: variable.set(value),
    "items": lambda items, _, value: (items.clear(), items.extend(value)),
}


@dataclass
class Frame:
    """What a stub would pass: values of locals, cells and stack items by position, and the frame's globals."""

    locals: dict[str, Any]
    cells: dict[str, CellType]
    stack: tuple[Any, ...]
    globals: dict[str, Any]

    @property
    def environment(self) -> Environment:
        passed = tuple(item for item in self.stack if item is not NOT_PASSED)
        return Environment((*self.locals.values(), *self.cells.values(), *passed), self.globals)


@dataclass
class Played:
    """What stands in the frame where the region ended."""

    pushes: tuple[Any, ...]
    stores: dict[str, Any]


def start_of(flow: Flow) -> int:
    """The first legal entry."""
    return next(i.offset for i in flow.decoded.instrs if not i.part and flow.illegal_entry(i.offset) is None)


def frame_of(function: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Frame:
    """The frame of a call, at the start of the function."""
    code: CodeType = function.__code__
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    for name in code.co_cellvars:
        cells[name] = CellType(bound.arguments[name]) if name in bound.arguments else CellType()
    names = {name: value for name, value in bound.arguments.items() if name not in cells}
    return Frame(names, cells, (), function.__globals__)


def captured(function: FunctionType, *args: Any, options: Options | None = None, **kwargs: Any) -> Outcome:
    """The outcome of capturing a call from its start."""
    return capture_at(function.__code__, frame_of(function, args, kwargs), None, options)


def capture_at(code: CodeType, frame: Frame, offset: int | None = None, options: Options | None = None) -> Outcome:
    """The outcome of capturing from any entry."""
    flow = analyse(code)
    request = CaptureRequest(
        code,
        start_of(flow) if offset is None else offset,
        frame.locals,
        frame.globals,
        vars(builtins),
        frame.cells,
        frame.stack,
        options or Options(),
        flow,
    )
    return capture(request)


def play(outcome: Outcome, frame: Frame) -> Played:
    """Runs an outcome on values that fulfil its guards."""
    environment = frame.environment
    for guard in outcome.guards:
        assert check(guard, environment), f"guard does not hold: {guard}"
    assert outcome.exit is not None, f"nothing was captured: {outcome.break_}"
    values = outcome.graph.forward(*(load(source, environment) for source in outcome.inputs))
    temps: list[Any] = []

    def build(recipe: Recipe | None) -> Any:
        if recipe is None:
            return NO_VALUE
        if isinstance(recipe, FromGraph):
            return values[recipe.index]
        if isinstance(recipe, FromSource):
            return load(recipe.source, environment)
        if isinstance(recipe, FromConst):
            return recipe.value
        if isinstance(recipe, FromTemp):
            return temps[recipe.index]
        assert isinstance(recipe, Build)
        items = [build(item) for item in recipe.items]
        if recipe.kind == "made":
            return items[0](*items[1:])
        if recipe.kind == "dict":
            return dict(zip(items[::2], items[1::2], strict=True))
        makers: dict[str, Any] = {"tuple": tuple, "list": list, "set": set}
        if recipe.kind in makers:
            return makers[recipe.kind](items)
        return {"slice": slice, "range": range, "cell": CellType}[recipe.kind](*items)

    for temp in outcome.temps:
        temps.append(build(temp))
    pushes = tuple(build(push) for push in outcome.exit.pushes)
    stores = {name: build(recipe) for name, recipe in outcome.exit.stores}
    for commit in outcome.commits:
        index = ... if commit.index is None else build(commit.index)
        values[commit.target.index][index] = values[commit.value.index]
    for target, store, value in [(build(s.target), s, build(s.value)) for s in outcome.stores]:
        STORES[store.kind](target, store.name, value)
    return Played(pushes, stores)


def whole(function: FunctionType, *args: Any, **kwargs: Any) -> Outcome:
    """Captures a call as one region, and checks that it does what the call does: result, and changes of arguments."""
    expected_args, expected_kwargs = copy.deepcopy((args, kwargs))
    expected = function(*expected_args, **expected_kwargs)
    frame = frame_of(function, args, kwargs)
    outcome = capture_at(function.__code__, frame)
    assert outcome.break_ is None, outcome.break_
    assert outcome.exit is not None and len(outcome.exit.pushes) == 1
    played = play(outcome, frame)
    assert_same(played.pushes[0], expected)
    assert_same((args, kwargs), (expected_args, expected_kwargs))
    return outcome


def assert_same(actual: Any, expected: Any) -> None:
    """Same types, same bits, at every depth."""
    assert type(actual) is type(expected), (actual, expected)
    if isinstance(expected, np.ndarray):
        assert actual.dtype == expected.dtype and actual.shape == expected.shape
        assert actual.strides == expected.strides
        assert np.ascontiguousarray(actual).tobytes() == np.ascontiguousarray(expected).tobytes(), (actual, expected)
    elif isinstance(expected, (tuple, list)):
        assert len(actual) == len(expected)
        for a, b in zip(actual, expected, strict=True):
            assert_same(a, b)
    elif isinstance(expected, dict):
        assert list(actual) == list(expected)
        for key in expected:
            assert_same(actual[key], expected[key])
    elif isinstance(expected, slice):
        assert_same((actual.start, actual.stop, actual.step), (expected.start, expected.stop, expected.step))
    elif isinstance(expected, float):
        assert np.float64(actual).tobytes() == np.float64(expected).tobytes()
    elif isinstance(expected, (int, complex, str, bytes, set, range, type(None), np.generic)):
        assert actual == expected
    elif hasattr(expected, "__dict__"):
        assert_same(vars(actual), vars(expected))


def ops(outcome: Outcome) -> list[str]:
    """The names of the operations in the graph, in order."""
    return [node.row.name for node in outcome.graph.nodes if node.row is not None]


def stopped(function: FunctionType, *args: Any, code: str, **kwargs: Any) -> Outcome:
    """Captures a call whose region ends with this code; what was captured before it must be playable."""
    frame = frame_of(function, args, kwargs)
    outcome = capture_at(function.__code__, frame)
    assert outcome.break_ is not None, "the whole call was captured"
    assert outcome.break_.code == code, outcome.break_
    if outcome.exit is not None:
        play(outcome, frame)
    return outcome
