#pragma once

// The face of minizip (1.1 in Debian 12), the zip writer and reader that libxlsxwriter itself depends on.
#include <minizip/unzip.h>
#include <minizip/zip.h>

/// Deflate's sibling in a zip: the bytes as they are.
static const int pailou_zip_method_store = 0;
