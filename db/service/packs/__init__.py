"""Board packs that were issued, and the standing orders by which they are issued by themselves."""
