"""The person's own pages, under `/me`: see, understand, set terms, contest, take away, leave."""
