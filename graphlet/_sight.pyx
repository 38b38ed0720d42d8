"""Whether a function that is called may see arrays: the question the hook asks before it rewrites anything.

Arrays come from arguments and closures, or are made by NumPy, which some module close to the function must have
imported: its own, one it names, or the one an object it is given comes from. A function that is far from all of these,
call after call, is left as it is at hardly any cost. No code of the program runs here.
"""

import gc
import sys
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType

import numpy as np

from cpython.dict cimport PyDict_Check, PyDict_GetItem
from cpython.module cimport PyModule_GetDict
from cpython.object cimport Py_TYPE, PyObject, PyTypeObject
from cpython.sequence cimport PySequence_Fast_GET_SIZE
from cpython.type cimport PyType_IsSubtype

cdef extern from "Python.h":
    PyObject* PySequence_Fast_GET_ITEM(object value, Py_ssize_t i)  # borrowed; may be NULL, which no object is

cdef enum:
    STEPS = 2  # from module to module: a script names a package, which names a module that works with NumPy
    ITEMS = 16  # of a container, and attributes of an object, that are looked at
    DEPTH = 2  # containers within containers
    # Modules that may come before one far from NumPy is looked at again: NumPy and what uses it are more than that.
    NEW_MODULES = 16
    N_PLAIN = 13

cdef object get_referents = gc.get_referents
cdef object namespace_of_type = type.__dict__["__dict__"].__get__
cdef dict numpys = vars(np)  # of the module itself, which programs look at
cdef tuple array_kinds = (np.ndarray, np.generic, np.ufunc, np.dtype, type(np.sum))
cdef tuple plain_kinds = (
    int, float, complex, bool, str, bytes, bytearray, type(None), range, slice, type(Ellipsis), type(NotImplemented),
    CodeType,
)
cdef PyObject* plain[N_PLAIN]
for number, kind in enumerate(plain_kinds):
    plain[number] = <PyObject*>kind

# What was found out about modules, by name, and for which state of affairs.
cdef dict known = {}
cdef dict scans = {}


cdef class Answer:
    """Whether a module is near NumPy, found when its namespace and ``sys.modules`` had so many names."""

    cdef size_t namespace
    cdef Py_ssize_t n_names
    cdef Py_ssize_t n_modules
    cdef bint near


cdef class Seen:
    """What the values of a namespace show: something of NumPy's; modules they come from, and others without a name."""

    cdef size_t namespace
    cdef Py_ssize_t n_names
    cdef bint numpys
    cdef set homes
    cdef list loose


def arrays_in_sight(function, code, tuple arguments):
    """Whether this call of the function has arrays, or anything close to NumPy, within reach."""
    return (
        "numpy" in code.co_names
        or near(function.__globals__)
        or any_may_hold(arguments, DEPTH, False)
        or any_may_hold(function.__closure__ or (), DEPTH, False)
    )


def arrays_at_hand(function, code, tuple arguments):
    """Whether arrays are among what the call is given, or the function itself names NumPy."""
    cdef PyObject* value
    if "numpy" in code.co_names:
        return True
    for name in code.co_names:
        value = PyDict_GetItem(function.__globals__, name)
        if value != NULL and not is_plain(<object>value) and is_numpys(home_of(<object>value)):
            return True
    return any_may_hold(arguments, DEPTH, True) or any_may_hold(function.__closure__ or (), DEPTH, True)


def is_near(namespace):
    """Whether a module's namespace has something of NumPy's in it, or something of a module that has."""
    return near(namespace)


cdef bint near(object namespace) except -1:
    cdef object name = registered(namespace)
    if name is None:
        return search(namespace)
    cdef Py_ssize_t n_modules = len(sys.modules) // NEW_MODULES
    cdef Answer answer = known.get(name)
    if (
        answer is None
        or answer.namespace != <size_t><PyObject*>namespace
        or answer.n_names != len(namespace)
        or answer.n_modules != n_modules
    ):
        answer = Answer()
        answer.namespace = <size_t><PyObject*>namespace
        answer.n_names = len(namespace)
        answer.n_modules = n_modules
        answer.near = search(namespace)
        known[name] = answer
    return answer.near


cdef bint search(object namespace) except -1:
    """Whether there is something of NumPy's within some steps of a namespace."""
    cdef Seen found
    cdef set seen = set()
    cdef list level = [namespace]
    cdef list behind
    for _ in range(STEPS + 1):
        behind = []
        for here in level:
            found = looked_at(here)
            if found.numpys:
                return True
            behind += [home for home in [module_named(name) for name in found.homes - seen] if home is not None]
            behind += found.loose
            seen |= found.homes
        level = behind
    return False


cdef Seen looked_at(object namespace):
    """The answer for a namespace, kept for modules as long as they have as many names and name nothing loose."""
    cdef object name = registered(namespace)
    cdef Seen found = None if name is None else scans.get(name)
    if found is not None and found.namespace == <size_t><PyObject*>namespace and found.n_names == len(namespace):
        return found
    found = scan(namespace)
    if name is not None and not found.loose:
        scans[name] = found
    return found


