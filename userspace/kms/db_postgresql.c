// SPDX-License-Identifier: MIT
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "db.h"
#include "keying/sentence.h"

#define COLUMNS_MAX	16
/* SQLSTATE of a wait for a lock that took longer than lock_timeout. */
#define NO_LOCK		"55P03"
/* Of the one lock that the transactions of all instances take; the number is ours alone. */
#define LOCK		"SELECT pg_advisory_xact_lock(7033833)"

struct postgresql {
	struct db db;
	PGconn *connection;
};

/* Its first line; what follows are hints for whoever reads the server's own log. */
static int fail(const char *message, char *why, size_t why_len)
{
	return keying_sentence(why, why_len, "PostgreSQL: %.*s", (int)strcspn(message, "\n"),
			       message);
}

static int rows(const PGresult *result, db_row row, void *context)
{
	const char *columns[COLUMNS_MAX];
	int n = PQnfields(result);

	for (int i = 0; row && i < PQntuples(result); i++) {
		for (int j = 0; j < n && j < COLUMNS_MAX; j++)
			columns[j] = PQgetisnull(result, i, j) ? NULL : PQgetvalue(result, i, j);
		if (row(context, columns))
			return -1;
	}
	return 0;
}

static bool has_no_lock(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state && !strcmp(state, NO_LOCK);
}

static int run(struct db *db, const char *sql, const char *const *values, size_t n, db_row row,
	       void *context, char *why, size_t why_len)
{
	struct postgresql *postgresql = (struct postgresql *)db;
	ExecStatusType status;
	PGresult *result;
	int err;

	result = PQexecParams(postgresql->connection, sql, (int)n, NULL, values, NULL, NULL, 0);
	status = PQresultStatus(result);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		err = rows(result, row, context);
	else
		err = fail(has_no_lock(result) ? "another prose-kms is at work in it; try again" :
			   PQerrorMessage(postgresql->connection), why, why_len);
	PQclear(result);
	return err;
}

static int begin(struct db *db, char *why, size_t why_len)
{
	PGconn *connection = ((struct postgresql *)db)->connection;
	int err = run(db, "BEGIN", NULL, 0, NULL, NULL, why, why_len);

	/* The server was restarted, or the network gone, which shows now. In a transaction it has to fail. */
	if (err && PQstatus(connection) != CONNECTION_OK) {
		PQreset(connection);
		err = run(db, "BEGIN", NULL, 0, NULL, NULL, why, why_len);
	}
	if (err)
		return -1;
	if (!run(db, LOCK, NULL, 0, NULL, NULL, why, why_len))
		return 0;
	run(db, "ROLLBACK", NULL, 0, NULL, NULL, NULL, 0);
	return -1;
}

static void close_it(struct db *db)
{
	struct postgresql *postgresql = (struct postgresql *)db;

	PQfinish(postgresql->connection);
	free(postgresql);
}

static const struct db_kind kind = { begin, run, close_it };

static void quiet(void *context, const char *message)
{
	(void)context;
	(void)message;
}

/*
 * A KMS waits for its tables, and all its clients do; but not for ever: not for a server that cannot be
 * reached or has vanished (seconds; tcp_user_timeout in milliseconds), not for a lock or a statement
 * that never ends. What is said in kms.conf goes before: it stands behind these.
 */
static PGconn *connect_to(const char *conninfo)
{
	static const char *const keywords[] = {
		"connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "options", "application_name", "dbname", NULL,
	};
	const char *const values[] = {
		"5", "5000", "5", "2", "2", "-c lock_timeout=5000 -c statement_timeout=60000",
		"prose-kms", conninfo, NULL,
	};

	return PQconnectdbParams(keywords, values, true);
}

struct db *db_open_postgresql(const char *conninfo, char *why, size_t why_len)
{
	struct postgresql *postgresql = calloc(1, sizeof(*postgresql));

	if (!postgresql) {
		keying_sentence(why, why_len, "PostgreSQL: out of memory");
		return NULL;
	}
	postgresql->db.kind = &kind;
	postgresql->connection = connect_to(conninfo);
	PQsetNoticeProcessor(postgresql->connection, quiet, NULL);
	if (PQstatus(postgresql->connection) == CONNECTION_OK)
		return &postgresql->db;
	fail(PQerrorMessage(postgresql->connection), why, why_len);
	close_it(&postgresql->db);
	return NULL;
}
