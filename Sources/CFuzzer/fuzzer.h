#pragma once

#include <stddef.h>
#include <stdint.h>

// libFuzzer, "Using libFuzzer as a library": runs the loop with the options of the command line, and returns only when
// it is done. `tryInput` must return 0; -1 keeps an input out of the corpus.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*tryInput)(const uint8_t *octets, size_t count));
