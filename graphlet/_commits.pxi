# Writes of a region to arrays that existed before it: made ready, checked, and carried out.
# Part of _publish.pyx.

cdef class Commits:
    """The writes of one specialisation in program order: pairs (target, value), leaf recipes or numbers of outputs.

    With a recipe of an index behind them ``target[index] = value``, of which the kernel has seen to it that it fits.
    """

    def __cinit__(self, commits, int n_outputs, int n_registers):
        cdef Limits limits = Limits(n_outputs, n_registers)
        self._pairs = tuple([compile_leaf(leaf, limits) for commit in commits for leaf in commit[:2]])
        self._indices = tuple([compile_recipe(commit[2], limits) if len(commit) > 2 else None for commit in commits])
        self.n_commits = len(self._indices)
        self.registers = frozenset(limits.registers)

    cdef list prepare(self, PyObject** registers, PyObject** outputs):
        cdef list writes = []
        cdef Py_ssize_t i
        for i in range(self.n_commits):
            target = make(<Recipe>self._pairs[2 * i], registers, outputs, None)
            value = make(<Recipe>self._pairs[2 * i + 1], registers, outputs, None)
            index = self._indices[i]
            if not isinstance(target, ndarray) or not is_writeable(<ndarray>target):
                return None
            if value is target and index is None:
                continue  # it is there
            value = as_array(value, <ndarray>target)
            if value is None or not (index is not None or fits(<ndarray>value, <ndarray>target)):
                return None
            if not gl_apart(<ndarray>value, <ndarray>target):
                if index is not None or depends_on_order(<ndarray>value, <ndarray>target):
                    return None
                if not is_small_copy(<ndarray>target, <ndarray>value):
                    aside = PyArray_NewLikeArray(<ndarray>value, cnp.NPY_KEEPORDER, NULL, 0)
                    writes += (aside, value, None)  # when its turn comes: it may be read behind other writes
                    value = aside
            writes.append(target)
            writes.append(value)
            writes.append(None if index is None else make(<Recipe>index, registers, outputs, None))
        return writes


cdef bint publish(list writes) noexcept:
    cdef Py_ssize_t i
    cdef PyObject* index
    for i in range(0, PyList_GET_SIZE(writes), 3):
        target = <object>PyList_GET_ITEM(writes, i)
        value = <object>PyList_GET_ITEM(writes, i + 1)
        index = PyList_GET_ITEM(writes, i + 2)
        if <object>index is not None:
            if PyObject_SetItem(<PyObject*>target, index, <PyObject*>value) < 0:
                return False
        elif is_block_copy(<ndarray>target, <ndarray>value):
            memmove(
                cnp.PyArray_DATA(<ndarray>target),
                cnp.PyArray_DATA(<ndarray>value),
                cnp.PyArray_NBYTES(<ndarray>target),
            )
        elif is_small_copy(<ndarray>target, <ndarray>value):
            gl_part_copy(<ndarray>target, <ndarray>value)
        elif is_long(<ndarray>target) and gl_copy_past_cache(<ndarray>target, <ndarray>value):
            continue
        elif copy_into(<ndarray>target, <ndarray>value) < 0:
            return False
    return True


cdef cnp.npy_intp least_streamed = <cnp.npy_intp>32 << 20


def stream_from(cnp.npy_intp n_bytes):
    """Writes of so many bytes go past the cache; returns what it was before."""
    global least_streamed
    before = least_streamed
    least_streamed = n_bytes
    return before


cdef inline bint is_long(ndarray target) noexcept:
    return cnp.PyArray_NBYTES(target) >= least_streamed and not PyDataType_REFCHK(target.dtype)


cdef inline bint is_writeable(ndarray target) noexcept:
    cdef unsigned int flags = cnp.PyArray_FLAGS(target)
    return flags & cnp.NPY_ARRAY_WRITEABLE and not flags & WARN_ON_WRITE


