DROP INDEX `deliveries_update_ix`;--> statement-breakpoint
CREATE INDEX `deliveries_newest_ix` ON `deliveries` (`connection_id`,`ord`);--> statement-breakpoint
CREATE INDEX `events_incident_ix` ON `events` (`incident_id`,`seq`);