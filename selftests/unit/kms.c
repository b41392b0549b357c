// SPDX-License-Identifier: MIT
/* prose-kms without its program: key periods, the store, the audit log, who gets keys. */
#include "keying_lab.h"

#include <sqlite3.h>

#include "keying/identity/deny.h"
#include "keying/identity/keys.h"
#include "kms/audit.h"
#include "kms/issue.h"
#include "kms/kms.h"
#include "kms/rate.h"
#include "kms/revoked.h"
#include "mikey/key_file.h"

#define ALICE	"tel:+447700900123"
#define KMS	"kms.example.org"

static char why[512];

static int make(void **state)
{
	struct kms_new new = { KMS, "master.key", "kms.db" };

	if (lab_setup(state))
		return -1;
	if (kms_create(lab_path("kms"), &new, why, sizeof(why)))
		fail_msg("%s", why);
	return 0;
}

static struct kms *open_kms(void)
{
	struct kms *kms = kms_open(lab_path("kms"), true, why, sizeof(why));

	if (!kms)
		fail_msg("%s", why);
	return kms;
}

static void not_opened(const char *sentence)
{
	struct kms *kms = kms_open(lab_path("kms"), true, why, sizeof(why));

	kms_close(kms);
	assert_null(kms);
	lab_contains(why, sentence);
}

/* Somebody else's hand in the store. */
static void alter(const char *sql)
{
	char *message = NULL;
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(lab_path("kms/kms.db"), &handle), SQLITE_OK);
	if (sqlite3_exec(handle, sql, NULL, NULL, &message))
		fail_msg("%s: %s", sql, message);
	if (strncmp(sql, "CREATE", 6))
		assert_true(sqlite3_changes(handle) > 0);
	sqlite3_close(handle);
}

static long long at(int year, int month, int day, int hour)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour };

	return timegm(&tm);
}

static void months_due(void **state)
{
	static const struct {
		int year, month, day, hour;
		const char *due;
	} cases[] = {
		{ 2026, 11, 15, 0, "2026-11" },
		/* Seven days before: on the 24th, and not an hour earlier. */
		{ 2026, 11, 23, 23, "2026-11" },
		{ 2026, 11, 24, 0, "2026-11 2026-12" },
		{ 2026, 11, 30, 23, "2026-11 2026-12" },
		/* The first two days of a month have the one before. */
		{ 2026, 12, 1, 0, "2026-11 2026-12" },
		{ 2026, 12, 2, 23, "2026-11 2026-12" },
		{ 2026, 12, 3, 0, "2026-12" },
		{ 2026, 12, 31, 12, "2026-12 2027-01" },
		{ 2027, 1, 1, 12, "2026-12 2027-01" },
		{ 2028, 2, 23, 0, "2028-02 2028-03" },
		{ 2028, 2, 21, 23, "2028-02" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mikey_month months[PERIOD_DUE_MAX];
		char text[64] = "", one[PERIOD_MONTH_LEN];
		size_t n = period_due(at(cases[i].year, cases[i].month, cases[i].day, cases[i].hour),
				      7, months);

		for (size_t j = 0; j < n; j++)
			sprintf(text + strlen(text), "%s%s", j ? " " : "",
				period_text(&months[j], one));
		assert_string_equal(text, cases[i].due);
	}
	/* Whatever a UE may have to accept by RFC 6509 3.3, it can have the keys for. */
	for (long long now = at(2027, 1, 1, 0); now < at(2029, 1, 1, 0); now += 6 * 3600) {
		struct mikey_month months[PERIOD_DUE_MAX], month = { 2026, 12 };
		size_t n = period_due(now, PERIOD_ADVANCE_MIN, months);

		for (; month.year < 2030; month.month++) {
			bool has = false;

			if (month.month == 13)
				month = (struct mikey_month){ month.year + 1, 1 };
			for (size_t j = 0; j < n; j++)
				has = has || !period_between(&month, &months[j]);
			if (mikey_month_acceptable(&month, &(struct mikey_time){ now, 0 }) && !has)
				fail_msg("%lld: %d-%d is acceptable and not due", now, month.year,
					 month.month);
		}
	}
}

/* Period 1388 of 30 days begins at 2014-01-03 00:00:00. */
static void uid_periods_due(void **state)
{
	static const struct {
		int month, day, hour;
		uint32_t offset;
		const char *due;
	} cases[] = {
		{ 1, 2, 23, 0, "1387 1388" }, { 1, 3, 0, 0, "1387 1388" }, { 1, 4, 23, 0, "1387 1388" },
		{ 1, 5, 0, 0, "1388" }, { 1, 25, 23, 0, "1388" }, { 1, 26, 0, 0, "1388 1389" },
		{ 2, 2, 0, 0, "1388 1389" }, { 1, 5, 0, 3600, "1387 1388" }, { 1, 5, 1, 3600, "1388" },
		{ 1, 5, 1, 2592000 + 3600, "1387" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mikey_uid_period like = {
			.kms_uri = KMS, .length = 2592000, .offset = cases[i].offset,
		};
		struct mikey_uid_period periods[PERIOD_DUE_UID_MAX];
		char text[64] = "";
		size_t n = period_due_uid(at(2014, cases[i].month, cases[i].day, cases[i].hour), 7,
					  &like, periods);

		for (size_t j = 0; j < n; j++) {
			sprintf(text + strlen(text), "%s%u", j ? " " : "", periods[j].number);
			assert_int_equal(periods[j].length, like.length);
		}
		assert_string_equal(text, cases[i].due);
	}
}

/* The shortest periods, the longest time ahead: none in between is left out. */
static void short_uid_periods(void **state)
{
	const struct mikey_uid_period like = { .kms_uri = KMS, .length = LAB_DAY };
	struct mikey_uid_period periods[PERIOD_DUE_UID_MAX];
	int64_t now = at(2014, 1, 10, 12);
	size_t n = period_due_uid(now, PERIOD_ADVANCE_MAX, &like, periods);

	(void)state;
	assert_int_equal(n, PERIOD_OVERLAP_DAYS + 1 + PERIOD_ADVANCE_MAX);
	/* Days since 1900. */
	for (size_t i = 0; i < n; i++)
		assert_int_equal(periods[i].number, now / LAB_DAY + 25567 - PERIOD_OVERLAP_DAYS + i);
}

static void month_texts(void **state)
{
	static const char *const none[] = {
		"", "2026", "2026-1", "2026-13", "2026-00", "0000-01", "2026-011", "2026/01", " 2026-01",
		"+026-01", "2026-+1",
	};
	struct mikey_month month;

	(void)state;
	assert_true(period_read("2026-09", &month));
	assert_true(month.year == 2026 && month.month == 9);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (period_read(none[i], &month))
			fail_msg("'%s' was taken", none[i]);
}

static void has_mode(const char *path, mode_t mode)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, mode);
}

