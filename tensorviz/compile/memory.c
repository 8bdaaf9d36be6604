/* Memory that is kept for the next use: scratch memory of calls, and the data of large results.
 *
 * The system gives large memory page by page at first touch, which costs a call as much again as computing does; so blocks that
 * are done with wait in a small pool, oldest first. Large results come from it by way of NumPy's memory handlers (its NEP 49):
 * they are ordinary arrays that own their data, and give it back when they go. The GIL guards all of this.
 */
enum { HEADER = 64, POOL = 16 };
static const int64_t POOL_BYTES = (int64_t)256 << 20, LARGE_BYTES = 1 << 20, SPARE_BYTES = 1 << 20, HUGE_PAGE = 2 << 20;

typedef struct { int64_t bytes; } tv_block;     /* stands HEADER bytes before the memory that it heads */
static tv_block *pool[POOL];                    /* oldest first */
static int pool_count;
static int64_t pool_bytes;

static void *block_memory(tv_block *block) { return (char *)block + HEADER; }

static tv_block *pool_remove(int index)
{
    tv_block *block = pool[index];
    pool_bytes -= block->bytes;
    memmove(pool + index, pool + index + 1, sizeof *pool * (size_t)(--pool_count - index));
    return block;
}

static tv_block *block_new(uint64_t wanted)
{
    void *memory = NULL;
    if (wanted > (uint64_t)INT64_MAX / 2) return NULL;
    int64_t bytes = ((int64_t)wanted + 4095) / 4096 * 4096, most = bytes + bytes / 4;
    for (int i = pool_count; i-- > 0;)
        if (pool[i]->bytes >= bytes && pool[i]->bytes <= most) return pool_remove(i);
    size_t align = bytes >= 2 * HUGE_PAGE ? (size_t)HUGE_PAGE : HEADER;
    if (posix_memalign(&memory, align, (size_t)bytes + HEADER)) return NULL;
#ifdef MADV_HUGEPAGE
    if (align > HEADER) madvise(memory, (size_t)bytes, MADV_HUGEPAGE);      /* fewer page faults; no matter if refused */
#endif
    tv_block *block = memory;
    block->bytes = bytes;
    return block;
}

static void block_free(tv_block *block)
{
    if (block->bytes > POOL_BYTES) {
        free(block);
        return;
    }
    while (pool_count == POOL || pool_bytes + block->bytes > POOL_BYTES) free(pool_remove(0));
    pool[pool_count++] = block;
    pool_bytes += block->bytes;
}

/* ---- NumPy's memory handler ------------------------------------------------------------------------------------------------ */
static void *data_new(void *context, size_t size)
{
    (void)context;
    tv_block *block = block_new(size);
    return block ? block_memory(block) : NULL;
}

static void *data_zeros(void *context, size_t count, size_t size)
{
    void *data = size && count > (size_t)INT64_MAX / size ? NULL : data_new(context, count * size);
    return data ? memset(data, 0, count * size) : NULL;
}

static void data_free(void *context, void *data, size_t size)
{
    (void)context, (void)size;
    if (data) block_free((tv_block *)((char *)data - HEADER));
}

static void *data_resize(void *context, void *data, size_t size)
{
    void *moved = data_new(context, size);
    if (!moved || !data) return moved;
    size_t before = (size_t)((tv_block *)((char *)data - HEADER))->bytes;
    memcpy(moved, data, size < before ? size : before);
    data_free(context, data, before);
    return moved;
}

static struct {                                 /* PyDataMem_Handler, version 1 */
    char name[127];
    uint8_t version;
    void *context;
    void *(*new)(void *, size_t), *(*zeros)(void *, size_t, size_t), *(*resize)(void *, void *, size_t);
    void (*free)(void *, void *, size_t);
} handler = {"tensorviz", 1, NULL, data_new, data_zeros, data_resize, data_free};
enum { NUMPY_SET_HANDLER = 304 };               /* PyDataMem_SetHandler in the table of NumPy's C functions, since 1.22 */
static PyObject *handler_capsule;
static PyObject *(*set_handler)(PyObject *);

static int keeping_setup(PyObject *numpy)
{
    void **functions = PyCapsule_GetPointer(numpy, NULL);
    if (functions) handler_capsule = PyCapsule_New(&handler, "mem_handler", NULL);
    if (handler_capsule) memcpy(&set_handler, &functions[NUMPY_SET_HANDLER], sizeof set_handler);
    return handler_capsule ? 0 : -1;
}

/* Have NumPy take the data of an array of this size from here, if it is large; gives what keeping_end needs. */
static PyObject *keeping_begin(int64_t bytes, const int64_t *shape, int axes)
{
    for (int axis = 0; axis < axes; axis++)
        if (shape[axis] < 0 || __builtin_mul_overflow(bytes, shape[axis], &bytes)) return NULL;
    if (!set_handler || bytes < LARGE_BYTES) return NULL;
    PyObject *before = set_handler(handler_capsule);
    if (!before) PyErr_Clear();
    return before;
}

static void keeping_end(PyObject *before)
{
    PyObject *type, *value, *traceback;
    if (!before) return;
    PyErr_Fetch(&type, &value, &traceback);     /* of numpy.empty, if it failed */
    PyObject *ours = set_handler(before);
    Py_DecRef(before);
    if (ours) Py_DecRef(ours);
    PyErr_Restore(type, value, traceback);
}