cdef object as_array(object value, ndarray target):
    """The value as an array of exactly the target's type, or None where storing it could raise or warn."""
    if isinstance(value, ndarray):
        return value if cnp.PyArray_EquivTypes(value.dtype, target.dtype) else None
    if (PyFloat_CheckExact(value) or is_float64(value)) and is_native_double(target):
        return gl_of_double(PyFloat_AS_DOUBLE(value))
    if PyFloat_CheckExact(value) or PyLong_CheckExact(value) or PyBool_Check(value) or PyComplex_CheckExact(value):
        return python_scalar_as_array(value, target.dtype)
    if PyArray_IsGenericScalar(value):
        array = PyArray_FromScalar(value, NULL)
        return array if cnp.PyArray_EquivTypes(array.dtype, target.dtype) else None
    return None


cdef object python_scalar_as_array(object value, cnp.dtype dtype):
    if not stores_silently(value, dtype):
        return None
    Py_INCREF(dtype)
    return PyArray_FromAny(value, dtype, 0, 0, 0, NULL)  # an int out of range raises


cdef bint stores_silently(object value, cnp.dtype dtype):
    """No floating-point flag but inexact can come up when NumPy stores this Python scalar."""
    cdef char kind = dtype.kind
    cdef bint double_or_wider = (kind == c"f" and dtype.itemsize >= 8) or (kind == c"c" and dtype.itemsize >= 16)
    cdef bint single = kind == c"f" and dtype.itemsize == 4
    if PyComplex_CheckExact(value):
        return kind == c"c" and double_or_wider
    if PyFloat_CheckExact(value):
        return double_or_wider or (single and is_float32_normal(PyFloat_AS_DOUBLE(value)))
    if PyBool_Check(value):
        return kind in (c"b", c"i", c"u", c"f", c"c")
    return double_or_wider or kind in (c"i", c"u") or (single and -2**24 <= value <= 2**24)


cdef inline bint is_float32_normal(double value) noexcept:
    return value == 0 or not isfinite(value) or FLT_MIN <= fabs(value) <= FLT_MAX


cdef bint fits(ndarray value, ndarray target) noexcept:
    """The value broadcasts to the target; leading axes of size 1 that are too many are dropped, as NumPy does."""
    cdef int surplus = cnp.PyArray_NDIM(value) - cnp.PyArray_NDIM(target)
    cdef int axis
    cdef cnp.npy_intp size
    for axis in range(cnp.PyArray_NDIM(value)):
        size = cnp.PyArray_DIM(value, axis)
        if size != 1 and (axis < surplus or size != cnp.PyArray_DIM(target, axis - surplus)):
            return False
    return True


cdef inline bint depends_on_order(ndarray value, ndarray target) noexcept:
    """Overlapping lines that only NumPy's own loop copies as it does."""
    return gl_order_counts(
        cnp.PyArray_NDIM(target), cnp.PyArray_STRIDES(target), cnp.PyArray_NDIM(value), cnp.PyArray_STRIDES(value)
    )


cdef inline bint is_small_copy(ndarray target, ndarray value) noexcept:
    """Whether the elements may be read one by one, and then written."""
    return gl_part_copies(target, value) and not PyDataType_REFCHK(target.dtype)


cdef bint is_block_copy(ndarray target, ndarray value) noexcept:
    """Copying is one memmove: both C-contiguous, of one shape, without references, small (the GIL may be kept)."""
    cdef int axis
    if cnp.PyArray_NBYTES(target) > 65536 or cnp.PyArray_NDIM(target) != cnp.PyArray_NDIM(value):
        return False
    if not cnp.PyArray_IS_C_CONTIGUOUS(target) or not cnp.PyArray_IS_C_CONTIGUOUS(value):
        return False
    if PyDataType_REFCHK(target.dtype):
        return False
    for axis in range(cnp.PyArray_NDIM(target)):
        if cnp.PyArray_DIM(target, axis) != cnp.PyArray_DIM(value, axis):
            return False
    return True
