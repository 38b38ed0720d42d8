"""The undo log, and frames."""

from types import SimpleNamespace

from graphlet.capture.state import Frame, Scope, Trail
from graphlet.opcodes.decode import decode
from graphlet.sources import FunctionGlobal, Global, LiveIn
from graphlet.values.base import Constant


def test_everything_is_undone_newest_first() -> None:
    trail = Trail()
    thing, table, items = SimpleNamespace(a=1), {"k": 1}, [1]
    trail.set(thing, "a", 2)
    mark = trail.mark()
    trail.set(thing, "a", 3)
    trail.set(thing, "a", 4)
    trail.put(table, "k", 2)
    trail.put(table, "new", 3)
    trail.append(items, 2)
    trail.rollback(mark)
    assert (thing.a, table, items) == (2, {"k": 1}, [1])
    trail.rollback(0)
    assert thing.a == 1


def test_scopes_name_their_globals() -> None:
    function = LiveIn(0, "f")
    assert Scope({}, {}).source("n") == Global("n")
    assert Scope({}, {}, function).source("n") == FunctionGlobal(function, "n")


def test_stack_and_location_of_a_frame() -> None:
    code = compile("a = 1\nb = 2", "<here>", "exec")
    frame = Frame(decode(code), Scope({}, {}))
    assert frame.loc is None
    for value in (1, 2, 3):
        frame.push(Constant(value))
    assert [value.value for value in frame.pops(2)] == [2, 3]
    assert frame.pop().value == 1 and frame.pops(0) == ()
    frame.instr = next(i for i in frame.decoded.instrs if i.line == 2)
    assert (frame.loc.lineno, frame.loc.filename) == (2, "<here>")
