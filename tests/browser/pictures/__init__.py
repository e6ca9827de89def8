"""Charts that leave the site: saved, copied, and in frames of others."""
