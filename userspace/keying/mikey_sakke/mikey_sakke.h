/* SPDX-License-Identifier: MIT */
/*
 * Keying method mikey-sakke: keys from identities, TR 33.833 6.4.3 over the direct link.
 *
 *	UE_2						UE_1
 *	0. hello			->		costs nothing to make
 *	1.				<-	I_MESSAGE to UE_2, signed by UE_1
 *	2. I_MESSAGE to UE_1, signed by UE_2 ->		unless neither end requires it
 *
 * UE_1 begins with public-key work when UE_2 has shown that it hears UE_1, and UE_2 when UE_1 has shown
 * it too: a flood of requests that nobody hears the answers to costs neither any. Both messages are
 * bound to the run, see run.h, so each is good in it only. The signature of a message is verified before
 * anything in it is decapsulated, and no cause on the air tells one failure from another.
 *
 * Embedded in a setup, TR 33.833 6.4.3.3.3, message 1 is in the request and message 2 in the security mode
 * command, without a hello: UE_1 takes the peer for a user of the community that its own keys are of, and
 * when UE_2 cannot open the message for want of keys, or trust, or because it was here before, it asks
 * for the exchange instead. That costs it no public-key work. Message 1 is bound to Nonce_1 and by its
 * timestamp to the time, but to nothing of UE_2's, so until message 2 has been opened it is no proof that
 * UE_1 is there now: what that means is in security.rst.
 *
 * Without message 2, UE_2 is authenticated by what it can do only: whoever answers with a MAC made with
 * KD has opened message 1, and so has the keys of the identity it was for. The message after the
 * last container, the security mode command, is that answer.
 *
 * KD = KDF over KD of message 1, with that of message 2 behind it when there is one, see run.h.
 */
#ifndef PROSE_KEYING_MIKEY_SAKKE_H
#define PROSE_KEYING_MIKEY_SAKKE_H

#include <stdbool.h>

#include "../keying.h"

/**
 * struct mikey_sakke_files - where the credentials are
 * @communities: files of the communities that are trusted: whose KMS says who is who
 * @n_communities: entries, at least one
 * @keys: files of own keys, of those communities and of one identity; readable by their owner only
 * @n_keys: entries, at least one
 * @seal: where the key is from that @keys are sealed with (keying/store_key.h); NULL: they are in clear
 * @deny: files of deny lists, of those communities
 * @n_deny: entries
 * @reply_optional: message 2 may be left out, when the peer can do without it too
 * @in_request: setups may carry the messages in request and command
 * @before: the method that is to be replaced, or NULL. What it remembers of messages and deny lists goes
 *	    on: no list may be older than the one that was in use
 * @seen: without @before, the file with what mikey_sakke_seen() has said in an earlier run, if there is
 *	  one; or NULL
 * @now: wall-clock time for warnings
 * @warn: called with a sentence for each thing that works but should not stay so, NULL when nobody
 *	  listens
 * @context: handed to @warn
 */
struct mikey_sakke_files {
	const char *const *communities;
	size_t n_communities;
	const char *const *keys;
	size_t n_keys;
	const char *seal;
	const char *const *deny;
	size_t n_deny;
	bool reply_optional;
	bool in_request;
	const struct keying_method *before;
	const char *seen;
	time_t now;
	void (*warn)(void *context, const char *sentence);
	void *context;
};

/**
 * mikey_sakke_new() - make the method from files
 * @files: what to read; not used after the call
 * @why: gets a sentence with file, line and reason when it fails
 * @why_len: its size
 *
 * The object is immutable but for what it remembers of messages; a reload makes a new one, which
 * shares that with the old one, and frees the old one when no session uses it any more.
 *
 * Return: the method, to be freed with mikey_sakke_free(), or NULL.
 */
struct keying_method *mikey_sakke_new(const struct mikey_sakke_files *files, char *why,
				      size_t why_len);

/* Wipes the keys and frees. All sessions must be closed. NULL is allowed. */
void mikey_sakke_free(struct keying_method *method);

/*
 * The method is in use from now on, and so are its deny lists: no older ones take their place. One that was
 * made and is freed without this, since something else was wrong, has left no trace.
 */
void mikey_sakke_taken(const struct keying_method *method);

/**
 * mikey_sakke_warn() - what mikey_sakke_new() warns of, at another time
 * @method: the method
 * @now: wall-clock time
 * @warn: called with a sentence for each thing that works but should not stay so, or works no more
 * @context: handed to @warn
 *
 * Keys are of a month and deny lists are good until a time, and a method may be in use for longer.
 */
void mikey_sakke_warn(const struct keying_method *method, time_t now,
		      void (*warn)(void *context, const char *sentence), void *context);

/* The identity that the keys are of. */
const char *mikey_sakke_identity(const struct keying_method *method);

/*
 * Which deny lists were in use, as text that is not secret, to be freed with free(); NULL without memory.
 * It is to be kept over a restart, from mikey_sakke_taken() on.
 */
char *mikey_sakke_seen(const struct keying_method *method);

/*
 * What is remembered of messages, so that none is taken twice, as octets that are not secret, to be freed
 * with free(). They are to be kept over a restart: mikey_sakke_changes() says how many messages were taken
 * since they were. mikey_sakke_save() alone keeps nothing; when what it has returned is where it is to be,
 * and no message was taken in between, mikey_sakke_saved() says so.
 */
unsigned long mikey_sakke_changes(const struct keying_method *method);
uint8_t *mikey_sakke_save(const struct keying_method *method, size_t *len);
void mikey_sakke_saved(const struct keying_method *method);

/**
 * mikey_sakke_restore() - what an earlier run has saved
 * @method: a new one, that has taken no message yet
 * @data: octets
 * @len: how many
 * @now: wall-clock time
 *
 * Return: 0; or -1 when they are not what was saved: all messages are then refused until those that
 * may have been forgotten are too old anyway.
 */
int mikey_sakke_restore(const struct keying_method *method, const uint8_t *data, size_t len,
			time_t now);

#endif
