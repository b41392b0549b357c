/* SPDX-License-Identifier: MIT */
/*
 * Where a KMS keeps what it has to remember: tables in a file (SQLite), or on a server (PostgreSQL)
 * when several KMS instances serve one domain. The statements are the same for both, and written where
 * they belong; values are texts, and go in by number ($1, in order), never as part of a statement.
 */
#ifndef PROSE_KMS_DB_H
#define PROSE_KMS_DB_H

#include <stdbool.h>
#include <stddef.h>

#define DB_POSTGRESQL	"postgresql:"

struct db;

/* Gets a row; -1 ends it with failure. NULL stands for SQL's NULL. */
typedef int (*db_row)(void *context, const char *const *columns);

/**
 * struct db_kind - SQLite or PostgreSQL
 * @begin: starts a transaction that no other one of a KMS runs beside
 * @run: one statement
 * @close: the end
 */
struct db_kind {
	int (*begin)(struct db *db, char *why, size_t why_len);
	int (*run)(struct db *db, const char *sql, const char *const *values, size_t n, db_row row,
		   void *context, char *why, size_t why_len);
	void (*close)(struct db *db);
};

struct db {
	const struct db_kind *kind;
};

/**
 * db_open() - open it
 * @where: path of a file, or "postgresql:" and what libpq connects with
 * @create: make the file; it is an error when there is one
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: it, or NULL.
 */
struct db *db_open(const char *where, bool create, char *why, size_t why_len);

/* db_sqlite.c, db_postgresql.c */
struct db *db_open_sqlite(const char *path, bool create, char *why, size_t why_len);
struct db *db_open_postgresql(const char *conninfo, char *why, size_t why_len);

/* NULL is allowed. */
void db_close(struct db *db);

/*
 * A transaction: db_end() makes all of it last when @err is 0, and undoes it otherwise, and returns -1
 * when either was not to be had, or @err.
 */
int db_begin(struct db *db, char *why, size_t why_len);
int db_end(struct db *db, int err, char *why, size_t why_len);

/**
 * db_run() - run a statement
 * @db: where
 * @sql: the statement
 * @values: for $1, $2...
 * @n: how many
 * @row: gets each row; NULL when none is wanted
 * @context: for @row
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: 0 or -1.
 */
int db_run(struct db *db, const char *sql, const char *const *values, size_t n, db_row row,
	   void *context, char *why, size_t why_len);

#define DB_VALUES(...)	((const char *const[]){ __VA_ARGS__ }), \
			(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

#endif
