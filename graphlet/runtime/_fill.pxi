# A plan in native structs: each ``fill_`` function makes one from the dataclass of ``plan.py`` it stands for.
# Part of _block.pyx.

cdef dict WALKS = {"plain": GL_PLAIN, "whole": GL_WHOLE, "rows": GL_ROWS, "columns": GL_COLUMNS}
cdef dict TAIL_KINDS = {"sum": GL_SUM, "ordered": GL_ORDERED, "extreme": GL_EXTREME}
cdef dict NANS = {"": GL_SURE, "rows": GL_REPACKED, "large": GL_LARGE, "placed": GL_PLACED, "apart": GL_PLACED_APART}
# Arguments of np.roll, and the names of the last of them.
cdef dict PRODUCTS = {"inner": GL_VECTORS, "vdot": GL_VECTORS, "dot": GL_DOT, "matmul": GL_MATMUL}
cdef set ROLLS = {(2, ()), (2, ("shift",)), (3, ()), (3, ("axis",)), (3, ("shift", "axis"))}
cdef dict ARGS = {"arg_min": -1, "arg_max": 1}
cdef dict BUILD_KINDS = {
    "tuple": GL_BUILD_TUPLE, "list": GL_BUILD_LIST, "slice": GL_BUILD_SLICE, "dict": GL_BUILD_DICT,
}


cdef void *allocate(size_t n_items, size_t size) except NULL:
    """Zeroed memory, never of size zero."""
    cdef void *block = PyMem_Calloc(n_items or 1, size)
    if block == NULL:
        raise MemoryError
    return block


cdef PyObject *new_reference(object value):
    Py_INCREF(value)
    return <PyObject *>value


cdef int *ints(tuple values) except NULL:
    cdef int *result = <int *>allocate(len(values), sizeof(int))
    for i, value in enumerate(values):
        result[i] = value
    return result


cdef char *text(str value) except NULL:
    cdef bytes encoded = value.encode() + b"\0"
    cdef char *result = <char *>allocate(len(encoded), 1)
    memcpy(result, <char *>encoded, len(encoded))
    return result


cdef gl_plan *filled(object plan) except NULL:
    """A plan in native structs, which ``gl_plan_free`` gives back."""
    check_plan(plan)
    cdef gl_plan *native = <gl_plan *>allocate(1, sizeof(gl_plan))
    try:
        fill_plan(native, plan)
    except BaseException:
        gl_plan_free(native)
        raise
    return native


cdef int fill_plan(gl_plan *native, object plan) except -1:
    native.inputs = <gl_check *>allocate(len(plan.inputs), sizeof(gl_check))
    native.n_inputs = len(plan.inputs)
    for i, check in enumerate(plan.inputs):
        fill_check(&native.inputs[i], check)
    native.constants = <PyObject **>allocate(len(plan.constants), sizeof(PyObject *))
    native.n_constants = len(plan.constants)
    for i, constant in enumerate(plan.constants):
        native.constants[i] = new_reference(constant)
    native.steps = <gl_step *>allocate(len(plan.steps), sizeof(gl_step))
    native.n_steps = len(plan.steps)
    for i, step in enumerate(plan.steps):
        fill_step(&native.steps[i], step)
    native.outputs = ints(tuple(plan.outputs))
    native.n_outputs = len(plan.outputs)
    native.n_slots = plan.n_slots
    native.n_syms = plan.n_syms
    native.placed_value = -1
    if plan.placed is not None:
        check_placed(plan)
        native.placed_value, native.placed_target = plan.placed.value, plan.placed.target
        native.placed_root, native.placed_always = plan.placed.root, plan.placed.always
    gl_direct_prepare(native)
    gl_lent_prepare(native)
    return 0


