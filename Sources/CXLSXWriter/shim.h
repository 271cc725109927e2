#pragma once

// The face of libxlsxwriter (1.1.4 in Debian 12). Headers only; everything else is in the Swift module Spreadsheet.
#include <xlsxwriter.h>

/// Room for a range like `$XFD$1048576:$XFD$1048576` with its NUL.
static const int pailou_range_bytes_max = LXW_MAX_CELL_RANGE_LENGTH;
