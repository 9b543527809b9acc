CREATE TABLE "alerts" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"kind" text NOT NULL,
	"connection_id" text,
	"delivery_id" text,
	"message" text NOT NULL,
	"raised_at" bigint NOT NULL,
	"sent_at" bigint,
	"tries" bigint NOT NULL,
	"next_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "alerts_due_ix" ON "alerts" USING btree ("sent_at","next_at");