CREATE TABLE accounts (
	auth_id TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	token_sealed TEXT NOT NULL, 
	name TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	account_type TEXT NOT NULL, 
	billing_mode TEXT NOT NULL, 
	auto_recharge BOOLEAN NOT NULL, 
	address TEXT NOT NULL, 
	city TEXT NOT NULL, 
	state TEXT NOT NULL, 
	timezone TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	modified_at FLOAT, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (auth_id)
);

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE applications (
	app_id TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	app_name TEXT NOT NULL, 
	answer_url TEXT NOT NULL, 
	answer_method TEXT NOT NULL, 
	hangup_url TEXT NOT NULL, 
	hangup_method TEXT NOT NULL, 
	fallback_answer_url TEXT NOT NULL, 
	fallback_method TEXT NOT NULL, 
	message_url TEXT NOT NULL, 
	message_method TEXT NOT NULL, 
	default_number_app BOOLEAN NOT NULL, 
	default_endpoint_app BOOLEAN NOT NULL, 
	public_uri BOOLEAN NOT NULL, 
	log_incoming_messages BOOLEAN NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	created_at FLOAT NOT NULL, 
	modified_at FLOAT, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_applications PRIMARY KEY (app_id)
);

CREATE TABLE async_calls (
	api_id TEXT NOT NULL, 
	accepted_at FLOAT NOT NULL, 
	call BLOB NOT NULL, 
	CONSTRAINT pk_async_calls PRIMARY KEY (api_id)
);

CREATE TABLE balances (
	account_id TEXT NOT NULL, 
	cash BIGINT NOT NULL, 
	CONSTRAINT pk_balances PRIMARY KEY (account_id)
);

CREATE TABLE brands (
	brand_id TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	brand_alias TEXT NOT NULL, 
	brand_type TEXT NOT NULL, 
	profile_uuid TEXT NOT NULL, 
	company TEXT NOT NULL, 
	secondary_vetting BOOLEAN NOT NULL, 
	state TEXT NOT NULL, 
	vetting_status TEXT NOT NULL, 
	vetting_score INTEGER NOT NULL, 
	reason_code TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	callback TEXT NOT NULL, 
	due_at FLOAT, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_brands PRIMARY KEY (brand_id), 
	CONSTRAINT uq_brands_profile_uuid UNIQUE (profile_uuid)
);

CREATE TABLE call_dialogs (
	leg_uuid TEXT NOT NULL, 
	node TEXT NOT NULL, 
	trunk TEXT NOT NULL, 
	farewell TEXT NOT NULL, 
	CONSTRAINT pk_call_dialogs PRIMARY KEY (leg_uuid)
);

CREATE TABLE call_feedback (
	call_uuid TEXT NOT NULL, 
	at FLOAT NOT NULL, 
	rating FLOAT NOT NULL, 
	issues TEXT NOT NULL, 
	notes TEXT NOT NULL, 
	CONSTRAINT pk_call_feedback PRIMARY KEY (call_uuid)
);

CREATE TABLE call_nodes (
	node TEXT NOT NULL, 
	seen_at FLOAT NOT NULL, 
	CONSTRAINT pk_call_nodes PRIMARY KEY (node)
);

CREATE TABLE calls (
	call_uuid TEXT NOT NULL, 
	main_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	direction TEXT NOT NULL, 
	state TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	recipient TEXT NOT NULL, 
	initiated_at FLOAT NOT NULL, 
	request_uuid TEXT NOT NULL, 
	caller_name TEXT NOT NULL, 
	parent_uuid TEXT NOT NULL, 
	conference_uuid TEXT NOT NULL, 
	app_id TEXT NOT NULL, 
	endpoint_id TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	node TEXT NOT NULL, 
	ringing_at FLOAT, 
	answered_at FLOAT, 
	ended_at FLOAT, 
	bill_duration INTEGER NOT NULL, 
	billed_duration INTEGER NOT NULL, 
	rate BIGINT NOT NULL, 
	amount BIGINT NOT NULL, 
	network_group TEXT NOT NULL, 
	hangup_code INTEGER NOT NULL, 
	hangup_name TEXT NOT NULL, 
	hangup_source TEXT NOT NULL, 
	hangup_cause TEXT NOT NULL, 
	stir_verification TEXT NOT NULL, 
	stir_attestation TEXT NOT NULL, 
	source_ip TEXT NOT NULL, 
	cnam_lookup TEXT NOT NULL, 
	hangup_url TEXT NOT NULL, 
	hangup_method TEXT NOT NULL, 
	extra TEXT NOT NULL, 
	CONSTRAINT pk_calls PRIMARY KEY (call_uuid)
);

