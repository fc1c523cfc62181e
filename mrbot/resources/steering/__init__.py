"""What steers the gate itself: rules, owners, policies, and how git treats files."""
