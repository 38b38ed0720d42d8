/* The block machine: runs the steps of a plan over its slots. */
#define GL_IMPORTS_NUMPY
#include "native_group.h"
#include "native_pool.h"

enum { SMALL_SLOTS = 48, SMALL_SYMS = 16, SMALL_ARGS = 12, LARGE = 64 << 10 /* bytes */ };

static int import_numpy(void) {
    import_array1(-1);
    return 0;
}

int gl_init(void) {
    return import_numpy() < 0 || gl_errstate_init() < 0 || gl_loops_init() < 0 || gl_pool_init() < 0 ? -1 : 0;
}

/* ---- steps that build containers ---- */

static PyObject *build(const gl_step *step, PyObject **slots) {
    const int *args = step->args;
    if (step->kind == GL_BUILD_SLICE) return PySlice_New(slots[args[0]], slots[args[1]], slots[args[2]]);
    if (step->kind == GL_BUILD_DICT) {
        PyObject *dict = PyDict_New();
        for (int i = 0; dict && i + 1 < step->n_args; i += 2) {
            if (PyDict_SetItem(dict, slots[args[i]], slots[args[i + 1]]) < 0) Py_CLEAR(dict);
        }
        return dict;
    }
    int is_list = step->kind == GL_BUILD_LIST;
    PyObject *result = is_list ? PyList_New(step->n_args) : PyTuple_New(step->n_args);
    for (int i = 0; result && i < step->n_args; i++) {
        PyObject *item = Py_NewRef(slots[args[i]]);
        if (is_list) PyList_SET_ITEM(result, i, item);
        else PyTuple_SET_ITEM(result, i, item);
    }
    return result;
}

/* ---- steps that call ---- */

static PyObject *vectorcall(const gl_step *step, PyObject **slots) {
    PyObject *small[SMALL_ARGS + 1];
    PyObject **args = small;
    if (step->n_args > SMALL_ARGS) {
        args = PyMem_Malloc((step->n_args + 1) * sizeof *args);
        if (!args) return PyErr_NoMemory();
    }
    args[0] = NULL;
    for (int i = 0; i < step->n_args; i++) args[i + 1] = slots[step->args[i]];
    size_t n_positional = step->n_args - (step->kwnames ? PyTuple_GET_SIZE(step->kwnames) : 0);
    PyObject *result = PyObject_Vectorcall(step->callable, args + 1, n_positional | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                           step->kwnames);
    if (args != small) PyMem_Free(args);
    return result;
}

static PyObject *roll(const gl_step *step, PyObject **slots) {
    PyObject *axis = step->n_args > 2 ? slots[step->args[2]] : NULL;
    PyObject *result = gl_roll(slots[step->args[0]], slots[step->args[1]], axis);
    return result || PyErr_Occurred() ? result : vectorcall(step, slots);
}

static PyObject *pick(const gl_step *step, PyObject **slots) {
    PyObject *result = gl_pick(slots[step->args[0]], slots[step->args[1]]);
    return result || PyErr_Occurred() ? result : step->binary(slots[step->args[0]], slots[step->args[1]]);
}

static PyObject *store(const gl_step *step, PyObject **slots) {
    PyObject *array = slots[step->args[0]];
    return PyObject_SetItem(array, slots[step->args[1]], slots[step->args[2]]) < 0 ? NULL : Py_NewRef(array);
}

static PyObject *call(const gl_step *step, PyObject **slots) {
    const int *args = step->args;
    switch (step->kind) {
    case GL_CALL: case GL_ARRAY_OF: return vectorcall(step, slots);
    case GL_STORE: return store(step, slots);
    case GL_BINARY: case GL_ELEMENT: case GL_PART: return step->binary(slots[args[0]], slots[args[1]]);
    case GL_UNARY: return step->unary(slots[args[0]]);
    case GL_ROLL: return roll(step, slots);
    case GL_PICK: return pick(step, slots);
    case GL_VECTORS: case GL_DOT: case GL_MATMUL:
        return step->binary ? step->binary(slots[args[0]], slots[args[1]]) : vectorcall(step, slots);
    default: return build(step, slots);
    }
}

static PyObject *call_trapped(const gl_step *step, PyObject **slots) {
    PyObject *filters = NULL, *trapped = gl_warnings_trap(&filters);
    if (!trapped) return NULL;
    PyObject *result = call(step, slots);
    gl_warnings_restore(trapped, filters);
    return result;
}

static PyObject *call_plainly(const gl_step *step, PyObject **slots) {
    return step->flags & GL_WARNS ? call_trapped(step, slots) : call(step, slots);
}

/* New arrays are likely whose pages are better not asked for again each time: an argument is that large. */
static int is_large(const gl_step *step, PyObject **slots) {
    if (step->kind >= GL_BUILD_TUPLE || (step->flags & GL_VIEW)) return 0;
    for (int i = 0; i < step->n_args; i++) {
        PyObject *value = slots[step->args[i]];
        if (value && PyArray_CheckExact(value) && PyArray_NBYTES((PyArrayObject *)value) >= LARGE) return 1;
    }
    return 0;
}

