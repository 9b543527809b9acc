CREATE TABLE "page_files" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"kind" text NOT NULL,
	"type" text NOT NULL,
	"hash" text NOT NULL,
	"body" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "auto_start" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "auto_end" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "reminders" jsonb;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "reminded_at" bigint;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "overdue_at" bigint;--> statement-breakpoint
ALTER TABLE "pages" ADD COLUMN "domain" text;--> statement-breakpoint
ALTER TABLE "pages" ADD COLUMN "access" jsonb;--> statement-breakpoint
ALTER TABLE "pages" ADD COLUMN "checked_at" bigint;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "scheduled_for" bigint;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "scheduled_until" bigint;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "planned_of" text;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "planned_as" text;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "search_text" text;--> statement-breakpoint
ALTER TABLE "page_files" ADD CONSTRAINT "page_files_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "page_files_kind_uq" ON "page_files" USING btree ("page_id","kind");--> statement-breakpoint
CREATE UNIQUE INDEX "pages_domain_uq" ON "pages" USING btree ("domain");--> statement-breakpoint
CREATE INDEX "updates_planned_ix" ON "updates" USING btree ("planned_of");--> statement-breakpoint
UPDATE "updates" SET "search_text" = lower((SELECT "title" FROM "incidents" WHERE "incidents"."id" = "updates"."incident_id") || ' ' || "body" || ' ' || "blocks"::text) WHERE "published_seq" IS NOT NULL;