"""Guard programs: a flat list of loads and checks over the live-ins of a region, run without the interpreter.

Nothing here runs user code, leaves an exception or makes objects, except the ints of ``ShapeItem`` registers. What
depends on namespaces alone (globals, builtins, modules, the identity of what they hold) is the *static* part of a
program: while no version number of those dictionaries has changed, it is skipped and its registers are filled as in the
last run.
"""

cimport cython
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.ref cimport PyObject
from libc.stdint cimport uint64_t

import sys
import weakref

import numpy as np

cimport numpy as cnp

cnp.import_array()

cdef extern from "native_checks.h":
    enum:
        GL_ABSENT
        GL_FOUND
        GL_CODE
        GL_DEFAULTS
        GL_KWDEFAULTS
        GL_CLOSURE
    ctypedef struct gl_array_kind:
        PyObject* descr
        int ndim
        int flags_mask
        int flags_wanted
        uint64_t ones
    int gl_is_plain(PyObject* value, int depth)
    int gl_dict_find(PyObject* mapping, PyObject* key, Py_hash_t key_hash, PyObject** value)
    int gl_instance_find(PyObject* obj, PyObject* key, Py_hash_t key_hash, PyObject** value)
    int gl_type_find_versioned(PyObject* tp, PyObject* name, Py_hash_t name_hash, PyObject** value)
    uint64_t gl_dict_version(PyObject* mapping)
    unsigned int gl_type_version(PyObject* tp)
    int gl_array_is(PyObject* obj, const gl_array_kind* kind)
    int gl_array_dim(PyObject* obj, Py_ssize_t axis, Py_ssize_t* size)
    int gl_arrays_apart(PyObject* left, PyObject* right)
    Py_ssize_t gl_length(PyObject* obj)
    int gl_keys_are(PyObject* obj, PyObject* keys)
    int gl_same_constant(PyObject* a, PyObject* b)
    int gl_compare(PyObject* a, PyObject* b, int op)
    PyObject* gl_function_slot(PyObject* obj, Py_ssize_t slot)
    PyObject* gl_member(PyObject* obj, PyObject* descriptor)
    PyObject* gl_cell_get(PyObject* obj)
    PyObject* gl_item(PyObject* obj, Py_ssize_t index)
    PyObject* gl_referent(PyObject* reference)
    PyObject* gl_builtins_of(PyObject* globals_, PyObject* builtins_name)
    PyObject* gl_module_dict(PyObject* module)
    PyObject* gl_exact_dict(PyObject* namespace)

cdef extern from "Python.h":
    PyObject* Py_TYPE "(PyObject *)Py_TYPE" (PyObject*)
    bint PyDict_CheckExact(PyObject*)
    bint PyFunction_Check(PyObject*)
    bint PyType_Check(PyObject*)
    PyObject* PyFunction_GET_GLOBALS(PyObject*)
    PyObject* PyLong_FromSsize_t(Py_ssize_t)
    void PyErr_Clear()
    void Py_XDECREF(PyObject*)
    ctypedef struct PyFunctionObject:
        PyObject* func_builtins

# What an instruction does. Loads fill register ``r``, most of them from register ``base``; checks look at ``r``, those
# of two values at ``base`` too. ``operand`` is in comments.
cdef enum:
    LOAD_CONST            # the object
    LOAD_WEAK             # a weak reference to it
    LOAD_GLOBAL           # name
    LOAD_FUNCTION_GLOBAL  # name
    LOAD_MODULE_ATTR      # name
    LOAD_INSTANCE_ATTR    # name
    LOAD_SLOT             # name
    LOAD_TYPE_ATTR        # name
    LOAD_TYPE_OF
    LOAD_CELL
    LOAD_FUNCTION_SLOT    # name of the slot
    LOAD_ITEM             # index
    LOAD_DICT_ITEM        # key
    LOAD_SHAPE            # axis; the register owns the int
    LAST_LOAD = LOAD_SHAPE
    IS_TYPE               # type
    IS_TYPE_WEAK          # weak reference to the type
    IS_OBJECT             # object
    IS_OBJECT_WEAK        # weak reference to the object
    IS_VALUE              # constant
    IS_ARRAY              # (dtype, ones, order, aligned, writeable)
    HAS_LENGTH            # length
    HAS_KEYS              # tuple of constants
    LACKS                 # name
    APART
    SAME                  # whether
    COMPARE               # (operator, outcome)
    STATIC_BEGIN
    STATIC_END

