CREATE TABLE "approvals" (
	"id" text PRIMARY KEY NOT NULL,
	"update_id" text NOT NULL,
	"person_id" text NOT NULL,
	"decision" text NOT NULL,
	"hash" text NOT NULL,
	"reason" text,
	"at" bigint NOT NULL,
	"voided_at" bigint,
	"void_reason" text
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"id" text PRIMARY KEY NOT NULL,
	"delivery_id" text NOT NULL,
	"kind" text NOT NULL,
	"by" text NOT NULL,
	"started_at" bigint NOT NULL,
	"ended_at" bigint,
	"outcome" text,
	"code" text,
	"status" bigint,
	"message" text
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"action" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" text NOT NULL,
	"detail" text NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "component_changes" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"component_id" text NOT NULL,
	"from_status" text NOT NULL,
	"to_status" text NOT NULL,
	"incident_id" text,
	"update_id" text,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "component_groups" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"position" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "components" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"group_id" text,
	"name" text NOT NULL,
	"description" text,
	"status" text NOT NULL,
	"position" bigint NOT NULL,
	"showcase" boolean NOT NULL,
	"only_show_if_degraded" boolean NOT NULL,
	"start_date" text,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connections" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"channel" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"account" text NOT NULL,
	"url" text,
	"settings" jsonb NOT NULL,
	"sealed" text NOT NULL,
	"limits" jsonb NOT NULL,
	"can" jsonb NOT NULL,
	"template" text NOT NULL,
	"language" text NOT NULL,
	"include_link" boolean NOT NULL,
	"thread" boolean NOT NULL,
	"enabled" boolean NOT NULL,
	"paused_at" bigint,
	"paused_reason" text,
	"not_before" bigint,
	"expires_at" bigint,
	"last_ok_at" bigint,
	"verified_at" bigint,
	"position" bigint NOT NULL,
	"lane_by" text,
	"lane_until" bigint,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"incident_id" text NOT NULL,
	"update_id" text NOT NULL,
	"rendition_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"op" text NOT NULL,
	"part" bigint NOT NULL,
	"recipient" text NOT NULL,
	"target_id" text,
	"priority" bigint NOT NULL,
	"ord" bigint NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"attempts" bigint NOT NULL,
	"next_at" bigint NOT NULL,
	"lease_by" text,
	"lease_until" bigint,
	"sent_at" bigint,
	"first_sent_at" bigint,
	"may_be_there" boolean NOT NULL,
	"absences" bigint NOT NULL,
	"absent_by" text,
	"absent_mono" bigint,
	"held_at" bigint,
	"done_at" bigint,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"page_id" text,
	"kind" text NOT NULL,
	"public" boolean NOT NULL,
	"incident_id" text,
	"update_id" text,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "incidents" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"objective" text NOT NULL,
	"owner_id" text,
	"status" text,
	"impact" text NOT NULL,
	"impact_override" text,
	"grave" boolean NOT NULL,
	"detected_at" bigint NOT NULL,
	"started_at" bigint NOT NULL,
	"scheduled_for" bigint,
	"scheduled_until" bigint,
	"published_at" bigint,
	"monitoring_at" bigint,
	"resolved_at" bigint,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pages" (
	"id" text PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"time_zone" text NOT NULL,
	"languages" jsonb NOT NULL,
	"cadence" text NOT NULL,
	"policy" jsonb NOT NULL,
	"settings" jsonb NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "people" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"roles" jsonb NOT NULL,
	"disabled_at" bigint,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "promises" (
	"id" text PRIMARY KEY NOT NULL,
	"incident_id" text NOT NULL,
	"page_id" text NOT NULL,
	"update_id" text NOT NULL,
	"due_at" bigint NOT NULL,
	"state" text NOT NULL,
	"made_at" bigint NOT NULL,
	"settled_at" bigint,
	"settled_by" text,
	"late_ms" bigint,
	"escalated_to" bigint
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"delivery_id" text PRIMARY KEY NOT NULL,
	"remote_id" text NOT NULL,
	"url" text,
	"raw" jsonb NOT NULL,
	"proof" text NOT NULL,
	"text_read" text,
	"read_at" bigint,
	"accepted_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "renditions" (
	"id" text PRIMARY KEY NOT NULL,
	"update_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"language" text NOT NULL,
	"code" text NOT NULL,
	"parts" jsonb NOT NULL,
	"dropped" jsonb NOT NULL,
	"max" bigint NOT NULL,
	"unit" text NOT NULL,
	"overridden" boolean NOT NULL,
	"frozen_at" bigint,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "templates" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"name" text NOT NULL,
	"title" text NOT NULL,
	"status" text NOT NULL,
	"blocks" jsonb NOT NULL,
	"body" text NOT NULL,
	"slots" jsonb NOT NULL,
	"author_id" text NOT NULL,
	"cleared_by" text,
	"cleared_at" bigint,
	"cleared_until" bigint,
	"version" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"hash" text NOT NULL,
	"person_id" text NOT NULL,
	"name" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint,
	"last_used_at" bigint,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "updates" (
	"id" text PRIMARY KEY NOT NULL,
	"incident_id" text NOT NULL,
	"page_id" text NOT NULL,
	"state" text NOT NULL,
	"class" text NOT NULL,
	"status" text NOT NULL,
	"language" text NOT NULL,
	"blocks" jsonb NOT NULL,
	"body" text NOT NULL,
	"next_update_by" bigint,
	"components" jsonb NOT NULL,
	"connection_ids" jsonb,
	"overrides" jsonb NOT NULL,
	"author_ids" jsonb NOT NULL,
	"template_id" text,
	"corrects_id" text,
	"version" bigint NOT NULL,
	"hash" text,
	"requested_by" text,
	"requested_at" bigint,
	"approved_at" bigint,
	"release_at" bigint,
	"published_at" bigint,
	"published_seq" bigint,
	"reason" text,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_update_id_updates_id_fk" FOREIGN KEY ("update_id") REFERENCES "public"."updates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "component_changes" ADD CONSTRAINT "component_changes_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "component_changes" ADD CONSTRAINT "component_changes_component_id_components_id_fk" FOREIGN KEY ("component_id") REFERENCES "public"."components"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "component_groups" ADD CONSTRAINT "component_groups_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "components" ADD CONSTRAINT "components_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "components" ADD CONSTRAINT "components_group_id_component_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."component_groups"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promises" ADD CONSTRAINT "promises_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "renditions" ADD CONSTRAINT "renditions_update_id_updates_id_fk" FOREIGN KEY ("update_id") REFERENCES "public"."updates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "templates" ADD CONSTRAINT "templates_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "updates" ADD CONSTRAINT "updates_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approvals_update_ix" ON "approvals" USING btree ("update_id","id");--> statement-breakpoint
CREATE INDEX "attempts_delivery_ix" ON "attempts" USING btree ("delivery_id","id");--> statement-breakpoint
CREATE INDEX "audit_subject_ix" ON "audit" USING btree ("subject_kind","subject_id");--> statement-breakpoint
CREATE INDEX "component_changes_component_ix" ON "component_changes" USING btree ("component_id","at");--> statement-breakpoint
CREATE INDEX "component_changes_page_ix" ON "component_changes" USING btree ("page_id","at");--> statement-breakpoint
CREATE INDEX "component_changes_update_ix" ON "component_changes" USING btree ("update_id");--> statement-breakpoint
CREATE INDEX "component_groups_page_ix" ON "component_groups" USING btree ("page_id","position");--> statement-breakpoint
CREATE INDEX "components_page_ix" ON "components" USING btree ("page_id","position");--> statement-breakpoint
CREATE INDEX "connections_page_ix" ON "connections" USING btree ("page_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "deliveries_uq" ON "deliveries" USING btree ("update_id","connection_id","recipient","part","op");--> statement-breakpoint
CREATE INDEX "deliveries_lane_ix" ON "deliveries" USING btree ("connection_id","state","priority","ord","part");--> statement-breakpoint
CREATE INDEX "deliveries_update_ix" ON "deliveries" USING btree ("update_id");--> statement-breakpoint
CREATE INDEX "deliveries_lease_ix" ON "deliveries" USING btree ("lease_by");--> statement-breakpoint
CREATE INDEX "deliveries_state_ix" ON "deliveries" USING btree ("state");--> statement-breakpoint
CREATE INDEX "deliveries_order_ix" ON "deliveries" USING btree ("incident_id","connection_id","ord","part");--> statement-breakpoint
CREATE INDEX "events_page_ix" ON "events" USING btree ("page_id","seq");--> statement-breakpoint
CREATE INDEX "incidents_page_ix" ON "incidents" USING btree ("page_id","id");--> statement-breakpoint
CREATE INDEX "incidents_open_ix" ON "incidents" USING btree ("page_id","resolved_at");--> statement-breakpoint
CREATE INDEX "incidents_scheduled_ix" ON "incidents" USING btree ("page_id","scheduled_for");--> statement-breakpoint
CREATE UNIQUE INDEX "pages_slug_uq" ON "pages" USING btree ("slug");--> statement-breakpoint
CREATE UNIQUE INDEX "people_email_uq" ON "people" USING btree ("email");--> statement-breakpoint
CREATE INDEX "promises_incident_ix" ON "promises" USING btree ("incident_id","id");--> statement-breakpoint
CREATE INDEX "promises_due_ix" ON "promises" USING btree ("state","due_at");--> statement-breakpoint
CREATE INDEX "receipts_remote_ix" ON "receipts" USING btree ("remote_id");--> statement-breakpoint
CREATE UNIQUE INDEX "renditions_uq" ON "renditions" USING btree ("update_id","connection_id","language");--> statement-breakpoint
CREATE UNIQUE INDEX "renditions_code_uq" ON "renditions" USING btree ("code");--> statement-breakpoint
CREATE INDEX "templates_page_ix" ON "templates" USING btree ("page_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_hash_uq" ON "tokens" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "tokens_person_ix" ON "tokens" USING btree ("person_id","kind");--> statement-breakpoint
CREATE INDEX "updates_incident_ix" ON "updates" USING btree ("incident_id","published_seq");--> statement-breakpoint
CREATE INDEX "updates_state_ix" ON "updates" USING btree ("state","release_at");