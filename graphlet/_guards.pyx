"""Guard programs: a flat list of loads and checks over the live-ins of a region, run without the interpreter.

Nothing here runs user code, leaves an exception or makes objects, except those of ``ShapeItem``, ``PlainOf`` and
``Limit`` registers, and the dictionary of an object that ``OwnDict`` asks for. What depends on namespaces alone
(globals, builtins, modules, the identity of what they hold) is the *static* part of a program: while no version number
of those dictionaries has changed, it is skipped and its registers are filled as in the last run.
"""

cimport cython
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject, PyTypeObject
from libc.stdint cimport uint64_t

import sys
import weakref
from abc import ABCMeta
from collections import deque

from graphlet.core.pristine import np

cimport numpy as cnp

cnp.import_array()

cdef unsigned int WARN_ON_WRITE = 0x80000000  # views made by numpy.broadcast_arrays: to write to one warns, and to ask

cdef extern from "native_guards.h":
    enum:
        GL_FOUND
        GL_LOAD_CONST
        GL_LOAD_GLOBALS
        GL_LOAD_GLOBAL
        GL_LOAD_FUNCTION_GLOBAL
        GL_LOAD_MODULE_ATTR
        GL_LOAD_INSTANCE_ATTR
        GL_LOAD_SLOT
        GL_LOAD_TYPE_ATTR
        GL_LOAD_TYPE_OF
        GL_LOAD_MRO
        GL_LOAD_CELL
        GL_LOAD_FUNCTION_SLOT
        GL_LOAD_ITEM
        GL_LOAD_DICT_ITEM
        GL_LOAD_OWN_DICT
        GL_LOAD_PLAIN
        GL_LOAD_LIMIT
        GL_LOAD_SHAPE
        GL_LAST_LOAD
        GL_IS_TYPE
        GL_IS_TYPE_WEAK
        GL_IS_OBJECT
        GL_IS_OBJECT_WEAK
        GL_IS_VALUE
        GL_IS_ARRAY
        GL_HAS_LENGTH
        GL_HAS_KEYS
        GL_LACKS
        GL_TYPE_LACKS
        GL_CLASS_LACKS
        GL_APART
        GL_SAME
        GL_COMPARE
        GL_TOKEN_IS
        GL_HAS_UNIT
        GL_STATIC_BEGIN
        GL_STATIC_END
        GL_CODE
        GL_DEFAULTS
        GL_KWDEFAULTS
        GL_CLOSURE
        GL_DOC
        GL_NAME
        GL_QUALNAME
        GL_MODULE
    ctypedef struct gl_array_kind:
        PyObject* descr
        int ndim
        int flags_mask
        int flags_wanted
        int nested
        uint64_t ones
    ctypedef struct gl_instruction:
        int op
        int fail
        int r
        int base
        Py_ssize_t n
        PyObject* operand
        Py_hash_t hash
        gl_array_kind array
    ctypedef struct gl_program:
        PyObject* builtins_name
        int n_code
        gl_instruction* code
        int n_shapes
        int* shapes
        int n_statics
        int* statics
        int static_end
    gl_program* gl_program_new(Py_ssize_t n_code)
    void gl_program_free(gl_program* program)
    int gl_run(gl_program* program, PyObject* globals_, PyObject** registers) noexcept
    void gl_release(gl_program* program, PyObject** registers) noexcept
    int gl_instance_find(PyObject* obj, PyObject* key, Py_hash_t hash, PyObject** value)
    int gl_is_plain(PyObject* value, int depth)
    int gl_is_value(PyObject* value)
    PyTypeObject* gl_deque_type

gl_deque_type = <PyTypeObject*>deque

