/*@ sorts */
extern void *malloc(size_t);
extern void free(void *);
typedef struct { u64 key; i64 at; } tv_pair;        /* the key of an element and its place */
