CREATE TABLE "tickets" (
	"id" text PRIMARY KEY NOT NULL,
	"page_id" text NOT NULL,
	"kind" text NOT NULL,
	"address_hash" text NOT NULL,
	"sealed" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "contact_at" bigint;--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "soft_bounces" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "soft_at" bigint;--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "ticket" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_page_id_pages_id_fk" FOREIGN KEY ("page_id") REFERENCES "public"."pages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "tickets_age_ix" ON "tickets" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "tickets_address_ix" ON "tickets" USING btree ("address_hash");--> statement-breakpoint
CREATE INDEX "updates_published_ix" ON "updates" USING btree ("published_seq");--> statement-breakpoint
-- What search reads, by every three letters in a row; words in languages without spaces are found as well. No extension
-- is needed for it.
CREATE FUNCTION tocsin_grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT a || b || c), '{}') FROM (
    SELECT ch AS a, lead(ch) OVER (ORDER BY n) AS b, lead(ch, 2) OVER (ORDER BY n) AS c
    FROM unnest(string_to_array(words, NULL)) WITH ORDINALITY AS x(ch, n)
  ) AS y WHERE c IS NOT NULL
$$;
--> statement-breakpoint
CREATE INDEX "updates_search_ix" ON "updates" USING gin (tocsin_grams("search_text")) WHERE "search_text" IS NOT NULL AND "published_seq" IS NOT NULL;
