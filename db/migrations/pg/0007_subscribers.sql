CREATE TABLE "fanouts" (
	"update_id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"incident_id" text NOT NULL,
	"ord" bigint NOT NULL,
	"step" bigint NOT NULL,
	"cursor" text NOT NULL,
	"calls" jsonb,
	"queued" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"done_at" bigint
);
--> statement-breakpoint
CREATE TABLE "letters" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"subscriber_id" text NOT NULL,
	"kind" text NOT NULL,
	"sealed" text NOT NULL,
	"tries" bigint NOT NULL,
	"next_at" bigint NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscriber_targets" (
	"subscriber_id" text NOT NULL,
	"target_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscribers" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"address_hash" text NOT NULL,
	"sealed" text NOT NULL,
	"contact" text,
	"language" text NOT NULL,
	"everything" boolean NOT NULL,
	"code" text,
	"code_until" bigint,
	"code_tries" bigint NOT NULL,
	"letter_at" bigint,
	"failures" bigint NOT NULL,
	"reason" text,
	"source" text NOT NULL,
	"basis" text,
	"created_at" bigint NOT NULL,
	"confirmed_at" bigint,
	"quarantined_at" bigint,
	"ended_at" bigint,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "fanouts" ADD CONSTRAINT "fanouts_update_id_updates_id_fk" FOREIGN KEY ("update_id") REFERENCES "public"."updates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "letters" ADD CONSTRAINT "letters_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriber_targets" ADD CONSTRAINT "subscriber_targets_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscribers" ADD CONSTRAINT "subscribers_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "fanouts_open_ix" ON "fanouts" USING btree ("done_at","ord");--> statement-breakpoint
CREATE INDEX "fanouts_incident_ix" ON "fanouts" USING btree ("incident_id","ord");--> statement-breakpoint
CREATE INDEX "letters_due_ix" ON "letters" USING btree ("next_at");--> statement-breakpoint
CREATE UNIQUE INDEX "subscriber_targets_uq" ON "subscriber_targets" USING btree ("subscriber_id","target_id");--> statement-breakpoint
CREATE INDEX "subscriber_targets_target_ix" ON "subscriber_targets" USING btree ("target_id");--> statement-breakpoint
CREATE UNIQUE INDEX "subscribers_address_uq" ON "subscribers" USING btree ("page_id","kind","address_hash");--> statement-breakpoint
CREATE INDEX "subscribers_walk_ix" ON "subscribers" USING btree ("page_id","kind","state","id");--> statement-breakpoint
CREATE INDEX "subscribers_letter_ix" ON "subscribers" USING btree ("letter_at");