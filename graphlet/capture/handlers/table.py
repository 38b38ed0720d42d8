"""The handler of each canonical instruction."""

from collections.abc import Callable

from graphlet.capture.handlers import (
    asynchronous,
    attributes,
    calls,
    containers,
    control,
    exceptions,
    formatting,
    generators,
    groups,
    imports,
    matching,
    names,
    operators,
    refused,
    stack,
    withs,
)
from graphlet.capture.machine import Machine
from graphlet.opcodes.decode import Instr

HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    **stack.HANDLERS,
    **names.HANDLERS,
    **attributes.HANDLERS,
    **operators.HANDLERS,
    **containers.HANDLERS,
    **calls.HANDLERS,
    **control.HANDLERS,
    **exceptions.HANDLERS,
    **generators.HANDLERS,
    **groups.HANDLERS,
    **asynchronous.HANDLERS,
    **formatting.HANDLERS,
    **imports.HANDLERS,
    **withs.HANDLERS,
    **matching.HANDLERS,
    **refused.HANDLERS,
}
