"""The demonstration publisher of diagnostics waiting times and activity, in the publisher's exact layouts."""
