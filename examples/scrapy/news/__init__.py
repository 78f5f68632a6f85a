"""An example project: articles of a news site, cleaned on their way out."""
