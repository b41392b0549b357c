// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "terminal.h"

static volatile sig_atomic_t quit, resized, to_background;
static struct termios before;
static bool on_screen, keys;	/* what has to be undone */
static sigset_t unblocked;

static void note(int number)
{
	if (number == SIGTSTP)
		to_background = 1;
	else if (number == SIGWINCH)
		resized = 1;
	else
		quit = 1;
}

static void enter(void)
{
	struct termios raw;

	if (!isatty(STDOUT_FILENO))
		return;
	on_screen = true;
	fputs("\033[?1049h\033[?25l", stdout);
	fflush(stdout);
	if (isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &before)) {
		raw = before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		keys = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
}

static void leave(void)
{
	if (keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	if (on_screen) {
		fputs("\033[0m\033[?25h\033[?1049l", stdout);
		fflush(stdout);
	}
	keys = false;
	on_screen = false;
}

void terminal_begin(void)
{
	static const int signals[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGWINCH
	};
	struct sigaction action = { .sa_handler = note };
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], &action, NULL);
		sigaddset(&blocked, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	/* A shell may have started it with some of them blocked. */
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigdelset(&unblocked, signals[i]);
	/* Of a mistake that ends the program elsewhere, too. */
	atexit(leave);
	enter();
}

void terminal_end(void)
{
	leave();
}

void terminal_home(void)
{
	if (on_screen)
		fputs("\033[H", stdout);
}

void terminal_rest(void)
{
	if (on_screen)
		fputs("\033[J", stdout);
	fflush(stdout);
}

long long terminal_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* As the shell's job control has it: the screen is given back for the time. */
static void suspend(void)
{
	to_background = 0;
	leave();
	raise(SIGSTOP);
	enter();
}

static bool quit_key(void)
{
	char key;
	ssize_t got = read(STDIN_FILENO, &key, 1);

	/* Its end is no key, but would be found there again and again. */
	if (got <= 0)
		keys = got < 0 && errno == EINTR;
	return got == 1 && (key == 'q' || key == 'Q');
}

enum terminal_wait terminal_wait(long long ms)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec timeout;
	long long left;
	int ready;

	for (;;) {
		left = ms - terminal_now_ms();
		if (left < 0)
			left = 0;
		timeout.tv_sec = left / 1000;
		timeout.tv_nsec = left % 1000 * 1000000;
		ready = ppoll(&in, keys ? 1 : 0, &timeout, &unblocked);
		if (quit)
			return TERMINAL_QUIT;
		if (to_background) {
			suspend();
			return TERMINAL_REDRAW;
		}
		if (resized) {
			resized = 0;
			return TERMINAL_REDRAW;
		}
		if (ready > 0 && quit_key())
			return TERMINAL_QUIT;
		if (ready == 0)
			return TERMINAL_TIME;
	}
}

unsigned int terminal_lines(void)
{
	struct winsize size = { 0 };

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_row < 5)
		return 24;
	return size.ws_row;
}
