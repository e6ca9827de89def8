"""The demonstration publisher of referral to treatment waiting times."""
