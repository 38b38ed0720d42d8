/* The machine that runs a guard program: instructions over registers, and the static part that version numbers skip. */
#ifndef GRAPHLET_NATIVE_GUARDS_H
#define GRAPHLET_NATIVE_GUARDS_H

#include "native_checks.h"

/* Not part of the loop over guards of arrays, whose registers it would take. */
#if defined(__GNUC__)
#  define GL_SELDOM __attribute__((noinline))
#else
#  define GL_SELDOM
#endif

/* What an instruction does. Loads fill register r, most of them from register base; checks look at r, those of two
 * values at base too. The operand is in comments; "n" means it stands in the field n. */
enum {
    GL_LOAD_CONST,            /* the object */
    GL_LOAD_GLOBALS,          /* the globals the program was given */
    GL_LOAD_GLOBAL,           /* name */
    GL_LOAD_FUNCTION_GLOBAL,  /* name */
    GL_LOAD_MODULE_ATTR,      /* name */
    GL_LOAD_INSTANCE_ATTR,    /* name */
    GL_LOAD_SLOT,             /* name */
    GL_LOAD_TYPE_ATTR,        /* name */
    GL_LOAD_TYPE_OF,
    GL_LOAD_MRO,
    GL_LOAD_CELL,
    GL_LOAD_FUNCTION_SLOT,    /* n: GL_CODE ... */
    GL_LOAD_ITEM,             /* n: index */
    GL_LOAD_DICT_ITEM,        /* key */
    GL_LOAD_OWN_DICT,
    GL_LOAD_PLAIN,            /* the register owns the int, float or str */
    GL_LOAD_LIMIT,            /* the register owns the int or None */
    GL_LOAD_SHAPE,            /* n: axis; the register owns the int */
    GL_LAST_LOAD = GL_LOAD_SHAPE,
    GL_IS_TYPE,               /* type */
    GL_IS_TYPE_WEAK,          /* weak reference to the type */
    GL_IS_OBJECT,             /* object */
    GL_IS_OBJECT_WEAK,        /* weak reference to the object */
    GL_IS_VALUE,              /* constant */
    GL_IS_ARRAY,              /* field array */
    GL_HAS_LENGTH,            /* n: length */
    GL_HAS_KEYS,              /* tuple of constants */
    GL_LACKS,                 /* name */
    GL_TYPE_LACKS,            /* name */
    GL_CLASS_LACKS,           /* name */
    GL_APART,
    GL_SAME,                  /* n: whether */
    GL_COMPARE,               /* n: comparison * 2 + outcome */
    GL_TOKEN_IS,              /* n: what abc.get_cache_token() said */
    GL_HAS_UNIT,              /* n: unit * 2**32 + how many of it */
    GL_STATIC_BEGIN,
    GL_STATIC_END
};

typedef struct {
    int op;
    int fail;           /* number of the guard that fails when this does */
    int r;
    int base;
    gl_array_kind array;
    Py_ssize_t n;
    PyObject *operand;  /* borrowed: GuardProgram.owned keeps it */
    Py_hash_t hash;     /* of the operand, for look-ups */
    /* the last look-up: in which dictionary or type, at which version, with what result */
    PyObject *seen_in;
    uint64_t seen_version;
    PyObject *seen_value;
} gl_instruction;

/* How the static part came to a dictionary. */
typedef enum {
    GL_THROUGH_OTHERS,  /* the contents of those tracked before it keep it alive */
    GL_GLOBALS,         /* the globals the program was given */
    GL_BUILTINS         /* the builtins that go with them */
} gl_role;

typedef struct {
    PyObject *mapping;
    uint64_t version;
    PyObject *module;  /* must still be an exact module; or NULL */
    gl_role role;
} gl_tracked;

typedef struct gl_program {
    PyObject *builtins_name;
    int n_code;
    gl_instruction *code;
    int n_shapes;  /* registers that own what they hold */
    int *shapes;
    int n_statics;  /* registers the static part fills, and what it filled them with last */
    int *statics;
    PyObject **static_values;
    int static_end;  /* index of its last instruction */
    int n_tracked;   /* the dictionaries it looked into */
    gl_tracked *tracked;
    int tracking;   /* it is running */
    int trackable;  /* every dictionary so far has a version number */
    int armed;      /* it ran through, and may be skipped while the numbers stay */
} gl_program;

static void gl_track(gl_program *program, PyObject *mapping, uint64_t version, PyObject *module, gl_role role)
{
    if (!program->tracking) {
        return;
    }
    program->trackable &= version != 0;
    for (int i = 0; i < program->n_tracked; i++) {
        gl_tracked *entry = &program->tracked[i];
        if (entry->mapping == mapping && entry->module == module && entry->role == role) {
            return;
        }
    }
    program->tracked[program->n_tracked++] = (gl_tracked){mapping, version, module, role};
}

