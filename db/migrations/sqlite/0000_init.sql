CREATE TABLE `approvals` (
	`id` text PRIMARY KEY NOT NULL,
	`update_id` text NOT NULL,
	`person_id` text NOT NULL,
	`decision` text NOT NULL,
	`hash` text NOT NULL,
	`reason` text,
	`at` integer NOT NULL,
	`voided_at` integer,
	`void_reason` text,
	FOREIGN KEY (`update_id`) REFERENCES `updates`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `approvals_update_ix` ON `approvals` (`update_id`,`id`);--> statement-breakpoint
CREATE TABLE `attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`delivery_id` text NOT NULL,
	`kind` text NOT NULL,
	`by` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	`code` text,
	`status` integer,
	`message` text,
	FOREIGN KEY (`delivery_id`) REFERENCES `deliveries`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `attempts_delivery_ix` ON `attempts` (`delivery_id`,`id`);--> statement-breakpoint
CREATE TABLE `audit` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text NOT NULL,
	`action` text NOT NULL,
	`subject_kind` text NOT NULL,
	`subject_id` text NOT NULL,
	`detail` text NOT NULL,
	`prev_hash` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_subject_ix` ON `audit` (`subject_kind`,`subject_id`);--> statement-breakpoint
CREATE TABLE `component_changes` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`component_id` text NOT NULL,
	`from_status` text NOT NULL,
	`to_status` text NOT NULL,
	`incident_id` text,
	`update_id` text,
	`at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`component_id`) REFERENCES `components`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `component_changes_component_ix` ON `component_changes` (`component_id`,`at`);--> statement-breakpoint
CREATE INDEX `component_changes_page_ix` ON `component_changes` (`page_id`,`at`);--> statement-breakpoint
CREATE INDEX `component_changes_update_ix` ON `component_changes` (`update_id`);--> statement-breakpoint
CREATE TABLE `component_groups` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`position` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `component_groups_page_ix` ON `component_groups` (`page_id`,`position`);--> statement-breakpoint
CREATE TABLE `components` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`group_id` text,
	`name` text NOT NULL,
	`description` text,
	`status` text NOT NULL,
	`position` integer NOT NULL,
	`showcase` integer NOT NULL,
	`only_show_if_degraded` integer NOT NULL,
	`start_date` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`group_id`) REFERENCES `component_groups`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `components_page_ix` ON `components` (`page_id`,`position`);--> statement-breakpoint
CREATE TABLE `connections` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`channel` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`account` text NOT NULL,
	`url` text,
	`settings` text NOT NULL,
	`sealed` text NOT NULL,
	`limits` text NOT NULL,
	`can` text NOT NULL,
	`template` text NOT NULL,
	`language` text NOT NULL,
	`include_link` integer NOT NULL,
	`thread` integer NOT NULL,
	`enabled` integer NOT NULL,
	`paused_at` integer,
	`paused_reason` text,
	`not_before` integer,
	`expires_at` integer,
	`last_ok_at` integer,
	`verified_at` integer,
	`position` integer NOT NULL,
	`lane_by` text,
	`lane_until` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `connections_page_ix` ON `connections` (`page_id`,`position`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`incident_id` text NOT NULL,
	`update_id` text NOT NULL,
	`rendition_id` text NOT NULL,
	`connection_id` text NOT NULL,
	`op` text NOT NULL,
	`part` integer NOT NULL,
	`recipient` text NOT NULL,
	`target_id` text,
	`priority` integer NOT NULL,
	`ord` integer NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`attempts` integer NOT NULL,
	`next_at` integer NOT NULL,
	`lease_by` text,
	`lease_until` integer,
	`sent_at` integer,
	`first_sent_at` integer,
	`may_be_there` integer NOT NULL,
	`absences` integer NOT NULL,
	`absent_by` text,
	`absent_mono` integer,
	`held_at` integer,
	`done_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_uq` ON `deliveries` (`update_id`,`connection_id`,`recipient`,`part`,`op`);--> statement-breakpoint
CREATE INDEX `deliveries_lane_ix` ON `deliveries` (`connection_id`,`state`,`priority`,`ord`,`part`);--> statement-breakpoint
CREATE INDEX `deliveries_update_ix` ON `deliveries` (`update_id`);--> statement-breakpoint
CREATE INDEX `deliveries_lease_ix` ON `deliveries` (`lease_by`);--> statement-breakpoint
CREATE INDEX `deliveries_state_ix` ON `deliveries` (`state`);--> statement-breakpoint
CREATE INDEX `deliveries_order_ix` ON `deliveries` (`incident_id`,`connection_id`,`ord`,`part`);--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`page_id` text,
	`kind` text NOT NULL,
	`public` integer NOT NULL,
	`incident_id` text,
	`update_id` text,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_page_ix` ON `events` (`page_id`,`seq`);--> statement-breakpoint
CREATE TABLE `incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`kind` text NOT NULL,
	`title` text NOT NULL,
	`objective` text NOT NULL,
	`owner_id` text,
	`status` text,
	`impact` text NOT NULL,
	`impact_override` text,
	`grave` integer NOT NULL,
	`detected_at` integer NOT NULL,
	`started_at` integer NOT NULL,
	`scheduled_for` integer,
	`scheduled_until` integer,
	`published_at` integer,
	`monitoring_at` integer,
	`resolved_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `incidents_page_ix` ON `incidents` (`page_id`,`id`);--> statement-breakpoint
CREATE INDEX `incidents_open_ix` ON `incidents` (`page_id`,`resolved_at`);--> statement-breakpoint
CREATE INDEX `incidents_scheduled_ix` ON `incidents` (`page_id`,`scheduled_for`);--> statement-breakpoint
CREATE TABLE `installation` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `pages` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`url` text NOT NULL,
	`time_zone` text NOT NULL,
	`languages` text NOT NULL,
	`cadence` text NOT NULL,
	`policy` text NOT NULL,
	`settings` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `pages_slug_uq` ON `pages` (`slug`);--> statement-breakpoint
CREATE TABLE `people` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`email` text NOT NULL,
	`roles` text NOT NULL,
	`disabled_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `people_email_uq` ON `people` (`email`);--> statement-breakpoint
CREATE TABLE `promises` (
	`id` text PRIMARY KEY NOT NULL,
	`incident_id` text NOT NULL,
	`page_id` text NOT NULL,
	`update_id` text NOT NULL,
	`due_at` integer NOT NULL,
	`state` text NOT NULL,
	`made_at` integer NOT NULL,
	`settled_at` integer,
	`settled_by` text,
	`late_ms` integer,
	`escalated_to` integer,
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `promises_incident_ix` ON `promises` (`incident_id`,`id`);--> statement-breakpoint
CREATE INDEX `promises_due_ix` ON `promises` (`state`,`due_at`);--> statement-breakpoint
CREATE TABLE `receipts` (
	`delivery_id` text PRIMARY KEY NOT NULL,
	`remote_id` text NOT NULL,
	`url` text,
	`raw` text NOT NULL,
	`proof` text NOT NULL,
	`text_read` text,
	`read_at` integer,
	`accepted_at` integer NOT NULL,
	FOREIGN KEY (`delivery_id`) REFERENCES `deliveries`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `receipts_remote_ix` ON `receipts` (`remote_id`);--> statement-breakpoint
CREATE TABLE `renditions` (
	`id` text PRIMARY KEY NOT NULL,
	`update_id` text NOT NULL,
	`connection_id` text NOT NULL,
	`language` text NOT NULL,
	`code` text NOT NULL,
	`parts` text NOT NULL,
	`dropped` text NOT NULL,
	`max` integer NOT NULL,
	`unit` text NOT NULL,
	`overridden` integer NOT NULL,
	`frozen_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`update_id`) REFERENCES `updates`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `renditions_uq` ON `renditions` (`update_id`,`connection_id`,`language`);--> statement-breakpoint
