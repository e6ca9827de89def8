"""The statistics, pure: numbers in, annotated numbers out. One formula for each number."""
