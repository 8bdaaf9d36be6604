/* The trampoline: turns a Python call with NumPy arrays into one call of a generated function.
 *
 * call.h, cpython.h and memory.c stand before this text. It includes no Python header, so that a C compiler alone builds it, and
 * one binary serves several versions of Python. Arrays are read through the buffer protocol and made by numpy.empty.
 */

/* ---- what an entry and a call are made of ------------------------------------------------------------------------------ */
typedef struct {
    char kind;                                  /* b bool, i signed, u unsigned, f float, c complex */
    int itemsize, align, ndim;
    PyObject *dtype, *scalar;                   /* numpy's dtype and scalar type, owned */
} tv_spec;

typedef struct {
    PyObject head;
    vectorcallfunc vectorcall;
    int (*function)(tv_call *);
    Py_ssize_t n_in, n_out, n_constants, out_axes;
    size_t frame_bytes;
    tv_spec *in, *out;
    tv_array *constants;
    Py_buffer *constant_views;
    void **symbols;
    PyObject *keep;
    tv_block *spare;                            /* scratch memory of the last call, for the next */
} tv_entry;

typedef struct {
    tv_call call;                               /* first: poll is given its address */
    tv_entry *entry;
    PyThreadState *thread;                      /* NULL while the GIL is held */
    unsigned long ident;
    int64_t next_poll;                          /* ns; 0: not asked yet */
    volatile int stopped;
    Py_ssize_t n_views;
    tv_array *in, *out;
    Py_buffer *views;
    PyObject **results;
    union { double real; long long whole; } *scalars;
} tv_frame;

static PyObject *empty_function, *array_type, *entry_type, *mismatch_type, *failure_type;
static unsigned long main_thread;
static int32_t thread_count = 1;

/* ---- scratch memory: the entry keeps the block of its last call ------------------------------------------------------------ */
static tv_block *arena_take(tv_frame *frame)
{
    int64_t bytes = frame->call.arena_bytes;
    tv_block *block = frame->entry->spare;
    if (block && block->bytes >= bytes) {
        frame->entry->spare = NULL;
        return block;
    }
    if (bytes >= 0 && (block = block_new((uint64_t)bytes))) return block;
    PyErr_Format(PyExc_MemoryError, "no memory for %lld bytes of scratch", (long long)bytes);
    return NULL;
}

static void arena_give(tv_entry *entry, tv_block *block)
{
    if (!entry->spare && block->bytes < SPARE_BYTES) entry->spare = block;
    else block_free(block);
}

/* ---- arguments in ------------------------------------------------------------------------------------------------------ */
static int fail_mismatch(Py_ssize_t index)
{
    PyObject *error = PyObject_CallFunction(mismatch_type, "n", index);
    if (error) {
        PyErr_SetObject(mismatch_type, error);
        Py_DecRef(error);
    }
    return -1;
}

static char kind_of(const char *format)
{
    char kind = 0;
    if (!format) return 0;
    switch (format[0]) {
    case '?': kind = 'b'; break;
    case 'b': case 'h': case 'i': case 'l': case 'q': kind = 'i'; break;
    case 'B': case 'H': case 'I': case 'L': case 'Q': kind = 'u'; break;
    case 'e': case 'f': case 'd': kind = 'f'; break;
    case 'Z': kind = 'c'; format++; break;
    }
    return kind && format[0] && !format[1] ? kind : 0;
}

static int fits(const tv_spec *spec, const Py_buffer *view)
{
    uintptr_t bits = (uintptr_t)view->buf;
    if (view->ndim != spec->ndim || view->itemsize != spec->itemsize || kind_of(view->format) != spec->kind) return 0;
    for (int axis = 0; axis < spec->ndim; axis++) {
        if (view->shape[axis] == 0) return 1;
        if (view->shape[axis] > 1) bits |= (uintptr_t)view->strides[axis];
    }
    return (bits & (uintptr_t)(spec->align - 1)) == 0;
}

static int read_number(tv_frame *frame, Py_ssize_t i, PyObject *argument)
{
    const tv_spec *spec = &frame->entry->in[i];
    if (spec->ndim || spec->itemsize != 8) return -1;
    if (spec->kind == 'f' && argument->type == &PyFloat_Type) {
        frame->scalars[i].real = PyFloat_AsDouble(argument);
    } else if (spec->kind == 'i' && argument->type == &PyLong_Type) {
        frame->scalars[i].whole = PyLong_AsLongLong(argument);
        if (frame->scalars[i].whole == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            return -1;
        }
    } else {
        return -1;
    }
    frame->in[i] = (tv_array){&frame->scalars[i], NULL, NULL};
    return 0;
}

