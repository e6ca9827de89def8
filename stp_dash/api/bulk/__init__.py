"""The whole store as files: each table as Parquet and as CSV, with a data package that describes them."""
