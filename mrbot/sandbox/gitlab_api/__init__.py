"""GitLab's REST API v4 and its webhooks, as far as mrbot uses them."""
