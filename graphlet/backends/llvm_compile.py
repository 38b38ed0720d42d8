"""Text in LLVM's language to machine code. llvmlite is loaded when the first text is compiled, not before."""

import importlib
from functools import cache
from typing import Any

from graphlet.backends.llvm_emit import ENTRY
from graphlet.backends.llvm_host import vector_bytes
from graphlet.backends.llvm_module import emit
from graphlet.backends.llvm_spec import Spec
from graphlet.runtime._code import Piece
from graphlet.runtime.objectfile import image_of

CODEGEN_LEVEL = 2


def text_of(spec: Spec, kinds: str) -> str:
    """The module for a spec and kinds of strides, for this machine."""
    return emit(spec, kinds, spec.vector_bytes or vector_bytes())


def compiled(text: str) -> bytes:
    """The object file of a module."""
    binding, machine = _machine()
    module = binding.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    data: bytes = machine.emit_object(module)
    return data


def piece_of(data: bytes) -> Piece:
    """The function of an object file, in memory."""
    return Piece(*image_of(data, ENTRY))


@cache
def _machine() -> tuple[Any, Any]:
    binding = importlib.import_module("llvmlite.binding")
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    features = binding.get_host_cpu_features().flatten()
    return binding, target.create_target_machine(
        cpu=binding.get_host_cpu_name(), features=features, opt=CODEGEN_LEVEL, reloc="pic", codemodel="small"
    )
