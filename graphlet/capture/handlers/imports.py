"""Importing inside a function what has been imported already: only the table of modules is looked at."""

import builtins
import sys
from collections.abc import Callable
from types import ModuleType

from graphlet.capture.breaks import Break
from graphlet.capture.handlers.attributes import get_attribute
from graphlet.capture.machine import Machine
from graphlet.guards.kinds import IdentityIs
from graphlet.opcodes.decode import Instr
from graphlet.sources import DictItem, Known, ModuleAttr
from graphlet.values.base import Constant

_IMPORT = builtins.__import__
_MODULES = sys.modules


def import_name(m: Machine, instr: Instr) -> None:
    """``import a``, and ``from a import b``; a dotted name gives its first part unless something is taken from it."""
    frame = m.frame
    level, names = (m.known(value) for value in frame.pops(2))
    name: str = instr.arg if names else instr.arg.partition(".")[0]
    if level or sys.modules is not _MODULES or builtins.__import__ is not _IMPORT or instr.arg not in _MODULES:
        raise Break("GL103", f"the import of {instr.arg}")
    module = _MODULES.get(name)
    if type(module) is not ModuleType or getattr(module.__spec__, "_initializing", False) or "*" in (names or ()):
        raise Break("GL103", f"the import of {instr.arg}")
    source = DictItem(Known(_MODULES), name)
    m.guard(IdentityIs(ModuleAttr(Known(builtins), "__import__"), _IMPORT))
    m.guard(IdentityIs(source, module))
    if name != instr.arg:
        m.guard(IdentityIs(DictItem(Known(_MODULES), instr.arg), _MODULES[instr.arg]))
    frame.push(Constant(module, source=source))


def import_from(m: Machine, instr: Instr) -> None:
    frame = m.frame
    frame.push(get_attribute(m, frame.stack[-1], instr.arg))


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {"IMPORT_NAME": import_name, "IMPORT_FROM": import_from}