/* A name in a dictionary, at once if that has not changed since the last time. */
static int gl_find_name(gl_instruction *ins, PyObject *mapping, uint64_t version, PyObject **value)
{
    if (version != 0 && mapping == ins->seen_in && version == ins->seen_version) {
        *value = ins->seen_value;
        return GL_FOUND;
    }
    int found = gl_dict_find(mapping, ins->operand, ins->hash, value);
    if (found == GL_FOUND) {
        ins->seen_in = mapping;
        ins->seen_version = version;
        ins->seen_value = *value;
    }
    return found;
}

/* A name along the method resolution order, at once if no type on it has changed since the last time. */
static PyObject *gl_find_in_type(gl_instruction *ins, PyObject *type)
{
    uint64_t version = gl_type_version(type);
    if (version != 0 && type == ins->seen_in && version == ins->seen_version) {
        return ins->seen_value;
    }
    PyObject *value = NULL;
    if (gl_type_find_versioned(type, ins->operand, ins->hash, &value) != GL_FOUND) {
        return NULL;
    }
    ins->seen_in = type;
    ins->seen_version = gl_type_version(type);
    ins->seen_value = value;
    return value;
}

/* Whether a name is nowhere along the method resolution order. */
static int gl_type_lacks(gl_instruction *ins, PyObject *type)
{
    uint64_t version = gl_type_version(type);
    if (version != 0 && type == ins->seen_in && version == ins->seen_version) {
        return 1;
    }
    PyObject *value = NULL;
    if (gl_type_find((PyTypeObject *)type, ins->operand, ins->hash, &value) != GL_ABSENT) {
        return 0;
    }
    ins->seen_in = type;
    ins->seen_version = version;
    return 1;
}

/* A name in these globals, else in these builtins; builtins NULL: those that go with the globals. */
static PyObject *gl_load_global(gl_program *program, gl_instruction *ins, PyObject *globals, PyObject *builtins,
                                gl_role role)
{
    PyObject *value = NULL;
    if (!PyDict_CheckExact(globals)) {
        return NULL;
    }
    uint64_t version = gl_dict_version(globals);
    gl_track(program, globals, version, NULL, role);
    int found = gl_find_name(ins, globals, version, &value);
    if (found != GL_ABSENT) {
        return value;
    }
    if (role == GL_GLOBALS) {
        builtins = gl_builtins_of(globals, program->builtins_name);
        role = GL_BUILTINS;
    }
    builtins = gl_exact_dict(builtins);
    if (builtins == NULL) {
        return NULL;
    }
    gl_track(program, builtins, gl_dict_version(builtins), NULL, role);
    return gl_dict_find(builtins, ins->operand, ins->hash, &value) == GL_FOUND ? value : NULL;
}

static PyObject *gl_load_module_attr(gl_program *program, gl_instruction *ins, PyObject *module)
{
    PyObject *value = NULL;
    PyObject *mapping = gl_module_dict(module);
    if (mapping == NULL) {
        return NULL;
    }
    uint64_t version = gl_dict_version(mapping);
    gl_track(program, mapping, version, module, GL_THROUGH_OTHERS);
    return gl_find_name(ins, mapping, version, &value) == GL_FOUND ? value : NULL;
}

static PyObject *gl_load_shape(PyObject *array, Py_ssize_t axis)
{
    Py_ssize_t size;
    if (!gl_array_dim(array, axis, &size)) {
        return NULL;
    }
    PyObject *value = PyLong_FromSsize_t(size);
    if (value == NULL) {
        PyErr_Clear();
    }
    return value;
}

/* What an object of a class derived from int, float or str is, of that very type. */
static PyObject *gl_load_plain(PyObject *value)
{
    PyObject *plain = NULL;
    if (PyLong_Check(value)) {
        plain = PyLong_Type.tp_as_number->nb_int(value);
    }
    else if (PyFloat_Check(value)) {
        plain = PyFloat_FromDouble(PyFloat_AS_DOUBLE(value));
    }
    else if (PyUnicode_Check(value)) {
        plain = PyUnicode_FromObject(value);
    }
    if (plain == NULL) {
        PyErr_Clear();
    }
    return plain;
}

/* Whether a function written in C that takes nothing gives this number. */
static int gl_says(PyObject *function, Py_ssize_t number)
{
    PyObject *said = PyCFunction_CheckExact(function) ? PyObject_CallNoArgs(function) : NULL;
    Py_ssize_t found = said != NULL && PyLong_CheckExact(said) ? PyLong_AsSsize_t(said) : -1;
    Py_XDECREF(said);
    PyErr_Clear();
    return found == number;
}