static void created(void **state)
{
	struct kms_new again = { "kms.example.com", "master.key", "kms.db" };
	struct kms_new bad = { "kms example", "master.key", "kms.db" };
	struct kms *kms = open_kms();
	struct domain sealed;
	static const uint8_t none[SAKKE_SCALAR_LEN];

	(void)state;
	assert_string_equal(kms->domain.community.kms, KMS);
	assert_true(kms->domain.opened);
	assert_memory_not_equal(kms->domain.z_secret, none, sizeof(none));
	assert_int_equal(domain_load(kms->db, NULL, &sealed, why, sizeof(why)), 0);
	assert_false(sealed.opened);
	assert_memory_equal(sealed.z_secret, none, sizeof(none));
	assert_memory_equal(sealed.community.z, kms->domain.community.z, sizeof(sealed.community.z));
	kms_close(kms);
	has_mode(lab_path("kms"), 0700);
	has_mode(lab_path("kms/kms.conf"), 0600);
	has_mode(lab_path("kms/kms.db"), 0600);
	has_mode(lab_path("kms/master.key"), 0600);
	assert_int_equal(kms_create(lab_path("kms"), &again, why, sizeof(why)), -1);
	lab_contains(why, "is there already");
	/* What failed leaves nothing in the way of another try. */
	assert_int_equal(kms_create(lab_path("bad"), &bad, why, sizeof(why)), -1);
	lab_contains(why, "is no name for a KMS");
	assert_int_equal(access(lab_path("bad/kms.db"), F_OK), -1);
	assert_int_equal(access(lab_path("bad/master.key"), F_OK), -1);
	assert_int_equal(kms_create(lab_path("bad"), &again, why, sizeof(why)), 0);
}

