CREATE TABLE "hearing" (
	"connection_id" text PRIMARY KEY NOT NULL,
	"cursor" text,
	"heard_at" bigint NOT NULL,
	"next_at" bigint NOT NULL,
	"failure" text
);
--> statement-breakpoint
CREATE TABLE "mentions" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"remote_id" text NOT NULL,
	"url" text,
	"author_id" text NOT NULL,
	"author_handle" text NOT NULL,
	"author_name" text,
	"text" text NOT NULL,
	"in_reply_to" text,
	"post" jsonb NOT NULL,
	"said_at" bigint NOT NULL,
	"received_at" bigint NOT NULL,
	"due_at" bigint NOT NULL,
	"state" text NOT NULL,
	"assigned_to" text,
	"reason" text,
	"settled_at" bigint,
	"settled_by" text,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "replies" (
	"id" text PRIMARY KEY NOT NULL,
	"mention_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"text" text NOT NULL,
	"author_id" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "mentions" ADD CONSTRAINT "mentions_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "replies" ADD CONSTRAINT "replies_mention_id_mentions_id_fk" FOREIGN KEY ("mention_id") REFERENCES "public"."mentions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "mentions_remote_uq" ON "mentions" USING btree ("connection_id","remote_id");--> statement-breakpoint
CREATE INDEX "mentions_due_ix" ON "mentions" USING btree ("state","due_at");--> statement-breakpoint
CREATE INDEX "mentions_page_ix" ON "mentions" USING btree ("page_id","said_at");--> statement-breakpoint
CREATE INDEX "replies_mention_ix" ON "replies" USING btree ("mention_id","id");