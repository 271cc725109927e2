#pragma once

// The face of zlib, which minizip and libcurl depend on too.
#include <zlib.h>

/// `deflateInit2` is a macro, which Swift does not see. 15 + 16: a gzip head and tail around the deflate stream.
static inline int pailou_gzip_begin(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

/// Negative window bits: raw deflate, with all the memory it can use.
static inline int pailou_deflate_begin(z_stream *stream, int level, int strategy) {
    return deflateInit2(stream, level, Z_DEFLATED, -15, MAX_MEM_LEVEL, strategy);
}