CREATE UNIQUE INDEX `renditions_code_uq` ON `renditions` (`code`);--> statement-breakpoint
CREATE TABLE `templates` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`name` text NOT NULL,
	`title` text NOT NULL,
	`status` text NOT NULL,
	`blocks` text NOT NULL,
	`body` text NOT NULL,
	`slots` text NOT NULL,
	`author_id` text NOT NULL,
	`cleared_by` text,
	`cleared_at` integer,
	`cleared_until` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `templates_page_ix` ON `templates` (`page_id`,`name`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`hash` text NOT NULL,
	`person_id` text NOT NULL,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer,
	FOREIGN KEY (`person_id`) REFERENCES `people`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_hash_uq` ON `tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `tokens_person_ix` ON `tokens` (`person_id`,`kind`);--> statement-breakpoint
CREATE TABLE `updates` (
	`id` text PRIMARY KEY NOT NULL,
	`incident_id` text NOT NULL,
	`page_id` text NOT NULL,
	`state` text NOT NULL,
	`class` text NOT NULL,
	`status` text NOT NULL,
	`language` text NOT NULL,
	`blocks` text NOT NULL,
	`body` text NOT NULL,
	`next_update_by` integer,
	`components` text NOT NULL,
	`connection_ids` text,
	`overrides` text NOT NULL,
	`author_ids` text NOT NULL,
	`template_id` text,
	`corrects_id` text,
	`version` integer NOT NULL,
	`hash` text,
	`requested_by` text,
	`requested_at` integer,
	`approved_at` integer,
	`release_at` integer,
	`published_at` integer,
	`published_seq` integer,
	`reason` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `updates_incident_ix` ON `updates` (`incident_id`,`published_seq`);--> statement-breakpoint
CREATE INDEX `updates_state_ix` ON `updates` (`state`,`release_at`);