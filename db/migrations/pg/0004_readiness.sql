ALTER TABLE "connections" ADD COLUMN "check_at" bigint;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "checked_at" bigint;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "check_failure" text;