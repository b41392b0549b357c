// SPDX-License-Identifier: MIT
/*
 * Pairings of random points, for pairing.sh: a line of hexadecimal numbers each, a, b, the points [a]P
 * and [b]P, their pairing. Every other one is made with stored lines.
 *
 * usage: pairings COUNT
 */
#include <stdio.h>
#include <stdlib.h>

#include "sakke/modulus.h"
#include "sakke/pairing.h"
#include "sakke/params.h"

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "pairings: %s\n", what);
	exit(1);
}

static void print(const uint8_t *octets, size_t len)
{
	printf("0x");
	for (size_t i = 0; i < len; i++)
		printf("%02x", octets[i]);
	putchar(' ');
}

static void print_element(const struct fp *element)
{
	uint8_t octets[FP_LEN];

	fp_to_octets(element, octets);
	print(octets, sizeof(octets));
}

static void random_point(struct affine *point)
{
	uint8_t octets[LIMBS * LIMB_LEN];
	struct point multiple;
	limb k[LIMBS];

	if (modulus_random(&modulus_sakke, octets) || modulus_from_octets(&modulus_sakke, k, octets))
		die("no random number");
	point_mul(&multiple, &params_p, k);
	if (point_to_affine(point, &multiple))
		die("a multiple of P is infinity");
	print(octets, sizeof(octets));
}

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;

	if (count < 1) {
		fprintf(stderr, "usage: pairings COUNT\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		struct affine a, b;
		struct lines *lines = NULL;
		struct fp value;
		struct fp2 w;

		random_point(&a);
		random_point(&b);
		if (i % 2) {
			lines = lines_new(&a);
			if (!lines)
				die("out of memory");
		}
		pairing(&w, &a, lines, &b);
		lines_free(lines);
		pairing_value(&value, &w);
		print_element(&a.x);
		print_element(&a.y);
		print_element(&b.x);
		print_element(&b.y);
		print_element(&value);
		putchar('\n');
	}
	return 0;
}
