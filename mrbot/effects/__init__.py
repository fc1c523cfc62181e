"""A decision made visible: a comment, a status, a reaction. Escaping happens in `render` only."""
