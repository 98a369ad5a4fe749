# C types for `backward.py` where it is compiled.

cimport cython

from .core cimport Core, Extras, Pass


cdef class Visits:
    cdef public Pass this_pass
    cdef public Core root
    cdef public long long top
    cdef public long long untracked
    cdef public list window
    cdef public list later
    cdef public list noted
    cdef public list _before

    @cython.locals(place=cython.longlong, number=cython.longlong)
    cpdef first(self, Core node, double sent)
    cpdef arrive(self, Core node, double sent)


@cython.locals(leaf=Core, extras=Extras, latest=cython.longlong)
cdef _check_freshness(Visits visits)


cpdef Visits run_pass(Core root, double gradient)


@cython.locals(
    node=Core, operand=Core, left=Core, window=list, top=cython.longlong, size=cython.longlong, place=cython.longlong,
    sent=cython.double, gradient=cython.double, y=cython.double
)
cdef _visit_window(Visits visits)
