CREATE TABLE `still_affected` (
	`incident_id` text NOT NULL,
	`visitor` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`incident_id`, `visitor`),
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `still_affected_at_ix` ON `still_affected` (`at`);--> statement-breakpoint
ALTER TABLE `incidents` ADD `still_affected` integer;