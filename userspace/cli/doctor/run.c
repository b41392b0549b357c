// SPDX-License-Identifier: MIT
/* Other programs, and files of a line. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"

#define OUTPUT_MAX	(1u << 20)

static char *read_all(int fd)
{
	size_t len = 0, room = 4096;
	char *text = malloc(room), *grown;
	ssize_t got;

	while (text) {
		got = read(fd, text + len, room - len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
		if (len + 1 < room)
			continue;
		room *= 2;
		grown = room <= OUTPUT_MAX ? realloc(text, room) : NULL;
		if (!grown) {
			free(text);
			return NULL;
		}
		text = grown;
	}
	if (text)
		text[len] = '\0';
	return text;
}

char *doctor_run(const char *const argv[])
{
	/* Whatever the user's PATH lacks, these are where they are; and no words but C's. */
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	char *const environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t actions;
	int pipes[2], status = 0, failed;
	char program[64], *text;
	const char *folder;
	pid_t pid;

	/* posix_spawnp() would look in the PATH of this program. */
	program[0] = '\0';
	for (folder = "/usr/local/sbin\0/usr/sbin\0/sbin\0/usr/bin\0/bin\0"; folder[0];
	     folder += strlen(folder) + 1) {
		snprintf(program, sizeof(program), "%s/%s", folder, argv[0]);
		if (!access(program, X_OK))
			break;
		program[0] = '\0';
	}
	if (!program[0] || pipe2(pipes, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	failed = posix_spawn(&pid, program, &actions, NULL, (char *const *)argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	text = failed ? NULL : read_all(pipes[0]);
	close(pipes[0]);
	while (!failed && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (text && (!WIFEXITED(status) || WEXITSTATUS(status))) {
		free(text);
		text = NULL;
	}
	return text;
}

json_t *doctor_run_json(const char *const argv[])
{
	char *text = doctor_run(argv);
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;

	/* Nothing to show is no text at all to some. */
	if (text && !json && !text[strspn(text, " \n")])
		json = json_array();
	free(text);
	return json;
}

bool doctor_line(const char *path, char *line, size_t len)
{
	FILE *file = fopen(path, "re");
	bool read;

	if (!file)
		return false;
	read = fgets(line, (int)len, file);
	fclose(file);
	if (read)
		line[strcspn(line, "\n")] = '\0';
	return read;
}
