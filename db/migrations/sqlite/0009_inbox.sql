CREATE TABLE `hearing` (
	`connection_id` text PRIMARY KEY NOT NULL,
	`cursor` text,
	`heard_at` integer NOT NULL,
	`next_at` integer NOT NULL,
	`failure` text
);
--> statement-breakpoint
CREATE TABLE `mentions` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`connection_id` text NOT NULL,
	`remote_id` text NOT NULL,
	`url` text,
	`author_id` text NOT NULL,
	`author_handle` text NOT NULL,
	`author_name` text,
	`text` text NOT NULL,
	`in_reply_to` text,
	`post` text NOT NULL,
	`said_at` integer NOT NULL,
	`received_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	`state` text NOT NULL,
	`assigned_to` text,
	`reason` text,
	`settled_at` integer,
	`settled_by` text,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mentions_remote_uq` ON `mentions` (`connection_id`,`remote_id`);--> statement-breakpoint
CREATE INDEX `mentions_due_ix` ON `mentions` (`state`,`due_at`);--> statement-breakpoint
CREATE INDEX `mentions_page_ix` ON `mentions` (`page_id`,`said_at`);--> statement-breakpoint
CREATE TABLE `replies` (
	`id` text PRIMARY KEY NOT NULL,
	`mention_id` text NOT NULL,
	`connection_id` text NOT NULL,
	`text` text NOT NULL,
	`author_id` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`mention_id`) REFERENCES `mentions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `replies_mention_ix` ON `replies` (`mention_id`,`id`);