/* No secret of the domain stands in the store, in octets or in digits. */
static void sealed_at_rest(void **state)
{
	struct kms *kms = open_kms();
	char digits[2 * SAKKE_SCALAR_LEN + 1];
	struct keying_file file;
	size_t i;

	(void)state;
	assert_int_equal(keying_file_read(lab_path("kms/kms.db"), true, &file, why, sizeof(why)), 0);
	assert_null(memmem(file.data, file.len, kms->domain.ksak, ECCSI_SCALAR_LEN));
	assert_null(memmem(file.data, file.len, kms->domain.z_secret, 16));
	for (i = 0; i < 16; i++)
		sprintf(digits + 2 * i, "%02x", kms->domain.ksak[i]);
	assert_null(memmem(file.data, file.len, digits, 32));
	for (i = 0; i < SAKKE_SCALAR_LEN; i++)
		sprintf(digits + 2 * i, "%02x", kms->domain.z_secret[i]);
	assert_null(memmem(file.data, file.len, digits, 32));
	/* But it is the store: the name is there. */
	assert_non_null(memmem(file.data, file.len, KMS, strlen(KMS)));
	keying_file_free(&file);
	kms_close(kms);
}

static void wrong_store(void **state)
{
	char statement[256];
	const char *column;

	(void)state;
	for (int i = 0; i < 3; i++) {
		column = (const char *[]){ "kpak", "z", "master" }[i];
		/* The last digit, so that it is still digits. */
		snprintf(statement, sizeof(statement),
			 "UPDATE domain SET %s = substr(%s, 1, length(%s) - 1) || "
			 "CASE WHEN %s LIKE '%%0' THEN '1' ELSE '0' END", column, column, column, column);
		alter("CREATE TABLE IF NOT EXISTS kept AS SELECT * FROM domain");
		alter(statement);
		not_opened("were changed in the store");
		alter("DELETE FROM domain");
		alter("INSERT INTO domain SELECT * FROM kept");
	}
	alter("UPDATE domain SET kms = 'kms.example.com'");
	not_opened("were changed in the store");
	alter("UPDATE domain SET kms = '" KMS "', version = 2");
	not_opened("another version");
	alter("UPDATE domain SET version = 1, master = 'x'");
	not_opened("is damaged");
	alter("DELETE FROM domain");
	not_opened("There is no domain");
	alter("INSERT INTO domain SELECT * FROM kept");
	kms_close(open_kms());
	/* The key itself. */
	assert_int_equal(rename(lab_path("kms/master.key"), lab_path("kms/kept")), 0);
	not_opened("No such file");
	assert_int_equal(access(lab_path("kms/master.key"), F_OK), -1);
	lab_write(lab_path("kms/master.key"), "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", 0600);
	not_opened("sealed with another key");
	assert_int_equal(rename(lab_path("kms/kept"), lab_path("kms/master.key")), 0);
	assert_int_equal(chmod(lab_path("kms/kms.db"), 0640), 0);
	not_opened("chmod 600");
	assert_int_equal(chmod(lab_path("kms/kms.db"), 0600), 0);
	assert_int_equal(chmod(lab_path("kms"), 0750), 0);
	not_opened("chmod 700");
	assert_int_equal(chmod(lab_path("kms"), 0700), 0);
	kms_close(open_kms());
}

static void settings(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "advance-days = 2\n", "line 1: advance-days has to be between 3 and 28" },
		{ "\ndeny-days = 0\n", "line 2: deny-days has to be between 1 and 366" },
		{ "rate = 0\n", "rate has to be between" },
		{ "master-key = \"keyring:\"\n", "master-key names no key behind keyring:" },
		{ "colour = 1\n", "no such option 'colour'" },
		{ "rate = many\n", "line 1" },
		{ "roots = { \"a\"\n", "kms.conf" },
	};
	struct keying_file kept;

	(void)state;
	assert_int_equal(keying_file_read(lab_path("kms/kms.conf"), true, &kept, why, sizeof(why)), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		lab_write(lab_path("kms/kms.conf"), cases[i].text, 0600);
		not_opened(cases[i].sentence);
	}
	lab_write(lab_path("kms/kms.conf"), kept.data, 0600);
	keying_file_free(&kept);
	kms_close(open_kms());
}

static int issue(struct kms *kms, const char *identity, size_t n, struct keying_file *file)
{
	static const struct mikey_month months[ISSUE_MONTHS_MAX + 1] = { { 2026, 11 }, { 2026, 12 } };
	struct issue wanted = {
		.event = "extract", .identity = identity, .months = months, .n = n,
		.requester = "uid 0", .now = LAB_NOW,
	};

	why[0] = 0;
	return issue_keys(kms, &wanted, file, why, sizeof(why));
}

struct last {
	long long n;
	char identity[128], months[128], outcome[256];
};

