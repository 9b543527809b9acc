CREATE TABLE `approval_asks` (
	`id` text PRIMARY KEY NOT NULL,
	`update_id` text NOT NULL,
	`hash` text NOT NULL,
	`person_id` text NOT NULL,
	`secret_hash` text NOT NULL,
	`round` integer NOT NULL,
	`asked_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `approval_asks_secret_uq` ON `approval_asks` (`secret_hash`);--> statement-breakpoint
CREATE INDEX `approval_asks_update_ix` ON `approval_asks` (`update_id`,`hash`);--> statement-breakpoint
CREATE TABLE `drafts` (
	`update_id` text NOT NULL,
	`person_id` text NOT NULL,
	`fields` text NOT NULL,
	`version` integer NOT NULL,
	`saved_at` integer NOT NULL,
	PRIMARY KEY(`update_id`, `person_id`)
);
--> statement-breakpoint
CREATE TABLE `facts` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`incident_id` text NOT NULL,
	`key` text NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`unit` text NOT NULL,
	`state` text NOT NULL,
	`source` text NOT NULL,
	`origin` text NOT NULL,
	`grade` text NOT NULL,
	`second_source` text NOT NULL,
	`author_id` text NOT NULL,
	`verifier_id` text,
	`confirmed_at` integer,
	`reason` text,
	`supersedes_id` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `facts_incident_ix` ON `facts` (`incident_id`,`id`);--> statement-breakpoint
CREATE TABLE `hand_overs` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`incident_id` text NOT NULL,
	`from_id` text,
	`to_id` text NOT NULL,
	`note` text NOT NULL,
	`state` text NOT NULL,
	`asked_by` text NOT NULL,
	`asked_at` integer NOT NULL,
	`answered_at` integer,
	`answer` text,
	`reminders` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `hand_overs_incident_ix` ON `hand_overs` (`incident_id`,`id`);--> statement-breakpoint
CREATE INDEX `hand_overs_state_ix` ON `hand_overs` (`state`);--> statement-breakpoint
CREATE TABLE `message_maps` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`incident_id` text,
	`question` text NOT NULL,
	`messages` text NOT NULL,
	`author_id` text NOT NULL,
	`cleared_by` text,
	`cleared_at` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `message_maps_page_ix` ON `message_maps` (`page_id`,`id`);--> statement-breakpoint
CREATE TABLE `overrides` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`incident_id` text NOT NULL,
	`update_id` text NOT NULL,
	`hash` text NOT NULL,
	`person_id` text NOT NULL,
	`reason` text NOT NULL,
	`sentence` text NOT NULL,
	`assurance` text NOT NULL,
	`at` integer NOT NULL,
	`review_due_at` integer NOT NULL,
	`reviewed_by` text,
	`reviewed_at` integer,
	`verdict` text,
	`note` text,
	`reminded_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `overrides_update_uq` ON `overrides` (`update_id`,`hash`);--> statement-breakpoint
CREATE INDEX `overrides_incident_ix` ON `overrides` (`incident_id`);--> statement-breakpoint
CREATE INDEX `overrides_review_ix` ON `overrides` (`reviewed_at`,`review_due_at`);--> statement-breakpoint
ALTER TABLE `alerts` ADD `incident_id` text;--> statement-breakpoint
ALTER TABLE `alerts` ADD `update_id` text;--> statement-breakpoint
ALTER TABLE `alerts` ADD `person_id` text;--> statement-breakpoint
ALTER TABLE `alerts` ADD `done_at` integer;--> statement-breakpoint
ALTER TABLE `alerts` ADD `done_by` text;--> statement-breakpoint
ALTER TABLE `approvals` ADD `assurance` text;--> statement-breakpoint
ALTER TABLE `incidents` ADD `gate_at` integer;--> statement-breakpoint
ALTER TABLE `incidents` ADD `gate_by` text;--> statement-breakpoint
ALTER TABLE `incidents` ADD `gate_note` text;--> statement-breakpoint
ALTER TABLE `people` ADD `page_roles` text;--> statement-breakpoint
ALTER TABLE `people` ADD `phone` text;--> statement-breakpoint
ALTER TABLE `templates` ADD `class` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `cites` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `publish_at` integer;--> statement-breakpoint
ALTER TABLE `updates` ADD `heartbeat` integer DEFAULT false NOT NULL;