cdef Seen scan(object namespace):
    cdef Seen found = Seen()
    found.namespace = <size_t><PyObject*>namespace
    found.n_names = len(namespace)
    found.numpys = is_numpys(namespace)
    found.homes = set()
    found.loose = []
    if found.numpys:
        return found
    cdef dict homes = {}
    for value in list(dict.values(namespace)):
        if not is_plain(value):
            home = home_of(value)
            if home is not None and home is not namespace:
                homes[id(home)] = home
    for home in homes.values():
        if is_numpys(home):
            found.numpys = True
            return found
    for home in homes.values():
        name = registered(home)
        if name is None:
            found.loose.append(home)
        else:
            found.homes.add(name)
    return found


cdef object own_name(object namespace):
    """The name a namespace gives itself; None if it is no string."""
    cdef PyObject* name = PyDict_GetItem(namespace, "__name__")
    return <object>name if name != NULL and type(<object>name) is str else None


cdef object registered(object namespace):
    """The name of the module that has this namespace; None if none that can be imported has."""
    cdef object name = own_name(namespace)
    return name if name is not None and module_named(name) is namespace else None


cdef bint is_numpys(object namespace) except -1:
    cdef object name = None if namespace is None else own_name(namespace)
    return name is not None and (name == "numpy" or (<str>name).startswith("numpy."))


cdef inline bint is_plain(object value) noexcept:
    """Of a type whose instances hold nothing."""
    cdef PyObject* kind = <PyObject*>Py_TYPE(value)
    cdef int i
    for i in range(N_PLAIN):
        if plain[i] == kind:
            return True
    return False


cdef inline bint is_kind_of(object kind, object base) noexcept:
    """``issubclass`` that asks nobody."""
    return PyType_IsSubtype(kind, base)


cdef object home_of(object value):
    """The namespace of the module that a value or its class was made in; None if it is Python's own."""
    cdef object kind = type(value)
    if is_kind_of(kind, ModuleType):
        return <object>PyModule_GetDict(value) if kind is ModuleType else None
    if kind is FunctionType:
        return value.__globals__
    if kind is BuiltinFunctionType:
        return module_named(value.__module__)
    cdef object made_by = value if is_kind_of(kind, type) else kind
    for array_kind in array_kinds:
        if is_kind_of(made_by, array_kind):
            return numpys
    return module_named((namespace_of_type(made_by) or {}).get("__module__"))  # without asking its metaclass


cdef object module_named(object name):
    """The namespace of a module; None if there is none of this name."""
    cdef object modules = sys.modules
    if type(name) is not str or not PyDict_Check(modules):
        return None
    cdef PyObject* module = PyDict_GetItem(modules, name)
    if module == NULL or type(<object>module) is not ModuleType:
        return None
    return <object>PyModule_GetDict(<object>module)


cdef bint may_hold(object value, int depth, bint numpys_only) except -1:
    """Whether a value is or holds one from a module that is NumPy's, or near it."""
    cdef object kind = type(value)
    if kind is CellType:
        try:
            value = value.cell_contents
        except ValueError:  # empty
            return False
        return any_may_hold((value,), depth, numpys_only)
    if kind is MethodType:
        return any_may_hold((value.__self__, value.__func__), depth, numpys_only)
    if kind is list or kind is tuple:
        return depth > 0 and any_may_hold(first_items(value), depth - 1, numpys_only)
    if kind is set or kind is frozenset:
        return depth > 0 and any_may_hold(list(value)[:ITEMS], depth - 1, numpys_only)
    if kind is dict:
        return depth > 0 and any_may_hold(list((<dict>value).values())[:ITEMS], depth - 1, numpys_only)
    cdef object home = home_of(value)
    if home is not None and (is_numpys(home) if numpys_only else near(home)):
        return True
    return depth > 0 and any_may_hold(attributes(value), depth - 1, numpys_only)


cdef bint any_may_hold(object values, int depth, bint numpys_only) except -1:
    for value in values:
        if not is_plain(value) and may_hold(value, depth, numpys_only):
            return True
    return False


cdef list first_items(object value):
    """Of a list or tuple, which an object written in C may keep for itself, with places that nothing is in yet."""
    cdef Py_ssize_t i
    cdef PyObject* item
    cdef list found = []
    for i in range(min(PySequence_Fast_GET_SIZE(value), <Py_ssize_t>ITEMS)):
        item = PySequence_Fast_GET_ITEM(value, i)
        if item != NULL:
            found.append(<object>item)
    return found


cdef list attributes(object value):
    """The first attributes an object itself has. It is not asked for them: that would make it a dict if it has none."""
    cdef object kind = type(value)
    if is_kind_of(kind, type) or is_kind_of(kind, ModuleType) or (<PyTypeObject*>kind).tp_dictoffset == 0:
        return []
    cdef list found = []
    for item in get_referents(value)[:ITEMS]:
        if type(item) is dict:
            found += list((<dict>item).values())[:ITEMS]
        elif item is not kind:
            found.append(item)
    return found[:ITEMS]