static int read_argument(tv_frame *frame, Py_ssize_t i, PyObject *argument)
{
    const tv_spec *spec = &frame->entry->in[i];
    if (argument->type != array_type && argument->type != spec->scalar)
        return read_number(frame, i, argument) ? fail_mismatch(i) : 0;
    Py_buffer *view = &frame->views[frame->n_views];
    if (PyObject_GetBuffer(argument, view, PyBUF_FORMAT | PyBUF_STRIDES)) {
        PyErr_Clear();
        return fail_mismatch(i);
    }
    frame->n_views++;
    if (!fits(spec, view)) return fail_mismatch(i);
    frame->in[i] = (tv_array){view->buf, (int64_t *)view->shape, (int64_t *)view->strides};
    return 0;
}

/* ---- results out ------------------------------------------------------------------------------------------------------- */
static PyObject *new_array(const tv_spec *spec, const tv_array *array)
{
    PyObject *shape = PyTuple_New(spec->ndim), *result;
    if (!shape) return NULL;
    for (int axis = 0; axis < spec->ndim; axis++) {
        PyObject *length = PyLong_FromLongLong(array->shape[axis]);
        if (!length) {
            Py_DecRef(shape);
            return NULL;
        }
        PyTuple_SetItem(shape, axis, length);
    }
    PyObject *arguments[3] = {NULL, shape, spec->dtype}, *before = keeping_begin(spec->itemsize, array->shape, spec->ndim);
    result = PyObject_Vectorcall(empty_function, arguments + 1, 2 | OFFSET_BIT, NULL);
    keeping_end(before);
    Py_DecRef(shape);
    return result;
}

static int write_result(tv_frame *frame, Py_ssize_t i, PyObject *given)
{
    const tv_spec *spec = &frame->entry->out[i];
    tv_array *array = &frame->out[i];
    Py_buffer *view = &frame->views[frame->n_views];
    if (given != &_Py_NoneStruct) {
        if (given->type != array_type) return fail_mismatch(frame->entry->n_in + i);
        Py_IncRef(given);
        frame->results[i] = given;
    } else if (!(frame->results[i] = new_array(spec, array))) {
        return -1;
    }
    if (PyObject_GetBuffer(frame->results[i], view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)) {
        PyErr_Clear();
        return fail_mismatch(frame->entry->n_in + i);
    }
    frame->n_views++;
    if (!fits(spec, view) || (spec->ndim && memcmp(view->shape, array->shape, sizeof(int64_t) * (size_t)spec->ndim)))
        return fail_mismatch(frame->entry->n_in + i);
    array->data = view->buf;
    int64_t step = spec->itemsize;
    for (int axis = spec->ndim; axis-- > 0; step *= array->shape[axis]) array->strides[axis] = step;
    return 0;
}

/* ---- the call ---------------------------------------------------------------------------------------------------------- */
static int poll_call(tv_call *call)
{
    tv_frame *frame = (tv_frame *)call;
    struct timespec now;
    if (frame->stopped) return 1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t time = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, due = frame->next_poll;
    if (due && time < due) return 0;
    if (PyThread_get_thread_ident() != frame->ident) return 0;
    frame->next_poll = time + 50000000;
    if (!due || frame->ident != main_thread) return 0;      /* Python runs signal handlers on its main thread alone */
    if (frame->thread) PyEval_RestoreThread(frame->thread);
    if (PyErr_CheckSignals()) frame->stopped = 1;
    if (frame->thread) frame->thread = PyEval_SaveThread();
    return frame->stopped;
}

static int fail_status(tv_frame *frame, int status)
{
    const int64_t *e = frame->call.error;
    if (PyErr_Occurred()) return -1;
    PyObject *error = PyObject_CallFunction(failure_type, "i(LLLLLLLL)", status, (long long)e[0], (long long)e[1],
        (long long)e[2], (long long)e[3], (long long)e[4], (long long)e[5], (long long)e[6], (long long)e[7]);
    if (error) {
        PyErr_SetObject(failure_type, error);
        Py_DecRef(error);
    }
    return -1;
}