cdef int fill_check(gl_check *check, object spec) except -1:
    if spec is None:
        check.kind = GL_CHECK_NONE
    elif isinstance(spec, ArrayCheck):
        check.kind = GL_CHECK_ARRAY
        check.descr = <PyArray_Descr *>new_reference(spec.dtype)
        check.n = len(spec.dims)
        check.dims = <npy_intp *>allocate(check.n, sizeof(npy_intp))
        for i, dim in enumerate(spec.dims):
            check.dims[i] = dim
    elif isinstance(spec, TypeCheck):
        check.kind = GL_CHECK_TYPE
        check.type = <PyTypeObject *>new_reference(spec.type)
    elif isinstance(spec, TupleCheck) and issubclass(spec.type, (tuple, list)):
        check.kind = GL_CHECK_TUPLE
        check.type = <PyTypeObject *>new_reference(spec.type)
        check.items = <gl_check *>allocate(len(spec.items), sizeof(gl_check))
        check.n = len(spec.items)
        for i, item in enumerate(spec.items):
            fill_check(&check.items[i], item)
    else:
        raise TypeError(f"not a check: {spec!r}")
    return 0


cdef int fill_call(gl_step *step, object spec) except -1:
    step.kind = GL_CALL
    step.name = text(spec.name or getattr(spec.fn, "__name__", repr(spec.fn)))
    step.callable = new_reference(spec.fn)
    if spec.kwnames:
        step.kwnames = new_reference(tuple(spec.kwnames))
    step.flags = ((GL_ERRSTATE if spec.errstate else 0) | (GL_WARNS if spec.warns else 0)
                  | (GL_NONEMPTY if spec.nonempty else 0) | (GL_VIEW if spec.view else 0))
    step.ignored, step.forced = spec.ignored, spec.forced
    step.nans = NANS[spec.nans]
    fill_check(&step.check, spec.check)
    cdef str name = getattr(spec.fn, "__name__", "")
    if isinstance(spec.check, TypeCheck) and spec.check.type in (np.float64, np.bool_) and not spec.kwnames:
        if spec.fn in (np.sqrt, builtins.abs) or getattr(operator, name, None) is spec.fn:
            step.number = gl_find_number(name.encode(), <int>len(spec.args))
    if spec.loop is not None:
        step.loop = allocate(1, sizeof(gl_op))
        gl_fill_loop(<gl_op *>step.loop, spec.loop)
    if not spec.kwnames and getattr(operator, name, None) is spec.fn:
        gl_find_operator(name.encode(), step)
    if spec.fn is operator.getitem and spec.name == "getitem_fancy":
        step.kind = GL_PICK
    if spec.fn is operator.getitem and isinstance(spec.check, TypeCheck) and spec.check.type in (np.float64, np.int64):
        step.kind = GL_ELEMENT
    if spec.fn is operator.getitem and spec.view and isinstance(spec.check, ArrayCheck):
        step.kind = GL_PART
    if spec.name == "setitem":
        step.kind = GL_STORE
    if spec.fn is np.roll and (len(spec.args), tuple(spec.kwnames)) in ROLLS:
        step.kind = GL_ROLL
    if spec.name in PRODUCTS and len(spec.args) == 2 and not spec.kwnames:
        step.kind = PRODUCTS[spec.name]
    if spec.fn is np.array and len(spec.args) == 1 and not spec.kwnames and isinstance(spec.check, ArrayCheck):
        if spec.check.dtype == np.float64 and len(spec.check.dims) in (1, 2):
            step.kind = GL_ARRAY_OF
    return 0


cdef int fill_operand(gl_array_in *native, object spec, int n_dims) except -1:
    if len(spec.axes) != n_dims or not all([-1 <= axis < spec.ndim for axis in spec.axes]):
        raise ValueError(f"axes of {spec}")
    native.slot = spec.slot
    native.ndim = spec.ndim
    native.itemsize = spec.dtype.itemsize
    native.axes = ints(spec.axes)
    native.is_full = spec.axes == tuple(range(spec.ndim))
    native.is_point = max(spec.axes) < 0
    return 0


