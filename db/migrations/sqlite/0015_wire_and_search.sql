CREATE TABLE `tickets` (
	`id` text PRIMARY KEY NOT NULL,
	`page_id` text NOT NULL,
	`kind` text NOT NULL,
	`address_hash` text NOT NULL,
	`sealed` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`page_id`) REFERENCES `pages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `tickets_age_ix` ON `tickets` (`created_at`);--> statement-breakpoint
CREATE INDEX `tickets_address_ix` ON `tickets` (`address_hash`);--> statement-breakpoint
ALTER TABLE `subscribers` ADD `contact_at` integer;--> statement-breakpoint
ALTER TABLE `subscribers` ADD `soft_bounces` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `subscribers` ADD `soft_at` integer;--> statement-breakpoint
ALTER TABLE `subscribers` ADD `ticket` text;--> statement-breakpoint
CREATE INDEX `updates_published_ix` ON `updates` (`published_seq`);--> statement-breakpoint
-- What search reads, by every three letters in a row; words in languages without spaces are found as well. Kept by the
-- database itself, so that no writer can forget it. What is deleted from it is overwritten.
CREATE VIRTUAL TABLE `update_search` USING fts5(`search_text`, content='updates', content_rowid='published_seq', tokenize='trigram case_sensitive 1');
--> statement-breakpoint
INSERT INTO `update_search`(`update_search`, `rank`) VALUES ('secure-delete', 1);
--> statement-breakpoint
INSERT INTO `update_search`(`rowid`, `search_text`) SELECT `published_seq`, `search_text` FROM `updates` WHERE `published_seq` IS NOT NULL AND `search_text` IS NOT NULL;
--> statement-breakpoint
CREATE TRIGGER `updates_search_new` AFTER INSERT ON `updates` WHEN new.`published_seq` IS NOT NULL AND new.`search_text` IS NOT NULL BEGIN
  INSERT INTO `update_search`(`rowid`, `search_text`) VALUES (new.`published_seq`, new.`search_text`);
END;
--> statement-breakpoint
CREATE TRIGGER `updates_search_gone` AFTER DELETE ON `updates` WHEN old.`published_seq` IS NOT NULL AND old.`search_text` IS NOT NULL BEGIN
  INSERT INTO `update_search`(`update_search`, `rowid`, `search_text`) VALUES ('delete', old.`published_seq`, old.`search_text`);
END;
--> statement-breakpoint
CREATE TRIGGER `updates_search_other` AFTER UPDATE OF `published_seq`, `search_text` ON `updates` BEGIN
  INSERT INTO `update_search`(`update_search`, `rowid`, `search_text`) SELECT 'delete', old.`published_seq`, old.`search_text` WHERE old.`published_seq` IS NOT NULL AND old.`search_text` IS NOT NULL;
  INSERT INTO `update_search`(`rowid`, `search_text`) SELECT new.`published_seq`, new.`search_text` WHERE new.`published_seq` IS NOT NULL AND new.`search_text` IS NOT NULL;
END;