static int run_function(tv_frame *frame)
{
    tv_entry *entry = frame->entry;
    tv_block *block = NULL;
    if (frame->call.arena_bytes) {
        if (!(block = arena_take(frame))) return -1;
        frame->call.arena = block_memory(block);
    }
    frame->call.phase = TV_RUN;
    frame->ident = PyThread_get_thread_ident();
    if (!frame->call.brief) frame->thread = PyEval_SaveThread();
    int status = entry->function(&frame->call);
    if (frame->thread) PyEval_RestoreThread(frame->thread);
    if (block) arena_give(entry, block);
    return status || frame->stopped ? fail_status(frame, status) : 0;
}

static int run_frame(tv_frame *frame, PyObject *const *arguments, PyObject *given)
{
    tv_entry *entry = frame->entry;
    for (Py_ssize_t i = 0; i < entry->n_in; i++)
        if (read_argument(frame, i, arguments[i])) return -1;
    frame->call.phase = TV_SHAPES;
    int status = entry->function(&frame->call);
    if (status) return fail_status(frame, status);
    for (Py_ssize_t i = 0; i < entry->n_out; i++)
        if (write_result(frame, i, given ? PyTuple_GetItem(given, i) : &_Py_NoneStruct)) return -1;
    return run_function(frame);
}

static void frame_open(tv_frame *frame, tv_entry *entry)
{
    char *at = (char *)frame;
    memset(frame, 0, sizeof *frame);
    frame->entry = entry;
    frame->views = (Py_buffer *)(at += sizeof *frame);
    frame->in = (tv_array *)(at += sizeof(Py_buffer) * (size_t)(entry->n_in + entry->n_out));
    frame->out = (tv_array *)(at += sizeof(tv_array) * (size_t)entry->n_in);
    frame->results = (PyObject **)(at += sizeof(tv_array) * (size_t)entry->n_out);
    frame->scalars = (void *)(at += sizeof(PyObject *) * (size_t)entry->n_out);
    int64_t *axes = (int64_t *)(at + sizeof(*frame->scalars) * (size_t)entry->n_in);
    for (Py_ssize_t i = 0; i < entry->n_out; i++) {
        frame->results[i] = NULL;
        frame->out[i] = (tv_array){NULL, axes, axes + entry->out[i].ndim};
        axes += 2 * entry->out[i].ndim;
    }
    frame->call.in = frame->in;
    frame->call.out = frame->out;
    frame->call.constants = entry->constants;
    frame->call.symbols = entry->symbols;
    frame->call.poll = poll_call;
    frame->call.threads = thread_count;
}

static PyObject *frame_close(tv_frame *frame, int failed, int single)
{
    tv_entry *entry = frame->entry;
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < frame->n_views; i++) PyBuffer_Release(&frame->views[i]);
    if (!failed && single && entry->n_out == 1) return frame->results[0];
    if (!failed) result = PyTuple_New(entry->n_out);
    for (Py_ssize_t i = 0; i < entry->n_out; i++) {
        if (result) PyTuple_SetItem(result, i, frame->results[i]);
        else if (frame->results[i]) Py_DecRef(frame->results[i]);
    }
    return result;
}

static PyObject *call_entry(tv_entry *entry, PyObject *const *arguments, PyObject *given, double *times, int single)
{
    int64_t small[256];
    tv_frame *frame = (tv_frame *)small;
    if (entry->frame_bytes > sizeof small && !(frame = malloc(entry->frame_bytes))) return PyErr_NoMemory();
    frame_open(frame, entry);
    frame->call.times = times;
    PyObject *result = frame_close(frame, run_frame(frame, arguments, given), single);
    if ((void *)frame != small) free(frame);
    return result;
}

/* entry(*inputs) */
static PyObject *entry_vectorcall(PyObject *self, PyObject *const *arguments, size_t count, PyObject *names)
{
    tv_entry *entry = (tv_entry *)self;
    if ((Py_ssize_t)(count & ~OFFSET_BIT) != entry->n_in || (names && PyTuple_Size(names))) {
        fail_mismatch(-1);
        return NULL;
    }
    return call_entry(entry, arguments, NULL, NULL, 1);
}

