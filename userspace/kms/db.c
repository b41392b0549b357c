// SPDX-License-Identifier: MIT
#include "db.h"

#include <string.h>

struct db *db_open(const char *where, bool create, char *why, size_t why_len)
{
	size_t prefix = strlen(DB_POSTGRESQL);

	return strncmp(where, DB_POSTGRESQL, prefix) ? db_open_sqlite(where, create, why, why_len) :
						       db_open_postgresql(where + prefix, why, why_len);
}

void db_close(struct db *db)
{
	if (db)
		db->kind->close(db);
}

int db_run(struct db *db, const char *sql, const char *const *values, size_t n, db_row row,
	   void *context, char *why, size_t why_len)
{
	return db->kind->run(db, sql, values, n, row, context, why, why_len);
}

int db_begin(struct db *db, char *why, size_t why_len)
{
	return db->kind->begin(db, why, why_len);
}

int db_end(struct db *db, int err, char *why, size_t why_len)
{
	if (!err && !db_run(db, "COMMIT", NULL, 0, NULL, NULL, why, why_len))
		return 0;
	/* What is said stays that of the first failure. */
	db_run(db, "ROLLBACK", NULL, 0, NULL, NULL, NULL, 0);
	return -1;
}
