/* Bands: steps that go row by row along the first axis, run on as many rows at a time as the cache holds.

   Each band is a run of the steps on views of their arrays; results are written to views of arrays that are there from the
   start. Whatever a band meets that is not as expected, the steps run once more, on everything. */
#include "native_group.h"
#include "native_pool.h"
#include "native_share.h"

enum { BAND_BYTES = 512 << 10, MIN_ROWS = 2, EVEN_ROWS = 16, SWITCH_BYTES = 16 << 20 };

typedef struct {
    PyArrayObject *whole, *view;
    npy_intp row_bytes;
} banded;

static npy_intp row_bytes_of(PyArrayObject *array) {
    npy_intp bytes = PyArray_ITEMSIZE(array);
    for (int i = 1; i < PyArray_NDIM(array); i++) bytes *= PyArray_DIM(array, i);
    return bytes;
}

static PyArrayObject *view_of(PyArrayObject *whole, npy_intp rows, char *data) {
    npy_intp shape[GL_MAX_NDIM];
    memcpy(shape, PyArray_DIMS(whole), PyArray_NDIM(whole) * sizeof *shape);
    shape[0] = rows;
    PyArray_Descr *descr = PyArray_DESCR(whole);
    Py_INCREF(descr);
    return (PyArrayObject *)PyArray_NewFromDescr(&PyArray_Type, descr, PyArray_NDIM(whole), shape, NULL, data,
                                                 PyArray_FLAGS(whole) & NPY_ARRAY_CARRAY, NULL);
}

/* Makes the view one of these rows: the one there is, if nobody else has it. */
static int move_view(banded *array, npy_intp from, npy_intp rows) {
    char *data = PyArray_BYTES(array->whole) + from * array->row_bytes;
    if (array->view && Py_REFCNT(array->view) == 1 && PyArray_DIM(array->view, 0) == rows) {
        ((PyArrayObject_fields *)array->view)->data = data;
        return 0;
    }
    Py_XSETREF(array->view, view_of(array->whole, rows, data));
    return array->view ? 0 : -1;
}

static PyArrayObject *new_output(const gl_band_output *output, const npy_intp *syms) {
    npy_intp shape[GL_MAX_NDIM];
    for (int i = 0; i < output->ndim; i++) {
        npy_intp dim = output->dims[i];
        shape[i] = dim < 0 ? syms[-1 - dim] : dim;
        if (shape[i] < 1 || (i > 0 && shape[i] == 1 && dim < 0)) return NULL; /* what 1 does to layouts is not for here */
    }
    Py_INCREF(output->descr);
    return (PyArrayObject *)gl_new_array(output->descr, output->ndim, shape, NULL, 0);
}

/* Bytes of a row of what is made on the way. */
static npy_intp between_bytes(const gl_bands *bands, const gl_run_state *state) {
    npy_intp total = 0;
    for (int i = 0; i < bands->n_between; i++) {
        const gl_band_output *made = &bands->between[i];
        npy_intp bytes = PyDataType_ELSIZE(made->descr);
        for (int k = 0; k < made->ndim; k++) {
            npy_intp dim = made->dims[k];
            if (dim != -1 - bands->along) bytes *= dim < 0 ? state->syms[-1 - dim] : dim;
        }
        total += bytes;
    }
    return total;
}

/* Rows of a band; 0: not in bands. Several threads have several caches. */
static npy_intp rows_of(const gl_bands *bands, const gl_run_state *state, npy_intp n_threads, npy_intp *row_bytes) {
    npy_intp total = state->syms[bands->along], bytes = 0;
    if (state->n_given || total < 2 * MIN_ROWS) return 0;
    for (int i = 0; i < bands->n_inputs; i++) {
        PyObject *value = state->slots[bands->inputs[i]];
        if (!PyArray_CheckExact(value)) return 0;
        PyArrayObject *array = (PyArrayObject *)value;
        if (!PyArray_IS_C_CONTIGUOUS(array) || !PyArray_ISALIGNED(array) || PyArray_NDIM(array) < 1) return 0;
        if (PyArray_DIM(array, 0) != total) return 0;
        for (int k = 1; k < PyArray_NDIM(array); k++) {
            if (PyArray_DIM(array, k) < 1) return 0;
        }
        bytes += row_bytes_of(array);
    }
    if (bytes == 0) return 0;
    npy_intp between = between_bytes(bands, state);
    bytes += between > bytes ? between : bytes; /* and results */
    *row_bytes = bytes;
    npy_intp most = BAND_BYTES * n_threads, rows = most / bytes;
    rows = rows > EVEN_ROWS ? rows - rows % EVEN_ROWS : rows < MIN_ROWS ? MIN_ROWS : rows;
    if (rows * bytes > 4 * most) return 0;
    return total < 2 * rows || total * bytes < 2 * most ? 0 : rows;
}

static void clear_written(const gl_bands *bands, PyObject **slots) {
    for (int i = 0; i < bands->n_written; i++) Py_CLEAR(slots[bands->written[i]]);
}