cdef int fill_op(gl_op *op, object spec, int out) except -1:
    registers = (*spec.args, out)
    if len(registers) > GL_MAX_ARGS or not all([0 <= reg < out for reg in spec.args]):
        raise ValueError(f"registers of {spec}")
    op.n_args = len(registers)
    for i, reg in enumerate(registers):
        op.reg[i] = reg
    op.itemsize = spec.dtype.itemsize
    if isinstance(spec, LoopOp):
        gl_fill_loop(op, spec.loop)
        op.nans = NANS[spec.nans]
    elif isinstance(spec, CastOp):
        op.kind = GL_CONVERT if spec.implicit else GL_CAST
        gl_fill_cast(op, <PyArray_Descr *>spec.source, <PyArray_Descr *>spec.dtype)
    else:
        op.kind = GL_WHERE
    return 0


cdef int fill_group(gl_group *group, object spec) except -1:
    cdef int first = len(spec.arrays) + len(spec.scalars) + len(spec.constants)
    group.n_regs = first + len(spec.ops)
    if group.n_regs > GL_MAX_REGS or len(spec.scalars) > GL_MAX_SCALARS or not 0 < len(spec.dims) <= GL_MAX_NDIM:
        raise ValueError("group is too large")
    group.ndim = len(spec.dims)
    group.dims = <npy_intp *>allocate(group.ndim, sizeof(npy_intp))
    for i, dim in enumerate(spec.dims):
        group.dims[i] = dim
    group.arrays = <gl_array_in *>allocate(len(spec.arrays), sizeof(gl_array_in))
    for i, source in enumerate(spec.arrays):
        fill_operand(&group.arrays[i], source, group.ndim)
        group.n_arrays += 1
    group.scalars = <gl_scalar_in *>allocate(len(spec.scalars), sizeof(gl_scalar_in))
    for i, source in enumerate(spec.scalars):
        group.scalars[i].slot = source.slot
        group.scalars[i].descr = <PyArray_Descr *>new_reference(source.dtype)
        group.n_scalars += 1
    group.constants = <char *>allocate(len(spec.constants), GL_CELL)
    group.n_constants = len(spec.constants)
    for i, value in enumerate(spec.constants):
        memcpy(&group.constants[i * GL_CELL], <char *>(<bytes>value), min(<int>len(value), <int>GL_CELL))
    group.ops = <gl_op *>allocate(len(spec.ops), sizeof(gl_op))
    for i, op in enumerate(spec.ops):
        fill_op(&group.ops[i], op, first + i)
        group.doubts_nans |= group.ops[i].nans != GL_SURE
        group.n_ops += 1
    return fill_places(group, spec, first)


cdef int fill_places(gl_group *group, object spec, int first) except -1:
    """Where results go, and what to run when the machine stands back."""
    group.outputs = <gl_output *>allocate(len(spec.outputs), sizeof(gl_output))
    if len(spec.buffers) != group.n_ops or min(spec.buffers, default=0) < -len(spec.outputs):
        raise ValueError("a result has no place")
    for i, output in enumerate(spec.outputs):
        if not first <= output.reg < group.n_regs:
            raise ValueError(f"{output} is no result")
        group.outputs[i].slot = output.slot
        group.outputs[i].reg = output.reg
        group.outputs[i].descr = <PyArray_Descr *>new_reference(output.dtype)
        group.n_outputs += 1
        if spec.buffers[output.reg - first] != -1 - i:
            raise ValueError(f"{output} has no array")
    fill_tails(group, spec)
    fill_stages(group, spec, first)
    group.scratch = ints(spec.buffers)
    group.n_buffers = max(max(spec.buffers, default=-1) + 1, 0)
    group.width = max([item.dtype.itemsize for item in (*spec.arrays, *spec.ops)])
    group.block = spec.block
    group.buffer = <size_t>group.width * (spec.block + GL_TAIL)
    group.strict = spec.strict
    group.shareable = spec.shareable
    group.ignored, group.forced = spec.ignored, spec.forced
    group.has_casts = any([isinstance(op, CastOp) for op in spec.ops])
    group.fallback = <gl_step *>allocate(len(spec.fallback), sizeof(gl_step))
    for i, step in enumerate(spec.fallback):
        group.n_fallback += 1
        fill_step(&group.fallback[i], step)
    return 0