/* entry.run(inputs: tuple, outs: tuple or None, times: float64 array or None) */
static PyObject *entry_run(PyObject *self, PyObject *packed)
{
    tv_entry *entry = (tv_entry *)self;
    PyObject *inputs, *given = NULL, *times = &_Py_NoneStruct, *result = NULL, **arguments;
    Py_buffer view;
    if (!PyArg_ParseTuple(packed, "O!|OO", &PyTuple_Type, &inputs, &given, &times)) return NULL;
    if (given == &_Py_NoneStruct) given = NULL;
    if (PyTuple_Size(inputs) != entry->n_in || (given && PyTuple_Size(given) != entry->n_out)) {
        if (PyErr_Occurred()) return NULL;
        fail_mismatch(-1);
        return NULL;
    }
    if (!(arguments = malloc(sizeof(PyObject *) * (size_t)(entry->n_in + 1)))) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < entry->n_in; i++) arguments[i] = PyTuple_GetItem(inputs, i);
    if (times == &_Py_NoneStruct) {
        result = call_entry(entry, arguments, given, NULL, 0);
    } else if (!PyObject_GetBuffer(times, &view, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)) {
        result = call_entry(entry, arguments, given, view.buf, 0);
        PyBuffer_Release(&view);
    }
    free(arguments);
    return result;
}

/* ---- making and freeing entries ---------------------------------------------------------------------------------------- */
static tv_spec *specs_new(PyObject *rows, Py_ssize_t *count, Py_ssize_t *axes)
{
    Py_ssize_t n = PyTuple_Size(rows);
    tv_spec *specs = calloc((size_t)n + 1, sizeof *specs);
    if (!specs) return (tv_spec *)PyErr_NoMemory();
    *count = n;
    for (Py_ssize_t i = 0; i < n; i++) {
        tv_spec *s = &specs[i];
        int kind;
        if (!PyArg_ParseTuple(PyTuple_GetItem(rows, i), "CiiiOO", &kind, &s->itemsize, &s->align, &s->ndim, &s->dtype, &s->scalar)) {
            *count = i;
            return specs;
        }
        s->kind = (char)kind;
        Py_IncRef(s->dtype);
        Py_IncRef(s->scalar);
        *axes += s->ndim;
    }
    return specs;
}

static void specs_free(tv_spec *specs, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; specs && i < count; i++) {
        Py_DecRef(specs[i].dtype);
        Py_DecRef(specs[i].scalar);
    }
    free(specs);
}

static void entry_dealloc(PyObject *self)
{
    tv_entry *entry = (tv_entry *)self;
    specs_free(entry->in, entry->n_in);
    specs_free(entry->out, entry->n_out);
    for (Py_ssize_t i = 0; i < entry->n_constants; i++) PyBuffer_Release(&entry->constant_views[i]);
    free(entry->constants);
    free(entry->constant_views);
    free(entry->symbols);
    if (entry->spare) block_free(entry->spare);
    if (entry->keep) Py_DecRef(entry->keep);
    PyObject *type = self->type;
    PyObject_Free(self);
    Py_DecRef(type);
}

static void bind_constants(tv_entry *entry, PyObject *arrays)
{
    Py_ssize_t n = PyTuple_Size(arrays);
    entry->constants = calloc((size_t)n + 1, sizeof(tv_array));
    entry->constant_views = calloc((size_t)n + 1, sizeof(Py_buffer));
    for (Py_ssize_t i = 0; entry->constants && entry->constant_views && i < n; i++) {
        Py_buffer *view = &entry->constant_views[i];
        if (PyObject_GetBuffer(PyTuple_GetItem(arrays, i), view, PyBUF_C_CONTIGUOUS)) return;
        entry->n_constants++;
        entry->constants[i] = (tv_array){view->buf, (int64_t *)view->shape, (int64_t *)view->strides};
    }
    if (!entry->constants || !entry->constant_views) PyErr_NoMemory();
}

static void bind_symbols(tv_entry *entry, PyObject *addresses)
{
    Py_ssize_t n = PyTuple_Size(addresses);
    if (!(entry->symbols = calloc((size_t)n + 1, sizeof(void *)))) PyErr_NoMemory();
    for (Py_ssize_t i = 0; entry->symbols && i < n; i++)
        entry->symbols[i] = (void *)(intptr_t)PyLong_AsLongLong(PyTuple_GetItem(addresses, i));
}

