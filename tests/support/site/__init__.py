"""What tests of the site share: the parts of a page, readings without a store, and a signed-in operator."""