CREATE TABLE campaign_numbers (
	number TEXT NOT NULL, 
	campaign_id TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	action TEXT NOT NULL, 
	state TEXT NOT NULL, 
	callback TEXT NOT NULL, 
	due_at FLOAT, 
	created_at FLOAT NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_campaign_numbers PRIMARY KEY (number)
);

CREATE TABLE campaigns (
	campaign_id TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	brand_id TEXT NOT NULL, 
	campaign_alias TEXT NOT NULL, 
	vertical TEXT NOT NULL, 
	usecase TEXT NOT NULL, 
	sub_usecases TEXT NOT NULL, 
	source TEXT NOT NULL, 
	reseller_id TEXT NOT NULL, 
	texts TEXT NOT NULL, 
	attributes TEXT NOT NULL, 
	state TEXT NOT NULL, 
	per_minute INTEGER NOT NULL, 
	tier TEXT NOT NULL, 
	reason_code TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	callback TEXT NOT NULL, 
	due_at FLOAT, 
	created_at FLOAT NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_campaigns PRIMARY KEY (campaign_id)
);

CREATE TABLE dispatches (
	message_uuid TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	payer TEXT NOT NULL, 
	state TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	due_at FLOAT NOT NULL, 
	attempts INTEGER NOT NULL, 
	owner TEXT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	created_at FLOAT NOT NULL, 
	sent_at FLOAT, 
	sender TEXT NOT NULL, 
	recipient TEXT NOT NULL, 
	country TEXT NOT NULL, 
	body TEXT NOT NULL, 
	units INTEGER NOT NULL, 
	rate BIGINT NOT NULL, 
	callback_url TEXT NOT NULL, 
	callback_method TEXT NOT NULL, 
	requester_ip TEXT NOT NULL, 
	powerpack_uuid TEXT NOT NULL, 
	tried TEXT NOT NULL, 
	extra TEXT NOT NULL, type TEXT DEFAULT 'sms' NOT NULL, network TEXT DEFAULT '' NOT NULL, fee_rate BIGINT DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_dispatches PRIMARY KEY (message_uuid)
);

CREATE TABLE endpoints (
	endpoint_id TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	username TEXT NOT NULL, 
	alias TEXT NOT NULL, 
	secret_sealed TEXT NOT NULL, 
	app_id TEXT, 
	created_at FLOAT NOT NULL, 
	modified_at FLOAT, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_endpoints PRIMARY KEY (endpoint_id), 
	CONSTRAINT uq_endpoints_username UNIQUE (username)
);

CREATE TABLE former_pools (
	pool_id TEXT NOT NULL, 
	CONSTRAINT pk_former_pools PRIMARY KEY (pool_id)
);

CREATE TABLE inbound_parts (
	id TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	recipient TEXT NOT NULL, 
	reference INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	part INTEGER NOT NULL, 
	data_coding INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	received_at FLOAT NOT NULL, 
	CONSTRAINT pk_inbound_parts PRIMARY KEY (id)
);

CREATE TABLE incoming_carriers (
	carrier_id TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	ip_set TEXT NOT NULL, 
	sms BOOLEAN NOT NULL, 
	voice BOOLEAN NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_incoming_carriers PRIMARY KEY (carrier_id)
);

