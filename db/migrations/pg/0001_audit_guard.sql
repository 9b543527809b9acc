-- The audit log and the event log are appended to and never changed, whoever holds the connection.
CREATE FUNCTION tocsin_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the % log cannot be changed', TG_TABLE_NAME; END $$;
--> statement-breakpoint
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION tocsin_append_only();
--> statement-breakpoint
CREATE TRIGGER events_append_only BEFORE UPDATE ON events FOR EACH STATEMENT EXECUTE FUNCTION tocsin_append_only();