static void take_last(void *context, const struct audit_entry *entry)
{
	struct last *last = context;

	last->n = entry->number;
	snprintf(last->identity, sizeof(last->identity), "%s", entry->identity);
	snprintf(last->months, sizeof(last->months), "%s", entry->months);
	snprintf(last->outcome, sizeof(last->outcome), "%s", entry->outcome);
}

static struct last last_row(struct kms *kms)
{
	struct last last = { 0 };

	if (audit_list(kms->db, &kms->domain, take_last, &last, why, sizeof(why)))
		fail_msg("%s", why);
	return last;
}

/* Keys that come out go into a UE that trusts what the KMS publishes. */
static void keys_that_work(void **state)
{
	struct identity_trust trust = { 0 };
	struct kms *kms = open_kms();
	struct identity_keys *keys;
	struct keying_file file;
	struct last last;

	(void)state;
	assert_int_equal(mikey_key_file_format(&kms->domain.community, NULL, NULL, &file), 0);
	assert_int_equal(identity_trust_add(&trust, lab_write(lab_path("community"), file.data, 0644),
					    why, sizeof(why)), 0);
	keying_file_free(&file);
	if (issue(kms, ALICE, 2, &file))
		fail_msg("%s", why);
	keys = identity_keys_parse("FILE", &file, &trust, why, sizeof(why));
	if (!keys)
		fail_msg("%s", why);
	assert_int_equal(identity_keys_count(keys), 2);
	identity_keys_free(keys);
	keying_file_free(&file);
	last = last_row(kms);
	assert_int_equal(last.n, 2);	/* behind the creation */
	assert_string_equal(last.identity, ALICE);
	assert_string_equal(last.months, "2026-11 2026-12");
	assert_string_equal(last.outcome, "ok");
	identity_trust_free(&trust);
	kms_close(kms);
}

/* Keys of a UID, by the number that others have for it. */
static void keys_of_uids(void **state)
{
	const struct mikey_uid_period periods[] = {
		{ KMS, 2592000, 0, 1387 }, { KMS, 2592000, 0, 1388 },
	};
	struct issue wanted = {
		.event = "extract", .identity = "sip:user@example.org", .uids = periods, .n_uids = 2,
		.requester = "uid 0", .now = LAB_NOW,
	};
	struct identity_trust trust = { 0 };
	struct kms *kms = open_kms();
	struct identity_keys *keys;
	struct keying_file file;

	(void)state;
	assert_int_equal(mikey_key_file_format(&kms->domain.community, NULL, NULL, &file), 0);
	assert_int_equal(identity_trust_add(&trust, lab_write(lab_path("community"), file.data, 0644),
					    why, sizeof(why)), 0);
	keying_file_free(&file);
	if (issue_keys(kms, &wanted, &file, why, sizeof(why)))
		fail_msg("%s", why);
	lab_contains(file.data, "uid 3a81fb14c3b1d0fe43c9c577104d55a6d81788bfd2f09743c4557746a5a0353b\n");
	keys = identity_keys_parse("FILE", &file, &trust, why, sizeof(why));
	if (!keys)
		fail_msg("%s", why);
	assert_int_equal(identity_keys_count(keys), 2);
	identity_keys_free(keys);
	keying_file_free(&file);
	assert_string_equal(last_row(kms).months, "uid-1387 uid-1388");
	assert_string_equal(last_row(kms).identity, "sip:user@example.org");
	wanted.identity = "sip:user@EXAMPLE.org";
	assert_int_equal(issue_keys(kms, &wanted, &file, why, sizeof(why)), 1);
	assert_null(file.data);
	lab_contains(why, "sip:user@EXAMPLE.org ");
	identity_trust_free(&trust);
	kms_close(kms);
}

static void no_keys(void **state)
{
	struct kms *kms = open_kms();
	long long before = last_row(kms).n;
	struct keying_file file;

	(void)state;
	assert_int_equal(issue(kms, "tel:447700900123", 1, &file), 1);
	assert_null(file.data);
	lab_contains(why, "tel URI");
	lab_contains(last_row(kms).outcome, "tel URI");
	assert_int_equal(issue(kms, ALICE, 0, &file), 1);
	assert_int_equal(issue(kms, ALICE, ISSUE_MONTHS_MAX + 1, &file), 1);
	assert_int_equal(last_row(kms).n, before + 3);
	/* What a log must not have in it does not come to it. */
	assert_int_equal(issue(kms, "tel:+1\033[2J", 1, &file), 1);
	assert_int_equal(last_row(kms).n, before + 3);
	kms_close(kms);
}

