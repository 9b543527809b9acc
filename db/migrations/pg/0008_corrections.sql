ALTER TABLE "deliveries" ADD COLUMN "way" text;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "amended_by" text;--> statement-breakpoint
ALTER TABLE "renditions" ADD COLUMN "ways" jsonb;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "amends" text;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "note" text;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "plan" jsonb;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "requested_seq" bigint;