/* The unit of a date or a time difference and how many of it make one step, -1 for anything else. */
static Py_ssize_t gl_unit(PyObject *value)
{
    if (!PyArray_IsScalar(value, Datetime) && !PyArray_IsScalar(value, Timedelta)) {
        return -1;
    }
    PyArray_DatetimeMetaData *unit = &((PyDatetimeScalarObject *)value)->obmeta;
    return (Py_ssize_t)unit->base * ((Py_ssize_t)1 << 32) + unit->num;
}

/* The value of a source, borrowed (GL_LOAD_PLAIN, GL_LOAD_LIMIT, GL_LOAD_SHAPE: a new reference); NULL if it cannot be loaded. */
static GL_SELDOM PyObject *gl_load(gl_program *program, gl_instruction *ins, PyObject *base, PyObject *globals)
{
    PyObject *value = NULL;
    switch (ins->op) {
        case GL_LOAD_CONST:
            return ins->operand;
        case GL_LOAD_GLOBALS:
            return globals;
        case GL_LOAD_GLOBAL:
            return gl_load_global(program, ins, globals, NULL, GL_GLOBALS);
        case GL_LOAD_FUNCTION_GLOBAL:
            if (!PyFunction_Check(base)) {
                return NULL;
            }
            return gl_load_global(program, ins, PyFunction_GET_GLOBALS(base),
                                  ((PyFunctionObject *)base)->func_builtins, GL_THROUGH_OTHERS);
        case GL_LOAD_MODULE_ATTR:
            return gl_load_module_attr(program, ins, base);
        case GL_LOAD_INSTANCE_ATTR:
            return gl_instance_find(base, ins->operand, ins->hash, &value) == GL_FOUND ? value : NULL;
        case GL_LOAD_SLOT:
            value = gl_find_in_type(ins, (PyObject *)Py_TYPE(base));
            return value == NULL ? NULL : gl_member(base, value);
        case GL_LOAD_TYPE_ATTR:
            return PyType_Check(base) ? gl_find_in_type(ins, base) : NULL;
        case GL_LOAD_TYPE_OF:
            return (PyObject *)Py_TYPE(base);
        case GL_LOAD_MRO:
            return PyType_Check(base) ? ((PyTypeObject *)base)->tp_mro : NULL;
        case GL_LOAD_CELL:
            return gl_cell_get(base);
        case GL_LOAD_FUNCTION_SLOT:
            return gl_function_slot(base, ins->n);
        case GL_LOAD_ITEM:
            return gl_item(base, ins->n);
        case GL_LOAD_DICT_ITEM:
            if (!PyDict_Check(base)) {
                return NULL;
            }
            return gl_dict_find(base, ins->operand, ins->hash, &value) == GL_FOUND ? value : NULL;
        case GL_LOAD_OWN_DICT:
            return gl_own_dict(base);
        case GL_LOAD_LIMIT:
            return gl_limit(base);
        case GL_LOAD_PLAIN:
            return gl_load_plain(base);
        case GL_LOAD_SHAPE:
            return gl_load_shape(base, ins->n);
        default:
            return NULL;
    }
}

/* Whether one guard holds. */
static GL_SELDOM int gl_check(gl_instruction *ins, PyObject **registers)
{
    PyObject *value = registers[ins->r];
    PyObject *found = NULL;
    switch (ins->op) {
        case GL_IS_TYPE:
            return (PyObject *)Py_TYPE(value) == ins->operand;
        case GL_IS_TYPE_WEAK:
            return (PyObject *)Py_TYPE(value) == gl_referent(ins->operand);
        case GL_IS_OBJECT:
            return value == ins->operand;
        case GL_IS_OBJECT_WEAK:
            return value == gl_referent(ins->operand);
        case GL_IS_VALUE:
            return gl_same_constant(value, ins->operand);
        case GL_HAS_LENGTH:
            return gl_length(value) == ins->n;
        case GL_HAS_KEYS:
            return gl_keys_are(value, ins->operand);
        case GL_LACKS:
            return gl_instance_find(value, ins->operand, ins->hash, &found) == GL_ABSENT;
        case GL_TYPE_LACKS:
            return gl_type_lacks(ins, (PyObject *)Py_TYPE(value));
        case GL_CLASS_LACKS:
            return PyType_Check(value) && gl_type_lacks(ins, value);
        case GL_APART:
            return gl_arrays_apart(value, registers[ins->base]);
        case GL_SAME:
            return (value == registers[ins->base]) == ins->n;
        case GL_COMPARE:
            return gl_compare(value, registers[ins->base], (int)(ins->n >> 1)) == (ins->n & 1);
        case GL_TOKEN_IS:
            return gl_says(value, ins->n);
        case GL_HAS_UNIT:
            return gl_unit(value) == ins->n;
        default:
            return 0;
    }
}