_OPS = {
    "load_const": GL_LOAD_CONST,
    "load_globals": GL_LOAD_GLOBALS,
    "load_global": GL_LOAD_GLOBAL,
    "load_function_global": GL_LOAD_FUNCTION_GLOBAL,
    "load_module_attr": GL_LOAD_MODULE_ATTR,
    "load_instance_attr": GL_LOAD_INSTANCE_ATTR,
    "load_slot": GL_LOAD_SLOT,
    "load_type_attr": GL_LOAD_TYPE_ATTR,
    "load_type_of": GL_LOAD_TYPE_OF,
    "load_mro": GL_LOAD_MRO,
    "load_cell": GL_LOAD_CELL,
    "load_function_slot": GL_LOAD_FUNCTION_SLOT,
    "load_item": GL_LOAD_ITEM,
    "load_dict_item": GL_LOAD_DICT_ITEM,
    "load_own_dict": GL_LOAD_OWN_DICT,
    "load_plain": GL_LOAD_PLAIN,
    "load_limit": GL_LOAD_LIMIT,
    "load_shape": GL_LOAD_SHAPE,
    "is_type": GL_IS_TYPE,
    "is_type_weak": GL_IS_TYPE_WEAK,
    "is_object": GL_IS_OBJECT,
    "is_object_weak": GL_IS_OBJECT_WEAK,
    "is_value": GL_IS_VALUE,
    "is_array": GL_IS_ARRAY,
    "has_length": GL_HAS_LENGTH,
    "has_keys": GL_HAS_KEYS,
    "lacks": GL_LACKS,
    "type_lacks": GL_TYPE_LACKS,
    "class_lacks": GL_CLASS_LACKS,
    "apart": GL_APART,
    "same": GL_SAME,
    "compare": GL_COMPARE,
    "token_is": GL_TOKEN_IS,
    "has_unit": GL_HAS_UNIT,
    "static_begin": GL_STATIC_BEGIN,
    "static_end": GL_STATIC_END,
}
_NAMED = frozenset((
    GL_LOAD_GLOBAL, GL_LOAD_FUNCTION_GLOBAL, GL_LOAD_MODULE_ATTR, GL_LOAD_INSTANCE_ATTR, GL_LOAD_SLOT,
    GL_LOAD_TYPE_ATTR, GL_LACKS, GL_TYPE_LACKS, GL_CLASS_LACKS,
))
_OWNING = frozenset((GL_LOAD_SHAPE, GL_LOAD_PLAIN, GL_LOAD_LIMIT))
_WEAK = frozenset((GL_IS_TYPE_WEAK, GL_IS_OBJECT_WEAK))
_PLAIN = frozenset((GL_LOAD_DICT_ITEM, GL_HAS_KEYS))
_COUNTED = frozenset((GL_LOAD_ITEM, GL_LOAD_SHAPE, GL_HAS_LENGTH, GL_SAME, GL_TOKEN_IS, GL_HAS_UNIT))
_WITHOUT_BASE = frozenset((
    GL_LOAD_CONST, GL_LOAD_GLOBALS, GL_LOAD_GLOBAL, GL_IS_TYPE, GL_IS_TYPE_WEAK, GL_IS_OBJECT, GL_IS_OBJECT_WEAK,
    GL_IS_VALUE, GL_IS_ARRAY, GL_HAS_LENGTH, GL_HAS_KEYS, GL_LACKS,
    GL_TYPE_LACKS, GL_CLASS_LACKS, GL_TOKEN_IS, GL_HAS_UNIT,
))
_STATIC = frozenset((GL_LOAD_CONST, GL_LOAD_GLOBAL, GL_LOAD_FUNCTION_GLOBAL, GL_LOAD_MODULE_ATTR))
_CLASSES = (type, ABCMeta)
_FUNCTION_SLOTS = {
    "__code__": GL_CODE,
    "__defaults__": GL_DEFAULTS,
    "__kwdefaults__": GL_KWDEFAULTS,
    "__closure__": GL_CLOSURE,
    "__doc__": GL_DOC,
    "__name__": GL_NAME,
    "__qualname__": GL_QUALNAME,
    "__module__": GL_MODULE,
}
_COMPARISONS = {"<": 0, "<=": 1, "==": 2, "!=": 3, ">": 4, ">=": 5}  # Py_LT ... Py_GE