/* The log cannot be written: no keys. */
static void no_keys_without_log(void **state)
{
	struct kms *kms = open_kms();
	struct keying_file file;

	(void)state;
	alter("CREATE TABLE other (x); INSERT INTO other VALUES (1)");
	assert_int_equal(db_run(kms->db, "ALTER TABLE audit RENAME TO hidden", NULL, 0, NULL, NULL,
				why, sizeof(why)), 0);
	assert_int_equal(issue(kms, ALICE, 1, &file), -1);
	assert_null(file.data);
	lab_contains(why, "audit");
	assert_int_equal(db_run(kms->db, "ALTER TABLE hidden RENAME TO audit", NULL, 0, NULL, NULL,
				why, sizeof(why)), 0);
	/* The transaction that failed is over. */
	assert_int_equal(issue(kms, ALICE, 1, &file), 0);
	keying_file_free(&file);
	kms_close(kms);
}

static void change(struct kms *kms, const char *identity, bool revoke)
{
	assert_int_equal(db_begin(kms->db, why, sizeof(why)), 0);
	assert_int_equal(db_end(kms->db, revoke ?
				revoked_add(kms->db, identity, "stolen", LAB_NOW, why, sizeof(why)) :
				revoked_remove(kms->db, identity, LAB_NOW, why, sizeof(why)), why, sizeof(why)), 0);
}

/* Nobody could be told of one more. */
static void all_that_a_list_has(void **state)
{
	struct kms *kms = open_kms();
	char sql[256];

	(void)state;
	snprintf(sql, sizeof(sql), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		 "INSERT INTO revoked SELECT 'sip:' || i || '@example.org', 0, '' FROM n",
		 DENY_IDENTITIES_MAX - 1);
	assert_int_equal(db_run(kms->db, sql, NULL, 0, NULL, NULL, why, sizeof(why)), 0);
	change(kms, ALICE, true);
	assert_int_equal(revoked_add(kms->db, "sip:z@example.org", "", LAB_NOW, why, sizeof(why)), -1);
	lab_contains(why, "100000 are revoked");
	change(kms, ALICE, false);
	change(kms, "sip:z@example.org", true);
	kms_close(kms);
}

static struct deny_list *deny(struct kms *kms, const struct mikey_community *community)
{
	struct keying_file file;
	struct deny_list *list;

	if (revoked_deny(kms->db, &kms->domain, LAB_NOW, 30, &file, why, sizeof(why)))
		fail_msg("%s", why);
	list = deny_parse("FILE", &file, community, why, sizeof(why));
	if (!list)
		fail_msg("%s", why);
	keying_file_free(&file);
	return list;
}

static void revoked(void **state)
{
	struct mikey_community *community;
	struct kms *kms = open_kms();
	struct deny_list *before, *after, *back;
	struct keying_file file;

	(void)state;
	community = mikey_community_new(KMS, kms->domain.community.kpak, kms->domain.community.z, why,
					sizeof(why));
	assert_non_null(community);
	before = deny(kms, community);
	change(kms, ALICE, true);
	change(kms, "sip:z@example.org", true);
	change(kms, "sip:a@example.org", true);
	assert_int_equal(issue(kms, ALICE, 1, &file), 1);
	assert_null(file.data);
	lab_contains(why, "is revoked and gets no keys");
	lab_contains(last_row(kms).outcome, "is revoked");
	assert_int_equal(revoked_add(kms->db, ALICE, "", LAB_NOW, why, sizeof(why)), -1);
	lab_contains(why, "is revoked already");
	after = deny(kms, community);
	assert_true(deny_has(after, ALICE) && after->n == 3 && before->n == 0);
	assert_true(deny_replaces(after, before) && !deny_replaces(before, after));
	/* Three changes in one second. */
	assert_int_equal(before->number, 0);
	assert_int_equal(after->number, LAB_NOW + 2);
	assert_int_equal(after->until - after->issued, 30 * LAB_DAY);
	change(kms, ALICE, false);
	assert_int_equal(revoked_remove(kms->db, ALICE, LAB_NOW, why, sizeof(why)), -1);
	lab_contains(why, "is not revoked");
	back = deny(kms, community);
	assert_false(deny_has(back, ALICE));
	assert_true(deny_replaces(back, after));
	assert_int_equal(issue(kms, ALICE, 1, &file), 0);
	keying_file_free(&file);
	deny_free(before);
	deny_free(after);
	deny_free(back);
	mikey_community_free(community);
	kms_close(kms);
}

