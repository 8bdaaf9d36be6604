/* The contract between a function that tensorviz generates and whoever calls it:
 *
 *     int name(tv_call *call);       returns TV_OK or an error code above TV_STOPPED
 *
 * The caller makes two calls with one tv_call. First phase TV_SHAPES: look at the shapes of the inputs, check them, write
 * every out[i].shape and arena_bytes, touch no data. Then the caller allocates and calls again with phase TV_RUN.
 */
#include <stdint.h>

enum { TV_SHAPES = 0, TV_RUN = 1 };
enum { TV_OK = 0, TV_STOPPED = 1 };         /* error codes of the generated function start at 2 */

typedef struct tv_array {
    void *data;
    int64_t *shape;                         /* lengths; not to be read when there are no axes */
    int64_t *strides;                       /* bytes, of any sign; not to be relied on where a length is 0 or 1 */
} tv_array;

typedef struct tv_call {
    const tv_array *in;                     /* arguments: aligned, native byte order, perhaps read-only, any strides */
    const tv_array *constants;              /* arrays bound when the entry was made, C-contiguous */
    tv_array *out;                          /* results: C-contiguous; data is NULL in phase TV_SHAPES */
    void *arena;                            /* scratch memory of this call alone, 64-byte aligned, not cleared */
    int64_t arena_bytes;                    /* set in phase TV_SHAPES */
    void *const *symbols;                   /* addresses of library functions, in the order given to the entry */
    double *times;                          /* NULL, or seconds per kernel for the profile: add to them */
    int (*poll)(struct tv_call *call);      /* cheap; long loops ask it, every millisecond or so: nonzero says stop */
    int64_t error[8];                       /* details of an error: what they mean is the generated code's affair */
    int32_t phase;                          /* TV_SHAPES or TV_RUN */
    int32_t threads;                        /* how many threads the call may use, at least 1 */
    int32_t brief;                          /* phase TV_SHAPES may set 1: so little work that the GIL is kept */
    int32_t reserved;
} tv_call;
