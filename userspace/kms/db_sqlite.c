// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "db.h"
#include "keying/sentence.h"

/* How long another prose-kms may be at work in the file. */
#define BUSY_MS		5000
#define COLUMNS_MAX	16

struct sqlite {
	struct db db;
	sqlite3 *handle;
	char *path;
};

static int fail(const struct sqlite *sqlite, char *why, size_t why_len)
{
	int code = sqlite3_errcode(sqlite->handle);
	const char *what = sqlite3_errmsg(sqlite->handle);

	if (code == SQLITE_BUSY)
		what = "another prose-kms is at work in it; try again";
	else if (code == SQLITE_OK || code == SQLITE_DONE)
		what = "out of memory";
	return keying_sentence(why, why_len, "%s: %s", sqlite->path, what);
}

static int bind(sqlite3_stmt *statement, const char *const *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sqlite3_bind_text(statement, (int)i + 1, values[i], -1, SQLITE_STATIC))
			return -1;
	return 0;
}

/*
 * All rows, before any of them is handed on: who takes one may take his time, as when a pager stands
 * behind a command, and SQLite would keep everybody else from writing meanwhile. Of each column, a
 * blank or NUL for one that is NULL, its text, NUL.
 */
static int collect(sqlite3_stmt *statement, char **texts, size_t *rows)
{
	int code, n = sqlite3_column_count(statement);
	FILE *to;
	size_t len;

	*rows = 0;
	to = open_memstream(texts, &len);
	if (!to)
		return -1;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++) {
			const char *text = (const char *)sqlite3_column_text(statement, i);

			fprintf(to, "%c%s%c", text ? ' ' : 0, text ? text : "", 0);
		}
		++*rows;
	}
	return fclose(to) || code != SQLITE_DONE ? -1 : 0;
}

static int hand_on(const char *texts, size_t rows, int n, db_row row, void *context)
{
	const char *columns[COLUMNS_MAX];

	for (; rows; rows--) {
		for (int i = 0; i < n; i++) {
			columns[i] = *texts ? texts + 1 : NULL;
			texts += 1 + strlen(texts + 1) + 1;
		}
		if (row && row(context, columns))
			return -1;
	}
	return 0;
}

static int run(struct db *db, const char *sql, const char *const *values, size_t n, db_row row,
	       void *context, char *why, size_t why_len)
{
	struct sqlite *sqlite = (struct sqlite *)db;
	sqlite3_stmt *statement;
	char *texts = NULL;
	size_t rows;
	int columns, err;

	if (sqlite3_prepare_v2(sqlite->handle, sql, -1, &statement, NULL))
		return fail(sqlite, why, why_len);
	columns = sqlite3_column_count(statement);
	err = columns > COLUMNS_MAX || bind(statement, values, n) || collect(statement, &texts, &rows);
	if (err)
		fail(sqlite, why, why_len);
	sqlite3_finalize(statement);
	if (!err)
		err = hand_on(texts, rows, columns, row, context);
	free(texts);
	return err ? -1 : 0;
}

static int begin(struct db *db, char *why, size_t why_len)
{
	return run(db, "BEGIN IMMEDIATE", NULL, 0, NULL, NULL, why, why_len);
}

static void close_it(struct db *db)
{
	struct sqlite *sqlite = (struct sqlite *)db;

	sqlite3_close(sqlite->handle);
	free(sqlite->path);
	free(sqlite);
}

static const struct db_kind kind = { begin, run, close_it };

/* SQLite makes files with the rights that the umask leaves; nobody else is to have any. */
static int make(const char *path, char *why, size_t why_len)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return keying_sentence(why, why_len, "%s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

static int rights(const char *path, char *why, size_t why_len)
{
	struct stat status;

	if (stat(path, &status))
		return keying_sentence(why, why_len, "%s: %s", path, strerror(errno));
	if (status.st_mode & 077)
		return keying_sentence(why, why_len,
				       "%s: others may use it (mode %04o); run chmod 600 on it", path,
				       (unsigned int)(status.st_mode & 07777));
	return 0;
}

struct db *db_open_sqlite(const char *path, bool create, char *why, size_t why_len)
{
	struct sqlite *sqlite;

	if (create ? make(path, why, why_len) : rights(path, why, why_len))
		return NULL;
	sqlite = calloc(1, sizeof(*sqlite));
	if (!sqlite || !(sqlite->path = strdup(path))) {
		free(sqlite);
		keying_sentence(why, why_len, "%s: out of memory", path);
		return NULL;
	}
	sqlite->db.kind = &kind;
	if (!sqlite3_open_v2(path, &sqlite->handle, SQLITE_OPEN_READWRITE, NULL) &&
	    !sqlite3_busy_timeout(sqlite->handle, BUSY_MS) &&
	    !sqlite3_exec(sqlite->handle, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON",
			  NULL, NULL, NULL))
		return &sqlite->db;
	fail(sqlite, why, why_len);
	close_it(&sqlite->db);
	return NULL;
}
