"""What a region hands back: the objects its frame must hold (live-outs), its writes to existing memory (commits) and
its stores to existing objects.

All are made ready before the first write, so that a region can still decline.
"""

from cpython.bool cimport PyBool_Check
from cpython.complex cimport PyComplex_CheckExact
from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cpython.list cimport PyList_CheckExact, PyList_GET_SIZE
from cpython.long cimport PyLong_CheckExact
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject
from cpython.tuple cimport PyTuple_GET_SIZE, PyTuple_New, PyTuple_SET_ITEM
from libc.float cimport FLT_MAX, FLT_MIN
from libc.math cimport fabs, isfinite
from libc.string cimport memmove

cimport numpy as cnp
from numpy cimport ndarray

cnp.import_array()

cdef extern from "Python.h":
    object PyCell_New(PyObject* content)
    PyObject* PyTuple_GET_ITEM(tuple items, Py_ssize_t position)
    PyObject* PyList_GET_ITEM(list items, Py_ssize_t position)
    object PySlice_New(object start, object stop, object step)
    int PyObject_GenericSetAttr(PyObject* target, PyObject* name, PyObject* value) noexcept
    int PyDict_SetItem(PyObject* target, PyObject* key, PyObject* value) noexcept
    int PyCell_Set(PyObject* target, PyObject* value) noexcept
    PyObject* PyContextVar_Set(PyObject* target, PyObject* value) noexcept
    int PyList_Append(PyObject* target, PyObject* value) noexcept
    int PyObject_SetItem(PyObject* target, PyObject* index, PyObject* value) noexcept
    int PyList_SetSlice(PyObject* target, Py_ssize_t low, Py_ssize_t high, PyObject* value) noexcept
    int PyDict_DelItem(PyObject* target, PyObject* key) noexcept
    int PyODict_SetItem(PyObject* target, PyObject* key, PyObject* value) noexcept
    int PyODict_DelItem(PyObject* target, PyObject* key) noexcept
    bint PyODict_Check(PyObject* target) noexcept
    int PySequence_SetItem(PyObject* target, Py_ssize_t position, PyObject* value) noexcept
    Py_ssize_t PyLong_AsSsize_t(PyObject* number) noexcept

cdef extern from "numpy/arrayobject.h":
    bint PyDataType_REFCHK(cnp.dtype)
    bint PyArray_IsGenericScalar "PyArray_CheckScalar" (object)
    int copy_into "PyArray_CopyInto" (ndarray target, ndarray value)
    object PyArray_FromScalar(object scalar, void* dtype)
    object PyArray_NewLikeArray(ndarray prototype, cnp.NPY_ORDER order, void* dtype, int subok)
    object PyArray_FromAny(object value, cnp.dtype stolen, int min_depth, int max_depth, int flags, void* context)

cdef extern from *:
    """
    #define gl_is_float64(value) Py_IS_TYPE(value, &PyDoubleArrType_Type)
    #define gl_is_native_double(array) (PyArray_TYPE(array) == NPY_DOUBLE && PyArray_ISNOTSWAPPED(array))
    /* Without axes; several times as fast as to have NumPy find out what it is given. */
    static inline PyObject *gl_of_double(double value) {
        PyObject *array = PyArray_SimpleNew(0, NULL, NPY_DOUBLE);
        if (array) *(double *)PyArray_DATA((PyArrayObject *)array) = value;
        return array;
    }
    """
    bint is_float64 "gl_is_float64" (object value) noexcept
    bint is_native_double "gl_is_native_double" (ndarray array) noexcept
    object gl_of_double(double value)

cdef extern from "native_extent.h":
    bint gl_apart(ndarray left, ndarray right) noexcept
    bint gl_order_counts(int ndim, cnp.npy_intp* strides, int value_ndim, cnp.npy_intp* value_strides) noexcept

cdef extern from "native_copy.h":
    bint gl_copy_past_cache(ndarray target, ndarray value) noexcept

cdef extern from "native_part.h":
    bint gl_part_copies(ndarray target, ndarray value) noexcept
    void gl_part_copy(ndarray target, ndarray value) noexcept