CREATE TABLE inventory (
	number TEXT NOT NULL, 
	country TEXT NOT NULL, 
	number_type TEXT NOT NULL, 
	sms_enabled BOOLEAN NOT NULL, 
	mms_enabled BOOLEAN NOT NULL, 
	voice_enabled BOOLEAN NOT NULL, 
	region TEXT NOT NULL, 
	state TEXT NOT NULL, 
	city TEXT NOT NULL, 
	lata INTEGER, 
	rate_center TEXT NOT NULL, 
	setup_price BIGINT, 
	monthly_price BIGINT, 
	voice_price BIGINT NOT NULL, 
	restriction TEXT NOT NULL, 
	place_key TEXT NOT NULL, 
	city_key TEXT NOT NULL, 
	CONSTRAINT pk_inventory PRIMARY KEY (number)
);

CREATE TABLE ledger (
	resource_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	at FLOAT NOT NULL, 
	batch BIGINT NOT NULL, used_by TEXT DEFAULT '' NOT NULL, fees BIGINT DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (resource_id, kind)
)
 WITHOUT ROWID;

CREATE TABLE media (
	media_id TEXT NOT NULL, 
	main_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	state TEXT NOT NULL, 
	content_type TEXT NOT NULL, 
	file_name TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	source_url TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	used_at FLOAT, 
	hidden BOOLEAN NOT NULL, 
	CONSTRAINT pk_media PRIMARY KEY (media_id)
);

CREATE TABLE message_ends (
	segment_id BIGINT NOT NULL, 
	role INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	total INTEGER NOT NULL, 
	CONSTRAINT pk_message_ends PRIMARY KEY (segment_id, role, number)
)
 WITHOUT ROWID;

CREATE TABLE message_marks (
	work TEXT NOT NULL, 
	message_uuid TEXT NOT NULL, 
	CONSTRAINT pk_message_marks PRIMARY KEY (work)
);

CREATE TABLE message_media (
	message_uuid TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	media_id TEXT NOT NULL, 
	CONSTRAINT pk_message_media PRIMARY KEY (message_uuid, position)
);

CREATE TABLE message_segments (
	id INTEGER NOT NULL, 
	main_id TEXT NOT NULL, 
	starts_at FLOAT NOT NULL, 
	ends_at FLOAT NOT NULL, 
	total INTEGER NOT NULL, 
	CONSTRAINT pk_message_segments PRIMARY KEY (id)
);

CREATE TABLE message_tallies (
	segment_id BIGINT NOT NULL, 
	account_id TEXT NOT NULL, 
	direction TEXT NOT NULL, 
	state TEXT NOT NULL, 
	type TEXT NOT NULL, 
	country TEXT NOT NULL, 
	error_code INTEGER NOT NULL, 
	powerpack_uuid TEXT NOT NULL, 
	campaign_id TEXT NOT NULL, 
	total INTEGER NOT NULL, 
	CONSTRAINT pk_message_tallies PRIMARY KEY (segment_id, account_id, direction, state, type, country, error_code, powerpack_uuid, campaign_id)
)
 WITHOUT ROWID;

CREATE TABLE messages (
	message_uuid TEXT NOT NULL, 
	main_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	direction TEXT NOT NULL, 
	state TEXT NOT NULL, 
	type TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	recipient TEXT NOT NULL, 
	country TEXT NOT NULL, 
	body TEXT, 
	units INTEGER NOT NULL, 
	rate BIGINT NOT NULL, 
	amount BIGINT NOT NULL, 
	error_code INTEGER, 
	log TEXT NOT NULL, 
	requester_ip TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	sent_at FLOAT, 
	reported_at FLOAT, 
	updated_at FLOAT NOT NULL, 
	carrier TEXT NOT NULL, 
	powerpack_uuid TEXT NOT NULL, 
	intent TEXT NOT NULL, 
	extra TEXT NOT NULL, network TEXT DEFAULT '' NOT NULL, fee_rate BIGINT DEFAULT 0 NOT NULL, campaign_id TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (message_uuid)
);

