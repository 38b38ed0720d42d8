/* Look-ups in dictionaries, instances and types that run no user code and leave no exception.
 *
 * CPython's own look-up calls __eq__ of whatever key has the same hash. Here only keys of exact builtin types are
 * compared; a foreign key with the same hash makes the answer GL_UNKNOWN. Values are borrowed references.
 */
#ifndef GRAPHLET_NATIVE_DICT_H
#define GRAPHLET_NATIVE_DICT_H

#include <Python.h>

#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#define GL_DICT_UNDEF_BUILD_CORE
#endif
#if PY_VERSION_HEX < 0x030D0000
#undef _PyGC_FINALIZED  /* macros in the public headers, functions in the internal ones */
#undef _PyObject_LookupSpecial
#endif
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
#include "internal/pycore_dict.h"
#include "internal/pycore_object.h"
#ifdef GL_DICT_UNDEF_BUILD_CORE
#undef Py_BUILD_CORE
#undef GL_DICT_UNDEF_BUILD_CORE
#endif

enum { GL_UNKNOWN = -1, GL_ABSENT = 0, GL_FOUND = 1 };

/* A value of an exact builtin immutable type, down to the items of tuples: comparing it runs builtin code only. */
static int gl_is_plain(PyObject *value, int depth)
{
    if (PyUnicode_CheckExact(value) || PyLong_CheckExact(value) || PyFloat_CheckExact(value) || PyBool_Check(value)
        || value == Py_None || PyBytes_CheckExact(value) || PyComplex_CheckExact(value) || value == Py_Ellipsis) {
        return 1;
    }
    if (!PyTuple_CheckExact(value) || depth == 0) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); i++) {
        if (!gl_is_plain(PyTuple_GET_ITEM(value, i), depth - 1)) {
            return 0;
        }
    }
    return 1;
}

/* Whether a stored key, of equal hash, is the plain key asked for; GL_UNKNOWN when only its own __eq__ could tell. */
static int gl_same_key(PyObject *stored, PyObject *key)
{
    if (!gl_is_plain(stored, 16)) {
        return GL_UNKNOWN;
    }
    if (PyBytes_CheckExact(stored) != PyBytes_CheckExact(key)) {
        return GL_ABSENT;  /* the comparison would warn under -b */
    }
    int same = PyObject_RichCompareBool(stored, key, Py_EQ);
    if (same < 0) {
        PyErr_Clear();
        return GL_UNKNOWN;
    }
    return same;
}

static inline Py_ssize_t gl_key_index(PyDictKeysObject *keys, size_t slot)
{
    int log2_size = DK_LOG_SIZE(keys);
    if (log2_size < 8) {
        return ((const int8_t *)keys->dk_indices)[slot];
    }
    if (log2_size < 16) {
        return ((const int16_t *)keys->dk_indices)[slot];
    }
#if SIZEOF_VOID_P > 4
    if (log2_size >= 32) {
        return (Py_ssize_t)((const int64_t *)keys->dk_indices)[slot];
    }
#endif
    return ((const int32_t *)keys->dk_indices)[slot];
}

/* The entry of a plain key: CPython's probe sequence. */
static int gl_find_key(PyDictKeysObject *keys, PyObject *key, Py_hash_t hash, Py_ssize_t *entry)
{
    size_t mask = ((size_t)1 << DK_LOG_SIZE(keys)) - 1;
    size_t perturb = (size_t)hash;
    size_t slot = perturb & mask;
    int unicode = DK_IS_UNICODE(keys);
    for (;;) {
        Py_ssize_t index = gl_key_index(keys, slot);
        if (index == DKIX_EMPTY) {
            return GL_ABSENT;
        }
        if (index >= 0) {
            PyObject *stored = unicode ? DK_UNICODE_ENTRIES(keys)[index].me_key : DK_ENTRIES(keys)[index].me_key;
            int same = stored == key;
            if (!same) {
                Py_hash_t stored_hash =
                    unicode ? ((PyASCIIObject *)stored)->hash : DK_ENTRIES(keys)[index].me_hash;
                same = stored_hash == hash ? gl_same_key(stored, key) : GL_ABSENT;
            }
            if (same) {
                *entry = index;
                return same;
            }
        }
        perturb >>= 5;
        slot = (slot * 5 + perturb + 1) & mask;
    }
}