_OPS = {
    "load_const": LOAD_CONST,
    "load_weak": LOAD_WEAK,
    "load_global": LOAD_GLOBAL,
    "load_function_global": LOAD_FUNCTION_GLOBAL,
    "load_module_attr": LOAD_MODULE_ATTR,
    "load_instance_attr": LOAD_INSTANCE_ATTR,
    "load_slot": LOAD_SLOT,
    "load_type_attr": LOAD_TYPE_ATTR,
    "load_type_of": LOAD_TYPE_OF,
    "load_cell": LOAD_CELL,
    "load_function_slot": LOAD_FUNCTION_SLOT,
    "load_item": LOAD_ITEM,
    "load_dict_item": LOAD_DICT_ITEM,
    "load_shape": LOAD_SHAPE,
    "is_type": IS_TYPE,
    "is_type_weak": IS_TYPE_WEAK,
    "is_object": IS_OBJECT,
    "is_object_weak": IS_OBJECT_WEAK,
    "is_value": IS_VALUE,
    "is_array": IS_ARRAY,
    "has_length": HAS_LENGTH,
    "has_keys": HAS_KEYS,
    "lacks": LACKS,
    "apart": APART,
    "same": SAME,
    "compare": COMPARE,
    "static_begin": STATIC_BEGIN,
    "static_end": STATIC_END,
}
_NAMED = frozenset((
    LOAD_GLOBAL, LOAD_FUNCTION_GLOBAL, LOAD_MODULE_ATTR, LOAD_INSTANCE_ATTR, LOAD_SLOT, LOAD_TYPE_ATTR, LACKS,
))
_WEAK = frozenset((LOAD_WEAK, IS_TYPE_WEAK, IS_OBJECT_WEAK))
_PLAIN = frozenset((LOAD_DICT_ITEM, IS_VALUE, HAS_KEYS))
_COUNTED = frozenset((LOAD_ITEM, LOAD_SHAPE, HAS_LENGTH, SAME))
_WITHOUT_BASE = frozenset((
    LOAD_CONST, LOAD_WEAK, LOAD_GLOBAL, IS_TYPE, IS_TYPE_WEAK, IS_OBJECT, IS_OBJECT_WEAK, IS_VALUE, IS_ARRAY,
    HAS_LENGTH, HAS_KEYS, LACKS,
))
_FUNCTION_SLOTS = {
    "__code__": GL_CODE,
    "__defaults__": GL_DEFAULTS,
    "__kwdefaults__": GL_KWDEFAULTS,
    "__closure__": GL_CLOSURE,
}
_COMPARISONS = {"<": 0, "<=": 1, "==": 2, "!=": 3, ">": 4, ">=": 5}  # Py_LT ... Py_GE

cdef object _BUILTINS_NAME = "__builtins__"
hash(_BUILTINS_NAME)

cdef struct Instruction:
    int op
    int fail              # number of the guard that fails when this does
    int r
    int base
    Py_ssize_t n          # an index, axis, length, slot or flag out of the operand
    PyObject* operand     # borrowed: GuardProgram.owned keeps it
    Py_hash_t operand_hash
    gl_array_kind array
    # the last look-up: in which dictionary or type, at which version, with what result
    PyObject* seen_in
    uint64_t seen_version
    PyObject* seen_value