CREATE TABLE "numbers" (
	number TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	app_id TEXT, 
	country TEXT NOT NULL, 
	number_type TEXT NOT NULL, 
	sms_enabled BOOLEAN NOT NULL, 
	mms_enabled BOOLEAN NOT NULL, 
	voice_enabled BOOLEAN NOT NULL, 
	alias TEXT NOT NULL, 
	added_at FLOAT NOT NULL, 
	revision BIGINT NOT NULL, 
	region TEXT DEFAULT '' NOT NULL, 
	state TEXT DEFAULT '' NOT NULL, 
	city TEXT DEFAULT '' NOT NULL, 
	lata INTEGER, 
	rate_center TEXT DEFAULT '' NOT NULL, 
	setup_price BIGINT DEFAULT '0' NOT NULL, 
	monthly_price BIGINT DEFAULT '0' NOT NULL, 
	voice_price BIGINT DEFAULT '0' NOT NULL, 
	rental_id TEXT, 
	renews_on TEXT, 
	unpaid_since TEXT, 
	carrier_id TEXT, 
	cnam_lookup BOOLEAN DEFAULT 0 NOT NULL, 
	cnam TEXT DEFAULT '' NOT NULL, 
	profile_uuid TEXT, 
	verification TEXT, 
	compliance_id TEXT, 
	compliance_status TEXT, 
	campaign_id TEXT, 
	campaign_status TEXT DEFAULT 'unregistered' NOT NULL, 
	tollfree_status TEXT DEFAULT 'unverified' NOT NULL, 
	tollfree_id TEXT, 
	tollfree_order TEXT, 
	CONSTRAINT pk_numbers PRIMARY KEY (number)
);

CREATE TABLE optouts (
	number TEXT NOT NULL, 
	handset TEXT NOT NULL, 
	at FLOAT NOT NULL, 
	keyword TEXT NOT NULL, revision BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_optouts PRIMARY KEY (number, handset)
);

CREATE TABLE parts (
	message_uuid TEXT NOT NULL, 
	part INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	carrier TEXT NOT NULL, 
	carrier_key TEXT NOT NULL, 
	recipient TEXT NOT NULL, 
	state TEXT NOT NULL, 
	error_code INTEGER NOT NULL, 
	CONSTRAINT pk_parts PRIMARY KEY (message_uuid, part)
);

CREATE TABLE permissions (
	account_id TEXT NOT NULL, 
	countries TEXT, 
	india_dlt BOOLEAN, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_permissions PRIMARY KEY (account_id)
);

CREATE TABLE pool_numbers (
	number TEXT NOT NULL, 
	number_pool_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	number_type TEXT NOT NULL, 
	country TEXT NOT NULL, 
	service TEXT NOT NULL, 
	added_at FLOAT NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_pool_numbers PRIMARY KEY (number)
);

CREATE TABLE powerpacks (
	pool_id TEXT NOT NULL, 
	number_pool_id TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	sticky BOOLEAN NOT NULL, 
	local BOOLEAN NOT NULL, 
	app_type TEXT NOT NULL, 
	app_id TEXT NOT NULL, 
	priorities TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_powerpacks PRIMARY KEY (pool_id), 
	CONSTRAINT uq_powerpacks_number_pool_id UNIQUE (number_pool_id)
);

CREATE TABLE profiles (
	profile_uuid TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	profile_type TEXT NOT NULL, 
	primary_profile TEXT NOT NULL, 
	profile_alias TEXT NOT NULL, 
	customer_type TEXT NOT NULL, 
	entity_type TEXT NOT NULL, 
	vertical TEXT NOT NULL, 
	company TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	CONSTRAINT pk_profiles PRIMARY KEY (profile_uuid)
);

CREATE TABLE recharges (
	account_id TEXT NOT NULL, 
	threshold BIGINT NOT NULL, 
	amount BIGINT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	failures INTEGER NOT NULL, 
	due_at FLOAT NOT NULL, 
	payment_id TEXT NOT NULL, 
	CONSTRAINT pk_recharges PRIMARY KEY (account_id)
);