@cython.no_gc_clear
cdef class GuardProgram:
    """Guards in native form.

    ``instructions`` are tuples (operation, number of the guard, register, base register or -1, operand);
    ``descriptions`` has the text of each guard by its number. Objects in operands are kept alive: nothing of the user's
    may be there.
    """

    def __cinit__(self, instructions, int n_live_ins, int n_registers, descriptions):
        if not 0 <= n_live_ins <= n_registers:
            raise ValueError(f"{n_live_ins} live-ins do not fit in {n_registers} registers")
        self.n_live_ins = n_live_ins
        self.n_registers = n_registers
        self.descriptions = tuple(descriptions)
        self.owned = [intern_name("__builtins__")]
        cdef gl_program* program = gl_program_new(len(instructions))
        if program == NULL:
            raise MemoryError
        self.program = program
        program.builtins_name = <PyObject*>self.owned[0]
        cdef gl_instruction* ins
        cdef bint static = False
        filled = set(range(n_live_ins))
        for instruction in instructions:
            ins = &program.code[program.n_code]
            self.owned.append(encode(ins, instruction))
            if ins.op == GL_STATIC_BEGIN or ins.op == GL_STATIC_END:
                static = ins.op == GL_STATIC_BEGIN
                program.static_end = program.n_code
            else:
                self.check_operands(instruction, ins.op, filled, static)
                note_register(program, ins, static)
            program.n_code += 1
        self.owns = program.n_shapes > 0

    def __dealloc__(self):
        gl_program_free(<gl_program*>self.program)

    cdef check_operands(self, instruction, int op, set filled, bint static):
        """Refuse what would read a register nothing has filled, and write down the one that gets filled."""
        name, fail, r, base, _ = instruction
        if not 0 <= fail < len(self.descriptions):
            raise ValueError(f"{name}: there is no guard {fail}")
        if base not in filled and op not in _WITHOUT_BASE:
            raise ValueError(f"{name}: base register {base} is not filled")
        if op > GL_LAST_LOAD:
            if r not in filled:
                raise ValueError(f"{name}: register {r} is not filled")
        elif r in filled or not 0 <= r < self.n_registers:
            raise ValueError(f"{name}: register {r} cannot be filled")
        elif static and op not in _STATIC:
            raise ValueError(f"{name}: not decided by namespaces")
        else:
            filled.add(r)

    cdef int run(self, PyObject** live_ins, PyObject* globals_, PyObject** registers) noexcept:
        cdef int i
        for i in range(self.n_live_ins):
            registers[i] = live_ins[i]
        return gl_run(<gl_program*>self.program, globals_, registers)

    cdef void release(self, PyObject** registers) noexcept:
        gl_release(<gl_program*>self.program, registers)

    def failing(self, tuple live_ins, globals_):
        """Number of the guard that fails for these values, -1 if all hold."""
        return self.try_run(live_ins, globals_, [])

    def loaded(self, tuple live_ins, globals_):
        """The registers as a list if all guards hold, else None; registers nothing fills are None."""
        registers = []
        return registers if self.try_run(live_ins, globals_, registers) < 0 else None

    cdef int try_run(self, tuple live_ins, globals_, list out) except -2:
        """``run`` for Python callers; appends the registers to ``out`` if all guards hold."""
        cdef PyObject** registers
        cdef PyObject** arguments
        cdef int i, failed
        if len(live_ins) != self.n_live_ins:
            raise ValueError(f"expected {self.n_live_ins} live-ins, got {len(live_ins)}")
        registers = <PyObject**>PyMem_Calloc(self.n_registers + self.n_live_ins + 1, sizeof(PyObject*))
        if registers == NULL:
            raise MemoryError
        arguments = registers + self.n_registers
        for i in range(self.n_live_ins):
            arguments[i] = <PyObject*>live_ins[i]
        try:
            failed = self.run(arguments, <PyObject*>globals_, registers)
            if failed < 0:
                for i in range(self.n_registers):
                    out.append(None if registers[i] == NULL else <object>registers[i])
                self.release(registers)
            return failed
        finally:
            PyMem_Free(registers)


