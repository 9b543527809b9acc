ALTER TABLE `deliveries` ADD `way` text;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `amended_by` text;--> statement-breakpoint
ALTER TABLE `renditions` ADD `ways` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `amends` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `note` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `plan` text;--> statement-breakpoint
ALTER TABLE `updates` ADD `requested_seq` integer;