cdef enum Role:
    PLAIN      # found through what was tracked before it
    GLOBALS    # the globals run() was given
    BUILTINS   # the builtins that go with them

cdef struct Tracked:
    PyObject* mapping
    uint64_t version
    PyObject* module      # must still be an exact module; or NULL
    Role role

cdef struct Program:
    int n_code
    Instruction* code
    int n_shapes          # registers that own an int
    int* shapes
    int n_statics         # registers the static part fills, with what it filled them last
    int* statics
    PyObject** static_values
    int static_end        # index of its last instruction
    int n_tracked         # the dictionaries it looked into
    Tracked* tracked
    bint tracking         # it is running now
    bint trackable        # all of them so far have version numbers
    bint armed            # it ran through and may be skipped


cdef bint find_name(Instruction* ins, PyObject* mapping, uint64_t version, PyObject** value, int* found) noexcept:
    """Look up a name in a dictionary, at once if it has not changed since the last time."""
    if version != 0 and mapping == ins.seen_in and version == ins.seen_version:
        value[0] = ins.seen_value
        found[0] = GL_FOUND
        return True
    found[0] = gl_dict_find(mapping, ins.operand, ins.operand_hash, value)
    if found[0] != GL_FOUND:
        return False
    ins.seen_in = mapping
    ins.seen_version = version
    ins.seen_value = value[0]
    return True


cdef PyObject* find_in_type(Instruction* ins, PyObject* tp) noexcept:
    """Look up a name along the method resolution order, at once if no type on it has changed since the last time."""
    cdef unsigned int version = gl_type_version(tp)
    cdef PyObject* value = NULL
    if version != 0 and tp == ins.seen_in and version == ins.seen_version:
        return ins.seen_value
    if gl_type_find_versioned(tp, ins.operand, ins.operand_hash, &value) != GL_FOUND:
        return NULL
    ins.seen_in = tp
    ins.seen_version = gl_type_version(tp)
    ins.seen_value = value
    return value


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
        self.owned = []
        self.program = new_program(len(instructions))
        cdef Program* program = self.program
        cdef Instruction* ins
        cdef bint static = False
        filled = set(range(n_live_ins))
        for instruction in instructions:
            ins = &program.code[program.n_code]
            self.owned.append(encode(ins, instruction))
            if ins.op == STATIC_BEGIN or ins.op == STATIC_END:
                static = ins.op == STATIC_BEGIN
                program.static_end = program.n_code
            else:
                self.check_operands(instruction, ins.op, filled)
                note_register(program, ins, static)
            program.n_code += 1

    def __dealloc__(self):
        free_program(self.program)

    cdef check_operands(self, instruction, int op, set filled):
        """Refuse what would read a register nothing has filled, and write down the one that gets filled."""
        name, fail, r, base, _ = instruction
        if not 0 <= fail < len(self.descriptions):
            raise ValueError(f"{name}: there is no guard {fail}")
        if base not in filled and op not in _WITHOUT_BASE:
            raise ValueError(f"{name}: base register {base} is not filled")
        if op > LAST_LOAD:
            if r not in filled:
                raise ValueError(f"{name}: register {r} is not filled")
        elif r in filled or not 0 <= r < self.n_registers:
            raise ValueError(f"{name}: register {r} cannot be filled")
        else:
            filled.add(r)

    cdef int run(self, PyObject** live_ins, PyObject* globals_, PyObject** registers) noexcept:
        cdef Program* program = self.program
        cdef int i
        for i in range(self.n_live_ins):
            registers[i] = live_ins[i]
        for i in range(program.n_shapes):
            registers[program.shapes[i]] = NULL
        i = run_code(program, globals_, registers)
        if i >= 0 and program.n_shapes:
            self.release(registers)
        return i

    cdef void release(self, PyObject** registers) noexcept:
        cdef Program* program = self.program
        cdef int i
        for i in range(program.n_shapes):
            Py_XDECREF(registers[program.shapes[i]])
            registers[program.shapes[i]] = NULL

    def failing(self, tuple live_ins, dict globals_):
        """Number of the guard that fails for these values, -1 if all hold."""
        return self.try_run(live_ins, globals_, [])

    def loaded(self, tuple live_ins, dict globals_):
        """The registers as a list if all guards hold, else None; registers nothing fills are None."""
        registers = []
        return registers if self.try_run(live_ins, globals_, registers) < 0 else None

    cdef int try_run(self, tuple live_ins, dict globals_, list out) except -2:
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