CREATE TABLE recordings (
	recording_id TEXT NOT NULL, 
	main_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	call_uuid TEXT NOT NULL, 
	state TEXT NOT NULL, 
	format TEXT NOT NULL, 
	started_at FLOAT NOT NULL, 
	sender TEXT NOT NULL, 
	recipient TEXT NOT NULL, 
	conference_name TEXT NOT NULL, 
	conference_uuid TEXT NOT NULL, 
	mpc_name TEXT NOT NULL, 
	mpc_uuid TEXT NOT NULL, 
	node TEXT NOT NULL, 
	draft TEXT NOT NULL, 
	ended_at FLOAT NOT NULL, 
	duration_ms BIGINT NOT NULL, 
	size BIGINT NOT NULL, 
	added_at FLOAT NOT NULL, aftermath TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_recordings PRIMARY KEY (recording_id)
);

CREATE TABLE registrations (
	endpoint_id TEXT NOT NULL, 
	contact TEXT NOT NULL, 
	received TEXT NOT NULL, 
	user_agent TEXT NOT NULL, 
	q FLOAT NOT NULL, 
	call_id TEXT NOT NULL, 
	cseq BIGINT NOT NULL, 
	node TEXT NOT NULL, 
	registered_at FLOAT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	CONSTRAINT pk_registrations PRIMARY KEY (endpoint_id, contact)
);

CREATE TABLE removals (
	topic TEXT NOT NULL, 
	revision BIGINT NOT NULL, 
	"key" TEXT NOT NULL, 
	CONSTRAINT pk_removals PRIMARY KEY (topic, revision, "key")
);

CREATE TABLE revisions (
	id INTEGER NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_revisions PRIMARY KEY (id)
);

CREATE TABLE senders (
	owner TEXT NOT NULL, 
	seen_at FLOAT NOT NULL, 
	CONSTRAINT pk_senders PRIMARY KEY (owner)
);

CREATE TABLE sticky_senders (
	pool_id TEXT NOT NULL, 
	recipient TEXT NOT NULL, 
	service TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	at FLOAT NOT NULL, 
	CONSTRAINT pk_sticky_senders PRIMARY KEY (pool_id, recipient, service)
);

CREATE TABLE tariff (
	country TEXT NOT NULL, 
	direction TEXT NOT NULL, 
	product TEXT NOT NULL, 
	variant TEXT NOT NULL, 
	prefixes TEXT NOT NULL, 
	origins TEXT NOT NULL, 
	price BIGINT NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_tariff PRIMARY KEY (country, direction, product, variant, prefixes, origins)
);

CREATE TABLE tollfree_verifications (
	uuid TEXT NOT NULL, 
	main_auth_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	number TEXT NOT NULL, 
	profile_uuid TEXT NOT NULL, 
	usecase TEXT NOT NULL, 
	details TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	callback TEXT NOT NULL, 
	due_at FLOAT, 
	created_at FLOAT NOT NULL, 
	modified_at FLOAT NOT NULL, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_tollfree_verifications PRIMARY KEY (uuid)
);

CREATE TABLE transcriptions (
	transcription_id TEXT NOT NULL, 
	recording_id TEXT NOT NULL, 
	main_id TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	text TEXT NOT NULL, 
	parts TEXT NOT NULL, 
	rate BIGINT NOT NULL, 
	amount BIGINT NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, callback_url TEXT DEFAULT '' NOT NULL, callback_method TEXT DEFAULT 'POST' NOT NULL, leased_until FLOAT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_transcriptions PRIMARY KEY (transcription_id), 
	CONSTRAINT uq_transcriptions_recording_id UNIQUE (recording_id)
);

CREATE TABLE unmatched_receipts (
	id TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	carrier_key TEXT NOT NULL, 
	recipient TEXT NOT NULL, 
	state TEXT NOT NULL, 
	error_code INTEGER NOT NULL, 
	received_at FLOAT NOT NULL, 
	raw TEXT NOT NULL, 
	CONSTRAINT pk_unmatched_receipts PRIMARY KEY (id)
);

CREATE TABLE usage (
	main_id TEXT NOT NULL, 
	day INTEGER NOT NULL, 
	account_id TEXT NOT NULL, 
	product TEXT NOT NULL, 
	direction TEXT NOT NULL, 
	items BIGINT NOT NULL, 
	units BIGINT NOT NULL, 
	amount BIGINT NOT NULL, 
	fees BIGINT NOT NULL, 
	CONSTRAINT pk_usage PRIMARY KEY (main_id, day, account_id, product, direction)
);

