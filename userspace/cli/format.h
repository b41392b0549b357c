/* SPDX-License-Identifier: MIT */
/*
 * Numbers and texts as people read them. Pure: no terminal, no clock.
 *
 * What a peer has sent is text of a stranger: format_clean() makes it harmless to a terminal,
 * whatever prosed let pass.
 */
#ifndef PROSE_CLI_FORMAT_H
#define PROSE_CLI_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <jansson.h>

#define FORMAT_MAX	80	/* enough for each of those that take a buffer */

/* "1.2 MiB"; with "/s" behind it. Both return @buffer. */
const char *format_octets(json_int_t octets, char *buffer, size_t len);
const char *format_rate(double octets_per_second, char *buffer, size_t len);
/* "2 minutes, 3 seconds"; and "2m03s" for columns, five characters at most. */
const char *format_age(json_int_t seconds, char *buffer, size_t len);
const char *format_age_short(json_int_t seconds, char *buffer, size_t len);
/* "128-EEA2 (AES)" of "eea2"; the name itself when there is no other. */
const char *format_algorithm(const char *name);
/* Seconds since the epoch of "2026-11-23T22:52:17Z", -1 when it is none. */
time_t format_utc(const char *text);

/**
 * format_sparkline() - a curve, a character for each value
 * @values: the values, the oldest first; negative ones are not known
 * @n: their number
 * @max: what fills a character; 0 is the greatest of @values
 * @utf8: block elements of Unicode, else ASCII
 * @buffer: gets the curve, @n characters
 * @len: its size, 3 * @n + 1 is enough
 *
 * A value that is not 0 never looks like 0, however small it is.
 *
 * Return: @buffer
 */
const char *format_sparkline(const double *values, size_t n, double max, bool utf8, char *buffer,
			     size_t len);

/**
 * format_clean() - make text harmless to a terminal, in place
 * @text: UTF-8; octets that are none are replaced, too
 * @utf8: the terminal understands UTF-8; else only ASCII stays, since the octets of a longer
 *	  character may be control characters to it
 *
 * Control characters of ASCII and ISO 6429, those that turn the direction of writing, that
 * have no width or that end a line become '?', each one.
 */
void format_clean(char *text, bool utf8);
/* The same for every text in a JSON value. */
void format_clean_json(json_t *json, bool utf8);

/* Columns that a text takes in the locale at hand. */
size_t format_columns(const char *text);

/**
 * format_fit() - cut a text to a number of columns
 * @text: clean text
 * @columns: what there is room for; a text that is cut ends with an ellipsis
 * @utf8: as above
 * @buffer: gets the text, filled up with spaces to @columns when @pad
 * @len: its size, 4 * @columns + 4 is enough
 * @pad: fill up
 *
 * Return: @buffer
 */
const char *format_fit(const char *text, size_t columns, bool utf8, char *buffer, size_t len,
		       bool pad);

#endif