cdef int fill_tails(gl_group *group, object spec) except -1:
    if len(spec.tails) > GL_MAX_TAILS or not (spec.tails or spec.outputs):
        raise ValueError("number of results")
    group.walk = <gl_walk><int>WALKS[spec.walk]
    group.reduced_from, group.reduced_to = spec.reduced
    if not 0 <= group.reduced_from <= group.reduced_to <= group.ndim:
        raise ValueError("axes that are reduced")
    group.tails = <gl_tail *>allocate(len(spec.tails), sizeof(gl_tail))
    group.needs_c = group.walk in (GL_ROWS, GL_COLUMNS)
    cdef gl_tail *native
    for i, tail in enumerate(spec.tails):
        if not 0 <= tail.reg < group.n_regs or group.walk == GL_PLAIN or len(tail.start) > GL_CELL:
            raise ValueError(f"{tail}")
        native = &group.tails[i]
        native.reg, native.slot = tail.reg, tail.slot
        native.op.itemsize = tail.dtype.itemsize
        native.descr = <PyArray_Descr *>new_reference(tail.dtype)
        native.keepdims = tail.keepdims
        memcpy(native.start, <char *>(<bytes>tail.start), len(tail.start))
        group.n_tails += 1
        if tail.kind in ARGS:
            gl_fill_arg(native, <PyArray_Descr *>tail.source, ARGS[tail.kind])
            group.needs_c = 1
            continue
        native.kind = <gl_tail_kind><int>TAIL_KINDS[tail.kind]
        gl_fill_loop(&native.op, tail.loop)
        native.mean, native.mean_limit = tail.mean, tail.mean_limit
    return 0


cdef int fill_stages(gl_group *group, object spec, int first) except -1:
    """Which operations may run as one function."""
    cdef int done = 0
    cdef gl_stage *native
    cdef Code code
    group.stages = <gl_stage *>allocate(len(spec.stages), sizeof(gl_stage))
    for i, stage in enumerate(spec.stages):
        regs = (*stage.inputs, *stage.outputs)
        own = range(first + stage.first, first + stage.first + stage.n_ops)
        if (stage.first < done or stage.n_ops < 0 or own.stop > group.n_regs
                or not (stage.n_ops or stage.first == group.n_ops and stage.reductions)
                or not all([0 <= tail < group.n_tails for tail in stage.reductions])
                or max(len(stage.inputs), len(stage.outputs)) > GL_MAX_OPERANDS
                or not all([0 <= reg < own.start for reg in stage.inputs])
                or not all([reg in own for reg in stage.outputs])):
            raise ValueError(f"registers of {stage}")
        done = stage.first + stage.n_ops
        code = stage.code
        native = &group.stages[i]
        native.first, native.n_ops = stage.first, stage.n_ops
        native.n_inputs, native.n_outputs = len(stage.inputs), len(stage.outputs)
        native.regs = ints(regs)
        native.sizes = ints(tuple([size_of(spec, reg) for reg in regs]))
        native.n_reductions = len(stage.reductions)
        native.reductions = ints(stage.reductions)
        native.code = &code.table
        native.owner = new_reference(code)
        for k in range(stage.first, done):
            if group.ops[k].checked:
                native.flagged = &group.ops[k]
        for k in stage.reductions:
            if group.tails[k].op.checked:
                native.flagged = &group.tails[k].op
        native.streams = can_stream(spec, stage, first)
        native.in_tiles = stage.in_tiles
        group.n_stages += 1
    compiled = {i for stage in spec.stages for i in range(stage.first, stage.first + stage.n_ops)}
    for i, op in enumerate(spec.ops):
        if i not in compiled and min(op.args) < group.n_arrays:
            group.loops_read_arrays = 1
    return 0