cdef void note_register(gl_program* program, gl_instruction* ins, bint static) noexcept:
    """Remember which registers own what they hold, and which the static part fills."""
    if ins.op in _OWNING:
        program.shapes[program.n_shapes] = ins.r
        program.n_shapes += 1
    elif static and ins.op <= GL_LAST_LOAD:
        program.statics[program.n_statics] = ins.r
        program.n_statics += 1


def own_entry(obj, str name not None, missing):
    """An entry of an object's own dictionary; ``missing`` if it has none. A dictionary is not made to look into.

    Some tell one that is empty from none: ``pickle`` of an exception does.
    """
    cdef PyObject* found = NULL
    if gl_instance_find(<PyObject*>obj, <PyObject*>name, hash(name), &found) == GL_FOUND:
        return <object>found
    return missing


cdef encode(gl_instruction* ins, instruction):
    """Fill one instruction; returns the operand, which must be kept. Refuses operands that would need user code."""
    name, ins.fail, ins.r, ins.base, operand = instruction
    ins.op = _OPS[name]
    if ins.op in _NAMED:
        operand = intern_name(operand)
    elif ins.op in _WEAK and not isinstance(operand, weakref.ref):
        raise TypeError(f"{name}: expected a weak reference, got {type(operand).__name__}")
    elif ins.op == GL_LOAD_DICT_ITEM and type(operand) in _CLASSES:
        pass  # found by identity
    elif ins.op in _PLAIN and not gl_is_plain(<PyObject*>operand, 16):
        raise TypeError(f"{name}: not a plain constant: {type(operand).__name__}")
    elif ins.op == GL_IS_VALUE and not gl_is_value(<PyObject*>operand):
        raise TypeError(f"{name}: not a constant: {type(operand).__name__}")
    elif ins.op in _COUNTED:
        ins.n = operand
        if ins.n < 0:
            raise ValueError(f"{name}: negative {operand}")
    elif ins.op == GL_LOAD_FUNCTION_SLOT:
        ins.n = _FUNCTION_SLOTS[operand]
    elif ins.op == GL_COMPARE:
        ins.n = _COMPARISONS[operand[0]] * 2 + bool(operand[1])
    elif ins.op == GL_IS_ARRAY:
        operand = encode_array(&ins.array, operand)
    if ins.op in _NAMED or ins.op == GL_LOAD_DICT_ITEM:
        ins.hash = hash(operand)
    ins.operand = <PyObject*>operand
    return operand


cdef str intern_name(name):
    """An exact interned str with its hash computed."""
    if type(name) is not str:
        raise TypeError(f"expected a str, got {type(name).__name__}")
    interned = sys.intern(name)
    hash(interned)
    return interned


cdef encode_array(gl_array_kind* kind, operand):
    """Fill an array kind; returns the dtype, which must be kept."""
    dtype, ones, order, aligned, writeable = operand
    if not isinstance(dtype, np.dtype) or len(ones) > 64:
        raise TypeError("expected a dtype and at most 64 dimensions")
    kind.descr = <PyObject*>dtype
    kind.ndim = len(ones)
    cdef int axis
    for axis in range(kind.ndim):
        kind.ones |= <uint64_t>bool(ones[axis]) << axis
    c_order, f_order = cnp.NPY_ARRAY_C_CONTIGUOUS, cnp.NPY_ARRAY_F_CONTIGUOUS
    neither = (c_order | f_order, 0)
    mask, wanted = {"C": (c_order, c_order), "F": (c_order | f_order, f_order), "K": neither, "S": neither}[order]
    kind.nested = order == "S"
    if aligned:
        mask |= cnp.NPY_ARRAY_ALIGNED
        wanted |= cnp.NPY_ARRAY_ALIGNED
    if writeable is not None:
        mask |= cnp.NPY_ARRAY_WRITEABLE
        wanted |= cnp.NPY_ARRAY_WRITEABLE if writeable else 0
    kind.flags_mask = mask
    kind.flags_wanted = wanted
    if writeable is not None:
        kind.flags_mask |= <int>WARN_ON_WRITE
    return dtype