/* Whether these still are the builtins of the globals, which have not changed; as a rule they are the frame's. */
static int gl_same_builtins(gl_program *program, PyObject *globals, PyObject *builtins)
{
    return PyEval_GetBuiltins() == builtins || gl_builtins_of(globals, program->builtins_name) == builtins;
}

/* Whether every dictionary the static part looked into is the same one in the same state. */
static int gl_statics_hold(gl_program *program, PyObject *globals)
{
    if (!program->armed) {
        return 0;
    }
    for (int i = 0; i < program->n_tracked; i++) {
        gl_tracked *entry = &program->tracked[i];
        if ((entry->role == GL_GLOBALS && entry->mapping != globals)
            || (entry->role == GL_BUILTINS && !gl_same_builtins(program, globals, entry->mapping))
            || (entry->module != NULL && !PyModule_CheckExact(entry->module))
            || gl_dict_version(entry->mapping) != entry->version) {
            return 0;
        }
    }
    return 1;
}

/* The static part, at its first instruction: if it holds still, its registers are filled. */
static GL_SELDOM int gl_skip_statics(gl_program *program, PyObject *globals, PyObject **registers)
{
    if (gl_statics_hold(program, globals)) {
        for (int k = 0; k < program->n_statics; k++) {
            registers[program->statics[k]] = program->static_values[k];
        }
        return 1;
    }
    program->n_tracked = 0;
    program->armed = 0;
    program->trackable = program->tracking = 1;
    return 0;
}

static GL_SELDOM void gl_keep_statics(gl_program *program, PyObject **registers)
{
    for (int k = 0; k < program->n_statics; k++) {
        program->static_values[k] = registers[program->statics[k]];
    }
    program->armed = program->trackable;
    program->tracking = 0;
}

/* Number of the guard that fails, or -1. */
static inline int gl_run_code(gl_program *program, PyObject *globals, PyObject **registers)
{
    gl_instruction *ins = program->code, *const end = ins + program->n_code;
    const PyTypeObject *exact = &PyArray_Type;
    program->tracking = 0;
    for (; ins < end; ins++) {
        if (ins->op == GL_IS_ARRAY) {
            if (!gl_array_is(registers[ins->r], exact, &ins->array)) {
                return ins->fail;
            }
        }
        else if (ins->op <= GL_LAST_LOAD) {
            PyObject *value = gl_load(program, ins, ins->base >= 0 ? registers[ins->base] : NULL, globals);
            if (value == NULL) {
                return ins->fail;
            }
            registers[ins->r] = value;
        }
        else if (ins->op == GL_STATIC_BEGIN) {
            if (gl_skip_statics(program, globals, registers)) {
                ins = program->code + program->static_end;
            }
        }
        else if (ins->op == GL_STATIC_END) {
            gl_keep_statics(program, registers);
        }
        else if (!gl_check(ins, registers)) {
            return ins->fail;
        }
    }
    return -1;
}

static void gl_release(gl_program *program, PyObject **registers)
{
    for (int i = 0; i < program->n_shapes; i++) {
        Py_CLEAR(registers[program->shapes[i]]);
    }
}

/* Fills the registers: borrowed references, except those of shapes, which gl_release drops; after a failure nothing is
 * owned. Returns the number of the guard that fails, or -1. */
static int gl_run(gl_program *program, PyObject *globals, PyObject **registers)
{
    for (int i = 0; i < program->n_shapes; i++) {
        registers[program->shapes[i]] = NULL;
    }
    int failed = gl_run_code(program, globals, registers);
    if (failed >= 0) {
        gl_release(program, registers);
    }
    return failed;
}

static void gl_program_free(gl_program *program)
{
    if (program != NULL) {
        PyMem_Free(program->code);
        PyMem_Free(program->shapes);
        PyMem_Free(program->statics);
        PyMem_Free(program->static_values);
        PyMem_Free(program->tracked);
        PyMem_Free(program);
    }
}

/* An empty program with room for so many instructions; NULL when there is no memory. */
static gl_program *gl_program_new(Py_ssize_t n_code)
{
    size_t room = (size_t)n_code + 1;
    gl_program *program = PyMem_Calloc(1, sizeof(gl_program));
    if (program == NULL) {
        return NULL;
    }
    program->code = PyMem_Calloc(room, sizeof(gl_instruction));
    program->shapes = PyMem_Calloc(room, sizeof(int));
    program->statics = PyMem_Calloc(room, sizeof(int));
    program->static_values = PyMem_Calloc(room, sizeof(PyObject *));
    program->tracked = PyMem_Calloc(2 * room, sizeof(gl_tracked));
    if (!program->code || !program->shapes || !program->statics || !program->static_values || !program->tracked) {
        gl_program_free(program);
        return NULL;
    }
    return program;
}

#endif
