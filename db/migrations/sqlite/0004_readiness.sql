ALTER TABLE `connections` ADD `check_at` integer;--> statement-breakpoint
ALTER TABLE `connections` ADD `checked_at` integer;--> statement-breakpoint
ALTER TABLE `connections` ADD `check_failure` text;