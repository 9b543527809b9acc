CREATE TABLE `alerts` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`kind` text NOT NULL,
	`connection_id` text,
	`delivery_id` text,
	`message` text NOT NULL,
	`raised_at` integer NOT NULL,
	`sent_at` integer,
	`tries` integer NOT NULL,
	`next_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `alerts_due_ix` ON `alerts` (`sent_at`,`next_at`);