cdef enum:
    # Set on arrays that will be read-only one day: writing to one warns (numpy.broadcast_arrays).
    WARN_ON_WRITE = 0x80000000

cdef enum:
    GRAPH
    REGISTER
    CONST
    TEMP
    BUILD_TUPLE
    BUILD_LIST
    BUILD_SET
    BUILD_DICT
    BUILD_SLICE
    BUILD_RANGE
    BUILD_CELL
    BUILD_OBJECT
    BUILD_NAMED_TUPLE
    BUILD_MADE

cdef enum:
    STORE_ATTRIBUTE
    STORE_ITEM
    STORE_CELL
    STORE_APPEND
    STORE_DELETE
    STORE_LIST_ITEM
    STORE_ITEMS
    STORE_CONTEXT

STORES = {
    "attribute": STORE_ATTRIBUTE,
    "item": STORE_ITEM,
    "cell": STORE_CELL,
    "append": STORE_APPEND,
    "delete": STORE_DELETE,
    "list item": STORE_LIST_ITEM,
    "items": STORE_ITEMS,
    "context": STORE_CONTEXT,
}
LEAVES = {"graph": GRAPH, "reg": REGISTER, "const": CONST, "temp": TEMP}
BUILDS = {
    "tuple": BUILD_TUPLE,
    "list": BUILD_LIST,
    "set": BUILD_SET,
    "dict": BUILD_DICT,
    "slice": BUILD_SLICE,
    "range": BUILD_RANGE,
    "cell": BUILD_CELL,
    "object": BUILD_OBJECT,
    "named_tuple": BUILD_NAMED_TUPLE,
    "made": BUILD_MADE,
}


# ---- recipes ----

cdef class Recipe:
    """One object to make: a leaf, or a container of recipes."""


cdef class Limits:
    """How many of each leaf there are, and which registers were named."""

    cdef int n_outputs
    cdef int n_registers
    cdef int n_temps
    cdef set registers

    def __cinit__(self, int n_outputs, int n_registers):
        self.n_outputs = n_outputs
        self.n_registers = n_registers
        self.n_temps = 0
        self.registers = set()


cdef Recipe compile_recipe(object written, Limits limits):
    """Compile and check one nested tuple:
    ("graph", i) ("reg", r) ("const", obj) ("temp", i) ("build", kind, item, item, ...)."""
    if type(written) is not tuple or len(written) < 2:
        raise ValueError(f"a recipe is a tuple such as ('graph', 0), got {written!r}")
    if written[0] == "build":
        return compile_build(written, limits)
    if written[0] not in LEAVES or len(written) != 2:
        raise ValueError(f"unknown recipe {written!r}; leaves: {', '.join(LEAVES)}")
    cdef Recipe recipe = Recipe.__new__(Recipe)
    recipe.kind = LEAVES[written[0]]
    if recipe.kind == CONST:
        recipe.constant = written[1]
        return recipe
    recipe.index = written[1]
    cdef int end = {GRAPH: limits.n_outputs, REGISTER: limits.n_registers, TEMP: limits.n_temps}[recipe.kind]
    if not 0 <= recipe.index < end:
        raise ValueError(f"recipe {written!r}: there are {end} of these here")
    if recipe.kind == REGISTER:
        limits.registers.add(recipe.index)
    return recipe


cdef Recipe compile_leaf(object written, Limits limits):
    cdef Recipe recipe = compile_recipe(("graph", written) if type(written) is int else written, limits)
    if recipe.kind >= BUILD_TUPLE:
        raise ValueError(f"a commit is between arrays that exist, got {written!r}")
    return recipe