cdef bint can_stream(object spec, object stage, int first) except -1:
    """Whether all a stage stores are results of the group that nothing behind it reads, 4 bytes an element or more."""
    cdef int end = stage.first + stage.n_ops
    read = {reg for op in spec.ops[end:] for reg in op.args} | {tail.reg for tail in spec.tails}
    places = [reg - first for reg in stage.outputs]
    return bool(places) and not stage.reductions and all(
        [spec.buffers[i] < 0 and i + first not in read and spec.ops[i].dtype.itemsize >= 4 for i in places]
    )


cdef int size_of(object spec, int reg) except -1:
    """Bytes of an element of a register; scalars and constants stand still, whatever their size."""
    n_still = len(spec.scalars) + len(spec.constants)
    if reg < len(spec.arrays):
        return spec.arrays[reg].dtype.itemsize
    return spec.ops[max(reg - len(spec.arrays) - n_still, 0)].dtype.itemsize


cdef int fill_step(gl_step *step, object spec) except -1:
    step.frees = ints(spec.frees)
    step.n_frees = len(spec.frees)
    if isinstance(spec, Fused):
        step.kind = GL_FUSED
        step.group = <gl_group *>allocate(1, sizeof(gl_group))
        return fill_group(<gl_group *>step.group, spec)
    if isinstance(spec, Bands):
        step.kind = GL_BANDS
        step.bands = <gl_bands *>allocate(1, sizeof(gl_bands))
        return fill_bands(step.bands, spec)
    step.n_args = len(spec.args)
    step.args = ints(spec.args)
    step.out = -1 if spec.out is None else spec.out
    if isinstance(spec, Call):
        fill_call(step, spec)
    elif isinstance(spec, Build):
        step.kind = <gl_step_kind><int>BUILD_KINDS[spec.kind]
        step.name = text(spec.kind)
    else:
        raise TypeError(f"not a step: {spec!r}")
    return 0


cdef int fill_band_output(gl_band_output *target, object output) except -1:
    target.slot = output.slot
    target.descr = <PyArray_Descr *>new_reference(output.dtype)
    target.dims = <npy_intp *>allocate(len(output.dims), sizeof(npy_intp))
    for k, dim in enumerate(output.dims):
        target.dims[k] = dim
    target.ndim = len(output.dims)
    return 0


cdef int fill_bands(gl_bands *bands, object spec) except -1:
    outputs = [output.slot for output in spec.outputs]
    written = [slot for part in spec.steps for slot in part.writes if slot not in outputs]
    if not outputs or len(outputs) + len(spec.by_rows) > GL_MAX_BANDED:
        raise ValueError("number of arrays in bands")
    bands.along = spec.along
    bands.inputs = ints(spec.by_rows)
    bands.n_inputs = len(spec.by_rows)
    bands.written = ints((*outputs, *written))
    bands.n_written = len(outputs) + len(written)
    bands.outputs = <gl_band_output *>allocate(len(outputs), sizeof(gl_band_output))
    for i, output in enumerate(spec.outputs):
        bands.n_outputs += 1
        fill_band_output(&bands.outputs[i], output)
    bands.between = <gl_band_output *>allocate(len(spec.between), sizeof(gl_band_output))
    for i, output in enumerate(spec.between):
        bands.n_between += 1
        fill_band_output(&bands.between[i], output)
    bands.steps = <gl_step *>allocate(len(spec.steps), sizeof(gl_step))
    for i, part in enumerate(spec.steps):
        bands.n_steps += 1
        fill_step(&bands.steps[i], part)
    return 0
