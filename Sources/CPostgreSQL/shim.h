#pragma once

// What Swift cannot read of libpq's header. Nothing else lives here.

#include <libpq-fe.h>

// Character constants of PQresultErrorField.
static const int cpostgresql_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int cpostgresql_diag_message = PG_DIAG_MESSAGE_PRIMARY;
static const int cpostgresql_diag_constraint = PG_DIAG_CONSTRAINT_NAME;