cdef Recipe compile_build(tuple written, Limits limits):
    cdef Recipe recipe = Recipe.__new__(Recipe)
    if written[1] not in BUILDS:
        raise ValueError(f"unknown container {written[1]!r}; known: {', '.join(BUILDS)}")
    recipe.kind = BUILDS[written[1]]
    recipe.items = tuple([compile_recipe(item, limits) for item in written[2:]])
    cdef Py_ssize_t n = len(recipe.items)
    if (
        (recipe.kind in (BUILD_SLICE, BUILD_RANGE) and n != 3)
        or (recipe.kind == BUILD_CELL and n > 1)
        or (recipe.kind == BUILD_DICT and n % 2)
        or (recipe.kind == BUILD_OBJECT and n % 2 == 0)
        or (recipe.kind in (BUILD_NAMED_TUPLE, BUILD_MADE) and n == 0)
    ):
        raise ValueError(f"a {written[1]} is not built of {n} items")
    return recipe


cdef object make(Recipe recipe, PyObject** registers, PyObject** outputs, list temps):
    """The object of one recipe."""
    if recipe.kind == GRAPH:
        return <object>outputs[recipe.index]
    if recipe.kind == REGISTER:
        return <object>registers[recipe.index]
    if recipe.kind == CONST:
        return recipe.constant
    if recipe.kind == TEMP:
        return temps[recipe.index]
    if recipe.kind == BUILD_TUPLE:
        return make_all(recipe.items, registers, outputs, temps)
    if recipe.kind == BUILD_DICT:
        return make_dict(recipe.items, registers, outputs, temps)
    if recipe.kind == BUILD_OBJECT:
        return make_object(make_all(recipe.items, registers, outputs, temps))
    if recipe.kind == BUILD_CELL and PyTuple_GET_SIZE(recipe.items) == 0:
        return PyCell_New(NULL)
    items = make_all(recipe.items, registers, outputs, temps)
    if recipe.kind == BUILD_LIST:
        return list(items)
    if recipe.kind == BUILD_NAMED_TUPLE:
        return tuple.__new__(items[0], items[1:])
    if recipe.kind == BUILD_MADE:
        return items[0](*items[1:])
    if recipe.kind == BUILD_SET:
        return set(items)
    if recipe.kind == BUILD_SLICE:
        return PySlice_New(items[0], items[1], items[2])
    if recipe.kind == BUILD_RANGE:
        return range(items[0], items[1], items[2])
    return PyCell_New(PyTuple_GET_ITEM(items, 0))


cdef tuple make_all(tuple recipes, PyObject** registers, PyObject** outputs, list temps):
    cdef Py_ssize_t i
    cdef Py_ssize_t n = PyTuple_GET_SIZE(recipes)
    cdef tuple made = PyTuple_New(n)
    for i in range(n):
        item = make(<Recipe>PyTuple_GET_ITEM(recipes, i), registers, outputs, temps)
        Py_INCREF(item)  # the slot's; SET_ITEM takes it over
        PyTuple_SET_ITEM(made, i, item)
    return made


cdef dict make_dict(tuple recipes, PyObject** registers, PyObject** outputs, list temps):
    cdef Py_ssize_t i
    cdef dict made = {}
    for i in range(0, PyTuple_GET_SIZE(recipes), 2):
        key = make(<Recipe>recipes[i], registers, outputs, temps)
        made[key] = make(<Recipe>recipes[i + 1], registers, outputs, temps)
    return made


cdef object make_object(tuple parts):
    """An object of a class, then names and values: what ``__init__`` does to a new object where nothing interferes."""
    made = object.__new__(parts[0])
    for i in range(1, len(parts), 2):
        object.__setattr__(made, parts[i], parts[i + 1])
    return made


