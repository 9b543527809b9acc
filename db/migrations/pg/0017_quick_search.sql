-- So that the planner knows of the index of words what it holds.
ANALYZE "updates";
