"""A small shop: an API on a real database, a worker that packs orders, a page, and people who buy."""
