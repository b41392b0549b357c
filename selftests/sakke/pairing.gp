/* SPDX-License-Identifier: MIT
 *
 * What PARI/GP says of the pairings in the file that the environment names as PAIRINGS: a line "agree N"
 * or the first one that is another, with what PARI made of it. Parameter set 1 from RFC 6509, Appendix
 * A, once more, so that nothing here is taken from the product.
 */
p = 0x997abb1f0a563fda65c61198dad0657a416c0ce19cb48261be9ae358b3e01a2ef40aab27e2fc0f1b228730d531a59cb0e791b39ff7c88a19356d27f4a666a6d0e26c6487326b4cd4512ac5cd65681ce1b6aff4a831852a82a7cf3c521c3c09aa9f94d6af56971f1ffce3e82389857db080c5df10ac7ace87666d807afea85feb;
px = 0x53fc09ee332c29ad0a7990053ed9b52a2b1a2fd60aec69c698b2f204b6ff7cbfb5edb6c0f6ce2308ab10db9030b09e1043d5f22cdb9dfa55718bd9e7406ce8909760af765dd5bccb337c86548b72f2e1a702c3397a60de74a7c1514dba66910dd5cfb4cc80728d87ee9163a5b63f73ec80ec46c4967e0979880dc8abeae63895;
py = 0x0a8249063f6009f1f9f1f0533634a135d3e82016029906963d778d821e141178f5ea69f4654ec2b9e7f7f5e5f0de55f66b598ccf9a140b2e416cff0ca9e032b970dae117ad547c6ccad696b5b7652fe0ac6f1e80164aa989492d979fc5a4d5f213515ad7e9cb99a980bdad5ad5bb4636adb9b5706a67dcde75573fd71bef16d7;
q = (p + 1) / 4;

/* E over F_p for the points, over F_p(i) for the pairing: <R,Q> = e(R, [i]Q), [i](x, y) = (-x, iy). */
E1 = ellinit([-3, 0] * Mod(1, p));
i = ffgen((x^2 + 1) * Mod(1, p), 'i);
one = i^0;
E2 = ellinit([-3 * one, 0 * one]);

/* b/a of a + bi. */
ratio(w) = { my(a, b); w = w.pol; a = polcoef(w, 0); b = polcoef(w, 1); lift(Mod(b, p) / a) };

pairing(r, s) = { ratio(elltatepairing(E2, [r[1] * one, r[2] * one], [-s[1] * one, s[2] * i], q)^((p + 1) / q)) };

{
	my(lines = readstr(getenv("PAIRINGS")), P = [px, py] * Mod(1, p), n = 0);
	foreach(lines, line,
		my(v = apply(eval, strsplit(line, " ")), r, s, w);
		r = lift(ellmul(E1, P, v[1]));
		s = lift(ellmul(E1, P, v[2]));
		w = pairing(r, s);
		if (r != [v[3], v[4]] || s != [v[5], v[6]], print("other points: ", line); quit(1));
		if (w != v[7], print("another pairing: ", line, ", by PARI ", w); quit(1));
		n++);
	print("agree ", n);
}
quit