static PyObject *call_pooled(const gl_step *step, PyObject **slots) {
    PyObject *token = gl_pool_enter();
    if (!token) return NULL;
    PyObject *result = call_plainly(step, slots);
    PyObject *raised[3];
    if (!result) PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
    if (gl_pool_leave(token) < 0) PyErr_Clear();
    if (!result) PyErr_Restore(raised[0], raised[1], raised[2]);
    return result;
}

static int is_empty(PyObject *value) {
    return PyArray_Check(value) && PyArray_SIZE((PyArrayObject *)value) == 0;
}

static int enter_errstate(const gl_step *step, gl_run_state *state) {
    if (gl_errstate_enter(state, step->ignored, step->forced) == 0) return GL_OK;
    gl_drop_exception(state);
    state->reason = "NumPy's error state cannot be read";
    return GL_DECLINED;
}

static int keep_result(const gl_step *step, gl_run_state *state, PyObject *result) {
    int status = gl_check_value(&step->check, result, state->syms);
    if (status != GL_OK) {
        Py_DECREF(result);
        state->reason = step->name;
        strcpy(state->error, status == GL_MISMATCH ? "shape is not as inferred" : "result is not of the inferred type");
        return status;
    }
    if (step->out < 0) Py_DECREF(result);
    else state->slots[step->out] = result;
    return GL_OK;
}

/* GL_NODEWISE: not done. */
static int run_product(const gl_step *step, gl_run_state *state) {
    int flags = 0;
    PyObject *left = state->slots[step->args[0]], *right = state->slots[step->args[1]];
    PyObject *result = gl_dot(left, right, &flags);
    if (!result && step->kind != GL_VECTORS && !PyErr_Occurred()) {
        result = gl_matmul(left, right, step->kind == GL_DOT, &flags);
    }
    if (!result && !PyErr_Occurred()) return GL_NODEWISE;
    int counts = flags ? gl_errstate_mask(state, step->ignored, step->forced) : 0;
    if (result && !(flags & counts)) return keep_result(step, state, result);
    Py_XDECREF(result);
    gl_drop_exception(state);
    state->reason = step->name;
    return GL_DECLINED;
}

static int is_of_numbers(const gl_step *step) {
    return step->number || step->loop || (step->kind >= GL_ARRAY_OF && step->kind <= GL_PART);
}

/* NULL: not in this way. */
static PyObject *call_of_numbers(const gl_step *step, PyObject **slots) {
    PyObject *args[GL_MAX_ARGS];
    for (int i = 0; i < step->n_args; i++) args[i] = slots[step->args[i]];
    if (step->loop) return gl_number_by_loop(step->loop, args, step->n_args);
    switch (step->kind) {
    case GL_ARRAY_OF: return gl_array_of(args[0]);
    case GL_ELEMENT: return gl_element(args[0], args[1]);
    case GL_PART: return step->lent ? gl_lend(step->lent, args[0], args[1]) : gl_view(args[0], args[1]);
    case GL_STORE: return gl_store(args[0], args[1], args[2]) ? Py_NewRef(args[0]) : NULL;
    default: return gl_number_of(step->number, args, step->n_args);
    }
}

static int run_call(const gl_step *step, gl_run_state *state) {
    PyObject **slots = state->slots;
    if (is_of_numbers(step)) {
        PyObject *result = call_of_numbers(step, slots);
        if (result) return keep_result(step, state, result);
        PyErr_Clear();
    }
    if (step->kind == GL_VECTORS || step->kind == GL_DOT || step->kind == GL_MATMUL) {
        int status = run_product(step, state);
        if (status != GL_NODEWISE) return status;
    }
    if ((step->flags & GL_ERRSTATE) && enter_errstate(step, state) != GL_OK) return GL_DECLINED;
    if ((step->flags & GL_NONEMPTY) && step->n_args && is_empty(slots[step->args[0]])) {
        state->reason = "reduction of an empty array";
        return GL_DECLINED;
    }
    PyObject *result = is_large(step, slots) ? call_pooled(step, slots) : call_plainly(step, slots);
    if (!result) {
        gl_drop_exception(state);
        state->reason = step->name;
        return GL_DECLINED;
    }
    if (step->nans != GL_SURE && step->n_args == 2 &&
        gl_call_in_doubt(step->nans, slots[step->args[0]], slots[step->args[1]], result)) {
        Py_DECREF(result);
        state->reason = GL_NANS_MET;
        return GL_DECLINED;
    }
    return keep_result(step, state, result);
}

/* ---- a run ---- */

static int check_inputs(const gl_plan *plan, PyObject **inputs, gl_run_state *state) {
    for (int i = 0; i < plan->n_inputs; i++) {
        int status = gl_check_value(&plan->inputs[i], inputs[i], state->syms);
        if (status != GL_OK) {
            state->reason = status == GL_MISMATCH ? "shapes of the inputs are not related as before"
                                                  : "an input is not of its type";
            return status;
        }
    }
    return GL_OK;
}

