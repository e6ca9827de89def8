"""What is answered to other sites: cards for frames of theirs."""