cdef class Epilogue:
    """The live-outs of one specialisation: temps in order, each may use earlier ones, then the values to hand back.

    stores    in program order (kind, target, name, value): "attribute" of an object that stores as ``object`` does,
              "item" of a dict under a constant key, which "delete" takes away, "list item" at a position, "items" of a
              whole list or deque, contents of a "cell", "append" to a list or deque, value of a "context" variable,
              with name None
    """

    def __cinit__(self, temps, liveouts, stores, int n_outputs, int n_registers):
        cdef Limits limits = Limits(n_outputs, n_registers)
        compiled = []
        for temp in temps:
            compiled.append(compile_recipe(temp, limits))
            limits.n_temps += 1
        self._temps = tuple(compiled)
        self._liveouts = tuple([compile_recipe(liveout, limits) for liveout in liveouts])
        self._stored = tuple(
            [compile_recipe(recipe, limits) for _, target, _, value in stores for recipe in (target, value)]
        )
        self._names = tuple([name for _, _, name, _ in stores])
        self._kinds = tuple([STORES[kind] for kind, _, _, _ in stores])
        self.n_stores = len(self._kinds)
        self.registers = frozenset(limits.registers)
        cdef Recipe first
        if len(self._liveouts) == 1 and not self._temps:
            first = self._liveouts[0]
            self.only = first if first.kind in (GRAPH, REGISTER, CONST) else None

    cdef bint is_output(self):
        """The one live-out is an output of the kernel, there is nothing else."""
        return self.only is not None and self.only.kind == GRAPH

    cdef tuple build(self, PyObject** registers, PyObject** outputs, list stored):
        cdef list temps = None
        if PyTuple_GET_SIZE(self._temps):
            temps = []
            for recipe in self._temps:
                temps.append(make(<Recipe>recipe, registers, outputs, temps))
        for recipe in self._stored:
            stored.append(make(<Recipe>recipe, registers, outputs, temps))
        return make_all(self._liveouts, registers, outputs, temps)


cdef PyObject* leaf(Recipe recipe, PyObject** registers, PyObject** outputs) noexcept:
    cdef PyObject* found = <PyObject*>recipe.constant
    if recipe.kind == GRAPH:
        found = outputs[recipe.index]
    elif recipe.kind == REGISTER:
        found = registers[recipe.index]
    Py_INCREF(<object>found)
    return found


cdef bint store(Epilogue epilogue, list stored) noexcept:
    """Nothing of the user's runs here but what goes with the values replaced; only memory may run out."""
    cdef int i
    cdef int kind
    cdef int status
    cdef PyObject* target
    cdef PyObject* value
    cdef PyObject* name
    for i in range(epilogue.n_stores):
        kind = epilogue._kinds[i]
        target = PyList_GET_ITEM(stored, 2 * i)
        value = PyList_GET_ITEM(stored, 2 * i + 1)
        name = PyTuple_GET_ITEM(epilogue._names, i)
        if kind == STORE_ATTRIBUTE:
            status = PyObject_GenericSetAttr(target, name, value)
        elif kind == STORE_ITEM:
            status = set_item(target, name, value)
        elif kind == STORE_CELL:
            status = PyCell_Set(target, value)
        elif kind == STORE_DELETE:
            status = PyODict_DelItem(target, name) if PyODict_Check(target) else PyDict_DelItem(target, name)
        elif kind == STORE_LIST_ITEM:
            status = PySequence_SetItem(target, PyLong_AsSsize_t(name), value)
        elif kind == STORE_ITEMS:
            status = refill(target, value)
        elif kind == STORE_CONTEXT:
            status = set_context(target, value)
        else:
            status = append(target, value)
        if status < 0:
            return False
    return True


cdef int set_item(PyObject* target, PyObject* key, PyObject* value) noexcept:
    """What ``dict`` does; an ``OrderedDict`` keeps the order of its keys itself."""
    if PyODict_Check(target):
        return PyODict_SetItem(target, key, value)
    return PyDict_SetItem(target, key, value)


cdef int append(PyObject* target, PyObject* value) noexcept:
    """To a list or a deque."""
    if PyList_CheckExact(<object>target):
        return PyList_Append(target, value)
    try:
        (<object>target).append(<object>value)
    except MemoryError:
        return -1
    return 0


cdef int refill(PyObject* target, PyObject* items) noexcept:
    """A list or a deque holds these items, and no others."""
    if PyList_CheckExact(<object>target):
        return PyList_SetSlice(target, 0, PyList_GET_SIZE(<list>target), items)
    try:
        (<object>target).clear()
        (<object>target).extend(<object>items)
    except MemoryError:
        return -1
    return 0


cdef inline int set_context(PyObject* variable, PyObject* value) noexcept:
    cdef PyObject* token = PyContextVar_Set(variable, value)
    if token is NULL:
        return -1
    Py_DECREF(<object>token)
    return 0


include "_commits.pxi"
