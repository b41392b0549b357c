# shellcheck shell=bash
# shellcheck disable=SC2154 # of machine.sh
# SPDX-License-Identifier: MIT
#
# machine.sh's steps for prose-kms.service, as Documentation/identity.rst has its user go. What the unit
# forbids itself, systemd enforces here.

kms_dir=/var/lib/prose-kms
kms_etc=/etc/prose-kms
kms_name=kms.example.org
kms_user=tel:+447700900123

kms_package() {
	echo "$debs/$1/prose-kms_$2_$arch.deb"
}

# fetch FILE: on a UE, which has its certificates from the same authority
kms_fetch() {
	prose identity fetch --kms "[::1]" --server "$kms_name" --community "$OUT/community" --deny "$OUT/deny" \
		--chain "$kms_etc/pki/$kms_user.pem" --key "$kms_etc/pki/$kms_user.key" \
		--roots "$kms_etc/pki/ca.pem" --crls "$kms_etc/pki/crl.pem" -o "$1" "$kms_user"
}

# fetched FILE: within a minute, for it may just be starting
kms_fetched() {
	rm -f "$1"
	wait_for 60 kms_fetch "$1" && prose identity show --community "$OUT/community" "$1" && return
	kms_fetch "$1"
	log_of prose-kms | tail -n 20
	return 1
}

# Nothing runs before there is a KMS; then the documentation's commands make one.
kms_serves() {
	dpkg -i "$(kms_package old "$version")" >"$OUT/install-kms.log" 2>&1 || {
		cat "$OUT/install-kms.log"
		return 1
	}
	expect "the unit" "$(systemctl is-enabled prose-kms),$(systemctl is-active prose-kms)" \
		disabled,inactive || return
	mkdir -p "$kms_etc" &&
		prose-kms init "$kms_dir" --community "$kms_name" --master-key "$kms_etc/master.key" &&
		prose-kms public "$kms_dir" >"$OUT/community" &&
		prose pki init "$kms_etc/pki" >/dev/null &&
		prose pki issue "$kms_etc/pki" "$kms_name" >/dev/null &&
		prose pki issue "$kms_etc/pki" "$kms_user" >/dev/null || return
	cat >>"$kms_dir/kms.conf" <<-END
	chain = "$kms_etc/pki/$kms_name.pem"
	key = "$kms_etc/pki/$kms_name.key"
	roots = { "$kms_etc/pki/ca.pem" }
	crls = { "$kms_etc/pki/crl.pem" }
	END
	systemctl enable --now prose-kms && kms_fetched "$OUT/first.keys" &&
		expect "starts" "$(systemctl show -P NRestarts prose-kms)" 0
}

# It is root by its number, and nothing else of it.
kms_privileges() {
	local pid

	pid=$(main_pid kms)
	confined "$pid" 0000000000000000 && ! inside "$pid" touch "$kms_etc/x" 2>/dev/null &&
		inside "$pid" test -w "$kms_dir" && grep -E '^Max core file size +0 +0 ' "/proc/$pid/limits" &&
		expect "$kms_dir" "$(stat -c '%U %a' "$kms_dir")" "root 700"
}

# A certificate that is renewed is taken by a reload, and one that cannot be read is not; it stays the same
# process, which serves all the time.
kms_reloads() {
	local pid

	pid=$(main_pid kms)
	echo nonsense >"$kms_etc/pki/$kms_name.pem" &&
		systemctl reload prose-kms || return
	kms_refused() { log_of prose-kms | grep -F "$kms_name.pem: "; }
	wait_for 30 kms_refused && kms_fetched "$OUT/reload.keys" || return
	prose pki issue --replace "$kms_etc/pki" "$kms_name" >/dev/null &&
		systemctl reload prose-kms && kms_fetched "$OUT/reload.keys" &&
		expect "process" "$(main_pid kms)" "$pid" || return
	# Killed, it is there again.
	kill -KILL "$pid"
	wait_for 60 is_other kms "$pid" && kms_fetched "$OUT/killed.keys"
}

# The key of the store as a credential that systemd has sealed; the guest has no TPM, so to its own key. Without it
# there is no KMS, and the log says why.
kms_credential() {
	local drop_in=/etc/systemd/system/prose-kms.service.d

	systemd-creds encrypt --name=kms --with-key=host "$kms_etc/master.key" /etc/prose-kms.cred &&
		sed -i 's,^master-key.*,master-key = "credential:kms",' "$kms_dir/kms.conf" &&
		rm "$kms_etc/master.key" || return
	systemctl restart prose-kms
	kms_says() { log_of prose-kms | grep -F "credential"; }
	wait_for 60 kms_says && ! kms_fetch "$OUT/none.keys" 2>/dev/null || return
	mkdir -p "$drop_in" &&
		printf '[Service]\nLoadCredentialEncrypted=kms:/etc/prose-kms.cred\n' >"$drop_in/override.conf" &&
		systemctl daemon-reload && systemctl restart prose-kms && kms_fetched "$OUT/credential.keys" || return
	# Commands by hand have it the same way, and not otherwise.
	! prose-kms deny "$kms_dir" >/dev/null && kms_by_hand revoke "$kms_dir" "$kms_user" --reason stolen &&
		kms_by_hand deny "$kms_dir" >"$OUT/deny.new" &&
		grep -F "identity $kms_user" "$OUT/deny.new" && ! kms_fetch "$OUT/revoked.keys" &&
		kms_by_hand unrevoke "$kms_dir" "$kms_user"
}

kms_by_hand() {
	systemd-run --pipe --wait -q -p LoadCredentialEncrypted=kms:/etc/prose-kms.cred prose-kms "$@"
}

# The next version serves in the old one's place.
kms_upgrade() {
	local pid

	pid=$(main_pid kms)
	dpkg -i "$(kms_package new "$next")" >"$OUT/upgrade-kms.log" 2>&1 || {
		cat "$OUT/upgrade-kms.log"
		return 1
	}
	wait_for 60 is_other kms "$pid" && kms_fetched "$OUT/upgrade.keys"
}

# Nothing with the secrets in its memory is left when the package goes, but the store is its owner's.
kms_purge() {
	dpkg --purge prose-kms >"$OUT/purge-kms.log" 2>&1 && grep -F "$kms_dir stays" "$OUT/purge-kms.log" || return
	! pidof prose-kms && [ -e "$kms_dir/kms.conf" ] && [ ! -e /run/credentials/prose-kms.service ]
}
