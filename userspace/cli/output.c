// SPDX-License-Identifier: MIT
/* How things look where they go to: colours, the character set, lines that fit. */
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "format.h"

static enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER } colour = COLOUR_AUTO;

bool output_set_colour(const char *when)
{
	static const char *const names[] = {
		[COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(when ? when : "always", names[i]))
			continue;
		colour = (int)i;
		return true;
	}
	cli_error("--color=%s: write auto, always or never", when);
	return false;
}

bool output_colour(FILE *to)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	if (colour != COLOUR_AUTO)
		return colour == COLOUR_ALWAYS;
	return isatty(fileno(to)) && !(none && none[0]) && term && strcmp(term, "dumb");
}

const char *output_bold(FILE *to)
{
	return output_colour(to) ? "\033[1m" : "";
}

const char *output_good(FILE *to)
{
	return output_colour(to) ? "\033[1;32m" : "";
}

const char *output_warn(FILE *to)
{
	return output_colour(to) ? "\033[1;33m" : "";
}

const char *output_bad(FILE *to)
{
	return output_colour(to) ? "\033[1;31m" : "";
}

const char *output_dim(FILE *to)
{
	return output_colour(to) ? "\033[2m" : "";
}

const char *output_plain(FILE *to)
{
	return output_colour(to) ? "\033[0m" : "";
}

bool output_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

unsigned int output_width(FILE *to)
{
	struct winsize size = { 0 };

	if (!isatty(fileno(to)))
		return 0;
	if (ioctl(fileno(to), TIOCGWINSZ, &size) || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

void output_wrapped(FILE *to, size_t at, size_t indent, const char *text)
{
	size_t width = output_width(to), columns, len;
	bool first = true;
	char *word;

	for (; *text; text += len, text += *text == ' ') {
		len = strcspn(text, " ");
		word = strndup(text, len);
		columns = word ? format_columns(word) : len;
		if (!first && width && at + 1 + columns > width) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			fputc(' ', to);
			at++;
		}
		fprintf(to, "%.*s", (int)len, text);
		at += columns;
		first = false;
		free(word);
	}
}

void output_field(const char *label, const char *before, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	printf("  %s%s:%s %s", output_bold(stdout), label, output_plain(stdout), before);
	output_wrapped(stdout, format_columns(label) + 4, 6, text);
	printf("%s\n", before[0] ? output_plain(stdout) : "");
	free(text);
}

void output_json(const json_t *json, size_t flags)
{
	/* A terminal that is not of UTF-8 may act on the octets of a longer character. */
	if (!output_utf8() && isatty(STDOUT_FILENO))
		flags |= JSON_ENSURE_ASCII;
	json_dumpf(json, stdout, flags);
	putchar('\n');
}

const char *output_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

json_int_t output_number(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

bool output_known(const json_t *object, const char *member)
{
	return json_is_integer(json_object_get(object, member));
}

bool output_true(const json_t *object, const char *member)
{
	return json_is_true(json_object_get(object, member));
}

bool output_up(const json_t *peer)
{
	const char *state = output_text(peer, "state");

	return !strcmp(state, "connected") || !strcmp(state, "rekeying");
}

const char *output_name(const json_t *peer)
{
	const char *identity = output_text(peer, "identity");

	return identity[0] ? identity : output_text(peer, "layer2_id");
}
