CREATE TABLE `page_files` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`kind` text NOT NULL,
	`type` text NOT NULL,
	`hash` text NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `page_files_kind_uq` ON `page_files` (`page_id`,`kind`);--> statement-breakpoint
ALTER TABLE `incidents` ADD `auto_start` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `incidents` ADD `auto_end` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `incidents` ADD `reminders` text;--> statement-breakpoint
ALTER TABLE `incidents` ADD `reminded_at` integer;--> statement-breakpoint
ALTER TABLE `incidents` ADD `overdue_at` integer;--> statement-breakpoint
ALTER TABLE `pages` ADD `domain` text;--> statement-breakpoint
ALTER TABLE `pages` ADD `access` text;--> statement-breakpoint
ALTER TABLE `pages` ADD `checked_at` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `pages_domain_uq` ON `pages` (`domain`);--> statement-breakpoint
ALTER TABLE `updates` ADD `scheduled_for` integer;--> statement-breakpoint
ALTER TABLE `updates` ADD `scheduled_until` integer;--> statement-breakpoint
ALTER TABLE `updates` ADD `planned_of` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `planned_as` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `search_text` text;--> statement-breakpoint
CREATE INDEX `updates_planned_ix` ON `updates` (`planned_of`);--> statement-breakpoint
UPDATE `updates` SET `search_text` = lower((SELECT `title` FROM `incidents` WHERE `incidents`.`id` = `updates`.`incident_id`) || ' ' || `body` || ' ' || `blocks`) WHERE `published_seq` IS NOT NULL;