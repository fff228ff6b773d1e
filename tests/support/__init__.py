"""What the tests that use real servers, databases and browsers have in common."""
