"""GitHub's REST API v3 and its webhooks, as far as mrbot uses them."""
