CREATE TABLE "pictures" (
	"id" text PRIMARY KEY NOT NULL,
	"incident_id" text NOT NULL,
	"page_id" text NOT NULL,
	"type" text NOT NULL,
	"width" bigint NOT NULL,
	"height" bigint NOT NULL,
	"size" bigint NOT NULL,
	"body" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "media" jsonb;--> statement-breakpoint
ALTER TABLE "pictures" ADD CONSTRAINT "pictures_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "pictures_incident_ix" ON "pictures" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "pictures_created_ix" ON "pictures" USING btree ("created_at");