static int run_bands(const gl_bands *bands, gl_run_state *state, banded *arrays, npy_intp total, npy_intp rows) {
    int n = bands->n_inputs + bands->n_outputs, status = GL_OK;
    npy_intp bytes = 0;
    for (npy_intp from = 0, count; from < total && status == GL_OK; from += count) {
        count = total - from < 2 * rows ? total - from : rows;
        state->syms[bands->along] = count;
        for (int i = 0; i < n; i++) {
            if (move_view(&arrays[i], from, count) < 0) return GL_DECLINED;
            bytes += count * arrays[i].row_bytes;
            if (i < bands->n_inputs) state->slots[bands->inputs[i]] = (PyObject *)arrays[i].view;
            else state->given[i - bands->n_inputs] = arrays[i].view;
        }
        status = gl_run_steps(bands->steps, bands->n_steps, state);
        clear_written(bands, state->slots);
        if (bytes > SWITCH_BYTES) { /* others may want to run */
            bytes = 0;
            PyThreadState *released = PyEval_SaveThread();
            PyEval_RestoreThread(released);
        }
    }
    return status;
}

static int try_bands(const gl_bands *bands, gl_run_state *state, npy_intp rows) {
    banded arrays[GL_MAX_BANDED];
    PyArrayObject *given[GL_MAX_BANDED];
    npy_intp total = state->syms[bands->along];
    int n = bands->n_inputs + bands->n_outputs, status = GL_OK;
    memset(arrays, 0, sizeof arrays);
    for (int i = 0; i < n && status == GL_OK; i++) {
        if (i < bands->n_inputs) arrays[i].whole = (PyArrayObject *)Py_NewRef(state->slots[bands->inputs[i]]);
        else arrays[i].whole = new_output(&bands->outputs[i - bands->n_inputs], state->syms);
        if (!arrays[i].whole) status = GL_NODEWISE;
        else arrays[i].row_bytes = row_bytes_of(arrays[i].whole);
    }
    state->given = given;
    state->given_slots = bands->written;
    state->n_given = bands->n_outputs;
    if (status == GL_OK) {
        status = run_bands(bands, state, arrays, total, rows);
        for (int i = 0; i < bands->n_inputs; i++) state->slots[bands->inputs[i]] = (PyObject *)arrays[i].whole;
    }
    state->n_given = 0;
    state->syms[bands->along] = total;
    if (PyErr_Occurred()) gl_drop_exception(state);
    for (int i = 0; i < n; i++) {
        Py_XDECREF(arrays[i].view);
        if (status == GL_OK && i >= bands->n_inputs) {
            state->slots[bands->outputs[i - bands->n_inputs].slot] = (PyObject *)arrays[i].whole;
        } else Py_XDECREF(arrays[i].whole);
    }
    return status;
}

/* How many threads run all bands of a call. */
static gl_turn turn_of(const gl_plan *plan, gl_bands *bands, npy_intp total, npy_intp row_bytes) {
    const gl_turn alone = {1, NULL, 0, 0};
    npy_intp size = total * row_bytes / (npy_intp)sizeof(double);
    for (int i = 0; i < bands->n_steps; i++) {
        if (bands->steps[i].kind == GL_FUSED && !bands->steps[i].group->shareable) return alone;
    }
    return gl_turn_begin(plan, &bands->measures, size, size * (double)bands->n_steps);
}

int gl_run_bands(gl_bands *bands, gl_run_state *state) {
    npy_intp row_bytes, rows = rows_of(bands, state, 1, &row_bytes);
    if (rows > 0) {
        gl_turn turn = turn_of(state->plan, bands, state->syms[bands->along], row_bytes);
        npy_intp more = turn.n_threads > 1 ? rows_of(bands, state, turn.n_threads, &row_bytes) : 0;
        state->n_threads = turn.n_threads;
        int status = try_bands(bands, state, more ? more : rows);
        state->n_threads = 0;
        gl_turn_stop(&turn);
        if (turn.measured) gl_turn_note(&turn);
        if (status != GL_NODEWISE && status != GL_MISMATCH) return status;
        state->reason = NULL;
    }
    return gl_run_steps(bands->steps, bands->n_steps, state);
}

PyArrayObject *gl_given(const gl_run_state *state, int slot, int ndim, const npy_intp *shape, const npy_intp *strides) {
    for (int i = 0; i < state->n_given; i++) {
        if (state->given_slots[i] != slot) continue;
        PyArrayObject *array = state->given[i];
        if (PyArray_NDIM(array) != ndim || !PyArray_CompareLists(PyArray_DIMS(array), shape, ndim)) return NULL;
        if (strides && !PyArray_CompareLists(PyArray_STRIDES(array), strides, ndim)) return NULL;
        return (PyArrayObject *)Py_NewRef(array);
    }
    return NULL;
}

int gl_is_given(const gl_run_state *state, int slot) {
    for (int i = 0; i < state->n_given; i++) {
        if (state->given_slots[i] == slot) return 1;
    }
    return 0;
}

static void free_outputs(gl_band_output *outputs, int n) {
    for (int i = 0; outputs && i < n; i++) {
        Py_XDECREF(outputs[i].descr);
        PyMem_Free(outputs[i].dims);
    }
    PyMem_Free(outputs);
}

void gl_bands_free(gl_bands *bands) {
    if (!bands) return;
    for (int i = 0; bands->steps && i < bands->n_steps; i++) gl_step_clear(&bands->steps[i]);
    free_outputs(bands->outputs, bands->n_outputs);
    free_outputs(bands->between, bands->n_between);
    PyMem_RawFree(bands->measures);
    PyMem_Free(bands->steps);
    PyMem_Free(bands->inputs);
    PyMem_Free(bands->written);
    PyMem_Free(bands);
}
