-- Overwriting what is deleted takes the index of words seconds for a few hundred updates. They are words that the public has read.
INSERT INTO `update_search`(`update_search`, `rank`) VALUES ('secure-delete', 0);