cdef int run_code(Program* program, PyObject* globals_, PyObject** registers) noexcept:
    """Every instruction in order; number of the guard that fails, or -1."""
    cdef Instruction* ins
    cdef PyObject* value
    cdef int i = 0
    program.tracking = False
    while i < program.n_code:
        ins = &program.code[i]
        i += 1
        if ins.op <= LAST_LOAD:
            value = load(program, ins, registers[ins.base] if ins.base >= 0 else NULL, globals_)
            if value == NULL:
                return ins.fail
            registers[ins.r] = value
        elif ins.op == STATIC_BEGIN:
            if statics_hold(program, globals_):
                fill_statics(program, registers)
                i = program.static_end + 1
            else:
                start_tracking(program)
        elif ins.op == STATIC_END:
            end_tracking(program, registers)
        elif not check(ins, registers):
            return ins.fail
    return -1


cdef PyObject* load(Program* program, Instruction* ins, PyObject* base, PyObject* globals_) noexcept:
    """The borrowed value of one source (a new reference for LOAD_SHAPE), NULL if it cannot be loaded."""
    cdef PyObject* value = NULL
    cdef Py_ssize_t size
    cdef int op = ins.op
    if op == LOAD_CONST:
        return ins.operand
    elif op == LOAD_WEAK:
        return gl_referent(ins.operand)
    elif op == LOAD_GLOBAL:
        return load_global(program, ins, globals_, NULL, GLOBALS)
    elif op == LOAD_FUNCTION_GLOBAL:
        if not PyFunction_Check(base):
            return NULL
        return load_global(program, 
            ins, PyFunction_GET_GLOBALS(base), (<PyFunctionObject*>base).func_builtins, PLAIN
        )
    elif op == LOAD_MODULE_ATTR:
        return load_module_attr(program, ins, base)
    elif op == LOAD_INSTANCE_ATTR:
        gl_instance_find(base, ins.operand, ins.operand_hash, &value)
        return value
    elif op == LOAD_SLOT:
        value = find_in_type(ins, Py_TYPE(base))
        return NULL if value == NULL else gl_member(base, value)
    elif op == LOAD_TYPE_ATTR:
        return find_in_type(ins, base) if PyType_Check(base) else NULL
    elif op == LOAD_TYPE_OF:
        return Py_TYPE(base)
    elif op == LOAD_CELL:
        return gl_cell_get(base)
    elif op == LOAD_FUNCTION_SLOT:
        return gl_function_slot(base, ins.n)
    elif op == LOAD_ITEM:
        return gl_item(base, ins.n)
    elif op == LOAD_DICT_ITEM:
        if PyDict_CheckExact(base):
            gl_dict_find(base, ins.operand, ins.operand_hash, &value)
        return value
    elif op == LOAD_SHAPE:
        if not gl_array_dim(base, ins.n, &size):
            return NULL
        value = PyLong_FromSsize_t(size)
        if value == NULL:
            PyErr_Clear()
        return value
    return NULL


