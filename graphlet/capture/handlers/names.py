"""Reading and writing names: locals, globals, cells."""

from graphlet.capture import stores
from graphlet.capture.breaks import Break
from graphlet.capture.machine import LET_GO, Machine
from graphlet.capture.namespaces import delete_global, load_global, store_global
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Null, Value
from graphlet.values.objects import Cell, Saved


def local(m: Machine, name: str) -> Value | None:
    """The value of a local of the frame being followed; None if it has none. That it has one is guarded."""
    frame = m.frame
    value = frame.locals.get(name)
    if value is not None and frame.partial and name in m.unsure and value is m.entry_locals.get(name):
        m.read(value)
    return value


def load_fast(m: Machine, instr: Instr) -> None:
    value = local(m, instr.arg)
    if value is None:
        raise Break("GL117", f"`{instr.arg}` may have no value here", instr.arg)
    m.frame.push(value)


def let_go(m: Machine, name: str) -> None:
    """A local or cell of the outermost frame loses its value. If that was there before, nobody may see it go."""
    if name not in m.bound_before and name not in m.entry_cells:
        return
    if name in m.options.telling and name not in m.table(LET_GO):
        raise Break("GL104", f"`{name}` lets go of an object that does something when it goes", name)
    m.trail.put(m.table(LET_GO), name, True)


def let_go_of_contents(m: Machine, cell: Cell) -> None:
    """The same for a cell, if it is one of that frame."""
    for name, own in m.frames[0].cells.items():
        if own is cell:
            let_go(m, name)


def store_fast(m: Machine, instr: Instr) -> None:
    frame, name = m.frame, instr.arg
    if frame.partial:
        let_go(m, name)
    value = frame.pop()
    if name in frame.cells:
        raise Break("GL103", f"the cell `{name}` is put aside", name)
    if isinstance(value, Null) or (isinstance(value, Saved) and value.name == name):
        frame.locals = {key: old for key, old in frame.locals.items() if key != name}
        return
    frame.locals = {**frame.locals, name: value}


def load_fast_and_clear(m: Machine, instr: Instr) -> None:
    frame, name = m.frame, instr.arg
    if name in frame.cells:
        raise Break("GL103", f"the cell `{name}` is put aside", name)
    value = local(m, name)
    if value is None:
        frame.push(Saved(name) if frame.partial else Null())
        return
    frame.push(value)
    frame.locals = {key: old for key, old in frame.locals.items() if key != name}


def delete_fast(m: Machine, instr: Instr) -> None:
    frame = m.frame
    if local(m, instr.arg) is None:
        raise Break("GL117", f"`{instr.arg}` may have no value here", instr.arg)
    frame.locals = {key: old for key, old in frame.locals.items() if key != instr.arg}
    if frame.partial:
        let_go(m, instr.arg)
        m.trail.put(m.table("deleted"), instr.arg, True)


def load_global_name(m: Machine, instr: Instr) -> None:
    m.frame.push(load_global(m, m.frame.scope, instr.arg))


def store_global_name(m: Machine, instr: Instr) -> None:
    store_global(m, m.frame.scope, instr.arg, m.frame.pop())


def delete_global_name(m: Machine, instr: Instr) -> None:
    delete_global(m, m.frame.scope, instr.arg)


def load_deref(m: Machine, instr: Instr) -> None:
    contents = cell_named(m, instr.arg).contents
    if contents is None:
        raise Break("GL117", f"`{instr.arg}` has no value here", instr.arg)
    m.frame.push(contents)


def store_deref(m: Machine, instr: Instr) -> None:
    cell, value = cell_named(m, instr.arg), m.frame.pop()
    if cell.existed and cell not in m.frames[0].cells.values():
        stores.set_cell(m, cell, instr.arg, value)
    if cell.existed:
        m.reader.write_cell(cell)
    let_go_of_contents(m, cell)
    m.trail.set(cell, "contents", value)


def delete_deref(m: Machine, instr: Instr) -> None:
    cell = cell_named(m, instr.arg)
    if cell.contents is None:
        raise Break("GL117", f"`{instr.arg}` has no value here", instr.arg)
    m.read(cell.contents)
    if cell.existed:
        if cell not in m.frames[0].cells.values() or instr.arg in m.frames[0].decoded.code.co_freevars:
            raise Break("GL104", f"the variable `{instr.arg}` of an enclosing function is deleted", instr.arg)
        m.reader.write_cell(cell)
    let_go_of_contents(m, cell)
    m.trail.set(cell, "contents", None)


def load_closure(m: Machine, instr: Instr) -> None:
    m.frame.push(cell_named(m, instr.arg))


def make_cell(m: Machine, instr: Instr) -> None:
    frame = m.frame
    frame.cells = {**frame.cells, instr.arg: Cell(frame.locals.get(instr.arg))}


def copy_free_vars(m: Machine, instr: Instr) -> None:
    frame = m.frame
    names = frame.decoded.code.co_freevars
    cells = (m.read(cell) for cell in frame.closure)
    frame.cells = {**frame.cells, **{n: c for n, c in zip(names, cells, strict=True) if isinstance(c, Cell)}}


def cell_named(m: Machine, name: str) -> Cell:
    """The cell of a variable in the present frame."""
    cell = m.frame.cells.get(name)
    if cell is None:
        raise Break("GL117", f"`{name}` may have no value here", name)
    return cell


HANDLERS = {
    "LOAD_FAST": load_fast,
    "STORE_FAST": store_fast,
    "LOAD_FAST_AND_CLEAR": load_fast_and_clear,
    "DELETE_FAST": delete_fast,
    "LOAD_GLOBAL": load_global_name,
    "STORE_GLOBAL": store_global_name,
    "DELETE_GLOBAL": delete_global_name,
    "LOAD_DEREF": load_deref,
    "STORE_DEREF": store_deref,
    "DELETE_DEREF": delete_deref,
    "LOAD_CLOSURE": load_closure,
    "MAKE_CELL": make_cell,
    "COPY_FREE_VARS": copy_free_vars,
}
