// SPDX-License-Identifier: MIT
/*
 * A plugin for QEMU: which instructions a guest with one processor executes between two marks
 * (marks.h), and how often. At the n-th end it writes PATH.n, a line "ADDRESS INSTRUCTIONS TIMES" for
 * each block of code, ADDRESS in hexadecimal; n is from 0 on.
 *
 * Debian has no header of it; this is what it is of the interface's version 1, as the documentation
 * says. Since QEMU 9 there is version 2, and this is refused.
 *
 * usage: qemu-system-x86_64 -plugin executed.so,path=PATH ...
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marks.h"

#define EXPORT	__attribute__((__visibility__("default")))

enum { NO_REGISTERS, API_VERSION = 1 };

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
					   void (*translated)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*executed)(unsigned int, void *), int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*executed)(unsigned int, void *), int flags,
					    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

int qemu_plugin_version = API_VERSION;

/* Code that is executed from its first instruction to its last. There until QEMU ends. */
struct block {
	uint64_t address, instructions, times;
	struct block *next;
};

static const uint8_t start[MARK_LEN] = { MARK_START }, end[MARK_LEN] = { MARK_END };
static struct block *blocks;
static const char *path;
static bool counting;

static void write_counts(void)
{
	static unsigned int n;
	struct block *block;
	char name[4096];
	FILE *file;

	snprintf(name, sizeof(name), "%s.%u", path, n++);
	file = fopen(name, "w");
	if (!file) {
		perror(name);
		exit(1);
	}
	for (block = blocks; block; block = block->next) {
		if (block->times)
			fprintf(file, "%llx %llu %llu\n", (unsigned long long)block->address,
				(unsigned long long)block->instructions,
				(unsigned long long)block->times);
		block->times = 0;
	}
	if (fclose(file)) {
		perror(name);
		exit(1);
	}
}

static void block_executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	(void)cpu;
	if (counting)
		block->times++;
}

static void start_executed(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	counting = true;
}

static void end_executed(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (counting)
		write_counts();
	counting = false;
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	struct block *block = calloc(1, sizeof(*block));
	size_t i;

	(void)id;
	if (!block) {
		perror("executed");
		exit(1);
	}
	block->address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
	block->instructions = qemu_plugin_tb_n_insns(tb);
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, block_executed, NO_REGISTERS, block);
	for (i = 0; i < block->instructions; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (qemu_plugin_insn_size(insn) != MARK_LEN)
			continue;
		if (!memcmp(qemu_plugin_insn_data(insn), start, MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, start_executed, NO_REGISTERS, NULL);
		else if (!memcmp(qemu_plugin_insn_data(insn), end, MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end_executed, NO_REGISTERS, NULL);
	}
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "path=", 5)) {
		fprintf(stderr, "usage: -plugin executed.so,path=PATH\n");
		return 1;
	}
	path = argv[0] + 5;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
