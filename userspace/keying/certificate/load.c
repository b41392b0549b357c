// SPDX-License-Identifier: MIT
#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>

#include "../sentence.h"
#include "../x509_text.h"

void load_warn(const struct load *load, const char *sentence)
{
	if (load->files->warn)
		load->files->warn(load->files->context, sentence);
}

int load_out_of_memory(const struct load *load)
{
	ERR_clear_error();
	return keying_sentence(load->why, load->why_len, "out of memory");
}

const char *load_subject(const X509 *certificate, char *out, size_t len)
{
	return x509_text_name(X509_get_subject_name(certificate), out, len);
}

int load_blocks(struct load *load, const char *path, const char *label, load_take take)
{
	struct pem_block block = { 0 };
	struct keying_file file;
	int more;

	if (keying_file_read(path, false, &file, load->why, load->why_len))
		return -1;
	while ((more = pem_next(path, &file, &block, load->why, load->why_len)) > 0) {
		if (strcmp(block.label, label)) {
			more = keying_sentence(load->why, load->why_len,
					       "%s: line %u: item %u is a %s, expected a %s", path,
					       block.line, block.item, block.label, label);
			break;
		}
		more = take(load, path, &block);
		if (more < 0)
			break;
	}
	keying_file_free(&file);
	if (!more && !block.item)
		return keying_sentence(load->why, load->why_len,
				       "%s: holds no PEM block of type %s", path, label);
	return more;
}

static int has_suffix(const char *name, const char *const suffixes[2])
{
	const char *dot = strrchr(name, '.');

	return name[0] != '.' && dot && (!strcmp(dot, suffixes[0]) || !strcmp(dot, suffixes[1]));
}

static int read_directory(struct load *load, const char *path, const char *label,
			  load_take take, const char *const suffixes[2])
{
	struct dirent **entries;
	char name[PATH_MAX];
	int n, i, ret = 0, found = 0;

	/* Sorted, so that the same directory always fails at the same file. */
	n = scandir(path, &entries, NULL, alphasort);
	if (n < 0)
		return keying_sentence(load->why, load->why_len, "%s: %s", path, strerror(errno));
	for (i = 0; i < n; i++) {
		if (!ret && has_suffix(entries[i]->d_name, suffixes)) {
			found = 1;
			if (snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name) >=
			    (int)sizeof(name))
				ret = keying_sentence(load->why, load->why_len,
						      "%s: a name in it is too long", path);
			else
				ret = load_blocks(load, name, label, take);
		}
		free(entries[i]);
	}
	free(entries);
	if (!ret && !found)
		ret = keying_sentence(load->why, load->why_len, "%s: holds no file *%s or *%s",
				      path, suffixes[0], suffixes[1]);
	return ret;
}

int load_paths(struct load *load, const char *const *paths, size_t n, const char *label,
	       load_take take, const char *const suffixes[2])
{
	struct stat status;
	size_t i;
	int ret;

	for (i = 0; i < n; i++) {
		if (!stat(paths[i], &status) && S_ISDIR(status.st_mode))
			ret = read_directory(load, paths[i], label, take, suffixes);
		else
			ret = load_blocks(load, paths[i], label, take);
		if (ret)
			return ret;
	}
	return 0;
}

void load_describe(char *out, size_t len, const char *const *paths, size_t n)
{
	size_t length = n ? strlen(paths[0]) : 0;

	/* The end of a path says more than its beginning. */
	if (!n)
		keying_sentence(out, len, "any file");
	else
		keying_sentence(out, len, "%s%s%s", length > 44 ? "..." : "",
				length > 44 ? paths[0] + length - 41 : paths[0],
				n > 1 ? " and others" : "");
}
