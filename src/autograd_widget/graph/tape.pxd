# C types for `tape.py` where it is compiled.

cimport cython


cdef class Tape:
    cdef list steps
    cdef Py_ssize_t length
    cdef Py_ssize_t size
    cdef Py_ssize_t root
    cdef int[::1] nodes
    cdef int[::1] codes
    cdef int[::1] first
    cdef int[::1] last
    cdef double[::1] values
    cdef double[::1] grads
    cdef bint is_taken

    @cython.locals(
        v=cython.double[::1], nodes=cython.int[::1], codes=cython.int[::1], first=cython.int[::1], last=cython.int[::1],
        numbers=list, k=cython.Py_ssize_t, i=cython.Py_ssize_t, a=cython.Py_ssize_t, code=cython.int
    )
    cpdef list forward(self, list values)

    @cython.locals(
        v=cython.double[::1], d=cython.double[::1], nodes=cython.int[::1], codes=cython.int[::1], first=cython.int[::1],
        last=cython.int[::1], k=cython.Py_ssize_t, i=cython.Py_ssize_t, a=cython.Py_ssize_t, b=cython.Py_ssize_t,
        code=cython.int, g=cython.double, y=cython.double
    )
    cpdef list backward(self, double gradient, list values)

    @cython.locals(v=cython.double[::1], i=cython.Py_ssize_t)
    cdef double[::1] take(self, list values)

    @cython.locals(d=cython.double[::1], i=cython.Py_ssize_t)
    cdef double[::1] zeros(self)
