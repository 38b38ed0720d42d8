cdef extern from "native_code.h":
    ctypedef struct gl_code:
        pass


cdef class Code:
    cdef gl_code table
    cdef readonly object stage    # what is to be compiled; plain data
    cdef list pieces              # keep the functions' memory

    cdef str kinds_of(self, unsigned long long key)
