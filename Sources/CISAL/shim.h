#pragma once

// The face of ISA-L (2.30 in Debian 12), Intel's fast deflate and CRC. Its stream holds arrays of a hundred thousand
// elements, which Swift would import as tuples: it stays behind a pointer here.
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

/// A stream of raw deflate with its work memory; NULL if there is none.
static inline struct isal_zstream *pailou_isal_new(void) {
    struct isal_zstream *stream = malloc(sizeof(struct isal_zstream));
    uint8_t *memory = malloc(ISAL_DEF_LVL1_DEFAULT);
    if (stream == NULL || memory == NULL) {
        free(stream);
        free(memory);
        return NULL;
    }
    isal_deflate_init(stream);
    stream->level = 1;
    stream->level_buf = memory;
    stream->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    return stream;
}

static inline void pailou_isal_free(struct isal_zstream *stream) {
    free(stream->level_buf);
    free(stream);
}

static inline void pailou_isal_input(struct isal_zstream *stream, const void *bytes, uint32_t count, int is_last) {
    stream->next_in = (uint8_t *)bytes;
    stream->avail_in = count;
    stream->end_of_stream = is_last ? 1 : 0;
}

/// Compresses into `output` what it can; `*written` octets are there then. Answers ISA-L's code, 0 for success.
static inline int pailou_isal_deflate(
    struct isal_zstream *stream, void *output, uint32_t capacity, uint32_t *written) {
    stream->next_out = output;
    stream->avail_out = capacity;
    int code = isal_deflate(stream);
    *written = capacity - stream->avail_out;
    return code;
}

static inline uint32_t pailou_isal_crc32(uint32_t crc, const void *bytes, uint64_t count) {
    return crc32_gzip_refl(crc, bytes, count);
}

/// Undoes raw deflate in one step; answers ISA-L's code, 0 for success, or 1 if it does not give `count` octets.
static inline int pailou_isal_inflate(const void *packed, uint32_t packed_count, void *output, uint32_t count) {
    struct inflate_state *state = malloc(sizeof(struct inflate_state));
    if (state == NULL) return 1;
    isal_inflate_init(state);
    state->next_in = (uint8_t *)packed;
    state->avail_in = packed_count;
    state->next_out = output;
    state->avail_out = count;
    int code = isal_inflate_stateless(state);
    if (code == ISAL_DECOMP_OK && state->avail_out != 0) code = 1;
    free(state);
    return code;
}
