CREATE TABLE "approval_asks" (
	"id" text PRIMARY KEY NOT NULL,
	"update_id" text NOT NULL,
	"hash" text NOT NULL,
	"person_id" text NOT NULL,
	"secret_hash" text NOT NULL,
	"round" bigint NOT NULL,
	"asked_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "drafts" (
	"update_id" text NOT NULL,
	"person_id" text NOT NULL,
	"fields" jsonb NOT NULL,
	"version" bigint NOT NULL,
	"saved_at" bigint NOT NULL,
	CONSTRAINT "drafts_update_id_person_id_pk" PRIMARY KEY("update_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "facts" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"incident_id" text NOT NULL,
	"key" text NOT NULL,
	"kind" text NOT NULL,
	"value" text NOT NULL,
	"unit" text NOT NULL,
	"state" text NOT NULL,
	"source" text NOT NULL,
	"origin" text NOT NULL,
	"grade" text NOT NULL,
	"second_source" text NOT NULL,
	"author_id" text NOT NULL,
	"verifier_id" text,
	"confirmed_at" bigint,
	"reason" text,
	"supersedes_id" text,
	"version" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hand_overs" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"incident_id" text NOT NULL,
	"from_id" text,
	"to_id" text NOT NULL,
	"note" text NOT NULL,
	"state" text NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" bigint NOT NULL,
	"answered_at" bigint,
	"answer" text,
	"reminders" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "message_maps" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"incident_id" text,
	"question" text NOT NULL,
	"messages" jsonb NOT NULL,
	"author_id" text NOT NULL,
	"cleared_by" text,
	"cleared_at" bigint,
	"version" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "overrides" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"incident_id" text NOT NULL,
	"update_id" text NOT NULL,
	"hash" text NOT NULL,
	"person_id" text NOT NULL,
	"reason" text NOT NULL,
	"sentence" text NOT NULL,
	"assurance" text NOT NULL,
	"at" bigint NOT NULL,
	"review_due_at" bigint NOT NULL,
	"reviewed_by" text,
	"reviewed_at" bigint,
	"verdict" text,
	"note" text,
	"reminded_at" bigint
);
--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "incident_id" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "update_id" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "person_id" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "done_at" bigint;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "done_by" text;--> statement-breakpoint
ALTER TABLE "approvals" ADD COLUMN "assurance" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "gate_at" bigint;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "gate_by" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "gate_note" text;--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "page_roles" jsonb;--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "phone" text;--> statement-breakpoint
ALTER TABLE "templates" ADD COLUMN "class" text;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "cites" jsonb;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "publish_at" bigint;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "heartbeat" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "approval_asks_secret_uq" ON "approval_asks" USING btree ("secret_hash");--> statement-breakpoint
CREATE INDEX "approval_asks_update_ix" ON "approval_asks" USING btree ("update_id","hash");--> statement-breakpoint
CREATE INDEX "facts_incident_ix" ON "facts" USING btree ("incident_id","id");--> statement-breakpoint
CREATE INDEX "hand_overs_incident_ix" ON "hand_overs" USING btree ("incident_id","id");--> statement-breakpoint
CREATE INDEX "hand_overs_state_ix" ON "hand_overs" USING btree ("state");--> statement-breakpoint
CREATE INDEX "message_maps_page_ix" ON "message_maps" USING btree ("page_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "overrides_update_uq" ON "overrides" USING btree ("update_id","hash");--> statement-breakpoint
CREATE INDEX "overrides_incident_ix" ON "overrides" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "overrides_review_ix" ON "overrides" USING btree ("reviewed_at","review_due_at");