"""The demonstration publisher of public health profiles: invented values in the exact layout of the site's tables."""
