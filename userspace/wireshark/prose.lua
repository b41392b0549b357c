-- SPDX-License-Identifier: MIT
--
-- Wireshark and tshark: dissectors of what goes over a carrier of prose.
--
--	prose		the frame: SL-SCH subheader (TS 36.321 6.1.6), PDCP header (TS 36.323 6.2.10)
--	pc5s		PC5 signalling messages (TS 24.334 11.4, 12.5.1) with the extensions of prose
--	prose_clear	what `prose decode` wrote: such a frame, deciphered
--
-- Documentation/protocol.rst has the octets, Documentation/wireshark.rst the use. This file is all
-- there is to install: copy it to ~/.local/lib/wireshark/plugins.
--
-- Wireshark's Lua has no cryptography, so a frame is deciphered here only when nothing was
-- ciphered: unprotected messages, the security mode command, and everything under EEA0. For the rest
-- there is `prose decode`, which writes a capture that this file reads too.

-- All plugins have one set of globals, and Wireshark's own words for this are dark.
if prose_plugin then
	error("prose.lua is loaded already, from " .. prose_plugin .. "; remove one of the two", 0)
end
prose_plugin = debug.getinfo(1, "S").source:gsub("^@", "")

-- Wireshark from 4.4 on has a Lua whose operators are these, and no bit32. Those before cannot even
-- read the operators.
local bits = bit32 or load([[return {
	band = function(a, b) return a & b end,
	bor = function(a, b) return a | b end,
	btest = function(a, b) return a & b ~= 0 end,
	lshift = function(a, n) return (a << n) & 0xffffffff end,
	rshift = function(a, n) return a >> n end,
	extract = function(a, at, width) return (a >> at) & ((1 << width) - 1) end,
}]])()

local prose = Proto("prose", "ProSe sidelink frame")
local pc5s = Proto("pc5s", "PC5 signalling")
local prose_clear = Proto("prose_clear", "ProSe sidelink frame, deciphered by prose decode")

prose.prefs.ethertype = Pref.string("EtherType of the link carrier", "88b5",
				    "In hexadecimal; the device's option ethertype changes it")
prose.prefs.udp_port = Pref.uint("Port of the udp carrier", 7800, "0: there is none")
pc5s.prefs.iei_decimal = Pref.bool("IEIs are counted in decimal", false,
				   "For peers that were built with PROSE_IEI_DECIMAL")

-- Constants --------------------------------------------------------------------------------------

local MAC_VERSION = 3		-- V of a destination of 24 bits
local SL_SCH_LEN = 7
local PDCP_LEN = 5
local MAC_I_LEN = 4
local COMMAND_LEN = 23		-- of a security mode command without optional IEs
local LCID_DATA = 1
local LCID_DATA_LAST = 10
local LCID_PLAIN = 28
local LCID_SECURITY_MODE = 29
local LCID_PROTECTED = 30
local LCID_PADDING = 31
local SDU_IP = 0
local SDU_PC5S = 2

local REQUEST, ACCEPT, REJECT, KEEPALIVE, KEEPALIVE_ACK, RELEASE, RELEASE_ACCEPT = 1, 2, 3, 4, 5, 6, 7
local COMMAND, COMPLETE, SMC_REJECT, REKEYING_REQUEST, REKEYING_RESPONSE = 12, 13, 14, 15, 16
local REKEYING_TRIGGER, INFO_REQUEST, INFO_RESPONSE = 17, 18, 19
local KEY_ESTABLISHMENT, CONNECTION_COMPLETE = 0xf0, 0xf1

local KE_MORE, KE_ACK, KE_ABORT = 1, 2, 4

-- The same message from the same sender again after that is no retransmission.
local RETRANSMISSION_SECONDS = 60

local lcid_names = {
	[LCID_PLAIN] = "PC5-S without protection",
	[LCID_SECURITY_MODE] = "PC5-S that activates security",
	[LCID_PROTECTED] = "PC5-S, protected",
	[LCID_PADDING] = "Padding",
}
for lcid = LCID_DATA, LCID_DATA_LAST do
	lcid_names[lcid] = "User data"
end
local sdu_type_names = { [0] = "IP", "ARP", "PC5 signalling", "Non-IP" }
local type_names = {
	[REQUEST] = "DIRECT_COMMUNICATION_REQUEST",
	[ACCEPT] = "DIRECT_COMMUNICATION_ACCEPT",
	[REJECT] = "DIRECT_COMMUNICATION_REJECT",
	[KEEPALIVE] = "DIRECT_COMMUNICATION_KEEPALIVE",
	[KEEPALIVE_ACK] = "DIRECT_COMMUNICATION_KEEPALIVE_ACK",
	[RELEASE] = "DIRECT_COMMUNICATION_RELEASE",
	[RELEASE_ACCEPT] = "DIRECT_COMMUNICATION_RELEASE_ACCEPT",
	[COMMAND] = "DIRECT_SECURITY_MODE_COMMAND",
	[COMPLETE] = "DIRECT_SECURITY_MODE_COMPLETE",
	[SMC_REJECT] = "DIRECT_SECURITY_MODE_REJECT",
	[REKEYING_REQUEST] = "DIRECT_REKEYING_REQUEST",
	[REKEYING_RESPONSE] = "DIRECT_REKEYING_RESPONSE",
	[REKEYING_TRIGGER] = "DIRECT_REKEYING_TRIGGER",
	[INFO_REQUEST] = "REMOTE_UE_INFO_REQUEST",
	[INFO_RESPONSE] = "REMOTE_UE_INFO_RESPONSE",
	[KEY_ESTABLISHMENT] = "KEY_ESTABLISHMENT",
	[CONNECTION_COMPLETE] = "CONNECTION_COMPLETE",
}
local cause_names = {
	"Communication to the target is not allowed", "Authentication failure",
	"Conflict of Layer-2 IDs", "Lack of resources", "IP version mismatch",
	"Setup failed for another reason", "UE security capabilities mismatch", "Unspecified",
	"Authentication synchronisation error", "No response in the security mode procedure",
}
local release_names = {
	"No longer needed", "No longer allowed", "Connection is not available any more",
}
local ip_config_names = {
	[0] = "DHCPv4 server", "IPv6 router", "DHCPv4 server and IPv6 router",
	"Address allocation is not supported",
}
local user_info_names = { "Upper layers", "PRUK ID", "IMSI" }
local info_type_names = { "IMEI", "IMEISV" }
local method_names = { "psk", "certificate", "mikey-sakke", "eccsi-sakke" }
local cipher_names = { [0] = "EEA0 (null)", "128-EEA1 (SNOW 3G)", "128-EEA2 (AES)", "128-EEA3 (ZUC)" }
local integrity_names = {
	[0] = "EIA0 (null)", "128-EIA1 (SNOW 3G)", "128-EIA2 (AES)", "128-EIA3 (ZUC)",
}
local count_profile_names = { [0] = "hfn", "sess-id" }
local policy_names = { [0] = "not needed", "preferred", "required" }
local chosen_policy_names = { [0] = "user data without MAC-I", "user data with MAC-I" }

-- Fields -----------------------------------------------------------------------------------------

local f = {
	version = ProtoField.uint8("prose.version", "Version", base.DEC, nil, 0xf0),
	src = ProtoField.bytes("prose.src", "Source Layer-2 ID", base.COLON),
	dst = ProtoField.bytes("prose.dst", "Destination Layer-2 ID", base.COLON),
	id = ProtoField.bytes("prose.id", "Layer-2 ID", base.COLON),
	reserved = ProtoField.uint8("prose.reserved", "Reserved", base.HEX),
	extension = ProtoField.bool("prose.e", "Further subheader follows", 8, nil, 0x20),
	lcid = ProtoField.uint8("prose.lcid", "LCID", base.DEC, lcid_names, 0x1f),
	long = ProtoField.bool("prose.f", "Length of 15 bits", 8, nil, 0x80),
	length = ProtoField.uint16("prose.length", "Length of the SDU"),
	padding = ProtoField.bytes("prose.padding", "Padding"),
	sdu_type = ProtoField.uint8("prose.sdu_type", "SDU type", base.DEC, sdu_type_names, 0xe0),
	kd_sess_id = ProtoField.uint16("prose.kd_sess_id", "KD-sess ID", base.HEX),
	sn = ProtoField.uint16("prose.sn", "SN"),
	data = ProtoField.bytes("prose.data", "Data"),
	mac_i = ProtoField.uint32("prose.mac_i", "MAC-I", base.HEX),
	direction = ProtoField.uint8("prose.direction", "DIRECTION", base.DEC,
				     { [0] = "from UE_1", "from UE_2" }),
	eea = ProtoField.uint8("prose.eea", "Ciphering", base.DEC, cipher_names),
	eia = ProtoField.uint8("prose.eia", "Integrity", base.DEC, integrity_names),
	command = ProtoField.framenum("prose.command", "Security mode command in frame", base.NONE,
				      frametype.NONE),
	-- What `prose decode` found out.
	count = ProtoField.uint32("prose.count", "COUNT"),
	verdict = ProtoField.uint8("prose.verdict", "prose decode", base.DEC, {
		[0] = "left as it was", "deciphered, MAC-I verified", "deciphered, no MAC-I on it",
		"MAC-I is wrong", "no key for it", "no protected frame",
	}),
}
prose.fields = f