cdef PyObject* load_global(Program* program, Instruction* ins, PyObject* mapping, PyObject* builtins, Role role) noexcept:
    """A name in these globals, else in the builtins of a function or (``builtins`` NULL) those of the globals."""
    cdef PyObject* value = NULL
    cdef int found = GL_ABSENT
    cdef uint64_t version
    if not PyDict_CheckExact(mapping):
        return NULL
    version = gl_dict_version(mapping)
    track(program, mapping, version, NULL, role)
    if find_name(ins, mapping, version, &value, &found):
        return value
    if found != GL_ABSENT:
        return NULL
    if builtins == NULL:
        builtins = gl_builtins_of(mapping, <PyObject*>_BUILTINS_NAME)
        role = BUILTINS
    builtins = gl_exact_dict(builtins)
    if builtins == NULL:
        return NULL
    track(program, builtins, gl_dict_version(builtins), NULL, role)
    gl_dict_find(builtins, ins.operand, ins.operand_hash, &value)
    return value


cdef PyObject* load_module_attr(Program* program, Instruction* ins, PyObject* module) noexcept:
    cdef PyObject* value = NULL
    cdef int found = GL_ABSENT
    cdef PyObject* mapping = gl_module_dict(module)
    cdef uint64_t version
    if mapping == NULL:
        return NULL
    version = gl_dict_version(mapping)
    track(program, mapping, version, module, PLAIN)
    find_name(ins, mapping, version, &value, &found)
    return value


cdef void start_tracking(Program* program) noexcept:
    program.n_tracked = 0
    program.armed = False
    program.tracking = True
    program.trackable = True


cdef void track(Program* program, PyObject* mapping, uint64_t version, PyObject* module, Role role) noexcept:
    """Note a dictionary the static part depends on. Each is kept alive by the contents of those before it."""
    cdef Tracked* entry
    cdef int i
    if not program.tracking:
        return
    if version == 0:
        program.trackable = False
    for i in range(program.n_tracked):
        entry = &program.tracked[i]
        if entry.mapping == mapping and entry.module == module and entry.role == role:
            return
    entry = &program.tracked[program.n_tracked]
    program.n_tracked += 1
    entry.mapping = mapping
    entry.version = version
    entry.module = module
    entry.role = role


cdef void end_tracking(Program* program, PyObject** registers) noexcept:
    cdef int i
    program.tracking = False
    program.armed = program.trackable
    for i in range(program.n_statics):
        program.static_values[i] = registers[program.statics[i]]


cdef bint statics_hold(Program* program, PyObject* globals_) noexcept:
    """Whether every dictionary the static part looked into is the same, in the same state."""
    cdef Tracked* entry
    cdef int i
    if not program.armed:
        return False
    for i in range(program.n_tracked):
        entry = &program.tracked[i]
        if entry.role == GLOBALS and entry.mapping != globals_:
            return False
        if entry.role == BUILTINS and gl_builtins_of(globals_, <PyObject*>_BUILTINS_NAME) != entry.mapping:
            return False
        if entry.module != NULL and gl_module_dict(entry.module) != entry.mapping:
            return False
        if gl_dict_version(entry.mapping) != entry.version:
            return False
    return True


cdef void fill_statics(Program* program, PyObject** registers) noexcept:
    cdef int i
    for i in range(program.n_statics):
        registers[program.statics[i]] = program.static_values[i]


cdef bint check(Instruction* ins, PyObject** registers) noexcept:
    """Whether one guard holds."""
    cdef PyObject* value = registers[ins.r]
    cdef PyObject* found = NULL
    cdef int op = ins.op
    if op == IS_TYPE:
        return Py_TYPE(value) == ins.operand
    elif op == IS_TYPE_WEAK:
        return Py_TYPE(value) == gl_referent(ins.operand)
    elif op == IS_OBJECT:
        return value == ins.operand
    elif op == IS_OBJECT_WEAK:
        return value == gl_referent(ins.operand)
    elif op == IS_VALUE:
        return gl_same_constant(value, ins.operand)
    elif op == IS_ARRAY:
        return gl_array_is(value, &ins.array)
    elif op == HAS_LENGTH:
        return gl_length(value) == ins.n
    elif op == HAS_KEYS:
        return gl_keys_are(value, ins.operand)
    elif op == LACKS:
        return gl_instance_find(value, ins.operand, ins.operand_hash, &found) == GL_ABSENT
    elif op == APART:
        return gl_arrays_apart(value, registers[ins.base])
    elif op == SAME:
        return (value == registers[ins.base]) == ins.n
    elif op == COMPARE:
        return gl_compare(value, registers[ins.base], <int>(ins.n >> 1)) == (ins.n & 1)
    return False


