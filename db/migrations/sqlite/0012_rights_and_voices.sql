CREATE TABLE `desk_pushes` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`hash` text NOT NULL,
	`sealed` text NOT NULL,
	`user_agent` text,
	`created_at` integer NOT NULL,
	`last_ok_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `desk_pushes_hash_uq` ON `desk_pushes` (`hash`);--> statement-breakpoint
CREATE INDEX `desk_pushes_person_ix` ON `desk_pushes` (`person_id`);--> statement-breakpoint
ALTER TABLE `approvals` ADD `behind` text;--> statement-breakpoint
ALTER TABLE `connections` ADD `voice_of` text;--> statement-breakpoint
ALTER TABLE `incidents` ADD `gate_how` text;--> statement-breakpoint
ALTER TABLE `incidents` ADD `gate_waiver` text;--> statement-breakpoint
ALTER TABLE `people` ADD `offices` text;--> statement-breakpoint
ALTER TABLE `people` ADD `voice` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `behind` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `voice_of` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `leaves` text;