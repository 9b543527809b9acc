CREATE TABLE `pictures` (
	`id` text PRIMARY KEY NOT NULL,
	`incident_id` text NOT NULL,
	`page_id` text NOT NULL,
	`type` text NOT NULL,
	`width` integer NOT NULL,
	`height` integer NOT NULL,
	`size` integer NOT NULL,
	`body` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `pictures_incident_ix` ON `pictures` (`incident_id`);--> statement-breakpoint
CREATE INDEX `pictures_created_ix` ON `pictures` (`created_at`);--> statement-breakpoint
ALTER TABLE `updates` ADD `media` text;