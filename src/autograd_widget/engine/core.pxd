# C types for `core.py` where it is compiled.

# Every new scalar reads these.
cdef bint _are_groups_open
cdef object _group_here
cdef object _numbers


cdef class Pass:
    cdef object _root
    cdef public double gradient
    cdef public long long count
    cdef public long long number
    cdef public long long ran
    cdef public object label
    cdef public object caller


cdef class Extras:
    cdef public object label
    cdef public object earlier
    cdef public object at
    cdef public long long set_at
    cdef public long long fresh_at
    cdef public object grad_wrt
    cdef public object custom
    cdef public object observers
    cdef public object guards


cdef class Core:
    cdef public double _value
    cdef public double _sum
    cdef public long long _number
    cdef public object _a
    cdef public object _b
    cdef public object _group
    cdef public object _extras
    cdef public object _pass
    cdef public object op
