#pragma once

// The face of libxlsxwriter (1.1.4 in Debian 12). Headers only; everything else is in the Swift module Spreadsheet.
#include <stdlib.h>
#include <xlsxwriter.h>

/// Room for a range like `$XFD$1048576:$XFD$1048576` with its NUL.
static const int pailou_range_bytes_max = LXW_MAX_CELL_RANGE_LENGTH;

/// Forgets which cells are selected. Assembling a sheet whose panes are frozen both ways adds to that list, so that the
/// sheet would say more each time it is assembled.
static inline void pailou_forget_selections(lxw_worksheet *sheet) {
    while (!STAILQ_EMPTY(sheet->selections)) {
        lxw_selection *first = STAILQ_FIRST(sheet->selections);
        STAILQ_REMOVE_HEAD(sheet->selections, list_pointers);
        free(first);
    }
}
