CREATE TABLE "still_affected" (
	"incident_id" text NOT NULL,
	"visitor" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "still_affected_incident_id_visitor_pk" PRIMARY KEY("incident_id","visitor")
);
--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "still_affected" integer;--> statement-breakpoint
ALTER TABLE "still_affected" ADD CONSTRAINT "still_affected_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "still_affected_at_ix" ON "still_affected" USING btree ("at");