local F = {
	type = ProtoField.uint8("pc5s.type", "Message type", base.DEC, type_names),
	seq = ProtoField.uint16("pc5s.seq", "Sequence number"),
	iei = ProtoField.uint8("pc5s.iei", "IEI", base.HEX),
	len = ProtoField.uint16("pc5s.len", "Length"),
	spare = ProtoField.uint8("pc5s.spare", "Spare", base.HEX),
	left_over = ProtoField.bytes("pc5s.left_over", "Octets left over"),

	user_info_type = ProtoField.uint8("pc5s.user_info.type", "Type", base.DEC, user_info_names, 7),
	user_info_odd = ProtoField.bool("pc5s.user_info.odd", "Odd number of digits", 8, nil, 8),
	user_info = ProtoField.string("pc5s.user_info", "User Info"),
	target_info = ProtoField.string("pc5s.target_info", "Target Info"),
	ip_config = ProtoField.uint8("pc5s.ip_config", "IP Address Config", base.DEC, ip_config_names),
	max_inactivity = ProtoField.uint32("pc5s.max_inactivity",
					   "Maximum Inactivity Period in seconds"),
	nonce_1 = ProtoField.bytes("pc5s.nonce_1", "Nonce_1"),
	nonce_2 = ProtoField.bytes("pc5s.nonce_2", "Nonce_2"),
	capabilities = ProtoField.uint16("pc5s.capabilities", "UE Security Capabilities", base.HEX),
	msb_kd_sess_id = ProtoField.uint8("pc5s.msb_kd_sess_id", "MSB of KD-sess ID", base.HEX),
	lsb_kd_sess_id = ProtoField.uint8("pc5s.lsb_kd_sess_id", "LSB of KD-sess ID", base.HEX),
	kd_id = ProtoField.uint32("pc5s.kd_id", "KD ID", base.HEX),
	msb_kd_id = ProtoField.uint16("pc5s.msb_kd_id", "MSB of KD ID", base.HEX),
	lsb_kd_id = ProtoField.uint16("pc5s.lsb_kd_id", "LSB of KD ID", base.HEX),
	relay_service_code = ProtoField.uint24("pc5s.relay_service_code", "Relay Service Code",
						base.HEX),
	signature = ProtoField.bytes("pc5s.signature", "Signature"),
	link_local = ProtoField.ipv6("pc5s.link_local", "Link Local IPv6 Address"),
	cause = ProtoField.uint8("pc5s.cause", "Cause", base.DEC, cause_names),
	keepalive_counter = ProtoField.uint32("pc5s.keepalive_counter", "Keepalive Counter"),
	release_reason = ProtoField.uint8("pc5s.release_reason", "Release Reason", base.DEC,
					  release_names),
	chosen = ProtoField.uint8("pc5s.chosen_algorithms", "Chosen Algorithms", base.HEX),
	eea = ProtoField.uint8("pc5s.eea", "Ciphering", base.DEC, cipher_names, 0x70),
	eia = ProtoField.uint8("pc5s.eia", "Integrity", base.DEC, integrity_names, 0x07),
	kd_freshness = ProtoField.bytes("pc5s.kd_freshness", "KD Freshness"),
	gpi = ProtoField.bytes("pc5s.gpi", "GPI"),
	encrypted_payload = ProtoField.bytes("pc5s.encrypted_payload", "Encrypted Payload"),
	rand = ProtoField.bytes("pc5s.rand", "RAND"),
	auts = ProtoField.bytes("pc5s.auts", "AUTS"),
	auth_flag = ProtoField.uint8("pc5s.auth_flag", "Auth Flag", base.DEC,
				     { "KD refresh is requested" }),
	pruk_id = ProtoField.bytes("pc5s.pruk_id", "PRUK ID"),
	info_type = ProtoField.uint8("pc5s.info_type", "Remote UE Info Type", base.DEC,
				      info_type_names),
	imei = ProtoField.bytes("pc5s.imei", "IMEI"),

	keying_method = ProtoField.uint8("pc5s.keying_method", "Keying method", base.DEC, method_names),
	up_integrity = ProtoField.uint8("pc5s.up_integrity", "Integrity of user data", base.DEC,
					policy_names),
	up_ciphering = ProtoField.uint8("pc5s.up_ciphering", "Ciphering of user data", base.DEC,
					policy_names),
	chosen_policy = ProtoField.uint8("pc5s.chosen_policy", "Chosen Policy", base.DEC,
					 chosen_policy_names),
	expression = ProtoField.string("pc5s.expression", "Expression"),
	cookie = ProtoField.bytes("pc5s.cookie", "Cookie"),
	link_l2_id = ProtoField.uint24("pc5s.link_l2_id", "Link Layer-2 ID", base.HEX),
	count_profile = ProtoField.uint8("pc5s.count_profile", "COUNT profile", base.DEC,
					 count_profile_names),
	connection_id = ProtoField.bytes("pc5s.connection_id", "Connection ID"),
	family = ProtoField.uint8("pc5s.address.family", "Family"),
	address_ipv4 = ProtoField.ipv4("pc5s.address.ipv4", "Overlay address"),
	address_ipv6 = ProtoField.ipv6("pc5s.address.ipv6", "Overlay address"),
	counts_lcid = ProtoField.uint8("pc5s.counts.lcid", "LCID", base.DEC, lcid_names),
	counts_sent = ProtoField.uint32("pc5s.counts.sent", "COUNT last sent"),
	counts_received = ProtoField.uint32("pc5s.counts.received", "COUNT highest received"),
	request_hash = ProtoField.bytes("pc5s.request_hash", "SHA-256 of the request"),
	selected_method = ProtoField.uint8("pc5s.selected_method", "Selected Method", base.DEC,
					   method_names),
	ke_method = ProtoField.uint8("pc5s.ke.method", "Method", base.DEC, method_names),
	ke_round = ProtoField.uint8("pc5s.ke.round", "Round"),
	ke_fragment = ProtoField.uint8("pc5s.ke.fragment", "Fragment"),
	ke_flags = ProtoField.uint8("pc5s.ke.flags", "Flags", base.HEX),
	ke_more = ProtoField.bool("pc5s.ke.more", "Further fragments follow", 8, nil, KE_MORE),
	ke_ack = ProtoField.bool("pc5s.ke.ack", "Acknowledgement", 8, nil, KE_ACK),
	ke_abort = ProtoField.bool("pc5s.ke.abort", "Given up", 8, nil, KE_ABORT),
	ke_total = ProtoField.uint16("pc5s.ke.total", "Total Length"),
	container = ProtoField.bytes("pc5s.container", "Container"),
	embedded_method = ProtoField.uint8("pc5s.embedded.method", "Method", base.DEC, method_names),
	embedded_container = ProtoField.bytes("pc5s.embedded.container", "Container"),
	container_frame = ProtoField.framenum("pc5s.container.frame", "Fragment in frame", base.NONE,
					      frametype.NONE),

	answer_to = ProtoField.framenum("pc5s.answer_to", "Answer to frame", base.NONE,
					frametype.REQUEST),
	answered_in = ProtoField.framenum("pc5s.answered_in", "Answered in frame", base.NONE,
					  frametype.RESPONSE),
	request = ProtoField.framenum("pc5s.request", "For the request in frame", base.NONE,
				      frametype.NONE),
	time = ProtoField.double("pc5s.time", "Seconds since then"),
	retransmission_of = ProtoField.framenum("pc5s.retransmission_of", "Retransmission of frame",
						base.NONE, frametype.NONE),
}
for i = 0, 7 do
	local name = i == 0 and "EEA0" or i <= 3 and "128-EEA" .. i or "EEA" .. i

	F["cap_eea" .. i] = ProtoField.bool("pc5s.capabilities.eea" .. i, name, 16, nil,
					    bits.lshift(0x8000, -i))
	F["cap_eia" .. i] = ProtoField.bool("pc5s.capabilities.eia" .. i, (name:gsub("EE", "EI")), 16,
					    nil, bits.lshift(0x80, -i))
