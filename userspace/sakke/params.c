// SPDX-License-Identifier: MIT
/* Parameter set 1 of RFC 6509, params.h, in Montgomery form. */
#include "params.h"

const struct affine params_p = {
	.x = { {
		W(0xbf9c7ec6e0162bc2), W(0xddecc6e310a89289),
		W(0x5d599df09e499d81), W(0x9a96ea286d358218),
		W(0x01aec7d370c5f8db), W(0xe72e49958cf5d066),
		W(0xc2e7297d3e91d7f8), W(0x8621db92da9f2f5a),
		W(0x4b26c8675a5679ed), W(0x233385df2c56aac1),
		W(0xb88e74d4c6a13f99), W(0x1214b173ffa8ec11),
		W(0xa0386a271f3f9fef), W(0xbd9b1b4ec0e7b44e),
		W(0xafe528dceecd3496), W(0x8dfff96a1c49f80b),
	} },
	.y = { {
		W(0xb4a4753ac03c0c83), W(0x68e69d18abcdcd75),
		W(0xe3839b88f775b649), W(0x803f949abf58f352),
		W(0x5f702679bd0bc15c), W(0x85bf5d168ff298c2),
		W(0x3f6ebd98c6c7976e), W(0x20618af445e3e1b4),
		W(0x67d5598e54e64093), W(0xb047283b504fed9e),
		W(0x450cabfd70d87517), W(0x47d628bf3f5addbe),
		W(0x0037ef3078cb4cca), W(0x4e148d3c6b1c4908),
		W(0xe256d3294fcfd837), W(0x2aa1207bde3c01f3),
	} },
};

const struct fp params_g = { {
	W(0x170a46d2335c1685), W(0xeac9e971e1007a58),
	W(0x40e8f3df43ca4a73), W(0x2646f81582642475),
	W(0x3af49bb4b36576d1), W(0xd89e2d1472bf1afb),
	W(0x27be882c2fd151e6), W(0xaddedc858f88717c),
	W(0xd6d859bf16ac6c6f), W(0x0e741a1b2d8eae58),
	W(0x6faf7a0061c1f30d), W(0x66dbd09a9b67e096),
	W(0x21f11c067d3b4f7d), W(0x6152ba02c727c98e),
	W(0xafd58891e86cb221), W(0x59e93c6a6bd3baf4),
} };
