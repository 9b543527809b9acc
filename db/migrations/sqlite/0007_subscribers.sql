CREATE TABLE `fanouts` (
	`update_id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`incident_id` text NOT NULL,
	`ord` integer NOT NULL,
	`step` integer NOT NULL,
	`cursor` text NOT NULL,
	`calls` text,
	`queued` integer NOT NULL,
	`created_at` integer NOT NULL,
	`done_at` integer,
	FOREIGN KEY (`update_id`) REFERENCES `updates`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `fanouts_open_ix` ON `fanouts` (`done_at`,`ord`);--> statement-breakpoint
CREATE INDEX `fanouts_incident_ix` ON `fanouts` (`incident_id`,`ord`);--> statement-breakpoint
CREATE TABLE `letters` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`subscriber_id` text NOT NULL,
	`kind` text NOT NULL,
	`sealed` text NOT NULL,
	`tries` integer NOT NULL,
	`next_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`subscriber_id`) REFERENCES `subscribers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `letters_due_ix` ON `letters` (`next_at`);--> statement-breakpoint
CREATE TABLE `subscriber_targets` (
	`subscriber_id` text NOT NULL,
	`target_id` text NOT NULL,
	FOREIGN KEY (`subscriber_id`) REFERENCES `subscribers`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `subscriber_targets_uq` ON `subscriber_targets` (`subscriber_id`,`target_id`);--> statement-breakpoint
CREATE INDEX `subscriber_targets_target_ix` ON `subscriber_targets` (`target_id`);--> statement-breakpoint
CREATE TABLE `subscribers` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`address_hash` text NOT NULL,
	`sealed` text NOT NULL,
	`contact` text,
	`language` text NOT NULL,
	`everything` integer NOT NULL,
	`code` text,
	`code_until` integer,
	`code_tries` integer NOT NULL,
	`letter_at` integer,
	`failures` integer NOT NULL,
	`reason` text,
	`source` text NOT NULL,
	`basis` text,
	`created_at` integer NOT NULL,
	`confirmed_at` integer,
	`quarantined_at` integer,
	`ended_at` integer,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `subscribers_address_uq` ON `subscribers` (`page_id`,`kind`,`address_hash`);--> statement-breakpoint
CREATE INDEX `subscribers_walk_ix` ON `subscribers` (`page_id`,`kind`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `subscribers_letter_ix` ON `subscribers` (`letter_at`);