end
pc5s.fields = F

-- Expert infos. Errors are what a receiver discards the frame or the message for.
local function expert_of(name, text, group, severity)
	return ProtoExpert.new(name, text, expert.group[group], expert.severity[severity])
end

local e = {
	malformed = expert_of("prose.malformed", "Malformed frame", "MALFORMED", "ERROR"),
	reserved = expert_of("prose.reserved_value", "Reserved value", "PROTOCOL", "ERROR"),
	cut = expert_of("prose.cut", "Captured in part only", "UNDECODED", "WARN"),
	no_kd_sess_id = expert_of("prose.no_kd_sess_id", "KD-sess ID 0 on a protected bearer",
				  "SECURITY", "ERROR"),
	needless_id = expert_of("prose.needless_id", "KD-sess ID or SN on the unprotected bearer",
				"SECURITY", "ERROR"),
	sn_repeated = expert_of("prose.sn_repeated", "SN was used before", "SEQUENCE", "WARN"),
	sn_backwards = expert_of("prose.sn_backwards", "SN goes backwards", "SEQUENCE", "CHAT"),
	ciphered = expert_of("prose.ciphered", "Ciphered", "UNDECODED", "CHAT"),
	mac_wrong = expert_of("prose.mac_wrong", "MAC-I is wrong", "SECURITY", "ERROR"),
	no_key = expert_of("prose.no_key", "No key log has the key", "DECRYPTION", "NOTE"),
}
prose.experts = e

local E = {
	malformed = expert_of("pc5s.malformed", "Malformed message", "MALFORMED", "ERROR"),
	reserved = expert_of("pc5s.reserved_value", "Reserved value", "PROTOCOL", "ERROR"),
	unprotected = expert_of("pc5s.unprotected", "Must not come without protection", "SECURITY",
				"WARN"),
	misplaced = expert_of("pc5s.misplaced", "On the wrong bearer", "PROTOCOL", "WARN"),
	null_integrity = expert_of("pc5s.null_integrity", "EIA0 was chosen: no integrity", "SECURITY",
				   "WARN"),
	null_ciphering = expert_of("pc5s.null_ciphering", "EEA0 was chosen: nothing is ciphered",
				   "SECURITY", "NOTE"),
	no_hash = expert_of("pc5s.no_request_hash", "Unprotected, and does not name its request",
			    "SECURITY", "NOTE"),
	retransmission = expert_of("pc5s.retransmission", "Retransmission", "SEQUENCE", "NOTE"),
	failed = expert_of("pc5s.failed", "Refused or given up", "RESPONSE_CODE", "NOTE"),
}
pc5s.experts = E

-- State of a capture, by frame number: Wireshark dissects a frame as often as it is shown -----------

local state

local function begin_capture()
	state = {
		sessions = {},		-- pair, KD-sess ID: list of what commands chose
		sn = {},		-- sender, receiver, KD-sess ID, LCID: SNs seen
		sn_said = {},		-- frame: what its SN was found to be
		messages = {},		-- sender, receiver, octets: where they were last
		retransmissions = {},	-- frame: the frame of the first
		last = {},		-- sender, receiver: type: the newest message
		answers = {},		-- frame: the frame that it answers
		answered = {},		-- frame: the frame of its first answer
		requests = {},		-- Nonce_1: the frame of the first request that has it
		request_of = {},	-- frame: that of the request of its Nonce_1
		fragments = {},		-- sender, receiver, Nonce_1, round: list of fragments
		containers = {},	-- frame: container that it completes, frames of its fragments
	}
end
prose.init = begin_capture
begin_capture()

-- The frame that prose_clear has in hand, and what `prose decode` said about it.
local decoded

-- The frame of the carrier that pc5s is called for.
local frame_now

local function pair(a, b)
	return a < b and a .. b or b .. a
end

-- What the newest command before a frame chose for an association, or nil.
local function session_of(frame, number)
	local list = state.sessions[pair(frame.src, frame.dst) .. frame.kd_sess_id]

	for i = list and #list or 0, 1, -1 do
		if list[i].number <= number then
			return list[i]
		end
	end
end

-- PC5-S: values of IEs --------------------------------------------------------------------------
--
-- A value is shown by a function that gets the tree to add to and the octets; it returns the text
-- that stands for the value, and what is wrong with it: a reserved value, or broken octets.

-- Text of octets that anybody may have chosen.
local function printable(octets)
	return (octets:gsub("[^\32-\126]", function(c)
		return string.format("\\x%02x", c:byte())
	end))
end

local function show_number(field, names, min, max)
	return function(tree, range)
		local value = range:uint()

		tree:add(field, range)
		if min and (value < min or value > max) then
			return tostring(value), "reserved value"
		end
		return names and names[value] or tostring(value)
	end
end

local function show_octets(field)
	return function(tree, range)
		tree:add(field, range)
		return range:bytes():tohex(true)
	end
end

-- Method Container: which method, and what it has to say.
local function show_embedded(tree, range)
	local method = range(0, 1):uint()

	tree:add(F.embedded_method, range(0, 1))
	if method == 0 then
		return "", "reserved method 0"
	end
	tree:add(F.embedded_container, range(1))
	return ("%s, %d octets"):format(method_names[method] or tostring(method), range:len() - 1)
end

local function show_link_local(tree, range)
	tree:add(F.link_local, range)
	return tostring(range:ipv6())
end

-- A name is shifted by a nibble: its first four bits share an octet with the type.
local function name_of(range)
	local name, high = {}, bits.band(range(0, 1):uint(), 0xf0)

	for i = 1, range:len() - 1 do
		local octet = range(i, 1):uint()

		name[i] = string.char(bits.bor(high, bits.rshift(octet, 4)))
		high = bits.lshift(bits.band(octet, 15), 4)
	end
	return table.concat(name)
end