static int run_fused(gl_group *group, gl_run_state *state) {
    int status = gl_run_group(group, state);
    if (status != GL_NODEWISE || state->n_given) return status;
    state->n_nodewise++;
    if (gl_lent_replace(state->plan, state->slots) < 0) {
        gl_drop_exception(state);
        state->reason = "no memory for a view";
        return GL_DECLINED;
    }
    return gl_run_steps(group->fallback, group->n_fallback, state);
}

static int run_step(const gl_step *step, gl_run_state *state) {
    if (step->kind == GL_FUSED) return run_fused(step->group, state);
    return step->kind == GL_BANDS ? gl_run_bands(step->bands, state) : run_call(step, state);
}

int gl_run_steps(const gl_step *steps, int n_steps, gl_run_state *state) {
    for (int i = 0; i < n_steps; i++) {
        const gl_step *step = &steps[i];
        int status = run_step(step, state);
        if (status != GL_OK) return status;
        for (int k = 0; k < step->n_frees; k++) Py_CLEAR(state->slots[step->frees[k]]);
    }
    return GL_OK;
}

static int run(const gl_plan *plan, PyObject **inputs, PyObject **outputs, gl_run_state *state) {
    PyObject **slots = state->slots;
    int first_value = plan->n_inputs + plan->n_constants;
    for (int i = 0; i < plan->n_constants; i++) slots[plan->n_inputs + i] = plan->constants[i];
    for (int i = first_value; i < plan->n_slots; i++) slots[i] = NULL;
    for (int i = 0; i < plan->n_syms; i++) state->syms[i] = -1;
    for (int i = 0; i < plan->n_inputs; i++) slots[i] = Py_NewRef(inputs[i]); /* others may run meanwhile */
    int status = check_inputs(plan, inputs, state);
    if (status == GL_OK) status = gl_run_steps(plan->steps, plan->n_steps, state);
    if (gl_errstate_leave(state) < 0) {
        gl_drop_exception(state);
        state->reason = "NumPy's error state cannot be restored";
        status = GL_DECLINED;
    }
    for (int i = 0; status == GL_OK && i < plan->n_outputs; i++) outputs[i] = Py_NewRef(slots[plan->outputs[i]]);
    for (int i = first_value; i < plan->n_slots; i++) Py_XDECREF(slots[i]);
    for (int i = 0; i < plan->n_inputs; i++) Py_DECREF(slots[i]);
    return status;
}

int gl_run(const gl_plan *plan, PyObject **inputs, PyObject **outputs, gl_run_state *state) {
    PyObject *small_slots[SMALL_SLOTS];
    npy_intp small_syms[SMALL_SYMS];
    void *block = NULL;
    state->errstate_token = NULL;
    state->reason = NULL;
    state->error[0] = 0;
    state->n_nodewise = state->n_placed = 0;
    state->n_compiled = state->n_interpreted = 0;
    state->wants_code = 0;
    state->n_given = 0;
    int status = plan->direct ? gl_run_direct(plan, inputs, outputs, state) : GL_NODEWISE;
    if (status != GL_NODEWISE) return status;
    state->plan = plan;
    state->slots = small_slots;
    state->syms = small_syms;
    state->n_threads = 0;
    if (plan->n_slots > SMALL_SLOTS || plan->n_syms > SMALL_SYMS) {
        block = PyMem_Malloc(plan->n_slots * sizeof(PyObject *) + plan->n_syms * sizeof(npy_intp));
        if (!block) return GL_DECLINED;
        state->slots = block;
        state->syms = (npy_intp *)(state->slots + plan->n_slots);
    }
    status = run(plan, inputs, outputs, state);
    PyMem_Free(block);
    return status;
}

void gl_step_clear(gl_step *step) {
    gl_group_free(step->group);
    gl_bands_free(step->bands);
    if (step->lent) Py_XDECREF(*step->lent);
    PyMem_Free(step->lent);
    if (step->loop) Py_XDECREF(step->loop->capsule);
    PyMem_Free(step->loop);
    Py_CLEAR(step->callable);
    Py_CLEAR(step->kwnames);
    PyMem_Free(step->args);
    PyMem_Free(step->frees);
    PyMem_Free((char *)step->name);
    gl_check_clear(&step->check);
}

void gl_plan_free(gl_plan *plan) {
    for (int i = 0; plan->inputs && i < plan->n_inputs; i++) gl_check_clear(&plan->inputs[i]);
    for (int i = 0; plan->constants && i < plan->n_constants; i++) Py_CLEAR(plan->constants[i]);
    for (int i = 0; plan->steps && i < plan->n_steps; i++) gl_step_clear(&plan->steps[i]);
    PyMem_Free(plan->inputs);
    PyMem_Free(plan->constants);
    PyMem_Free(plan->steps);
    PyMem_Free(plan->outputs);
    PyMem_Free(plan->direct);
    PyMem_Free(plan);
}