CREATE TABLE webhook_attempts (
	webhook_id BIGINT NOT NULL, 
	attempt INTEGER NOT NULL, 
	started_at FLOAT NOT NULL, 
	duration_ms INTEGER NOT NULL, 
	signature TEXT NOT NULL, 
	final_url TEXT, 
	status INTEGER, 
	headers TEXT, 
	body TEXT, 
	error TEXT, 
	CONSTRAINT pk_webhook_attempts PRIMARY KEY (webhook_id, attempt)
)
 WITHOUT ROWID;

CREATE TABLE webhook_leases (
	target TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	until FLOAT NOT NULL, 
	CONSTRAINT pk_webhook_leases PRIMARY KEY (target)
);

CREATE TABLE "webhooks" (
	id INTEGER NOT NULL, 
	account_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	resource_uuid TEXT NOT NULL, 
	method TEXT NOT NULL, 
	url TEXT NOT NULL, 
	target TEXT NOT NULL, 
	encoding TEXT NOT NULL, 
	body TEXT NOT NULL, 
	state SMALLINT DEFAULT '0' NOT NULL, 
	due_at FLOAT NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	created_at FLOAT NOT NULL, 
	ended_at FLOAT, 
	replay_of BIGINT, 
	PRIMARY KEY (id)
);

CREATE TABLE whatsapp_conversations (
	number TEXT NOT NULL, 
	handset TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	id TEXT NOT NULL, 
	opened_at FLOAT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	CONSTRAINT pk_whatsapp_conversations PRIMARY KEY (number, handset, origin)
);

CREATE TABLE whatsapp_early_statuses (
	id TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	wamid TEXT NOT NULL, 
	stage INTEGER NOT NULL, 
	origin TEXT NOT NULL, 
	error_code INTEGER NOT NULL, 
	at FLOAT NOT NULL, 
	CONSTRAINT pk_whatsapp_early_statuses PRIMARY KEY (id)
);

CREATE TABLE whatsapp_messages (
	message_uuid TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	wamid TEXT NOT NULL, 
	stage INTEGER NOT NULL, 
	conversation_id TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	expires_at FLOAT NOT NULL, 
	dispatch TEXT NOT NULL, 
	CONSTRAINT pk_whatsapp_messages PRIMARY KEY (message_uuid)
);

CREATE INDEX ix_accounts_main_auth_id ON accounts (main_auth_id);

CREATE INDEX ix_accounts_revision ON accounts (revision);

CREATE INDEX ix_applications_main_auth_id ON applications (main_auth_id);

CREATE INDEX ix_applications_revision ON applications (revision);

CREATE INDEX ix_brands_due_at ON brands (due_at);

CREATE INDEX ix_brands_main_auth_id ON brands (main_auth_id);

CREATE INDEX ix_call_dialogs_node ON call_dialogs (node);

CREATE INDEX ix_call_feedback_at ON call_feedback (at);

CREATE INDEX ix_calls_main_id_ended_at ON calls (main_id, ended_at);

CREATE INDEX ix_calls_node ON calls (node) WHERE ended_at IS NULL;

CREATE INDEX ix_calls_parent_uuid ON calls (parent_uuid) WHERE parent_uuid <> '';

CREATE INDEX ix_calls_present ON calls (main_id, initiated_at) WHERE ended_at IS NULL;

CREATE INDEX ix_campaign_numbers_campaign_id ON campaign_numbers (campaign_id);

CREATE INDEX ix_campaign_numbers_due_at ON campaign_numbers (due_at);

CREATE INDEX ix_campaign_numbers_revision ON campaign_numbers (revision);

CREATE INDEX ix_campaigns_brand_id ON campaigns (brand_id);

CREATE INDEX ix_campaigns_due_at ON campaigns (due_at);

CREATE INDEX ix_campaigns_main_auth_id ON campaigns (main_auth_id);