local function digits_of(range)
	local odd = bits.btest(range(0, 1):uint(), 8)
	local last = 2 * range:len() - 2
	local digits, wrong = {}, nil

	for i = 0, last do
		local octet = range(math.floor((i + 1) / 2), 1):uint()
		local digit = i % 2 == 0 and bits.rshift(octet, 4) or bits.band(octet, 15)

		if i == last and not odd then
			wrong = wrong or digit ~= 15 and "not a BCD digit" or nil
		elseif digit > 9 then
			wrong = wrong or "not a BCD digit"
		else
			digits[#digits + 1] = tostring(digit)
		end
	end
	return table.concat(digits), wrong
end

local function show_user_info(field)
	return function(tree, range)
		local text, wrong

		if range:len() < 2 then
			return "", nil, "value too short"
		end
		tree:add(F.user_info_type, range(0, 1))
		local kind = bits.band(range(0, 1):uint(), 7)

		if kind == 3 then
			tree:add(F.user_info_odd, range(0, 1))
			text, wrong = digits_of(range)
			if #text > 251 then
				wrong = "reserved number of digits"
			end
		elseif kind == 1 or kind == 2 then
			local spare = bits.band(range(0, 1):uint(), 8)
			local last = bits.band(range(range:len() - 1, 1):uint(), 15)

			text = name_of(range)
			if spare ~= 0 or last ~= 0 then
				if spare ~= 0 then
					tree:add(F.spare, range(0, 1), spare)
				else
					tree:add(F.spare, range(range:len() - 1, 1), last)
				end
				wrong = "spare bits are set"
			end
			if range:len() > 252 then
				return "", nil, "value too long"
			end
		else
			return "", "reserved type of user info"
		end
		text = printable(text)
		tree:add(field, range, text)
		return text, wrong
	end
end

local function show_capabilities(tree, range)
	local value, known = range:uint(), {}
	local item = tree:add(F.capabilities, range)

	for _, kind in ipairs({ "eea", "eia" }) do
		for i = 0, 7 do
			item:add(F["cap_" .. kind .. i], range)
			if bits.btest(value, bits.rshift(kind == "eea" and 0x8000 or 0x80, i)) then
				known[#known + 1] = kind:upper() .. i
			end
		end
	end
	return #known > 0 and table.concat(known, " ") or "none"
end

local function show_chosen(tree, range)
	local value = range:uint()
	local item = tree:add(F.chosen, range)
	local eea, eia = bits.extract(value, 4, 3), bits.band(value, 7)

	item:add(F.eea, range)
	item:add(F.eia, range)
	if bits.btest(value, 0x88) then
		item:add(F.spare, range, bits.band(value, 0x88))
		return "", "spare bits are set"
	end
	if eia == 0 then
		item:add_proto_expert_info(E.null_integrity)
	end
	if eea == 0 then
		item:add_proto_expert_info(E.null_ciphering)
	end
	return string.format("EEA%d EIA%d", eea, eia)
end

local function show_methods(tree, range)
	local names, seen, wrong = {}, {}, nil

	if range:len() > 8 then
		return "", nil, "value too long"
	end
	for i = 0, range:len() - 1 do
		local id = range(i, 1):uint()

		tree:add(F.keying_method, range(i, 1))
		if id == 0 then
			wrong = wrong or "reserved method 0"
		elseif seen[id] then
			wrong = wrong or "a method is named twice"
		end
		seen[id] = true
		names[#names + 1] = method_names[id] or tostring(id)
	end
	return table.concat(names, ", "), wrong
end

local function show_policy(tree, range)
	local integrity, ciphering = range(0, 1):uint(), range(1, 1):uint()
	local profile = range(2, 1):uint()

	tree:add(F.up_integrity, range(0, 1))
	tree:add(F.up_ciphering, range(1, 1))
	tree:add(F.count_profile, range(2, 1))
	return string.format("user data: integrity %s, ciphering %s; COUNT %s",
			     policy_names[integrity] or integrity, policy_names[ciphering] or ciphering,
			     count_profile_names[profile] or profile),
	       (integrity > 2 or ciphering > 2 or profile > 1) and "reserved value" or nil
end

local function show_expressions(tree, range)
	local names, at = {}, 0

	while at < range:len() do
		local len = range(at, 1):uint()

		if #names == 4 then
			return "", nil, "too many expressions"
		elseif len == 0 or len > 48 then
			return "", "expression empty or too long"
		elseif range:len() - at - 1 < len then
			return "", nil, "expression cut off"
		end
		local name = range(at + 1, len)

		if name:bytes():raw():find("\0", 1, true) then
			return "", "zero octet in an expression"
		end
		tree:add(F.expression, name, name:string(ENC_UTF_8))
		names[#names + 1] = name:string(ENC_UTF_8)
		at = at + 1 + len
	end
	return table.concat(names, ", ")
end

local function show_addresses(tree, range)
	local names, at = {}, 0

	while at < range:len() do
		local family = range(at, 1):uint()
		local len = family == 4 and 4 or 16

		tree:add(F.family, range(at, 1))
		if family ~= 4 and family ~= 6 then
			return "", "reserved address family"
		elseif #names == 8 then
			return "", nil, "too many addresses"
		elseif range:len() - at - 1 < len then
			return "", nil, "address cut off"
		end
		local address = range(at + 1, len)

		tree:add(family == 4 and F.address_ipv4 or F.address_ipv6, address)
		names[#names + 1] = tostring(family == 4 and address:ipv4() or address:ipv6())
		at = at + 1 + len
	end
	return #names > 0 and table.concat(names, ", ") or "none"
end

local function show_counts(tree, range)
	local wrong

	if range:len() % 9 ~= 0 then
		return "", nil, "length is not a multiple of 9"
	elseif range:len() > 36 then
		return "", nil, "value too long"
	end
	for at = 0, range:len() - 1, 9 do
		local lcid = range(at, 1):uint()

		tree:add(F.counts_lcid, range(at, 1))
		tree:add(F.counts_sent, range(at + 1, 4))
		tree:add(F.counts_received, range(at + 5, 4))
		if lcid < 1 or lcid > 30 then
			wrong = "reserved LCID"
		end
	end
	return string.format("%d bearers", range:len() / 9), wrong
end

local function show_flags(tree, range)
	local value, names = range:uint(), {}
	local item = tree:add(F.ke_flags, range)

	item:add(F.ke_more, range)
	item:add(F.ke_ack, range)
	item:add(F.ke_abort, range)
	for _, flag in ipairs({ { KE_MORE, "more" }, { KE_ACK, "ack" }, { KE_ABORT, "abort" } }) do
		if bits.btest(value, flag[1]) then
			names[#names + 1] = flag[2]
		end
	end
	return table.concat(names, " "), value > 7 and "reserved value" or nil
end

-- Name; octets of the value, or the least and the most; how it is shown.
local ies = {
	user_info = { "User Info", show = show_user_info(F.user_info) },
	target_info = { "Target Info", show = show_user_info(F.target_info) },
	ip_config = { "IP Address Config", 1, show = show_number(F.ip_config, ip_config_names, 0, 3) },
	max_inactivity = { "Maximum Inactivity Period", 4, show = show_number(F.max_inactivity) },
	nonce_1 = { "Nonce_1", 16, show = show_octets(F.nonce_1) },
	nonce_2 = { "Nonce_2", 16, show = show_octets(F.nonce_2) },
	capabilities = { "UE Security Capabilities", 2, show = show_capabilities },
	msb_kd_sess_id = { "MSB of KD-sess ID", 1, show = show_number(F.msb_kd_sess_id) },
	lsb_kd_sess_id = { "LSB of KD-sess ID", 1, show = show_number(F.lsb_kd_sess_id) },
	kd_id = { "KD ID", 4, show = show_octets(F.kd_id) },
	msb_kd_id = { "MSB of KD ID", 2, show = show_octets(F.msb_kd_id) },
	lsb_kd_id = { "LSB of KD ID", 2, show = show_octets(F.lsb_kd_id) },
	relay_service_code = { "Relay Service Code", 3, show = show_octets(F.relay_service_code) },
	signature = { "Signature", 129, show = show_octets(F.signature) },
	link_local = { "Link Local IPv6 Address", 16, show = show_link_local },
	cause = { "Cause", 1, show = show_number(F.cause, cause_names, 1, 10) },
	keepalive_counter = { "Keepalive Counter", 4, show = show_number(F.keepalive_counter) },
	release_reason = { "Release Reason", 1,
			   show = show_number(F.release_reason, release_names, 1, 3) },
	chosen = { "Chosen Algorithms", 1, show = show_chosen },
	kd_freshness = { "KD Freshness", 16, show = show_octets(F.kd_freshness) },
	gpi = { "GPI", 1, 255, show = show_octets(F.gpi) },
	encrypted_payload = { "Encrypted Payload", 1, 1024, show = show_octets(F.encrypted_payload) },
	rand = { "RAND", 16, show = show_octets(F.rand) },
	auts = { "AUTS", 14, show = show_octets(F.auts) },
	auth_flag = { "Auth Flag", 1, show = show_number(F.auth_flag, nil, 1, 1) },
	pruk_id = { "PRUK ID", 8, show = show_octets(F.pruk_id) },
	info_type = { "Remote UE Info Type", 1,
		      show = show_number(F.info_type, info_type_names, 1, 2) },
	imei = { "IMEI", 9, show = show_octets(F.imei) },
	methods = { "Keying Methods", 1, 255, show = show_methods },
	policy = { "Security Policy", 3, show = show_policy },
	chosen_policy = { "Chosen Policy", 1, show = show_number(F.chosen_policy, chosen_policy_names, 0, 1) },
	expressions = { "Expressions", 1, 255, show = show_expressions },
	cookie = { "Cookie", 16, show = show_octets(F.cookie) },
	link_l2_id = { "Link Layer-2 ID", 3, show = show_number(F.link_l2_id, nil, 1, 0xffffff) },
	connection_id = { "Connection ID", 8, show = show_octets(F.connection_id) },
	addresses = { "Overlay Addresses", 0, 255, show = show_addresses },
	counts = { "COUNTs", 1, 255, show = show_counts },
	request_hash = { "Request Hash", 32, show = show_octets(F.request_hash) },
	selected_method = { "Selected Method", 1,
			    show = show_number(F.selected_method, method_names, 1, 255) },
	ke_method = { "Method", 1, show = show_number(F.ke_method, method_names, 1, 255) },
	ke_round = { "Round", 1, show = show_number(F.ke_round) },
	ke_fragment = { "Fragment", 1, show = show_number(F.ke_fragment) },
	ke_flags = { "Flags", 1, show = show_flags },
	ke_total = { "Total Length", 2, show = show_number(F.ke_total) },
	container = { "Container", 1, 4096, show = show_octets(F.container) },
	embedded = { "Method Container", 2, 4097, show = show_embedded },
}

-- PC5-S: messages -------------------------------------------------------------------------------

-- Formats: value; length, value; IEI, value; IEI, length of 1 or 2 octets, value. IEIs below 0x60
-- are printed in TS 24.334 11.4.
local V, LV, TV, TLV, TLV_E = "V", "LV", "TV", "TLV", "TLV-E"

local layouts = {
	[REQUEST] = {
		{ LV, "user_info" }, { V, "ip_config" }, { V, "max_inactivity" }, { V, "nonce_1" },
		{ V, "capabilities" }, { V, "msb_kd_sess_id" },
		{ TV, "kd_id", 0x17 }, { TV, "relay_service_code", 0x25 }, { TV, "signature", 0x22 },
		{ TV, "link_local", 0x03 }, { TLV, "methods", 0x61 }, { TLV, "policy", 0x62 },
		{ TLV, "connection_id", 0x63 }, { TLV, "target_info", 0x65 }, { TLV, "expressions", 0x6b },
		{ TLV_E, "embedded", 0x72 }, { TLV, "cookie", 0x69 } },
	[ACCEPT] = {
		{ V, "ip_config" },
		{ TV, "link_local", 0x03 }, { TLV, "connection_id", 0x63 }, { TLV, "addresses", 0x64 },
		{ TLV, "expressions", 0x6b }, { TLV, "link_l2_id", 0x6c } },
	[REJECT] = {
		{ V, "cause" }, { TLV, "request_hash", 0x67 }, { TLV, "cookie", 0x69 } },
	[KEEPALIVE] = {
		{ V, "keepalive_counter" }, { TV, "max_inactivity", 0x07 }, { TLV, "counts", 0x66 } },
	[KEEPALIVE_ACK] = {
		{ V, "keepalive_counter" }, { TLV, "counts", 0x66 } },
	[RELEASE] = {
		{ V, "release_reason" } },
	[RELEASE_ACCEPT] = {},
	[COMMAND] = {
		{ V, "capabilities" }, { V, "nonce_2" }, { V, "chosen" }, { V, "lsb_kd_sess_id" },
		{ TV, "msb_kd_id", 0x16 }, { TV, "kd_freshness", 0x18 }, { TLV, "gpi", 0x24 },
		{ TLV, "user_info", 0x01 }, { TV, "signature", 0x22 },
		{ TLV_E, "encrypted_payload", 0x23 },
		{ TLV, "methods", 0x61 }, { TLV, "policy", 0x62 }, { TLV, "request_hash", 0x67 },
		{ TLV, "selected_method", 0x68 }, { TLV, "chosen_policy", 0x6a },
		{ TLV_E, "embedded", 0x72 } },
	[COMPLETE] = {
		{ TV, "lsb_kd_id", 0x15 } },
	[SMC_REJECT] = {
		{ V, "cause" }, { TV, "rand", 0x10 }, { TV, "auts", 0x09 },
		{ TLV, "request_hash", 0x67 } },
	[REKEYING_REQUEST] = {
		{ V, "capabilities" }, { V, "nonce_1" }, { V, "msb_kd_sess_id" },
		{ TV, "auth_flag", 0x21 }, { TV, "pruk_id", 0x08 }, { TLV, "methods", 0x61 },
		{ TLV, "policy", 0x62 } },
	[REKEYING_RESPONSE] = {},
	[REKEYING_TRIGGER] = {},
	[INFO_REQUEST] = {
		{ V, "info_type" } },
	[INFO_RESPONSE] = {
		{ TV, "imei", 0x27 } },
	[KEY_ESTABLISHMENT] = {
		{ V, "nonce_1" }, { V, "ke_method" }, { V, "ke_round" }, { V, "ke_fragment" },
		{ V, "ke_flags" }, { V, "ke_total" },
		{ TV, "cause", 0x05 }, { TV, "nonce_2", 0x20 }, { TLV_E, "container", 0x71 } },
	[CONNECTION_COMPLETE] = {
		{ TLV, "connection_id", 0x63 }, { TLV, "addresses", 0x64 }, { TLV, "expressions", 0x6b },
		{ TLV, "link_l2_id", 0x6c } },
}

-- The printed IEI as it is on the wire.
local function iei_of(printed)
	if pc5s.prefs.iei_decimal and printed < 0x60 then
		return math.floor(printed / 16) * 10 + printed % 16
	end
	return printed
end

-- Messages that must come under a MAC-I: all but what comes before there is a key, and refusals.
local may_be_plain = {
	[REQUEST] = true, [REJECT] = true, [SMC_REJECT] = true, [KEY_ESTABLISHMENT] = true,
}

-- A message in hand: where in it, what it says.
--	at, tvb, tree	octet that comes next; octets; where IEs and expert infos go
--	values		name of an IE: where its value is
--	refused		a receiver would refuse it
local function refuse(message, expert_info, reason, item)
	message.refused = true;
	(item or message.tree):add_proto_expert_info(expert_info, reason)
	return false
end

-- One row of a layout. False: the rest cannot be read.
local function read_ie(message, row)
	local format, name, iei = row[1], row[2], row[3] and iei_of(row[3])
	local ie, tvb, start = ies[name], message.tvb, message.at
	local at, len = start, ie[2]
	local title = ie[1]

	if iei then
		if at == tvb:len() or tvb(at, 1):uint() ~= iei then
			return true
		end
		at = at + 1
	end
	local head = at

	if format == LV or format == TLV or format == TLV_E then
		local size = format == TLV_E and 2 or 1

		if tvb:len() - at < size then
			return refuse(message, E.malformed, title .. ": length is missing")
		end
		len = tvb(at, size):uint()
		at = at + size
	end
	if tvb:len() - at < len then
		return refuse(message, E.malformed, title .. ": value is cut off")
	end
	-- A value alone is one line; what comes with a head has a branch of its own.
	local tree = message.tree

	if format ~= V then
		tree = tree:add(pc5s, tvb(start, at - start + len), title)
	end
	if iei then
		tree:add(F.iei, tvb(start, 1))
	end
	if at > head then
		tree:add(F.len, tvb(head, at - head))
	end
	message.at = at + len
	-- User Info says itself what it wants.
	if ie[2] and (ie[3] and (len < ie[2] or len > ie[3]) or not ie[3] and len ~= ie[2]) then
		return refuse(message, E.malformed, title .. ": wrong length", tree)
	end
	message.values[name] = { tvb = tvb, at = at, len = len }
	local text, reserved, broken

	if len == 0 then
		text, broken = "none", not ie[2] and "value too short" or nil
	else
		text, reserved, broken = ie.show(tree, tvb(at, len))
	end
	if format ~= V then
		tree:append_text(": " .. text)
	end
	if broken then
		return refuse(message, E.malformed, title .. ": " .. broken, tree)
	elseif reserved then
		refuse(message, E.reserved, title .. ": " .. reserved, tree)
	end
	return true
end

local function value_of(message, name)
	local value = message.values[name]

	return value and message.tvb(value.at, value.len)
end

local function number_of(message, name)
	local range = value_of(message, name)

	return range and range:uint()
end

-- What holds between the IEs of a KEY_ESTABLISHMENT.
local function check_key_establishment(message)
	local flags, total = number_of(message, "ke_flags"), number_of(message, "ke_total")
	local fragment = message.values.container
	local more, ack = bits.btest(flags, KE_MORE), bits.btest(flags, KE_ACK)
	local abort = bits.btest(flags, KE_ABORT)

	if abort ~= (message.values.cause ~= nil) then
		return "abort flag and Cause disagree"
	elseif (fragment ~= nil) == (abort or ack) or abort and ack then
		return "Flags and Container disagree"
	elseif not fragment and (total ~= 0 or more) then
		return "Total Length without a Container"
	elseif fragment and fragment.len > total then
		return "fragment is longer than its container"
	elseif fragment and more and fragment.len == total then
		return "container is whole already"
	elseif (message.values.nonce_2 ~= nil) ~=
	       (fragment ~= nil and number_of(message, "ke_round") == 0) then
		return "Nonce_2 belongs to fragments of round 0"
	end
end

-- PC5-S: what messages have to do with each other ------------------------------------------------

local answers_to = {
	[ACCEPT] = { REQUEST }, [REJECT] = { REQUEST }, [KEEPALIVE_ACK] = { KEEPALIVE },
	[RELEASE_ACCEPT] = { RELEASE }, [COMMAND] = { REQUEST, REKEYING_REQUEST },
	[COMPLETE] = { COMMAND }, [SMC_REJECT] = { COMMAND },
	[REKEYING_RESPONSE] = { REKEYING_REQUEST },
	[REKEYING_REQUEST] = { REKEYING_TRIGGER }, [INFO_RESPONSE] = { INFO_REQUEST },
	[CONNECTION_COMPLETE] = { ACCEPT },
}

-- On the first pass: notes what the message answers, and that it is there to be answered.
local function track(message, pinfo)
	local frame, kind = message.frame, message.kind
	local there, back = frame.src .. frame.dst, frame.dst .. frame.src
	local key = there .. message.tvb:bytes():tohex()
	local before = state.messages[key]
	local first, newest = pinfo.number, nil

	if before and pinfo.abs_ts - before.time <= RETRANSMISSION_SECONDS then
		first = before.first
		state.retransmissions[pinfo.number] = first
	end
	state.messages[key] = { time = pinfo.abs_ts, first = first }
	for _, asked in ipairs(answers_to[kind] or {}) do
		local candidate = (state.last[back] or {})[asked]

		if candidate and (not newest or candidate.number > newest.number) then
			newest = candidate
		end
	end
	if kind == KEEPALIVE_ACK and newest and
	   newest.counter ~= number_of(message, "keepalive_counter") then
		newest = nil
	end
	if newest then
		state.answers[pinfo.number] = { number = newest.number,
						time = pinfo.abs_ts - newest.time }
		state.answered[newest.number] = state.answered[newest.number] or pinfo.number
	end
	if message.values.nonce_1 then
		local nonce = value_of(message, "nonce_1"):bytes():tohex()

		if kind == KEY_ESTABLISHMENT then
			state.request_of[pinfo.number] = state.requests[nonce]
		else
			state.requests[nonce] = state.requests[nonce] or pinfo.number
		end
	end
	state.last[there] = state.last[there] or {}
	state.last[there][kind] = { number = pinfo.number, time = pinfo.abs_ts,
				    counter = number_of(message, "keepalive_counter") }
end

-- What a COMMAND chose holds for the frames under its KD-sess ID.
local function note_session(message, pinfo)
	local frame, chosen = message.frame, number_of(message, "chosen")
	local policy = value_of(message, "chosen_policy")
	local key = pair(frame.src, frame.dst) .. frame.kd_sess_id
	local list = state.sessions[key] or {}
	local last = list[#list]

	if last and last.octets == message.tvb:bytes():tohex() then
		return
	end
	list[#list + 1] = {
		number = pinfo.number, ue_2 = frame.src, octets = message.tvb:bytes():tohex(),
		eea = bits.extract(chosen, 4, 3), eia = bits.band(chosen, 7),
		-- Without extensions there is no policy, and no integrity of user data.
		up_integrity = policy and policy(0, 1):uint() == 1 or false,
	}
	state.sessions[key] = list
end

-- Fragments of a container, which come in lock step: the last one completes it.
local function collect(message, pinfo)
	local frame, container = message.frame, value_of(message, "container")
	local number, flags = number_of(message, "ke_fragment"), number_of(message, "ke_flags")
	local key = frame.src .. frame.dst .. value_of(message, "nonce_1"):bytes():tohex() ..
		    number_of(message, "ke_round")
	local list = state.fragments[key]
	local whole, frames, len = {}, {}, 0

	if number == 0 then
		list = {}
		state.fragments[key] = list
	end
	if not list or #list < number then
		return
	end
	list[number + 1] = { octets = container:bytes():tohex(), frame = pinfo.number }
	if bits.btest(flags, KE_MORE) then
		return
	end
	for i = 1, number + 1 do
		whole[i] = list[i].octets
		frames[i] = list[i].frame
		len = len + #list[i].octets / 2
	end
	if len == number_of(message, "ke_total") then
		state.containers[pinfo.number] = { octets = table.concat(whole), frames = frames }
	end
end

-- PC5-S: the dissector --------------------------------------------------------------------------

local tls = Dissector.get("tls")

-- A flight of TLS. It has a conversation of its own for each run, since a later one between the same
-- two UEs starts anew.
local function show_container(message, pinfo, root)
	local container = state.containers[pinfo.number]

	if not container then
		return
	end
	local whole = ByteArray.new(container.octets)
	local tvb = whole:tvb("Key establishment container")

	for _, number in ipairs(container.frames) do
		message.tree:add(F.container_frame, number):set_generated()
	end
	if number_of(message, "ke_method") ~= 2 then
		return
	end
	local run = value_of(message, "nonce_1")(0, 2):uint()
	local kept = { pinfo.src_port, pinfo.dst_port, tostring(pinfo.cols.protocol) }

	pinfo.src_port, pinfo.dst_port = run, run
	pinfo.cols.info:fence()
	tls:call(tvb, pinfo, root)
	pinfo.src_port, pinfo.dst_port = kept[1], kept[2]
	pinfo.cols.protocol = kept[3]
end

local function show_tracks(message, pinfo)
	local tree, number = message.tree, pinfo.number
	local answer = state.answers[number]

	if answer then
		tree:add(F.answer_to, answer.number):set_generated()
		tree:add(F.time, answer.time):set_generated()
	end
	if state.request_of[number] then
		tree:add(F.request, state.request_of[number]):set_generated()
	end
	if state.answered[number] then
		tree:add(F.answered_in, state.answered[number]):set_generated()
	end
	if state.retransmissions[number] then
		tree:add(F.retransmission_of, state.retransmissions[number]):set_generated()
		tree:add_proto_expert_info(E.retransmission)
		pinfo.cols.info:append(" [retransmission]")
	end
end

-- What is to be noticed in a message that a receiver can read.
local function judge(message)
	local kind, lcid, item = message.kind, message.frame.lcid, message.tree
	local cause = message.values.cause and number_of(message, "cause")

	if lcid == LCID_PLAIN and not may_be_plain[kind] then
		item:add_proto_expert_info(E.unprotected)
	elseif lcid == LCID_SECURITY_MODE and kind ~= COMMAND and kind ~= COMPLETE or
	       lcid == LCID_PROTECTED and (kind == COMMAND or kind == COMPLETE or kind == REQUEST) then
		item:add_proto_expert_info(E.misplaced)
	end
	if lcid == LCID_PLAIN and (kind == REJECT or kind == SMC_REJECT) and
	   not message.values.request_hash then
		item:add_proto_expert_info(E.no_hash)
	end
	if cause then
		item:add_proto_expert_info(E.failed, "Cause: " .. (cause_names[cause] or cause))
	end
end

local function summary(message)
	local parts = { type_names[message.kind] or "unknown message type " .. message.kind,
			string.format("seq %d", message.seq) }
	local cause = message.values.cause and number_of(message, "cause")

	-- The last of them: a message that is cut off has not all.
	if message.values.ke_flags then
		parts[#parts + 1] = string.format("round %d fragment %d",
						  number_of(message, "ke_round"),
						  number_of(message, "ke_fragment"))
		if bits.btest(number_of(message, "ke_flags"), KE_ACK) then
			parts[#parts + 1] = "ack"
		end
	end
	if message.values.chosen then
		local chosen = number_of(message, "chosen")

		parts[#parts + 1] = string.format("EEA%d EIA%d", bits.extract(chosen, 4, 3),
						  bits.band(chosen, 7))
	end
	if cause then
		parts[#parts + 1] = cause_names[cause] or "cause " .. cause
	end
	if message.values.release_reason then
		local reason = number_of(message, "release_reason")

		parts[#parts + 1] = release_names[reason] or "reason " .. reason
	end
	return table.concat(parts, ", ")
end

function pc5s.dissector(tvb, pinfo, root)
	local tree = root:add(pc5s, tvb())
	-- Called by somebody else, there is nothing known of a frame.
	local frame = frame_now or { src = "", dst = "", lcid = LCID_PROTECTED, kd_sess_id = 0 }
	local message = { tvb = tvb, tree = tree, frame = frame, at = 3, values = {} }

	pinfo.cols.protocol = "PC5-S"
	if tvb:len() < 3 then
		refuse(message, E.malformed, "shorter than type and sequence number")
		pinfo.cols.info = "PC5-S, malformed"
		return tvb:len()
	end
	message.kind, message.seq = tvb(0, 1):uint(), tvb(1, 2):uint()
	local item = tree:add(F.type, tvb(0, 1))
	local layout = layouts[message.kind]

	tree:add(F.seq, tvb(1, 2))
	tree:append_text(", " .. (type_names[message.kind] or "unknown message type"))
	if not layout then
		tree:add(F.left_over, tvb(3))
		refuse(message, E.reserved, "Unknown message type", item)
		pinfo.cols.info = summary(message)
		return tvb:len()
	end
	for _, row in ipairs(layout) do
		if (row[1] == V or row[1] == LV) and message.at == tvb:len() then
			refuse(message, E.malformed, ies[row[2]][1] .. ": is missing")
			break
		end
		if not read_ie(message, row) then
			break
		end
	end
	if message.at < tvb:len() then
		local rest = tree:add(F.left_over, tvb(message.at))

		if not message.refused then
			refuse(message, E.malformed, "IE is unknown, repeated or out of order", rest)
		end
	end
	if message.kind == KEY_ESTABLISHMENT and not message.refused then
		local reason = check_key_establishment(message)

		if reason then
			refuse(message, E.malformed, reason)
		end
	end
	pinfo.cols.info = summary(message)
	if message.refused then
		pinfo.cols.info:append(" [refused]")
		return tvb:len()
	end
	if not pinfo.visited then
		track(message, pinfo)
		if message.kind == COMMAND then
			note_session(message, pinfo)
		elseif message.values.container then
			collect(message, pinfo)
		end
	end
	show_tracks(message, pinfo)
	judge(message)
	if message.values.container then
		show_container(message, pinfo, root)
	end
	return tvb:len()
end

-- The frame -------------------------------------------------------------------------------------

local ip, ipv6 = Dissector.get("ip"), Dissector.get("ipv6")

local function dotted(range)
	return (range:bytes():tohex(true):gsub("(%x%x)(%x%x)(%x%x)", "%1:%2:%3"))
end

-- A reserved bit or value is what it is worth to be told, and no more: the field is there too.
local function spare(tree, range, mask)
	local value = bits.band(range:uint(), mask)

	if value ~= 0 then
		tree:add(f.reserved, range, value)
	end
end

-- Whatever is wrong with a frame ends it.
local function broken(frame, reason, expert_info)
	local cut = frame.cut and not expert_info

	frame.tree:add_proto_expert_info(cut and e.cut or expert_info or e.malformed, reason)
	frame.pinfo.cols.info:append(cut and " [captured in part]" or " [" .. reason .. "]")
end

-- The subheaders of the MAC PDU. Where the SDU is and how long, or nothing.
local function read_mac(frame, tvb, tree)
	local at = SL_SCH_LEN

	if tvb:len() < at + 1 then
		return broken(frame, "shorter than its MAC header")
	end
	if tvb(0, 1):bitfield(0, 4) ~= MAC_VERSION then
		tree:add(f.version, tvb(0, 1))
		return broken(frame, "reserved version", e.reserved)
	end
	tree:add(f.version, tvb(0, 1))
	spare(tree, tvb(0, 1), 0x0f)
	frame.src, frame.dst = dotted(tvb(1, 3)), dotted(tvb(4, 3))
	tree:add(f.src, tvb(1, 3))
	tree:add(f.dst, tvb(4, 3))
	tree:add(f.id, tvb(1, 3)):set_hidden()
	tree:add(f.id, tvb(4, 3)):set_hidden()
	spare(tree, tvb(at, 1), 0xc0)
	tree:add(f.extension, tvb(at, 1))
	tree:add(f.lcid, tvb(at, 1))
	frame.lcid = bits.band(tvb(at, 1):uint(), 0x1f)
	if not bits.btest(tvb(at, 1):uint(), 0x20) then
		return at + 1, tvb:len() - at - 1
	end
	at = at + 1
	if tvb:len() < at + 1 then
		return broken(frame, "shorter than its MAC header")
	end
	tree:add(f.long, tvb(at, 1))
	local size = bits.btest(tvb(at, 1):uint(), 0x80) and 2 or 1

	if tvb:len() < at + size + 1 then
		return broken(frame, "shorter than its MAC header")
	end
	local len = bits.band(tvb(at, size):uint(), size == 2 and 0x7fff or 0x7f)

	tree:add(f.length, tvb(at, size), len)
	at = at + size
	spare(tree, tvb(at, 1), 0xc0)
	tree:add(f.extension, tvb(at, 1))
	tree:add(f.lcid, tvb(at, 1))
	if bits.band(tvb(at, 1):uint(), 0x3f) ~= LCID_PADDING then
		return broken(frame, "more than one SDU")
	end
	at = at + 1
	if tvb:len() - at < len then
		return broken(frame, "SDU is longer than the frame")
	end
	if tvb:len() > at + len then
		tree:add(f.padding, tvb(at + len))
	end
	return at, len
end

-- Has the SN been seen, or a higher one? Counted like a receiver counts: within half the SNs of the
-- highest. On the first pass; what was found is kept for the others.
local function track_sn(frame, number)
	local key = frame.src .. frame.dst .. frame.kd_sess_id .. "/" .. frame.lcid
	local stream = state.sn[key]

	if not stream then
		stream = { highest = frame.sn, frames = {}, counts = {} }
		state.sn[key] = stream
	end
	local distance = (frame.sn - stream.highest) % 65536
	local count = stream.highest + (distance < 32768 and distance or distance - 65536)

	if stream.counts[frame.sn] == count then
		state.sn_said[number] = { e.sn_repeated, "SN was used before, by frame " ..
					  stream.frames[frame.sn] }
	else
		if count < stream.highest then
			state.sn_said[number] = { e.sn_backwards, "SN is lower than that of frame " ..
						  stream.frames[stream.highest % 65536] }
		end
		stream.counts[frame.sn], stream.frames[frame.sn] = count, number
	end
	stream.highest = math.max(stream.highest, count)
end

-- Is what lies behind the PDCP header in clear? And is there a MAC-I behind that: true, false, or nil
-- when there is no telling.
local function protection(frame, data, session)
	if frame.lcid == LCID_PLAIN then
		return true, false
	end
	local maced = frame.lcid > LCID_DATA_LAST or session and session.up_integrity

	if frame.lcid <= LCID_DATA_LAST and not session then
		maced = nil
	end
	if decoded then
		if decoded.verdict >= 1 and decoded.verdict <= 3 then
			return decoded.verdict ~= 3, decoded.maced
		end
		return false, maced
	end
	if session and session.eea == 0 then
		return true, maced
	end
	-- The command is not ciphered; nothing else on its bearer is as long.
	if frame.lcid == LCID_SECURITY_MODE and data:len() >= COMMAND_LEN + MAC_I_LEN and
	   data(0, 1):uint() == COMMAND then
		return true, true
	end
	return false, maced
end

local function show_data(frame, data, root)
	local tvb = data:tvb()

	if frame.sdu_type == SDU_PC5S then
		frame_now = frame
		-- Not the function itself: so the layers of the frame name it.
		Dissector.get("pc5s"):call(tvb, frame.pinfo, root)
		frame_now = nil
		return
	end
	local version = tvb:len() > 0 and bits.rshift(tvb(0, 1):uint(), 4)

	if version == 4 then
		ip:call(tvb, frame.pinfo, root)
	elseif version == 6 then
		ipv6:call(tvb, frame.pinfo, root)
	else
		frame.tree:add(f.data, data)
		broken(frame, "neither IPv4 nor IPv6")
	end
end

local function show_protection(frame, tree, session)
	if decoded then
		tree:add(f.verdict, decoded.verdict):set_generated()
		if decoded.verdict >= 1 and decoded.verdict <= 3 then
			tree:add(f.count, decoded.count):set_generated()
			tree:add(f.direction, decoded.direction):set_generated()
			tree:add(f.eea, decoded.eea):set_generated()
			tree:add(f.eia, decoded.eia):set_generated()
			return
		end
	end
	if session then
		tree:add(f.command, session.number):set_generated()
		tree:add(f.direction, session.ue_2 == frame.src and 1 or 0):set_generated()
		tree:add(f.eea, session.eea):set_generated()
		tree:add(f.eia, session.eia):set_generated()
	end
end

local function read_pdcp(frame, tvb, root)
	local pinfo = frame.pinfo
	local tree = frame.tree:add(prose, tvb(0, PDCP_LEN), "PDCP header")

	frame.sdu_type = bits.rshift(tvb(0, 1):uint(), 5)
	frame.kd_sess_id, frame.sn = tvb(1, 2):uint(), tvb(3, 2):uint()
	tree:add(f.sdu_type, tvb(0, 1))
	spare(tree, tvb(0, 1), 0x1f)
	tree:add(f.kd_sess_id, tvb(1, 2))
	tree:add(f.sn, tvb(3, 2))
	tree:append_text(string.format(", KD-sess ID %04x, SN %d", frame.kd_sess_id, frame.sn))
	pinfo.cols.info:append(frame.lcid == LCID_PLAIN and "" or
			       string.format(", KD-sess %04x, SN %d", frame.kd_sess_id, frame.sn))

	local is_data = frame.lcid >= LCID_DATA and frame.lcid <= LCID_DATA_LAST
	local data = tvb(PDCP_LEN, tvb:len() - PDCP_LEN)

	if not is_data and (frame.lcid < LCID_PLAIN or frame.lcid > LCID_PROTECTED) then
		frame.tree:add(f.data, data)
		return broken(frame, "LCID without a bearer", e.reserved)
	elseif frame.sdu_type ~= (is_data and SDU_IP or SDU_PC5S) then
		frame.tree:add(f.data, data)
		return broken(frame, "SDU type does not fit the bearer", e.reserved)
	elseif frame.lcid == LCID_PLAIN and (frame.kd_sess_id ~= 0 or frame.sn ~= 0) then
		tree:add_proto_expert_info(e.needless_id)
	elseif frame.lcid ~= LCID_PLAIN and frame.kd_sess_id == 0 then
		tree:add_proto_expert_info(e.no_kd_sess_id)
	end
	if frame.lcid ~= LCID_PLAIN and not pinfo.visited then
		track_sn(frame, pinfo.number)
	end
	local said = state.sn_said[pinfo.number]

	if said then
		tree:add_proto_expert_info(said[1], said[2])
	end
	if frame.src == frame.dst then
		tree:add_proto_expert_info(e.reserved, "source and destination are the same")
	end

	local session = frame.lcid ~= LCID_PLAIN and session_of(frame, pinfo.number) or nil
	local in_clear, maced = protection(frame, data, session)

	show_protection(frame, tree, session)
	if maced then
		if data:len() < MAC_I_LEN then
			return broken(frame, "shorter than its MAC-I")
		end
		frame.tree:add(f.mac_i, data(data:len() - MAC_I_LEN, MAC_I_LEN))
		data = data:len() > MAC_I_LEN and data(0, data:len() - MAC_I_LEN) or nil
	end
	if not data or data:len() == 0 then
		return broken(frame, "nothing in it")
	end
	if in_clear and not frame.cut then
		return show_data(frame, data, root)
	end
	frame.tree:add(f.data, data)
	if frame.cut then
		return broken(frame, "captured in part only", e.cut)
	end
	if decoded and decoded.verdict == 3 then
		frame.tree:add_proto_expert_info(e.mac_wrong, maced and "MAC-I is wrong" or
						 "Does not decipher to a packet of IP")
	elseif decoded and decoded.verdict == 4 then
		frame.tree:add_proto_expert_info(e.no_key)
	else
		frame.tree:add_proto_expert_info(e.ciphered)
	end
	pinfo.cols.info:append(string.format(", %d octets%s", data:len(),
					     maced == nil and ", perhaps with MAC-I" or ""))
end

function prose.dissector(tvb, pinfo, root)
	local frame = { pinfo = pinfo, cut = tvb:len() < tvb:reported_len() }
	local tree = root:add(prose, tvb())

	frame.tree = tree
	frame_now = nil
	pinfo.cols.protocol = "ProSe"
	pinfo.cols.info = ""
	local at, len = read_mac(frame, tvb, tree)

	if not at then
		return tvb:len()
	end
	tree:append_text(string.format(", %s to %s, LCID %d", frame.src, frame.dst, frame.lcid))
	pinfo.cols.info = string.format("%s > %s %s", frame.src, frame.dst,
					lcid_names[frame.lcid] or "LCID " .. frame.lcid)
	if len < PDCP_LEN + 1 then
		broken(frame, "shorter than its PDCP header and one octet")
		return tvb:len()
	end
	read_pdcp(frame, tvb(at, len), root)
	return tvb:len()
end

-- Captures of `prose decode` ---------------------------------------------------------------------
--
-- LINKTYPE_WIRESHARK_UPPER_PDU, whose tag names prose_clear. Then
--
--	octet 1		version, 1
--	octet 2		what came of it, see prose.verdict
--	octet 3		EEA (4 bits), EIA (4 bits)
--	octet 4		bit 2: there is a MAC-I; bit 1: DIRECTION
--	octets 5-8	COUNT
--	octets 9-10	the link type of the capture that was read, LINKTYPE_*
--	octets 11-	the frame as it was captured, but for the SDU, which is in clear when octet 2
--			says so

local CLEAR_LEN = 10
local link_types = { [1] = "eth_withoutfcs", [101] = "raw_ip", [113] = "sll_v1", [276] = "sll_v2" }

function prose_clear.dissector(tvb, pinfo, root)
	decoded = nil
	if tvb:len() < CLEAR_LEN or tvb(0, 1):uint() ~= 1 then
		root:add(prose_clear, tvb()):add_proto_expert_info(e.malformed,
								   "not what this version reads")
		return tvb:len()
	end
	local inner = link_types[tvb(8, 2):uint()]

	if not inner then
		root:add(prose_clear, tvb()):add_proto_expert_info(e.malformed, "unknown link type")
		return tvb:len()
	end
	local verdict = tvb(1, 1):uint()

	decoded = verdict ~= 0 and {
		verdict = verdict, eea = tvb(2, 1):bitfield(0, 4), eia = tvb(2, 1):bitfield(4, 4),
		maced = tvb(3, 1):bitfield(6, 1) == 1, direction = tvb(3, 1):bitfield(7, 1),
		count = tvb(4, 4):uint(),
	} or nil
	Dissector.get(inner):call(tvb(CLEAR_LEN):tvb(), pinfo, root)
	decoded = nil
	return tvb:len()
end

-- Registration -----------------------------------------------------------------------------------

local registered = {}

local function register(table_name, value)
	local known = registered[table_name]

	if known then
		DissectorTable.get(table_name):remove(known, prose)
	end
	if value and value ~= 0 then
		DissectorTable.get(table_name):add(value, prose)
	else
		DissectorTable.get(table_name):add_for_decode_as(prose)
	end
	registered[table_name] = value ~= 0 and value or nil
end

local function take_preferences()
	register("ethertype", tonumber(prose.prefs.ethertype, 16))
	register("udp.port", prose.prefs.udp_port)
end
prose.prefs_changed = take_preferences
take_preferences()