/* make(address, inputs, outputs, constants, symbols, keep) -> entry */
static PyObject *make_entry(PyObject *module, PyObject *packed)
{
    long long address;
    PyObject *in, *out, *constants, *symbols, *keep, *t = &PyTuple_Type;
    Py_ssize_t in_axes = 0;
    (void)module;
    if (!PyArg_ParseTuple(packed, "LO!O!O!O!O", &address, t, &in, t, &out, t, &constants, t, &symbols, &keep)) return NULL;
    tv_entry *entry = (tv_entry *)PyType_GenericAlloc(entry_type, 0);
    if (!entry) return NULL;
    entry->vectorcall = entry_vectorcall;
    entry->function = (int (*)(tv_call *))(intptr_t)address;
    Py_IncRef(entry->keep = keep);
    entry->in = specs_new(in, &entry->n_in, &in_axes);
    if (!PyErr_Occurred()) entry->out = specs_new(out, &entry->n_out, &entry->out_axes);
    if (!PyErr_Occurred()) bind_constants(entry, constants);
    if (!PyErr_Occurred()) bind_symbols(entry, symbols);
    if (PyErr_Occurred()) {
        Py_DecRef((PyObject *)entry);
        return NULL;
    }
    entry->frame_bytes = sizeof(tv_frame) + sizeof(Py_buffer) * (size_t)(entry->n_in + entry->n_out)
        + (sizeof(tv_array) + 8) * (size_t)entry->n_in + (sizeof(tv_array) + sizeof(PyObject *)) * (size_t)entry->n_out
        + 2 * sizeof(int64_t) * (size_t)entry->out_axes;
    return (PyObject *)entry;
}

/* ---- the module -------------------------------------------------------------------------------------------------------- */
/* setup(empty, ndarray, Mismatch, Failure, capsule of NumPy's C functions or None) */
static PyObject *set_up(PyObject *module, PyObject *packed)
{
    PyObject *numpy;
    (void)module;
    if (!PyArg_ParseTuple(packed, "OOOOO", &empty_function, &array_type, &mismatch_type, &failure_type, &numpy)) return NULL;
    if (numpy != &_Py_NoneStruct && keeping_setup(numpy)) return NULL;
    Py_IncRef(empty_function);
    Py_IncRef(array_type);
    Py_IncRef(mismatch_type);
    Py_IncRef(failure_type);
    Py_IncRef(&_Py_NoneStruct);
    return &_Py_NoneStruct;
}

/* configure(threads, main_thread) */
static PyObject *configure(PyObject *module, PyObject *packed)
{
    int threads;
    unsigned long main_ident;
    (void)module;
    if (!PyArg_ParseTuple(packed, "ik", &threads, &main_ident)) return NULL;
    thread_count = threads;
    main_thread = main_ident;
    Py_IncRef(&_Py_NoneStruct);
    return &_Py_NoneStruct;
}

static PyMemberDef entry_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(tv_entry, vectorcall), READONLY, NULL}, {NULL, 0, 0, 0, NULL}};
static PyMethodDef entry_methods[] = {
    {"run", entry_run, METH_VARARGS, "run(inputs, outs=None, times=None)"},
    {NULL, NULL, 0, NULL}};
static PyType_Slot entry_slots[] = {{Py_tp_dealloc, entry_dealloc}, {Py_tp_call, PyVectorcall_Call},
    {Py_tp_methods, entry_methods}, {Py_tp_members, entry_members}, {0, NULL}};
static PyType_Spec entry_spec = {"tensorviz.CompiledEntry", sizeof(tv_entry), 0,
    FLAG_DEFAULT | FLAG_HAVE_VECTORCALL | FLAG_DISALLOW_INSTANTIATION, entry_slots};
static PyMethodDef module_methods[] = {
    {"make", make_entry, METH_VARARGS, NULL}, {"setup", set_up, METH_VARARGS, NULL},
    {"configure", configure, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef module_definition = {{1, NULL}, NULL, 0, NULL, "tensorviz_runtime", NULL, -1, module_methods, NULL, NULL, NULL, NULL};

PyObject *PyInit_tensorviz_runtime(void)
{
    entry_type = PyType_FromSpec(&entry_spec);
    return entry_type ? PyModule_Create2(&module_definition, 3) : NULL;
}
