/* CPython as far as the trampoline needs it: the stable ABI of Python 3.11 and later, declared by hand. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>


typedef intptr_t Py_ssize_t;
typedef struct _object { Py_ssize_t refcount; struct _object *type; } PyObject;
typedef struct PyThreadState PyThreadState;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *);
typedef struct {
    void *buf; PyObject *obj; Py_ssize_t len, itemsize; int readonly, ndim; char *format;
    Py_ssize_t *shape, *strides, *suboffsets; void *internal;
} Py_buffer;
typedef struct { const char *name; PyCFunction meth; int flags; const char *doc; } PyMethodDef;
typedef struct { const char *name; int type; Py_ssize_t offset; int flags; const char *doc; } PyMemberDef;
typedef struct { int slot; void *pfunc; } PyType_Slot;
typedef struct { const char *name; int basicsize, itemsize; unsigned int flags; PyType_Slot *slots; } PyType_Spec;
typedef struct {
    PyObject base; PyObject *(*init)(void); Py_ssize_t index; PyObject *copy;
    const char *name, *doc; Py_ssize_t size; PyMethodDef *methods; void *slots, *traverse, *clear, *free;
} PyModuleDef;

extern PyObject PyFloat_Type, PyLong_Type, PyTuple_Type, _Py_NoneStruct, *PyExc_MemoryError;
void Py_IncRef(PyObject *);
void Py_DecRef(PyObject *);
int PyArg_ParseTuple(PyObject *, const char *, ...);
void PyBuffer_Release(Py_buffer *);
void PyErr_Clear(void);
int PyErr_CheckSignals(void);
void PyErr_Fetch(PyObject **, PyObject **, PyObject **);
PyObject *PyErr_Format(PyObject *, const char *, ...);
PyObject *PyErr_NoMemory(void);
PyObject *PyErr_Occurred(void);
void PyErr_Restore(PyObject *, PyObject *, PyObject *);
void PyErr_SetObject(PyObject *, PyObject *);
void PyEval_RestoreThread(PyThreadState *);
PyThreadState *PyEval_SaveThread(void);
double PyFloat_AsDouble(PyObject *);
PyObject *PyLong_FromLongLong(long long);
long long PyLong_AsLongLong(PyObject *);
PyObject *PyModule_Create2(PyModuleDef *, int);
PyObject *PyCapsule_New(void *, const char *, void (*)(PyObject *));
void *PyCapsule_GetPointer(PyObject *, const char *);
PyObject *PyObject_CallFunction(PyObject *, const char *, ...);
int PyObject_GetBuffer(PyObject *, Py_buffer *, int);
PyObject *PyObject_Vectorcall(PyObject *, PyObject *const *, size_t, PyObject *);
PyObject *PySequence_Tuple(PyObject *);
unsigned long PyThread_get_thread_ident(void);
PyObject *PyTuple_GetItem(PyObject *, Py_ssize_t);
PyObject *PyTuple_New(Py_ssize_t);
int PyTuple_SetItem(PyObject *, Py_ssize_t, PyObject *);
Py_ssize_t PyTuple_Size(PyObject *);
PyObject *PyType_FromSpec(PyType_Spec *);
PyObject *PyType_GenericAlloc(PyObject *, Py_ssize_t);
void PyObject_Free(void *);
PyObject *PyVectorcall_Call(PyObject *, PyObject *, PyObject *);

enum { PyBUF_WRITABLE = 0x1, PyBUF_C_CONTIGUOUS = 0x38, PyBUF_FORMAT = 0x4, PyBUF_STRIDES = 0x18 };
enum { METH_VARARGS = 0x1, Py_tp_call = 50, Py_tp_dealloc = 52, Py_tp_methods = 64, Py_tp_members = 72 };
enum { T_PYSSIZET = 19, READONLY = 1, FLAG_DISALLOW_INSTANTIATION = 1 << 7, FLAG_HAVE_VECTORCALL = 1 << 11, FLAG_DEFAULT = 1 << 18 };
#define OFFSET_BIT ((size_t)1 << (8 * sizeof(size_t) - 1))