cdef Program* new_program(Py_ssize_t n_code) except NULL:
    """An empty program with room for this many instructions; one more each, since nothing may be allocated as 0 bytes."""
    cdef Program* program = <Program*>PyMem_Calloc(1, sizeof(Program))
    if program == NULL:
        raise MemoryError
    program.code = <Instruction*>PyMem_Calloc(n_code + 1, sizeof(Instruction))
    program.shapes = <int*>PyMem_Calloc(n_code + 1, sizeof(int))
    program.statics = <int*>PyMem_Calloc(n_code + 1, sizeof(int))
    program.static_values = <PyObject**>PyMem_Calloc(n_code + 1, sizeof(PyObject*))
    program.tracked = <Tracked*>PyMem_Calloc(2 * n_code + 1, sizeof(Tracked))
    if not (program.code and program.shapes and program.statics and program.static_values and program.tracked):
        free_program(program)
        raise MemoryError
    return program


cdef void free_program(Program* program) noexcept:
    if program == NULL:
        return
    PyMem_Free(program.code)
    PyMem_Free(program.shapes)
    PyMem_Free(program.statics)
    PyMem_Free(program.static_values)
    PyMem_Free(program.tracked)
    PyMem_Free(program)


cdef void note_register(Program* program, Instruction* ins, bint static) noexcept:
    """Remember which registers own what they hold, and which the static part fills."""
    if ins.op == LOAD_SHAPE:
        program.shapes[program.n_shapes] = ins.r
        program.n_shapes += 1
    elif static and ins.op <= LAST_LOAD:
        program.statics[program.n_statics] = ins.r
        program.n_statics += 1


cdef encode(Instruction* ins, instruction):
    """Fill one instruction; returns the operand, which must be kept. Refuses operands that would need user code."""
    name, ins.fail, ins.r, ins.base, operand = instruction
    ins.op = _OPS[name]
    if ins.op in _NAMED:
        operand = intern_name(operand)
    elif ins.op in _WEAK and not isinstance(operand, weakref.ref):
        raise TypeError(f"{name}: expected a weak reference, got {type(operand).__name__}")
    elif ins.op in _PLAIN and not gl_is_plain(<PyObject*>operand, 16):
        raise TypeError(f"{name}: not a plain constant: {type(operand).__name__}")
    elif ins.op in _COUNTED:
        ins.n = operand
        if ins.n < 0:
            raise ValueError(f"{name}: negative {operand}")
    elif ins.op == LOAD_FUNCTION_SLOT:
        ins.n = _FUNCTION_SLOTS[operand]
    elif ins.op == COMPARE:
        ins.n = _COMPARISONS[operand[0]] * 2 + bool(operand[1])
    elif ins.op == IS_ARRAY:
        operand = encode_array(&ins.array, operand)
    if ins.op in _NAMED or ins.op == LOAD_DICT_ITEM:
        ins.operand_hash = hash(operand)
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
    mask, wanted = {"C": (c_order, c_order), "F": (c_order | f_order, f_order), "K": (c_order | f_order, 0)}[order]
    if aligned:
        mask |= cnp.NPY_ARRAY_ALIGNED
        wanted |= cnp.NPY_ARRAY_ALIGNED
    if writeable is not None:
        mask |= cnp.NPY_ARRAY_WRITEABLE
        wanted |= cnp.NPY_ARRAY_WRITEABLE if writeable else 0
    kind.flags_mask = mask
    kind.flags_wanted = wanted
    return dtype
