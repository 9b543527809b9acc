ALTER TABLE "mentions" ADD COLUMN "incident_id" text;--> statement-breakpoint
ALTER TABLE "mentions" ADD COLUMN "alerted_at" bigint;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "batch_id" text;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "asked_at" bigint;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "judged_at" bigint;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "judged_by" text;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "verdict" text;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "note" text;--> statement-breakpoint
CREATE INDEX "mentions_incident_ix" ON "mentions" USING btree ("incident_id","state");--> statement-breakpoint
CREATE UNIQUE INDEX "replies_batch_uq" ON "replies" USING btree ("batch_id","mention_id");