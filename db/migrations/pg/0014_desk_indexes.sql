DROP INDEX "deliveries_update_ix";--> statement-breakpoint
CREATE INDEX "deliveries_newest_ix" ON "deliveries" USING btree ("connection_id","ord");--> statement-breakpoint
CREATE INDEX "events_incident_ix" ON "events" USING btree ("incident_id","seq");