CREATE INDEX ix_campaigns_revision ON campaigns (revision);

CREATE INDEX ix_dispatches_expiring ON dispatches (expires_at) WHERE state = 'waiting';

CREATE INDEX ix_dispatches_sending ON dispatches (owner) WHERE state = 'sending';

CREATE INDEX ix_dispatches_waiting ON dispatches (carrier, due_at, message_uuid) WHERE state = 'waiting';

CREATE INDEX ix_endpoints_app_id ON endpoints (app_id);

CREATE INDEX ix_endpoints_main_auth_id ON endpoints (main_auth_id);

CREATE INDEX ix_endpoints_revision ON endpoints (revision);

CREATE INDEX ix_inbound_parts_message ON inbound_parts (carrier, sender, recipient, reference, total);

CREATE INDEX ix_incoming_carriers_main_auth_id ON incoming_carriers (main_auth_id);

CREATE INDEX ix_inventory_country_number ON inventory (country, number);

CREATE INDEX ix_ledger_account_id_at ON ledger (account_id, at);

CREATE INDEX ix_media_hidden ON media (created_at) WHERE hidden;

CREATE INDEX ix_media_main_id_created_at ON media (main_id, created_at);

CREATE INDEX ix_media_unused ON media (created_at) WHERE used_at IS NULL;

CREATE INDEX ix_message_media_media_id ON message_media (media_id);

CREATE UNIQUE INDEX ix_message_segments_main_id_starts_at ON message_segments (main_id, starts_at);

CREATE INDEX ix_messages_main_id_created_at ON messages (main_id, created_at, message_uuid);

CREATE INDEX ix_numbers_app_id ON numbers (app_id);

CREATE INDEX ix_numbers_campaign_id ON numbers (campaign_id);

CREATE INDEX ix_numbers_carrier_id ON numbers (carrier_id);

CREATE INDEX ix_numbers_main_auth_id ON numbers (main_auth_id);

CREATE INDEX ix_numbers_renews_on ON numbers (renews_on);

CREATE INDEX ix_numbers_revision ON numbers (revision);

CREATE INDEX ix_optouts_revision ON optouts (revision);

CREATE INDEX ix_parts_carrier_key ON parts (carrier_key, carrier);

CREATE INDEX ix_permissions_revision ON permissions (revision);

CREATE INDEX ix_pool_numbers_number_pool_id ON pool_numbers (number_pool_id);

CREATE INDEX ix_pool_numbers_revision ON pool_numbers (revision);

CREATE INDEX ix_powerpacks_revision ON powerpacks (revision);

CREATE INDEX ix_profiles_main_auth_id ON profiles (main_auth_id);

CREATE INDEX ix_recordings_call_uuid ON recordings (call_uuid);

CREATE INDEX ix_recordings_main_id_added_at ON recordings (main_id, added_at);

CREATE INDEX ix_recordings_pending ON recordings (node) WHERE state = 'pending';

CREATE INDEX ix_registrations_expires_at ON registrations (expires_at);

CREATE INDEX ix_tollfree_verifications_due_at ON tollfree_verifications (due_at);

CREATE INDEX ix_tollfree_verifications_main_auth_id ON tollfree_verifications (main_auth_id);

CREATE INDEX ix_tollfree_verifications_number ON tollfree_verifications (number);

CREATE INDEX ix_tollfree_verifications_revision ON tollfree_verifications (revision);

CREATE INDEX ix_transcriptions_in_progress ON transcriptions (created_at) WHERE state = 'in-progress';

CREATE INDEX ix_unmatched_receipts_key ON unmatched_receipts (carrier_key, carrier);

CREATE INDEX ix_unmatched_receipts_received_at ON unmatched_receipts (received_at);

CREATE INDEX ix_usage_day ON usage (day);

CREATE INDEX ix_webhooks_queue ON webhooks (target, due_at) WHERE state < 2;

CREATE INDEX ix_webhooks_resource_uuid ON webhooks (resource_uuid);

CREATE INDEX ix_whatsapp_conversations_expires_at ON whatsapp_conversations (expires_at);

