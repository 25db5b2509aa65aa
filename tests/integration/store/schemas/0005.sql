PRAGMA application_id = 1212435249;
BEGIN TRANSACTION;
CREATE TABLE agent (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	token_hash TEXT NOT NULL, 
	disabled INTEGER NOT NULL, 
	created_at INTEGER NOT NULL, 
	CONSTRAINT uq_agent_name UNIQUE (name), 
	CONSTRAINT uq_agent_token_hash UNIQUE (token_hash), 
	CONSTRAINT ck_agent_role CHECK (role IN ('agent', 'admin'))
)
 STRICT

;
INSERT INTO "agent" VALUES(1,'Sam','agent','hash-of-sam',0,1795343700123);
INSERT INTO "agent" VALUES(2,'Kim','admin','hash-of-kim',0,1795343700123);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at INTEGER NOT NULL, 
	action TEXT NOT NULL, 
	by_role TEXT NOT NULL, 
	by_id INTEGER NOT NULL, 
	by_name TEXT, 
	data TEXT NOT NULL, 
	hash TEXT NOT NULL
)
 STRICT

;
INSERT INTO "audit" VALUES(1,1795344200123,'expired','desk',0,NULL,'{"requests":2}','11e2f25da1663ba7dbc5984ecbd25bfacc3ae82130c9b3510aae69aff254ca60');
CREATE TABLE canned_response (
	name TEXT NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_canned_response PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "canned_response" VALUES('hello','Hello {customer}');
CREATE TABLE customer (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	site TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	name TEXT, 
	email TEXT, 
	verified INTEGER NOT NULL, 
	created_at INTEGER NOT NULL, counted TEXT, 
	CONSTRAINT uq_customer_key UNIQUE ("key")
)
 STRICT

;
INSERT INTO "customer" VALUES(1,'default','key-of-ada','Ada','ada@example.org',0,1795343700123,NULL);
INSERT INTO "customer" VALUES(2,'default','key-of-bob',NULL,NULL,0,1795344000123,NULL);
CREATE TABLE help_request (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	site TEXT NOT NULL, 
	status TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	customer_id INTEGER NOT NULL, 
	opened_at INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	customer_seq INTEGER NOT NULL, 
	agent_id INTEGER, 
	claimed_at INTEGER, 
	closed_at INTEGER, 
	waiting_since INTEGER, 
	rating_score INTEGER, 
	rating_at INTEGER, 
	last_at INTEGER, 
	rating_comment TEXT, 
	last_text TEXT, 
	last_by TEXT, 
	customer_read_seq INTEGER NOT NULL, 
	customer_read_customer_seq INTEGER NOT NULL, 
	agent_read_seq INTEGER NOT NULL, 
	agent_read_customer_seq INTEGER NOT NULL, 
	page_url TEXT, 
	page_title TEXT, 
	page_referrer TEXT, 
	locale TEXT, 
	user_agent TEXT, hold TEXT, 
	CONSTRAINT fk_help_request_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_help_request_agent_id FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT ck_help_request_status CHECK (status IN ('waiting', 'active', 'closed'))
)
 STRICT

;
INSERT INTO "help_request" VALUES(1,'default','closed','["food"]',1,1795343700123,12,7,2,1795343763123,1795343820123,NULL,5,1795343830123,1795343760123,'quick','I am sorry, Ada','agent',0,0,0,0,'https://shop.example/cart','Cart',NULL,'en-GB','Firefox','{"why":"tax","by":{"role":"agent","id":2,"name":"Kim"},"at":1795344100123}');
INSERT INTO "help_request" VALUES(2,'default','waiting','[]',1,1795343900123,3,3,NULL,NULL,NULL,1795343900123,NULL,NULL,1795343900123,NULL,'再び冷たいです','customer',0,0,0,0,'https://shop.example/cart','Cart',NULL,'en-GB','Firefox',NULL);
INSERT INTO "help_request" VALUES(3,'default','waiting','[]',2,1795344000123,2,2,NULL,NULL,NULL,1795344000123,NULL,NULL,1795344000123,NULL,'Welcome!','desk',0,0,0,0,'https://shop.example/cart','Cart',NULL,'en-GB','Firefox',NULL);
CREATE TABLE message (
	id INTEGER NOT NULL, 
	request_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	by_id INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	customer_seq INTEGER, 
	kind TEXT NOT NULL, 
	by_role TEXT NOT NULL, 
	activity TEXT, 
	text TEXT, 
	data TEXT, 
	by_name TEXT, 
	ref TEXT, 
	CONSTRAINT pk_message PRIMARY KEY (id), 
	CONSTRAINT fk_message_request_id FOREIGN KEY(request_id) REFERENCES help_request (id), 
	CONSTRAINT uq_message_request_id_seq UNIQUE (request_id, seq), 
	CONSTRAINT uq_message_request_id_customer_seq UNIQUE (request_id, customer_seq)
)
 STRICT

;
INSERT INTO "message" VALUES(1,1,1,1,1795343700123,1,'activity','customer','opened',NULL,NULL,'Ada',NULL);
INSERT INTO "message" VALUES(2,1,2,0,1795343700123,2,'text','desk',NULL,'Welcome!',NULL,NULL,NULL);
INSERT INTO "message" VALUES(3,1,3,1,1795343700123,3,'text','customer',NULL,'My crème brûlée is cold',NULL,'Ada','o1');
INSERT INTO "message" VALUES(4,1,4,1,1795343760123,4,'activity','agent','claimed',NULL,NULL,'Sam',NULL);
INSERT INTO "message" VALUES(5,1,5,1,1795343760123,5,'text','agent',NULL,'I am sorry, Ada',NULL,'Sam','s1');
INSERT INTO "message" VALUES(6,1,6,1,1795343761123,NULL,'note','agent',NULL,'Third time this week',NULL,'Sam','n1');
INSERT INTO "message" VALUES(7,1,7,1,1795343762123,NULL,'activity','agent','tagged',NULL,'{"add":["food"],"remove":[]}','Sam',NULL);
INSERT INTO "message" VALUES(8,1,8,1,1795343763123,NULL,'activity','agent','transferred',NULL,'{"to":2,"name":"Kim"}','Sam',NULL);
INSERT INTO "message" VALUES(9,1,9,1,1795343763123,NULL,'note','agent',NULL,'Yours',NULL,'Sam',NULL);
INSERT INTO "message" VALUES(10,1,10,1,1795343820123,6,'activity','agent','closed',NULL,NULL,'Sam',NULL);
INSERT INTO "message" VALUES(11,1,11,1,1795343830123,7,'activity','customer','rated',NULL,'{"score":5,"comment":"quick"}','Ada',NULL);
INSERT INTO "message" VALUES(12,2,1,1,1795343900123,1,'activity','customer','opened',NULL,NULL,'Ada',NULL);
INSERT INTO "message" VALUES(13,2,2,0,1795343900123,2,'text','desk',NULL,'Welcome!',NULL,NULL,NULL);
INSERT INTO "message" VALUES(14,2,3,1,1795343900123,3,'text','customer',NULL,'再び冷たいです',NULL,'Ada','o2');
INSERT INTO "message" VALUES(15,3,1,2,1795344000123,1,'activity','customer','opened',NULL,NULL,NULL,'o1');
INSERT INTO "message" VALUES(16,3,2,0,1795344000123,2,'text','desk',NULL,'Welcome!',NULL,NULL,NULL);
INSERT INTO "message" VALUES(17,1,12,2,1795344100123,NULL,'activity','agent','held',NULL,'{"why":"tax"}','Kim',NULL);
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "meta" VALUES('epoch','0005000500050005');
INSERT INTO "meta" VALUES('usage','3');
CREATE TABLE open_answer (
	customer_id INTEGER NOT NULL, 
	request_id INTEGER NOT NULL, 
	ref TEXT NOT NULL, 
	CONSTRAINT pk_open_answer PRIMARY KEY (customer_id, ref), 
	CONSTRAINT fk_open_answer_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_open_answer_request_id FOREIGN KEY(request_id) REFERENCES help_request (id)
)
 STRICT

;
INSERT INTO "open_answer" VALUES(2,3,'o2');
CREATE TABLE usage_day (
	name TEXT NOT NULL, 
	messages INTEGER NOT NULL, 
	connections INTEGER NOT NULL, 
	CONSTRAINT pk_usage_day PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "usage_day" VALUES('2026-11-22',3,2);
CREATE TABLE usage_month (
	name TEXT NOT NULL, 
	people INTEGER NOT NULL, 
	CONSTRAINT pk_usage_month PRIMARY KEY (name)
)
 STRICT

;
CREATE INDEX ix_help_request_customer_id_id ON help_request (customer_id, id);
CREATE INDEX ix_help_request_closed_at ON help_request (closed_at);
CREATE TABLE webhook (
	name TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	CONSTRAINT pk_webhook PRIMARY KEY (name)
)
 STRICT

;
CREATE TABLE delivery (
	webhook TEXT NOT NULL, 
	message_id INTEGER NOT NULL, 
	request_id INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	due_at INTEGER, 
	outcome TEXT, 
	status INTEGER, 
	tried_at INTEGER, 
	CONSTRAINT pk_delivery PRIMARY KEY (webhook, message_id), 
	CONSTRAINT fk_delivery_webhook_webhook FOREIGN KEY(webhook) REFERENCES webhook (name), 
	CONSTRAINT fk_delivery_request_id_help_request FOREIGN KEY(request_id) REFERENCES help_request (id)
)
 STRICT

;
CREATE UNIQUE INDEX uq_help_request_open ON help_request (customer_id) WHERE status <> 'closed';
CREATE UNIQUE INDEX uq_message_customer_ref ON message (by_id, ref) WHERE by_role = 'customer' AND ref IS NOT NULL;
CREATE UNIQUE INDEX uq_message_agent_ref ON message (request_id, by_role, by_id, ref) WHERE by_role <> 'customer' AND ref IS NOT NULL;
CREATE INDEX ix_open_answer_request_id ON open_answer (request_id);
CREATE INDEX ix_delivery_request_id ON delivery (request_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('agent',2);
INSERT INTO "sqlite_sequence" VALUES('customer',2);
INSERT INTO "sqlite_sequence" VALUES('help_request',3);
INSERT INTO "sqlite_sequence" VALUES('audit',1);
CREATE VIRTUAL TABLE search USING fts5(words, content='', tokenize='unicode61 remove_diacritics 2');
INSERT INTO search (rowid, words) VALUES(2,'Welcome!');
INSERT INTO search (rowid, words) VALUES(3,'My crème brûlée is cold');
INSERT INTO search (rowid, words) VALUES(5,'I am sorry, Ada');
INSERT INTO search (rowid, words) VALUES(6,'Third time this week');
INSERT INTO search (rowid, words) VALUES(9,'Yours');
INSERT INTO search (rowid, words) VALUES(13,'Welcome!');
INSERT INTO search (rowid, words) VALUES(14,' 再  び  冷  た  い  で  す ');
INSERT INTO search (rowid, words) VALUES(16,'Welcome!');
INSERT INTO search (rowid, words) VALUES(-1,'Ada ada@example.org');
COMMIT;
