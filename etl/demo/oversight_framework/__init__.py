"""The demonstration publisher of the NHS Oversight Framework, in the publisher's exact layouts."""