CREATE INDEX ix_whatsapp_early_statuses_wamid ON whatsapp_early_statuses (wamid);

CREATE INDEX ix_whatsapp_messages_conversation_id ON whatsapp_messages (conversation_id);

CREATE UNIQUE INDEX ix_whatsapp_messages_wamid ON whatsapp_messages (wamid, carrier);

CREATE UNIQUE INDEX uq_applications_default_endpoint_app ON applications (account_id) WHERE default_endpoint_app;

CREATE UNIQUE INDEX uq_applications_default_number_app ON applications (account_id) WHERE default_number_app;

CREATE UNIQUE INDEX uq_powerpacks_name ON powerpacks (main_auth_id, name);

CREATE TRIGGER messages_late_arrival AFTER INSERT ON messages WHEN NEW.created_at < strftime('%s', 'now') - 30 BEGIN UPDATE message_segments SET total = total + 1 WHERE id = 
    (SELECT id FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
    AND NEW.created_at < (SELECT ends_at FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
;INSERT INTO message_tallies (segment_id, account_id, direction, state, type, country, error_code, powerpack_uuid, campaign_id, total) SELECT id, NEW.account_id, NEW.direction, NEW.state, NEW.type, NEW.country, coalesce(NEW.error_code, -1), NEW.powerpack_uuid, NEW.campaign_id, 1 FROM message_segments WHERE id = 
    (SELECT id FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
    AND NEW.created_at < (SELECT ends_at FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
 ON CONFLICT (segment_id, account_id, direction, state, type, country, error_code, powerpack_uuid, campaign_id) DO UPDATE SET total = message_tallies.total + 1;INSERT INTO message_ends (segment_id, role, number, total) SELECT id, 0, NEW.sender, 1 FROM message_segments WHERE id = 
    (SELECT id FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
    AND NEW.created_at < (SELECT ends_at FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
 ON CONFLICT (segment_id, role, number) DO UPDATE SET total = message_ends.total + 1;INSERT INTO message_ends (segment_id, role, number, total) SELECT id, 1, NEW.recipient, 1 FROM message_segments WHERE id = 
    (SELECT id FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
    AND NEW.created_at < (SELECT ends_at FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
 ON CONFLICT (segment_id, role, number) DO UPDATE SET total = message_ends.total + 1; END;

CREATE TRIGGER messages_late_change AFTER UPDATE OF state, error_code ON messages WHEN NEW.updated_at > OLD.created_at + 30 OR NEW.updated_at = OLD.updated_at BEGIN UPDATE message_tallies SET total = total - 1 WHERE account_id = OLD.account_id AND direction = OLD.direction AND state = OLD.state AND type = OLD.type AND country = OLD.country AND error_code = coalesce(OLD.error_code, -1) AND powerpack_uuid = OLD.powerpack_uuid AND campaign_id = OLD.campaign_id AND segment_id = 
    (SELECT id FROM message_segments WHERE main_id = OLD.main_id
     AND starts_at <= OLD.created_at ORDER BY starts_at DESC LIMIT 1)
    AND OLD.created_at < (SELECT ends_at FROM message_segments WHERE main_id = OLD.main_id
     AND starts_at <= OLD.created_at ORDER BY starts_at DESC LIMIT 1)
; INSERT INTO message_tallies (segment_id, account_id, direction, state, type, country, error_code, powerpack_uuid, campaign_id, total) SELECT id, NEW.account_id, NEW.direction, NEW.state, NEW.type, NEW.country, coalesce(NEW.error_code, -1), NEW.powerpack_uuid, NEW.campaign_id, 1 FROM message_segments WHERE id = 
    (SELECT id FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
    AND NEW.created_at < (SELECT ends_at FROM message_segments WHERE main_id = NEW.main_id
     AND starts_at <= NEW.created_at ORDER BY starts_at DESC LIMIT 1)
 ON CONFLICT (segment_id, account_id, direction, state, type, country, error_code, powerpack_uuid, campaign_id) DO UPDATE SET total = message_tallies.total + 1; END;

INSERT INTO alembic_version VALUES ('0019');