/* Each column of a row, a row taken out, two rows exchanged. */
static void audit_altered(void **state)
{
	static const char *const sql[] = {
		"UPDATE audit SET at = at + 1 WHERE number = 2",
		"UPDATE audit SET event = 'create' WHERE number = 2",
		"UPDATE audit SET identity = identity || '0' WHERE number = 2",
		"UPDATE audit SET months = '' WHERE number = 2",
		"UPDATE audit SET requester = 'uid 1' WHERE number = 2",
		"UPDATE audit SET outcome = 'no' WHERE number = 2",
		"UPDATE audit SET identity = '', months = identity || months WHERE number = 2",
		"DELETE FROM audit WHERE number = 2",
		"DELETE FROM audit WHERE number = 2; UPDATE audit SET number = number - 1 WHERE number > 2",
		"UPDATE audit SET number = CASE number WHEN 2 THEN -3 ELSE -2 END WHERE number IN (2, 3); "
		"UPDATE audit SET number = -number WHERE number < 0",
	};
	struct kms *kms = open_kms();
	struct keying_file file;

	(void)state;
	assert_int_equal(issue(kms, ALICE, 1, &file), 0);
	keying_file_free(&file);
	assert_int_equal(issue(kms, "sip:a@example.org", 1, &file), 0);
	keying_file_free(&file);
	alter("CREATE TABLE rows AS SELECT * FROM audit");
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		alter(sql[i]);
		if (!audit_list(kms->db, &kms->domain, NULL, NULL, why, sizeof(why)))
			fail_msg("not seen: %s", sql[i]);
		lab_contains(why, "Row 2 of the audit log is not as it was written");
		alter("DELETE FROM audit");
		alter("INSERT INTO audit SELECT * FROM rows");
		last_row(kms);
	}
	/* A row that was written as this number once, before the log was cut off and went on otherwise. */
	alter("DELETE FROM audit WHERE number > 2");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(issue(kms, "sip:b@example.org", 1, &file), 0);
		keying_file_free(&file);
	}
	last_row(kms);
	alter("DELETE FROM audit WHERE number = 3");
	alter("INSERT INTO audit SELECT * FROM rows WHERE number = 3");
	assert_int_equal(audit_list(kms->db, &kms->domain, NULL, NULL, why, sizeof(why)), -1);
	lab_contains(why, "Row 4 of the audit log");
	kms_close(kms);
}

/* Three at once, then one in twenty seconds; each name by itself; many names do not stop it. */
static void rates(void **state)
{
	struct rate *rate = rate_new(3);
	char name[16];

	(void)state;
	assert_non_null(rate);
	for (int i = 0; i < 3; i++)
		assert_true(rate_take(rate, "alice", 100));
	assert_false(rate_take(rate, "alice", 100));
	assert_true(rate_take(rate, "bob", 100));
	assert_false(rate_take(rate, "alice", 119));
	assert_true(rate_take(rate, "alice", 121));
	assert_false(rate_take(rate, "alice", 121));
	/* However long one waits, no more than three. */
	for (int i = 0; i < 3; i++)
		assert_true(rate_take(rate, "alice", 100000));
	assert_false(rate_take(rate, "alice", 100000));
	for (int i = 0; i < 2 * RATE_NAMES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_true(rate_take(rate, name, 100001));
	}
	rate_free(rate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months_due),
		cmocka_unit_test(uid_periods_due),
		cmocka_unit_test(short_uid_periods),
		cmocka_unit_test(month_texts),
		cmocka_unit_test(rates),
		cmocka_unit_test_setup_teardown(created, make, lab_teardown),
		cmocka_unit_test_setup_teardown(sealed_at_rest, make, lab_teardown),
		cmocka_unit_test_setup_teardown(wrong_store, make, lab_teardown),
		cmocka_unit_test_setup_teardown(settings, make, lab_teardown),
		cmocka_unit_test_setup_teardown(keys_that_work, make, lab_teardown),
		cmocka_unit_test_setup_teardown(keys_of_uids, make, lab_teardown),
		cmocka_unit_test_setup_teardown(no_keys, make, lab_teardown),
		cmocka_unit_test_setup_teardown(no_keys_without_log, make, lab_teardown),
		cmocka_unit_test_setup_teardown(revoked, make, lab_teardown),
		cmocka_unit_test_setup_teardown(all_that_a_list_has, make, lab_teardown),
		cmocka_unit_test_setup_teardown(audit_altered, make, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
