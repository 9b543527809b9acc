CREATE TABLE "desk_pushes" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"hash" text NOT NULL,
	"sealed" text NOT NULL,
	"user_agent" text,
	"created_at" bigint NOT NULL,
	"last_ok_at" bigint
);
--> statement-breakpoint
ALTER TABLE "approvals" ADD COLUMN "behind" jsonb;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "voice_of" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "gate_how" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "gate_waiver" jsonb;--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "offices" jsonb;--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "voice" jsonb;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "behind" jsonb;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "voice_of" text;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "leaves" text;--> statement-breakpoint
CREATE UNIQUE INDEX "desk_pushes_hash_uq" ON "desk_pushes" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "desk_pushes_person_ix" ON "desk_pushes" USING btree ("person_id");