/* dict[key] of a dict (or a subclass, whose overrides are not looked at), for a plain key. */
static int gl_dict_find(PyObject *dict, PyObject *key, Py_hash_t hash, PyObject **value)
{
    PyDictObject *mp = (PyDictObject *)dict;
    Py_ssize_t entry = 0;
    int found = gl_find_key(mp->ma_keys, key, hash, &entry);
    if (found != GL_FOUND) {
        return found;
    }
    if (mp->ma_values != NULL) {
        *value = mp->ma_values->values[entry];
    }
    else if (DK_IS_UNICODE(mp->ma_keys)) {
        *value = DK_UNICODE_ENTRIES(mp->ma_keys)[entry].me_value;
    }
    else {
        *value = DK_ENTRIES(mp->ma_keys)[entry].me_value;
    }
    return *value == NULL ? GL_ABSENT : GL_FOUND;
}

/* A number that no other state of any dictionary ever has; 0: this dictionary cannot be told apart by a number.
 * Dictionaries that share their values with an instance change without a new number on 3.13; 3.14 has no numbers. */
static inline uint64_t gl_dict_version(PyObject *dict)
{
#if PY_VERSION_HEX < 0x030E0000
    PyDictObject *mp = (PyDictObject *)dict;
    if (mp->ma_values != NULL) {
        return 0;
    }
    return mp->ma_version_tag;
#else
    (void)dict;
    return 0;
#endif
}

static inline int gl_values_find(PyObject *obj, PyDictValues *values, PyObject *key, Py_hash_t hash, PyObject **value)
{
    Py_ssize_t entry = 0;
    int found = gl_find_key(((PyHeapTypeObject *)Py_TYPE(obj))->ht_cached_keys, key, hash, &entry);
    if (found != GL_FOUND) {
        return found;
    }
    *value = values->values[entry];
    return *value == NULL ? GL_ABSENT : GL_FOUND;
}

/* An entry of the instance's own dictionary, which is not made if it does not exist yet. */
static int gl_instance_find(PyObject *obj, PyObject *key, Py_hash_t hash, PyObject **value)
{
    PyObject *dict;
    if (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
#if PY_VERSION_HEX < 0x030C0000
        PyDictValues *values = *_PyObject_ValuesPointer(obj);
        if (values != NULL) {
            return gl_values_find(obj, values, key, hash, value);
        }
        dict = *_PyObject_ManagedDictPointer(obj);
#elif PY_VERSION_HEX < 0x030D0000
        PyDictOrValues either = *_PyObject_DictOrValuesPointer(obj);
        if (_PyDictOrValues_IsValues(either)) {
            return gl_values_find(obj, _PyDictOrValues_GetValues(either), key, hash, value);
        }
        dict = _PyDictOrValues_GetDict(either);
#else
        dict = (PyObject *)_PyObject_GetManagedDict(obj);
        if (dict == NULL && (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_INLINE_VALUES)) {
            PyDictValues *values = _PyObject_InlineValues(obj);
            if (values->valid) {
                return gl_values_find(obj, values, key, hash, value);
            }
        }
#endif
    }
    else {
        PyObject **slot = _PyObject_GetDictPtr(obj);
        dict = slot == NULL ? NULL : *slot;
    }
    return dict == NULL ? GL_ABSENT : gl_dict_find(dict, key, hash, value);
}

/* A number that changes with any attribute of the type or its bases; 0: none was given yet. */
static inline unsigned int gl_type_version(PyObject *obj)
{
    PyTypeObject *type = (PyTypeObject *)obj;
#if PY_VERSION_HEX < 0x030D0000
    if (!(type->tp_flags & Py_TPFLAGS_VALID_VERSION_TAG)) {
        return 0;
    }
#endif
    return type->tp_version_tag;
}

/* What the method resolution order finds for a name; no descriptor and no metaclass is asked. */
static int gl_type_find(PyTypeObject *type, PyObject *name, Py_hash_t hash, PyObject **value)
{
    PyObject *mro = type->tp_mro;
    if (mro == NULL) {
        return GL_UNKNOWN;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
#if PY_VERSION_HEX < 0x030C0000
        PyObject *dict = Py_XNewRef(base->tp_dict);
#else
        PyObject *dict = PyType_GetDict(base);
#endif
        if (dict == NULL) {
            return GL_UNKNOWN;
        }
        int found = gl_dict_find(dict, name, hash, value);
        Py_DECREF(dict);  /* the type keeps it */
        if (found != GL_ABSENT) {
            return found;
        }
    }
    return GL_ABSENT;
}

/* gl_type_find, after which gl_type_version is not 0 if the type can have a number at all. */
static int gl_type_find_versioned(PyObject *obj, PyObject *name, Py_hash_t hash, PyObject **value)
{
    PyTypeObject *type = (PyTypeObject *)obj;
    int found = gl_type_find(type, name, hash, value);
    if (found == GL_FOUND && gl_type_version(obj) == 0) {
        /* Gives the type its number; meets only the keys that gl_type_find has just passed. */
        if (_PyType_Lookup(type, name) != *value) {
            return GL_UNKNOWN;
        }
    }
    return found;
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
